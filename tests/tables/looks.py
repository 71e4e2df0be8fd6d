"""Looking at the first rows of a table."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from services.entities import TableColumn
from services.tables.opening import open_table


@dataclass(frozen=True)
class Look:
    """The beginning of a table."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]
    total_rows: int | None
    notes: tuple[str, ...]


def look(path: Path, limit: int = 1000) -> Look:
    """Open a table and look at its first rows. Raises as `open_table` does."""

    async def read() -> Look:
        async with open_table(path) as table:
            schema = await table.schema()
            page = await table.page(0, limit)
            return Look(schema.columns, page.rows, schema.total_rows, table.notes)

    return asyncio.run(read())
