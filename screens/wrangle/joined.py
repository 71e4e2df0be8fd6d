"""The tables that a recipe joins and that are no files of this machine, as files for its preview."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from services.errors import ServiceError
from services.workspace import TableService
from services.wrangling.reading import sample_file
from services.wrangling.recipe import Recipe
from services.wrangling.script import joined_tables

if TYPE_CHECKING:
    from services.tables.table import Table

ROWS = 100_000
"""Of a joined table; a row that finds no partner for want of more would mislead."""


class JoinedTables:
    """Opens each table once and keeps it open."""

    def __init__(self, tables: TableService) -> None:
        self._tables = tables
        self._open: dict[str, tuple[Table, Path]] = {}

    async def path(self, name: str) -> Path | None:
        """The file with the first rows of a table; None for a path of this machine. Raises ServiceError."""
        if not is_elsewhere(name):
            return None
        if name not in self._open:
            table = await self._tables.open(name)
            self._open[name] = table, await sample_file(table, ROWS)
        return self._open[name][1]

    async def paths(self, recipe: Recipe) -> dict[str, str]:
        """The files by the names in the recipe; one that can't be read is left out, and its step fails."""
        found = {}
        for name in joined_tables(recipe):
            with suppress(ServiceError):
                if path := await self.path(name):
                    found[name] = str(path)
        return found

    async def close(self) -> None:
        """Let the tables go."""
        for table, _ in self._open.values():
            await table.close()


def is_elsewhere(name: str) -> bool:
    """Whether a table is named by a URI or as an asset."""
    return "://" in name or name.startswith("azureml:")
