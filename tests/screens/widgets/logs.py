"""Logs in memory, and an app that shows nothing but one.

python -m tests.screens.widgets.logs LINES shows a log of so many lines; it grows by one with each `a`.
"""

from __future__ import annotations

import asyncio
import sys

from textual.app import ComposeResult
from textual.pilot import Pilot

from screens.widgets.log_view import LogView
from services.entities import LogChunk
from services.errors import ServiceError
from tests.support.app import settle
from tests.support.snapshots import screen_text
from tui.cell_updates import CellUpdates
from tui.theme import Look


class MemoryLog:
    """A log in memory that notes what is read of it.

    Attributes:
        reads: offset and limit of each call.
        most: bytes that a call returns at most.
        gate: reading more than `free` bytes waits for it.
        error: what reading raises.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reads: list[tuple[int, int]] = []
        self.most = 1 << 30
        self.free = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: ServiceError | None = None

    @property
    def bytes_read(self) -> int:
        return sum(limit for _, limit in self.reads)

    async def read(self, offset: int, limit: int) -> LogChunk:
        self.reads.append((offset, limit))
        await asyncio.sleep(0)
        if limit > self.free:
            await self.gate.wait()
        if self.error:
            raise self.error
        return LogChunk(offset, self.data[offset : offset + min(limit, self.most)], len(self.data))


class LogApp(CellUpdates, Look):
    """Shows a log, with the real theme."""

    BINDINGS = [("a", "append"), ("q", "quit")]

    def __init__(self, log: MemoryLog) -> None:
        super().__init__()
        self.log_in_memory = log

    def compose(self) -> ComposeResult:
        yield LogView()

    @property
    def view(self) -> LogView:
        return self.query_one(LogView)

    def on_mount(self) -> None:
        self.view.open(self.log_in_memory.read, len(self.log_in_memory.data))
        self.view.focus()

    def grow(self, data: bytes) -> None:
        """Append to the log, and tell the view."""
        self.log_in_memory.data += data
        self.view.grow(len(self.log_in_memory.data))

    def action_append(self) -> None:
        self.grow(b"appended %d\n" % self.log_in_memory.data.count(b"\n"))


def numbered(count: int, first: int = 1) -> bytes:
    """Lines that tell their number."""
    return b"".join(b"line %d\n" % number for number in range(first, first + count))


def lines_of(pilot: Pilot[None]) -> list[str]:
    return screen_text(pilot.app).splitlines()


async def pressed(pilot: Pilot[None], *keys: str) -> list[str]:
    await pilot.press(*keys)
    await settle(pilot)
    return lines_of(pilot)


if __name__ == "__main__":
    LogApp(MemoryLog(numbered(int(sys.argv[1])))).run()
