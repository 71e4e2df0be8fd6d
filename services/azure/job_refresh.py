"""Keeps the index of jobs true: news from the newest page on, what runs, and now and then everything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from services.azure.connection import Connection
from services.azure.job_index import JobIndex
from services.azure.job_mapping import job_summary, run_summary, with_run
from services.azure.resources import Body, Resources
from services.azure.run_history import RunHistory
from services.entities import JobStatus, JobSummary
from services.errors import NotFoundError, ServiceError

T = TypeVar("T")

BUSY_SECONDS = 2.0
"""Between two refreshes while something changes."""
QUIET_SECONDS = 10.0
"""The same while no job runs; while some do and nothing changes it comes to this by and by."""
GROWTH = 1.5
SWEEP_EVERY = timedelta(minutes=30)
"""How often all pages are read, which finds what was deleted or changed long ago."""
FIRST_PAGES = 2
"""Pages that are waited for when nothing is known yet; the others come in the background."""
MOST_ACTIVE = 25
"""Jobs that run and are on no page that was read, of which each is asked for by itself."""
_NOT_BEGUN = (JobStatus.NOT_STARTED, JobStatus.QUEUED, JobStatus.UNKNOWN)


class JobRefresher:
    """Refreshes the index of a workspace, one refresh at a time.

    Attributes:
        refreshed: when the index was last true; None if it was never filled.
        fresh: whether it has been refreshed since the workspace was opened.
        error: why the last refresh failed; None if it did not.

    Args:
        clock: seconds, of any beginning.
        now: the time of this machine.
    """

    def __init__(
        self,
        connection: Connection,
        index: JobIndex,
        history: RunHistory,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connection = connection
        self._index = index
        self._resources = Resources(connection)
        self._history = history
        self._clock = clock
        self._now = now
        self._task: asyncio.Task[None] | None = None
        self._sweep: asyncio.Task[None] | None = None
        self._next = 0.0
        self._pause = BUSY_SECONDS
        self._active: Sequence[str] = ()
        self.refreshed: datetime | None = None
        self._swept: datetime | None = None
        self._is_read = False
        self._asked: set[tuple[str, JobStatus]] = set()
        self.error: ServiceError | None = None
        self.fresh = False

    @property
    def is_complete(self) -> bool:
        """Whether every page was read once, so that the index knows how many jobs there are."""
        return self._swept is not None

    @property
    def as_of(self) -> datetime | None:
        """When the index was true; None if that is now."""
        return None if self.fresh and self.error is None else self.refreshed

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being read."""
        return self._task is None and self._sweep is None

    def expire(self) -> None:
        """What is known is no longer good enough: the next list waits for a refresh."""
        self.fresh, self._next, self.refreshed = False, 0.0, None

    def hurry(self) -> None:
        """Something was changed from here, and more changes will follow: look again soon."""
        self._next = min(self._next, self._clock() + BUSY_SECONDS)
        self._pause = BUSY_SECONDS

    async def freshen(self) -> None:
        """Begin a refresh if it is time for one; wait for it only when the index has never been filled.

        Raises ServiceError: it was waited for, and failed.
        """
        if not self._is_read:
            self._is_read = True
            self.refreshed = await self._stored(lambda: self._index.fact("refreshed"))
            self._swept = await self._stored(lambda: self._index.fact("swept"))
        if self._task is None and self._clock() >= self._next:
            self._task = self._connection.keep(self._refresh())
        if self.refreshed is None:
            if self._task is not None:
                await asyncio.wait([self._task])
            if self.error is not None and self.refreshed is None:
                raise self.error

    def learn(self, jobs: Sequence[JobSummary]) -> None:
        """Ask run history, in the background and once for each, when jobs began and ended: the list doesn't tell."""
        for job in jobs:
            known = job.started_at is not None and (job.ended_at is not None or not job.status.is_terminal)
            if not known and job.status not in _NOT_BEGUN and (job.name, job.status) not in self._asked:
                self._asked.add((job.name, job.status))
                self._connection.keep(self._learn(job))

    async def _learn(self, job: JobSummary) -> None:
        try:
            run = await self._connection.read(lambda _: self._history.run(job.name), background=True)
        except ServiceError:
            self._asked.discard((job.name, job.status))
        else:
            known = with_run(job, run)
            await self._stored(partial(self._index.learn, job.name, known.started_at, known.ended_at))

    async def children(self, parent: str) -> None:
        """Read the children of a job; one that is not there has none. Raises ServiceError."""

        def read(_: object) -> list[JobSummary]:
            return [found for run in self._history.children(parent) if (found := run_summary(run))]

        try:
            found = await self._connection.read(read)
        except NotFoundError:
            return
        await self._stored(partial(self._index.put, found, at=self._now()))

    async def _refresh(self) -> None:
        try:
            changed, names = await self._news()
            active = await self._stored(self._index.active)
            for name in [name for name in active if name not in names][:MOST_ACTIVE]:
                changed += await self._look_at(name)
        except ServiceError as error:
            self.error = error
            self._next = self._clock() + (QUIET_SECONDS if self.refreshed else BUSY_SECONDS)
        else:
            self.error, self.fresh, self.refreshed = None, True, self._now()
            await self._stored(partial(self._index.set_fact, "refreshed", self.refreshed))
            self._pause = self._next_pause(active, news=bool(changed))
            self._next = self._clock() + self._pause
            self._begin_sweep()
        finally:
            self._task = None

    def _next_pause(self, active: Sequence[str], *, news: bool) -> float:
        """Seconds until the next refresh: a job that trains for hours isn't worth a page each two seconds."""
        before, self._active = self._active, active
        if news or active != before:
            return BUSY_SECONDS
        return min(QUIET_SECONDS, self._pause * GROWTH) if active else QUIET_SECONDS

    async def _news(self) -> tuple[int, set[str]]:
        """Read pages from the newest on, until one brings nothing new; the first time so many that a list is filled."""
        begun, pages = self._now(), self._pages()
        changed, names, count = 0, set[str](), 0
        while (page := await self._connection.read(lambda _: next(pages, None))) is not None:
            count += 1
            names |= {job.name for job in page}
            new = await self._stored(partial(self._index.put, page, at=self._now()))
            changed += new
            if not new if self.is_complete else count == FIRST_PAGES:
                return changed, names
        await self._all_read(names, begun)
        return changed, names

    async def _all_read(self, names: set[str], begun: datetime) -> None:
        """The last page was read, so what is not named is gone."""
        await self._stored(partial(self._index.keep_only, names, until=begun - timedelta(minutes=1)))
        await self._stored(partial(self._index.set_fact, "swept", begun))
        self._swept = begun

    async def _look_at(self, name: str) -> int:
        try:
            body = await self._connection.read(lambda _: self._resources.get("jobs", name), background=True)
        except NotFoundError:
            await self._stored(partial(self._index.remove, name))
            return 1
        summary = job_summary(body)
        return await self._stored(partial(self._index.put, [summary] if summary else [], at=self._now()))

    def _begin_sweep(self) -> None:
        if self._sweep is None and (self._swept is None or self._now() - self._swept > SWEEP_EVERY):
            self._sweep = self._connection.keep(self._read_all())

    async def _read_all(self) -> None:
        """Every page; a failure is told by the refresh that comes next, and the sweep is begun anew after it."""
        begun, names, pages = self._now(), set[str](), self._pages()
        try:
            while (page := await self._connection.read(lambda _: next(pages, None), background=True)) is not None:
                names |= {job.name for job in page}
                await self._stored(partial(self._index.put, page, at=self._now()))
            await self._all_read(names, begun)
        except ServiceError as error:
            self.error = error
        finally:
            self._sweep = None

    def _pages(self) -> Iterator[Sequence[JobSummary]]:
        """The pages of the jobs without a parent, newest first, the archived among them."""
        bodies: Iterator[list[Body]] = self._resources.pages("jobs", listViewType="All")
        for page in bodies:
            yield [summary for body in page if (summary := job_summary(body))]

    @staticmethod
    async def _stored(call: Callable[[], T]) -> T:
        """A call of the index, off the event loop."""
        return await asyncio.to_thread(call)
