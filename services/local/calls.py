"""Blocking work of the adapter: in its threads, and what the file system raises turned into ServiceErrors."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

from services.errors import WorkspaceError
from services.file_errors import file_errors

P = ParamSpec("P")
T = TypeVar("T")


class Calls:
    """Runs functions in the adapter's thread pool: `await calls(function, argument)`.

    A function that has begun is carried out even if the caller is cancelled; one that waits for a thread is dropped.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result. Raises ServiceError."""
        work = functools.partial(_translated, function, *args, **kwargs)
        try:
            future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        except RuntimeError as error:  # the pool was shut down
            raise WorkspaceError("The workspace is closed.") from error
        return await future


def _translated(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with file_errors():
        return function(*args, **kwargs)
