"""The previews that the screen asks for, of which the newest alone counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from services.entities.wrangling import RecipePreview
from services.wrangling.recipe import Recipe
from services.wrangling.wrangler import SAMPLE, SHOWN, Wrangler

LEAST = 50
"""Rows that are read and shown of the widest table."""
PATIENCE = 3.0
"""Seconds that a newer preview waits for one that runs: ending it costs a new process, so 1 to 2 s."""
MOST_READ, MOST_SHOWN = 2_000_000, 100_000
"""Cells that the steps work on, and that are brought back unless more rows are asked for."""


class Previews:
    """Runs recipes on the first rows of a table, one at a time.

    Attributes:
        columns: how many the table has, as far as that is known before the first preview.
        limit: the rows that shall be shown; None for as many as are there by default.
    """

    def __init__(self) -> None:
        self._wrangler = Wrangler()
        self._running: asyncio.Task[RecipePreview] | None = None
        self._newest = object()
        self.columns = 1
        self.limit: int | None = None

    @property
    def most(self) -> int:
        """The highest limit for a table of so many columns."""
        return max(LEAST, MOST_READ // self.columns)

    @property
    def sample(self) -> int:
        """Rows on which the steps run: all that are shown, at least."""
        return max(min(SAMPLE, self.most), self.shown)

    @property
    def shown(self) -> int:
        """Rows that are brought back."""
        return self.limit or min(SHOWN, max(LEAST, MOST_SHOWN // self.columns))

    async def get(
        self, recipe: Recipe, table: Path, *, base: Path, tables: Mapping[str, str] | None = None
    ) -> RecipePreview | None:
        """What the steps do; None if a newer one was asked for meanwhile. Raises as `Wrangler.preview`.

        Args:
            base: the folder from which the paths of joined tables start.
            tables: where joined tables are that are no files of this machine.
        """
        self._newest = mine = object()
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=PATIENCE)
            if mine is not self._newest:
                return None
            await self._end()
        call = self._wrangler.preview(recipe, table, sample=self.sample, rows=self.shown, base=base, tables=tables)
        self._running = running = asyncio.create_task(call)
        await asyncio.wait({running})
        if running.cancelled() or mine is not self._newest:
            return None
        return running.result()

    async def _end(self) -> None:
        """End what runs, if it still does; nobody asks for its answer any more."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def close(self) -> None:
        """End it all, the process too."""
        self._newest = object()
        await self._end()
        await self._wrangler.close()
