"""Waiting for what goes on in the background, and asking before something is destroyed."""

from __future__ import annotations

import asyncio
import sys

from services.errors import UserError
from services.operations import OperationLog, OperationState
from tui.cli.output import say

LOOK = 0.2
"""Seconds between two looks at an operation that is waited for."""


async def finished(log: OperationLog, *, no_wait: bool, told_by: str) -> None:
    """Wait for what was begun, unless nobody wants to. Raises the ServiceError that it ended with.

    Args:
        told_by: the command that tells how far it is.
    """
    running = log.running
    if running and no_wait:
        say(f"lapis: {running[0].verb.lower()} of {running[0].subject} goes on; `{told_by}` tells")
        return
    for operation in running:
        say(f"lapis: {operation.verb.lower()} of {operation.subject} goes on; ctrl+c ends the waiting, not the work")
    while log.running:  # noqa: ASYNC110 - threads end them, which know no event
        await asyncio.sleep(LOOK)
    for operation in log.list():
        if operation.state is OperationState.FAILED and operation.error:
            raise operation.error


def agree(question: str) -> None:
    """Ask on stderr and read stdin. Raises UserError unless the answer is y or yes."""
    sys.stderr.write(f"{question} (y/n) ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UserError("Nothing was deleted.", advice="Answer y, or give --yes.")
