"""Blocking work of the adapter: in its threads, and what the file system raises turned into ServiceErrors."""

from __future__ import annotations

import asyncio
import errno
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from services.errors import AccessError, MachineError, ServiceError, UserError, WorkspaceError

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


@contextmanager
def file_errors() -> Iterator[None]:
    """Turn an OSError into a ServiceError: a full disk, a refused access, a read-only file system.

    So is text that can't be kept as UTF-8: the name of a file that is bytes of another encoding (PEP 383), and a NUL
    character in a path.
    """
    try:
        yield
    except ServiceError:
        raise
    except UnicodeEncodeError as error:
        raise UserError(
            f"{error.object[:200]!a} is not Unicode text and can't be kept.",
            title="That is not Unicode text",
            advice="Rename the file, or write the text in UTF-8.",
        ) from error
    except ValueError as error:
        if "embedded null" not in str(error):
            raise
        raise UserError("A path can't hold a NUL character.", title="That is no path") from error
    except OSError as error:
        place = error.filename or "a file of the workspace"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MachineError(
                "The disk is full; nothing was changed.",
                title="The disk is full",
                advice="Free some space and do it again.",
            ) from error
        if error.errno == errno.ENAMETOOLONG:
            raise UserError(f"{place} is too long for a path.") from error
        if error.errno == errno.EROFS:
            raise WorkspaceError(
                f"{place} lies on a read-only file system.",
                title="The workspace is read-only",
                advice="Choose another folder with -w.",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise AccessError(f"{place} can't be accessed: {error.strerror}.") from error
        raise MachineError(f"{place}: {error.strerror or error}.") from error
