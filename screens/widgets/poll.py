"""Look again and again: one look at a time, slower when it fails, never while nobody sees it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from textual.timer import Timer
from textual.widget import Widget

from services.errors import ServiceError

T = TypeVar("T")

LONGEST_PAUSE = 30.0
"""Seconds between two looks when all fail."""


class Poll(Generic[T]):
    """Calls `look` every `seconds` while its widget's screen is the one in view.

    A tick is dropped while the last look is busy. After an error the pause doubles, up to 30 s; the last good data
    stays in `data`, and `age` tells how old it is.

    Args:
        owner: the widget or screen whose workers and timers are used; it ends with it.
        look: reads the data; only ServiceErrors are expected.
        shown: is handed each good answer.
        failed: is handed the error of a look, once per look.
    """

    def __init__(
        self,
        owner: Widget,
        seconds: float,
        look: Callable[[], Awaitable[T]],
        shown: Callable[[T], None] | None = None,
        failed: Callable[[ServiceError], None] | None = None,
    ) -> None:
        self.owner = owner
        self.seconds = seconds
        self.data: T | None = None
        self.error: ServiceError | None = None
        self._look = look
        self._shown = shown
        self._failed = failed
        self._pause = seconds
        self._at = 0.0
        self._read_at = 0.0
        self._busy = False
        self._again = False
        self._timer: Timer | None = None

    def start(self) -> None:
        """Look now, and from now on."""
        if self._timer is None:
            self._timer = self.owner.set_interval(min(1.0, self.seconds), self._tick)
        self.now()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def now(self) -> None:
        """Look at once, whatever the pause; while a look is busy, once more after it."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        self.owner.run_worker(self._once(), group="poll", exit_on_error=False)

    @property
    def age(self) -> float | None:
        """Seconds since the last good answer; None before the first."""
        return time.monotonic() - self._read_at if self._read_at else None

    def _tick(self) -> None:
        if not self._busy and self.owner.screen.is_current and time.monotonic() - self._at >= self._pause:
            self.now()

    async def _once(self) -> None:
        try:
            self.data = await self._look()
        except ServiceError as error:
            self.error = error
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            if self._failed:
                self._failed(error)
        else:
            self.error = None
            self._pause = self.seconds
            self._read_at = time.monotonic()
            if self._shown:
                self._shown(self.data)
        finally:
            self._busy = False
            self._at = time.monotonic()
            if self._again:
                self._again = False
                self.now()
