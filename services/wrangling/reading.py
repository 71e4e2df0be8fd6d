"""A table that is open as a recipe reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from services.wrangling.recipe import ReadOptions

if TYPE_CHECKING:
    from services.tables.background import Reporter
    from services.tables.table import Table

_NEEDS_COPY = ("Excel", "MLTable")
"""Formats that the script of a recipe can't read by itself."""
_PLAIN = ("utf-8", "ascii")


def read_options(table: Table) -> ReadOptions:
    """How a recipe reads the table, as far as the name of the file doesn't tell it."""
    from services.tables.text_table import TextTable

    if not isinstance(table, TextTable) or not table.separator:
        return ReadOptions()
    by_name = "\t" if ".tsv" in table.name.lower() else ","
    separator = None if table.separator == by_name else table.separator
    return ReadOptions(separator, None if table.encoding in _PLAIN else table.encoding)


async def sample_file(table: Table, rows: int) -> Path:
    """A file with the first `rows` rows at least that a recipe can read; it is there until the table is closed.

    Raises what `Table.head_file` raises.
    """
    if table.format not in _NEEDS_COPY:
        return await table.head_file(rows)
    frame = await table.frame()
    path = table.folder / "sample.parquet"

    def write(reporter: Reporter) -> Path:
        from services.tables.frames import slice_of

        slice_of(frame, frame.names, 0, rows, reporter).write_parquet(path)
        return path

    return await table.run(write)
