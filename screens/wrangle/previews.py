"""The previews that the screen asks for, of which the newest alone counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from services.entities.wrangling import RecipePreview
from services.wrangling.recipe import Recipe
from services.wrangling.wrangler import SHOWN, Wrangler

PATIENCE = 3.0
"""Seconds that a newer preview waits for one that runs: ending it costs a new process, so 1 to 2 s."""
MOST_CELLS = 200_000
"""That are brought back and shown; of a very wide table fewer rows."""


class Previews:
    """Runs recipes on the first rows of a table, one at a time.

    Args:
        make: what makes the process; it begins with the first preview.
    """

    def __init__(self, make: Callable[[], Wrangler] = Wrangler) -> None:
        self._wrangler = make()
        self._running: asyncio.Task[RecipePreview] | None = None
        self._newest = object()
        self._columns = 1

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
        rows = max(50, min(SHOWN, MOST_CELLS // self._columns))
        call = self._wrangler.preview(recipe, table, rows=rows, base=base, tables=tables)
        self._running = running = asyncio.create_task(call)
        await asyncio.wait({running})
        if running.cancelled() or mine is not self._newest:
            return None
        found = running.result()
        self._columns = max(1, len(found.table.columns))
        return found

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
