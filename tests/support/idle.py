"""When a running app is at rest: its event loop has nothing to do, which can be asked rather than guessed."""

from __future__ import annotations

import asyncio
from typing import Any

NEAR = 0.01
"""Seconds within which a timer is a part of what happens now: a frame, a resize (1/120 s), the rest after typing."""


async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Return as soon as no task of the loop can go on and no timer is near; stands in for Textual's own.

    Textual's sleeps 20 ms at a time until the process used little of the processor: twice a key, four times a `settle`.
    What other threads and processes do is not waited for, as there: see `settle` and `eventually`.

    Args:
        min_sleep: not used; Textual passes it.
        max_sleep: seconds after which it returns though the loop is busy.
    """
    loop: Any = asyncio.get_running_loop()
    deadline = loop.time() + max_sleep
    quiet = 0
    while quiet < 2 and loop.time() < deadline:
        await asyncio.sleep(0)
        if loop._ready:
            quiet = 0
            continue
        due = min((handle.when() for handle in loop._scheduled if not handle.cancelled()), default=deadline)
        wait = due - loop.time()
        if wait <= NEAR:
            quiet = 0
            await asyncio.sleep(max(wait, 0))
        else:
            quiet += 1
