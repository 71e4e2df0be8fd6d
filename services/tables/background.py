"""Work on tables that is done in threads of its own, reports how far it is, and can be stopped."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from services.entities.tables import Progress

if TYPE_CHECKING:
    import polars
    from polars.lazyframe.in_process import InProcessQuery

T = TypeVar("T")
POLL = 0.005
"""Seconds between two looks at whether a query is done or was stopped."""

PATIENCE = 30.0
"""Seconds that a cancelled query may take to notice."""


class StoppedError(Exception):
    """The work was stopped because nobody wants it any more."""


class Reporter:
    """What work in a thread tells, and whether it is still wanted."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._listeners: list[Progress] = []

    def step(self, done: int, total: int) -> None:
        """Tell how much of how much is done. Raises StoppedError."""
        self.check()
        for listener in tuple(self._listeners):
            listener(done, total)

    def check(self) -> None:
        """Raises StoppedError if the work is not wanted any more."""
        if self._stop.is_set():
            raise StoppedError

    def stop(self) -> None:
        """End the work at its next step."""
        self._stop.set()

    def collect(self, query: polars.LazyFrame) -> polars.DataFrame:
        """The result of a query, which ends as soon as it is stopped. Raises StoppedError."""
        running = query.collect(background=True)
        while (result := running.fetch()) is None:
            if self._stop.wait(POLL):
                running.cancel()
                _let_end(running)
                raise StoppedError
        return result

    def add_listener(self, listener: Progress) -> None:
        """Tell this one too, from the thread that works."""
        self._listeners.append(listener)

    def remove_listener(self, listener: Progress) -> None:
        """Tell this one no more."""
        self._listeners.remove(listener)


class Background(Generic[T]):
    """Work that is done once, however many wait for it; when the last of them is cancelled, it stops.

    It can be wanted again after that, and after an error.
    """

    def __init__(self, executor: Executor, work: Callable[[Reporter], T]) -> None:
        self._executor = executor
        self._work = work
        self._reporter = Reporter()
        self._future: Future[T] | None = None
        self._waiting = 0

    @property
    def value(self) -> T | None:
        """The result, if it is there."""
        future = self._future
        done = future is not None and future.done() and not future.cancelled() and future.exception() is None
        return future.result() if future is not None and done else None

    async def result(self, progress: Progress | None = None) -> T:
        """The result, worked out by the first who asks. Raises what the work raises."""
        is_new = self._future is None or (self._future.done() and self._future.exception() is not None)
        if is_new:
            self._reporter = Reporter()
        reporter = self._reporter
        listener = _on_loop(progress) if progress else None
        if listener:
            reporter.add_listener(listener)
        if is_new or self._future is None:
            self._future = self._executor.submit(self._work, reporter)
        future = self._future
        self._waiting += 1
        answer = asyncio.wrap_future(future)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            answer.add_done_callback(_forget)
            if self._waiting == 1 and not future.done():
                self.stop()
            raise
        finally:
            self._waiting -= 1
            if listener:
                reporter.remove_listener(listener)

    def stop(self) -> None:
        """End the work; who asks next begins anew."""
        self._reporter.stop()
        self._future = None


def _let_end(running: InProcessQuery) -> None:
    """Wait until a cancelled query has ended: one that nobody listens to any more panics, and prints that."""
    deadline = time.monotonic() + PATIENCE
    with suppress(Exception):  # what a cancelled query ends with is of no interest
        while running.fetch() is None and time.monotonic() < deadline:
            time.sleep(POLL)


def _forget(answer: asyncio.Future[Any]) -> None:
    """Take note of how work ended that nobody waits for: asyncio would complain of an error."""
    if not answer.cancelled():
        answer.exception()


def _on_loop(progress: Progress) -> Progress:
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(progress, done, total)

    return tell
