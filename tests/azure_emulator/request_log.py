"""What clients asked of the emulator, for tests that count calls and benchmarks that count bytes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LoggedRequest:
    """One request and its answer; bytes are those of the two bodies, `started` is in seconds of `time.monotonic`."""

    method: str
    host: str
    path: str
    query: str
    status: int
    bytes_in: int
    bytes_out: int
    started: float
    seconds: float
    body: bytes
    headers: dict[str, str]

    @property
    def target(self) -> str:
        """Method, path and query in one line, which is what faults and tests match."""
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")

    def json(self) -> Any:
        """The body that was sent, parsed; ValueError where it isn't JSON."""
        return json.loads(self.body)


class RequestLog:
    """Requests in the order in which they were answered."""

    def __init__(self) -> None:
        self._entries: list[LoggedRequest] = []
        self._since = 0.0

    def add(self, entry: LoggedRequest) -> None:
        """Notes one more, unless it began before the last `clear`: its client may be gone since."""
        if entry.started >= self._since:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forgets all, also those that are still to be answered."""
        self._since = time.monotonic()
        self._entries.clear()

    def matching(self, pattern: str) -> list[LoggedRequest]:
        """Those whose method, path and query a regular expression finds, in any case of letters."""
        return [entry for entry in self if re.search(pattern, entry.target, re.IGNORECASE)]

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
