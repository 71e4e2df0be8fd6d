"""One MLClient, the threads that call it, and the boundary where its errors become ours."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from services.azure.rate_limit import RateLimit
from services.errors import ServiceError, Who, WorkspaceError
from services.file_errors import file_errors
from services.operations import OperationLog
from services.sign_in import Identity
from services.targets import AzureTarget
from services.threads import DaemonPool

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.core.polling import LROPoller

    from services.azure.http import AzureHttp
    from services.storage.files import StoreFiles

T = TypeVar("T")

READERS = 8
BACKGROUND_READS = 4
"""How many of the readers refreshing lists may take; keys find the others free."""
WRITERS = 4
"""Writes that go on at once; the process ends when they have been carried out."""


class Connection:
    """Calls the SDK in threads of its own; any number of tasks may call it.

    Attributes:
        target: the workspace.
        operations: writes that go on, and those that have ended.
        http: plain authenticated HTTPS for what the SDK has no call for (run history, MLflow, log files).
        limit: how many reads Azure still allows.
        stores: opened storage by datastore and container, with the time of its opening, for all services.
    """

    def __init__(
        self,
        target: AzureTarget,
        client: MLClient,
        http: AzureHttp,
        *,
        identity: Callable[[], Identity | None] = lambda: None,
        limit: RateLimit | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.target = target
        self.client = client
        self.http = http
        self._identity = identity
        self.limit = limit or RateLimit()
        self.operations = OperationLog()
        self.stores: dict[str, tuple[float, StoreFiles]] = {}
        self._pause = pause
        self._readers = DaemonPool(READERS, "azure-read")
        self._writers = ThreadPoolExecutor(WRITERS, "azure-write")
        self._background = asyncio.Semaphore(BACKGROUND_READS)
        self._writes: set[asyncio.Task[Any]] = set()

    @property
    def identity(self) -> Identity | None:
        """Who is signed in, to be named when it is refused; None as long as it isn't known."""
        return self._identity()

    async def read(self, call: Callable[[MLClient], T], *, background: bool = False) -> T:
        """The result of a call that changes nothing; cancelling drops a late answer. Raises ServiceError.

        Args:
            background: nobody waits for it, so it leaves threads, and reads where few are left, for those that somebody
                waits for.
        """
        if not background:
            return await self._in_thread(call)
        async with self._background:
            if seconds := self.limit.pause:
                await self._pause(seconds)
            return await self._in_thread(call)

    async def write(self, verb: str, subject: str, call: Callable[[MLClient, int], T]) -> T:
        """The result of a call that changes something; it is carried out even if the caller is cancelled.

        Args:
            verb, subject: what the list of operations calls it: `Submit`, `keen_star_1`.
            call: gets the client and the operation's number, to report progress with.

        Raises ServiceError.
        """
        number = self.operations.begin(verb, subject)
        return await asyncio.shield(
            self.keep(self._tracked(number, self._in_thread(lambda client: call(client, number), self._writers)))
        )

    async def begin(self, verb: str, subject: str, call: Callable[[MLClient], LROPoller[Any]]) -> None:
        """Begin what takes long and return as soon as Azure has accepted it; the operation ends when Azure is done.

        Raises ServiceError for what Azure doesn't accept; how it ended is told by the operation. Takes no thread
        meanwhile, and goes on in Azure when the connection is closed.
        """
        accepted = asyncio.Event()

        async def work() -> None:
            poller = await self._in_thread(call, self._writers)
            accepted.set()
            await _ended(poller)
            await self._in_thread(lambda _: poller.result())

        task = self.keep(self._tracked(self.operations.begin(verb, subject), work()))
        waiting = asyncio.ensure_future(accepted.wait())
        try:
            await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if task.done() and not accepted.is_set():
            task.result()

    async def _tracked(self, number: int, work: Coroutine[Any, Any, T]) -> T:
        try:
            result = await work
        except ServiceError as error:
            self.operations.fail(number, error)
            raise
        except Exception as error:
            self.operations.fail(number, ServiceError(f"{type(error).__name__}: {error}", who=Who.LAPIS))
            raise
        self.operations.succeed(number)
        return result

    def keep(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that goes on until it ends, whoever waits for it; its error is nobody's unless it is awaited."""
        task = asyncio.get_running_loop().create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._writes.discard(task)
        if not task.cancelled():
            task.exception()  # the operation keeps it; asyncio would complain that nobody asked

    async def _in_thread(self, call: Callable[[MLClient], T], pool: Executor | None = None) -> T:
        try:
            future = asyncio.get_running_loop().run_in_executor(
                pool or self._readers, functools.partial(_translated, call, self.client, self._identity)
            )
        except RuntimeError as error:  # the pool was shut down
            raise WorkspaceError("The workspace is closed.") from error
        return await future

    async def close(self) -> None:
        """Let go of the threads without waiting for reads; writes that were begun are carried out."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._writers.shutdown(wait=False)


async def _ended(poller: LROPoller[Any]) -> None:
    """Wait for the SDK's own thread, which asks Azure from time to time."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(ended.set)

    poller.add_done_callback(tell)
    await ended.wait()


def _translated(call: Callable[[MLClient], T], client: MLClient, identity: Callable[[], Identity | None]) -> T:
    from services.azure_errors import azure_errors, naming_refused

    with file_errors(), naming_refused(identity), azure_errors():
        return call(client)
