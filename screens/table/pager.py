"""Which part of a table is read next: what the user looks at now, not what went by meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from screens.table.rows import Block


class Pager:
    """Blocks that are wanted, the newest first.

    Args:
        start: begins `run` in a worker, in place of one that runs.
        read: reads a block.
        is_near: whether a block is in view, or next to it.
    """

    def __init__(
        self, start: Callable[[], None], read: Callable[[Block], Awaitable[None]], is_near: Callable[[Block], bool]
    ) -> None:
        self._start, self._read, self._is_near = start, read, is_near
        self._wanted: dict[Block, None] = {}
        self._reading: Block | None = None
        self._starts = False

    def want(self, block: Block) -> None:
        """Read it soon; what is read now and not in view any more is given up. Called while drawing."""
        if block == self._reading:
            return
        self._wanted.pop(block, None)
        self._wanted[block] = None
        if not self._starts and (self._reading is None or not self._is_near(self._reading)):
            self._starts = True
            self._start()

    def forget(self) -> None:
        """Another view: nothing of this one is wanted."""
        self._wanted.clear()
        self._reading, self._starts = None, False

    async def run(self) -> None:
        """Read what is wanted and still near. Raises ServiceError."""
        self._starts = False
        while self._wanted:
            block, _ = self._wanted.popitem()
            if not self._is_near(block):
                continue
            self._reading = block
            try:
                await self._read(block)
            finally:
                if self._reading == block:
                    self._reading = None
