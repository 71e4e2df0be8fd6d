"""A table that is open, and the view of it that is shown: no widget here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from screens.lists import counted, shown
from screens.table.layout import Layout, sort_text
from screens.table.rows import COLUMNS, ROWS, Block, TableRows
from screens.widgets.status import size_text
from services.entities.tables import FOUND_OUT, Progress, TableOptions, TableQuery, TableSchema
from services.workspace import TableService

if TYPE_CHECKING:
    from services.tables.table import Table
    from services.tables.views import View


class OpenTable:
    """A table with what is known of it, a query and the rows that it keeps.

    Attributes:
        layout: its columns as they are shown.
        rows: the cells that are here.
        query: which rows are shown, in which order.
        notes: what is odd in the file or has become of it.
    """

    def __init__(self, table: Table, view: View, schema: TableSchema, missed: Callable[[Block], None]) -> None:
        self.table = table
        self.view = view
        self.schema = schema
        self.layout = Layout(schema)
        self.rows = TableRows(self.layout, missed)
        self.query = TableQuery()
        self.notes = schema.notes
        self.rows.expect(schema.rows_read)
        self.rows.total = schema.total_rows

    async def read(self, block: Block) -> None:
        """Read a block, unless another view is shown by then. Raises ServiceError."""
        view = self.view
        columns = self.layout.columns[block.first_column : block.first_column + COLUMNS]
        page = await view.page(block.first_row, ROWS, [column.name for column in columns])
        notes = await asyncio.to_thread(lambda: self.table.notes)  # it looks whether the file is still the same
        if view is self.view:
            self.rows.put(block, page)
            self.layout.measured(block.first_column, self.rows.widths(block))
            self.notes = notes
            if page.rows and not self.schema.rows_read:  # its first record was longer than the first look
                self.schema = await self.table.schema()
                self.layout.look(self.schema, self.query.sort)

    async def look_at_file(self) -> None:
        """Ask what became of the file. Raises ServiceError."""
        await self.table.look()
        self.notes = await asyncio.to_thread(lambda: self.table.notes)

    async def look(self, query: TableQuery, progress: Progress | None = None) -> None:
        """Show the rows of a query in place of those before. Raises ExpressionError, NotFoundError."""
        view = await self.table.view(query, progress)
        total = self.table.known_rows() if query == TableQuery() else await view.count()
        self.schema = await self.table.schema()
        self.layout.look(self.schema, query.sort)
        self.view, self.query = view, query
        self.rows.clear(total)
        self.rows.expect(0 if total is None else total)
        if total is None:
            self.rows.expect(self.schema.rows_read)

    async def count(self, progress: Progress | None = None) -> int:
        """Count the rows of the view. Raises ServiceError."""
        if self.rows.total is None:
            view = self.view
            total = await self.table.count(progress)
            if view is self.view:
                self.rows.total = total
        return self.rows.row_count

    async def cell(self, row: int, name: str) -> str | None:
        """A cell in full, by its row in the view. Raises ServiceError."""
        number = self.rows.number(row)
        if number is None:
            number = (await self.view.page(row, 1, [name])).numbers[0]
        return await self.table.cell(number, name)

    def about(self, counting: str = "") -> str:
        """`CSV · comma · utf-8 · 891 rows · 12 columns · sorted by Age descending`."""
        columns = counted(len(self.layout.columns), "column", "columns")
        if self.layout.hidden:
            columns = f"{len(self.layout.order):,} of {columns}"
        read = self.schema.rows_read
        parts = (
            self.table.format,
            *self.table.dialect,
            self._rows_text(counting),
            columns,
            sort_text(self.query.sort),
            self._traffic_text(),
            f"∅ of the first {read:,} rows" if read and not self.schema.is_exact else "",
        )
        return " · ".join(part for part in parts if part)

    def _traffic_text(self) -> str:
        remote = self.table.remote
        return f"{size_text(remote.fetched)} of {size_text(remote.size)} fetched" if remote else ""

    def _rows_text(self, counting: str) -> str:
        rows = counted(self.rows.row_count, "row", "rows")
        if self.query.filter:
            whole = self.table.known_rows()
            return (
                f"{self.rows.row_count:,} of {'?' if whole is None else f'{whole:,}'} rows: {shown(self.query.filter)}"
            )
        if self.rows.total is None:
            return f"{self.rows.row_count:,} rows and more{f', counting {counting}' if counting else ''}"
        return rows


async def open_reader(
    tables: TableService, source: str, options: TableOptions, missed: Callable[[Block], None]
) -> OpenTable:
    """Open a table and read its first page. Raises ServiceError."""
    table = await tables.open(source, options)
    try:
        schema = await table.schema()
        opened = OpenTable(table, await table.view(TableQuery()), schema, missed)
        if schema.columns:
            await opened.read(Block(0, 0))
    except BaseException:
        await table.close()
        raise
    return opened


def options_text(options: TableOptions) -> str:
    """What was changed by hand in how the file is read; empty if nothing."""
    given = [
        f"separator {options.separator!r}" if options.separator else "",
        f"encoding {options.encoding}" if options.encoding else "",
        "no header" if options.header != FOUND_OUT.header else "",
        f"sheet {options.sheet}" if options.sheet else "",
        "all as text" if options.infers != FOUND_OUT.infers else "",
    ]
    return ", ".join(part for part in given if part)
