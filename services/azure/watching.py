"""The watch of one job in Azure: polled, often while something happens and seldom while nothing does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from services.azure.connection import Connection
from services.azure.run_history import RunHistory
from services.azure.tracking import Runs
from services.entities import (
    ChildrenChanged,
    Job,
    JobEvent,
    JobType,
    LogAppended,
    LogFile,
    MetricPoint,
    MetricsLogged,
    StatusChanged,
)
from services.errors import NotFoundError

SHORTEST = 2.0
LONGEST = 10.0
"""Seconds between two looks: the first while there is news, the second after a while without."""
GROWTH = 1.5
PATIENCE = 2.0
"""Seconds for which a look waits for metrics before it goes on without them."""
_PARENTS = (JobType.SWEEP, JobType.AUTOML, JobType.PIPELINE)
Wait = Callable[[float], Awaitable[None]]
_Latest = dict[str, tuple[object, object, object]]


@dataclass
class _Known:
    """What a watch has told already."""

    job: Job | None = None
    logs: dict[str, int] = field(default_factory=dict)
    latest: _Latest = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)
    is_read: bool = False
    """Whether the metrics have been looked at."""


@dataclass(frozen=True)
class Look:
    """A job and its logs at one moment."""

    job: Job
    logs: tuple[LogFile, ...]


class JobWatcher:
    """Watches jobs.

    Args:
        look: reads a job and its logs; blocking.
        wait: how to wait between two looks.
    """

    def __init__(
        self,
        connection: Connection,
        look: Callable[[str], Look],
        runs: Runs,
        history: RunHistory,
        *,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._connection = connection
        self._look = look
        self._runs = runs
        self._history = history
        self._wait = wait

    async def watch(self, name: str) -> AsyncIterator[JobEvent]:
        """Everything that happens to a job until it has ended; its logs and metrics are looked at once after that.

        A look that fails ends the watch with its error, after the tries of the connection: a watch that is begun anew
        tells all again.
        """
        known = _Known()
        pause = SHORTEST
        late: asyncio.Task[list[MetricPoint]] | None = None
        try:
            while True:
                look = await self._connection.read(lambda _: self._look(name))
                news = False
                for event in [*self._job(look.job, known), *self._logs(look.logs, known)]:
                    news = True
                    yield event
                # a tracking server that is slow holds up neither a status nor a log
                reading = late or asyncio.create_task(self._connection.read(lambda _: self._metrics(name, known)))
                has_ended, is_fresh = look.job.status.is_terminal, late is None
                await asyncio.wait({reading}, timeout=None if has_ended else PATIENCE)
                late = None if reading.done() else reading
                if late is None:
                    points = reading.result()
                    news = news or bool(points)
                    if points or not known.is_read:
                        known.is_read = True
                        yield MetricsLogged(tuple(points))
                if look.job.summary.type in _PARENTS and (changed := await self._children(name, known)):
                    news = True
                    yield ChildrenChanged(changed)
                if has_ended and is_fresh:
                    return
                pause = SHORTEST if news else min(LONGEST, pause * GROWTH)
                if late is None:
                    await self._wait(pause)
        finally:
            if late is not None:
                late.cancel()

    @staticmethod
    def _job(job: Job, known: _Known) -> list[JobEvent]:
        if job == known.job:
            return []
        known.job = job
        return [StatusChanged(job)]

    @staticmethod
    def _logs(logs: tuple[LogFile, ...], known: _Known) -> list[JobEvent]:
        changed = [log for log in logs if known.logs.get(log.path) != log.size]
        known.logs |= {log.path: log.size for log in changed}
        return [LogAppended(log.path, log.size) for log in changed]

    def _metrics(self, name: str, known: _Known) -> list[MetricPoint]:
        """The points that are new, in order of logging. Asks for the history of a metric only when its last changed."""
        try:
            run = self._runs.get(name)
        except NotFoundError:  # it has not begun
            return []
        latest = _latest(run)
        new: list[MetricPoint] = []
        for key in [key for key, value in latest.items() if known.latest.get(key) != value]:
            history = sorted(self._runs.history(name, key), key=lambda point: point.at)
            new += history[known.points.get(key, 0) :]
            known.points[key] = len(history)
        known.latest = latest
        return sorted(new, key=lambda point: point.at)

    async def _children(self, name: str, known: _Known) -> tuple[str, ...]:
        def read(_: object) -> dict[str, str]:
            return {str(run.get("runId")): str(run.get("status")) for run in self._history.children(name)}

        found = await self._connection.read(read)
        before, known.children = known.children, found
        return tuple(sorted(child for child in found | before if found.get(child) != before.get(child)))


def _latest(run: dict[str, object]) -> _Latest:
    """Value, time and step of the last point of each metric, as text where it isn't a number."""
    data = run.get("data")
    metrics = data.get("metrics") if isinstance(data, dict) else None
    return {
        str(item.get("key")): (str(item.get("value")), item.get("timestamp"), item.get("step"))
        for item in metrics or ()
        if isinstance(item, dict)
    }
