"""Threads for calls that change nothing: they don't hold up the end of the process, however long a call takes."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonPool(Executor):
    """As ThreadPoolExecutor, whose threads Python waits for when it ends: these die with the process.

    A read may hang for a minute when the network is gone; who leaves Lapis then wants the shell back at once.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._most = threads
        self._name = name
        self._threads: list[Thread] = []
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._closed = False
        self._lock = Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call carried out. Raises RuntimeError after `shutdown`."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._calls.put((future, functools.partial(fn, *args, **kwargs)))
            if len(self._threads) < self._most:
                thread = Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; those that wait for a thread are dropped if `cancel_futures`."""
        with self._lock:
            self._closed = True
            while cancel_futures:
                try:
                    waiting = self._calls.get_nowait()
                except Empty:
                    break
                if waiting is not None:
                    waiting[0].cancel()
            for _ in self._threads:
                self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            future, call = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """The result of a call in a thread of its own; cancelling drops it, and the thread goes on until the call ends."""
    pool = DaemonPool(1, "azure-call")
    future = asyncio.wrap_future(pool.submit(work))
    pool.shutdown(wait=False)
    return await future
