"""The watch of one job: gathers what it tells, tries again after trouble, sleeps while nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta

from screens import clock
from screens.job.feed import JobFeed
from screens.job.texts import time_of_day
from services.entities import JobEvent, MetricsLogged
from services.errors import ServiceError, TransientError

SLICE = 2_000
"""Metric points that are gathered before keys get their turn."""
LONGEST_PAUSE = 30
"""Seconds between two tries when all fail."""


class JobWatch:
    """Fills a feed until the job has ended.

    Events are pulled, so a watch that sleeps asks the service for nothing. A watch that breaks is begun again after 1,
    2, 4 ... 30 seconds; a job that is gone is no longer watched, and what was known of it stays.

    Args:
        begin: starts a watch, which tells everything from the beginning.
        changed: is called whenever there is something to draw.
    """

    def __init__(
        self, begin: Callable[[], AsyncIterator[JobEvent]], feed: JobFeed, changed: Callable[[], None]
    ) -> None:
        self.error: ServiceError | None = None
        """Why nothing comes at the moment."""
        self.next_try = ""
        """The time of day of the next try; empty when there will be none."""
        self._begin = begin
        self._feed = feed
        self._changed = changed
        self._awake = asyncio.Event()
        self._awake.set()
        self._hurry = asyncio.Event()

    def sleep(self) -> None:
        """Pull no more events for now."""
        self._awake.clear()

    def wake(self) -> None:
        """Go on."""
        self._awake.set()

    def hurry(self) -> None:
        """Try again at once, if a pause is on."""
        self._hurry.set()

    @property
    def trouble(self) -> str:
        """What is wrong and what will be done, in one line; empty while all is well."""
        if self.error is None:
            return ""
        return f"{self.error.title}, next try at {self.next_try}" if self.next_try else self.error.detail

    async def run(self) -> None:
        """Watch until the job has ended or is gone.

        Raises ServiceError when the very first look shows that there will be nothing to watch.
        """
        pause = 1
        while self._feed.active:
            try:
                self._feed.restart()
                async for event in self._begin():
                    self.error, self.next_try, pause = None, "", 1
                    await self._take(event)
                    await self._awake.wait()
                if self._feed.active:
                    raise TransientError("The watch ended before the job did.")
            except ServiceError as error:
                self.error, self.next_try = error, ""
                if not error.retryable:
                    if self._feed.job is None:
                        raise
                    self._feed.gone = True
                else:
                    await self._wait(pause)
                    pause = min(LONGEST_PAUSE, pause * 2)
        self._changed()

    async def _take(self, event: JobEvent) -> None:
        if isinstance(event, MetricsLogged):
            for at in range(0, max(1, len(event.points)), SLICE):
                self._feed.take(MetricsLogged(event.points[at : at + SLICE]))
                await asyncio.sleep(0)
        else:
            self._feed.take(event)
        self._changed()

    async def _wait(self, seconds: float) -> None:
        self.next_try = time_of_day(clock.now() + timedelta(seconds=seconds))
        self._hurry.clear()
        self._changed()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)
        await self._awake.wait()
