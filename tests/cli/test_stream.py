"""The stream of a log when the connection breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.entities import Job, JobEvent, JobStatus, LogAppended, LogChunk, StatusChanged
from services.errors import TransientError
from services.workspace import Workspace
from tests.support import entities
from tui.cli import stream

LOG_TEXT = b"one\ntwo\n"


class BrokenJobs:
    """A job whose watch breaks as often as a test says, each time when one more line was written."""

    def __init__(self, breaks: int, *, at_once: bool = False) -> None:
        self.job = entities.job(entities.summary("keen_star_1", JobStatus.RUNNING, created=entities.ago(minutes=5)))
        self.breaks = breaks
        self.at_once = at_once

    async def watch(self, name: str) -> AsyncIterator[JobEvent]:
        if self.breaks and self.at_once:
            raise TransientError("gone", title="No connection to Azure")
        yield StatusChanged(self.job)
        if self.breaks:
            self.breaks -= 1
            yield LogAppended(stream.LOG, 4)
            raise TransientError("gone", title="No connection to Azure")
        yield LogAppended(stream.LOG, 8)

    async def read_log(self, name: str, file: str, offset: int, limit: int) -> LogChunk:
        end = 4 if self.breaks else 8
        return LogChunk(offset, LOG_TEXT[offset:end], end)

    async def get(self, name: str) -> Job:
        return replace(self.job, summary=replace(self.job.summary, status=JobStatus.COMPLETED))


def workspace(jobs: Any) -> Workspace:
    return cast(Workspace, SimpleNamespace(jobs=jobs))


async def test_it_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(stream, "FIRST_PAUSE", 0.0)
    assert await stream.stream(workspace(BrokenJobs(3)), "keen_star_1") == 0
    out, err = capfd.readouterr()
    assert out == LOG_TEXT.decode()
    assert err.count("No connection to Azure; the job goes on") == 3


async def test_without_a_beginning_it_fails() -> None:
    with pytest.raises(TransientError):
        await stream.stream(workspace(BrokenJobs(1, at_once=True)), "keen_star_1")
