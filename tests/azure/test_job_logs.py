"""Logs that grow while they are read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.azure.connection import Connection
from services.azure.job_files import JobLogs
from services.azure.run_history import RunHistory
from services.entities import LogChunk
from services.errors import UserError

LOG = "user_logs/std_log.txt"


class Blob:
    """A log in storage that grows by one write before each call but the first."""

    def __init__(self, *writes: bytes) -> None:
        self._writes = list(writes)
        self._content = b""
        self.calls: list[str] = []

    def send(self, method: str, url: str, *, headers: dict[str, str], signed: bool) -> Any:
        assert (url, signed) == ("https://storage/log?sig=x", True)
        if self.calls and self._writes:
            self._content += self._writes.pop(0)
        self.calls.append(method)
        size = len(self._content)
        if method == "HEAD":
            return SimpleNamespace(headers={"Content-Length": str(size)})
        first, last = map(int, headers["Range"].removeprefix("bytes=").split("-"))
        if first >= size:
            raise UserError("The range specified is invalid for the current size of the resource.")
        data = self._content[first : last + 1]
        return SimpleNamespace(content=data, headers={"Content-Range": f"bytes {first}-{first + len(data) - 1}/{size}"})


def logs_of(blob: Blob) -> JobLogs:
    history = SimpleNamespace(details=lambda name: {"logFiles": {LOG: "https://storage/log?sig=x"}})
    return JobLogs(cast(Connection, SimpleNamespace(http=blob)), cast(RunHistory, history))


def test_a_log_that_begins_between_two_calls_is_read() -> None:
    blob = Blob(b"one\n")
    assert logs_of(blob).read("job", LOG, 0, 100) == LogChunk(0, b"one\n", 4)
    assert blob.calls == ["GET", "HEAD", "GET"]


@pytest.mark.parametrize("offset", [0, 7])
def test_past_the_end_there_is_nothing(offset: int) -> None:
    assert logs_of(Blob()).read("job", LOG, offset, 100) == LogChunk(offset, b"", 0)
