"""A host for one screen, and waiting until an app is at rest."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import WorkerState

from screens.places import Leave, Moved, Open, Place
from tui.theme import Look


class ScreenApp(Look):
    """Shows one screen with the real theme and CSS, and notes where it asks to go.

    Attributes:
        opened: the places of the `Open` messages, in order; `pushed` tells for each whether it comes back with esc.
        left: how many `Leave` messages came.
        moved: the places of the `Moved` messages.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self.first = screen
        self.opened: list[Place] = []
        self.pushed: list[bool] = []
        self.left = 0
        self.moved: list[Place] = []

    def get_default_screen(self) -> Screen[Any]:
        """The screen under test."""
        self._load_screen_css(self.first)
        return self.first

    def on_place_open(self, message: Open) -> None:
        """Note it."""
        self.opened.append(message.place)
        self.pushed.append(message.push)

    def on_place_leave(self, message: Leave) -> None:
        """Note it."""
        self.left += 1

    def on_place_moved(self, message: Moved) -> None:
        """Note it."""
        self.moved.append(message.place)

    @property
    def last_notice(self) -> str:
        """Title and text of the newest notification."""
        notices = list(self._notifications)
        return f"{notices[-1].title}\n{notices[-1].message}" if notices else ""


async def settle(pilot: Pilot[Any], timeout: float = 10.0, *, groups: frozenset[str] | None = None) -> None:
    """Wait until messages are handled, the screen is drawn and all workers that can finish have.

    Workers whose group is "watch" or starts with "watch-" run as long as their screen and are not waited for.

    Args:
        groups: wait only for the workers of these groups.
    """
    deadline = time.monotonic() + timeout
    await pilot.pause()
    while True:
        busy = [
            worker
            for worker in pilot.app.workers
            if worker.state in (WorkerState.PENDING, WorkerState.RUNNING)
            and worker.group.partition("-")[0] not in ("watch", "poll")
            and (groups is None or worker.group in groups)
        ]
        if not busy:
            break
        if time.monotonic() > deadline:
            raise AssertionError(f"still busy after {timeout} s: {[(w.group, w.name) for w in busy]}")
        await asyncio.sleep(0.005)
    await pilot.pause()
    await pilot.wait_for_scheduled_animations()
    await pilot.pause()
