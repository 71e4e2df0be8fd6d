"""Waiting for what will happen, with a deadline."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable


async def eventually(
    condition: Callable[[], object | Awaitable[object]], timeout: float = 5.0, *, interval: float = 0.01, what: str = ""
) -> None:
    """Return as soon as the condition holds; an AssertionError inside it counts as not yet.

    Raises AssertionError with `what` (or the last inner error) after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while True:
        problem: AssertionError | None = None
        try:
            result = condition()
            if inspect.isawaitable(result):
                result = await result
            if result is None or result:
                return
        except AssertionError as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(what or f"did not happen within {timeout} s") from problem
        await asyncio.sleep(interval)
