"""What may take the whole table: a filter, a sort, a search, a far row. Its progress is told, and esc stops it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from screens.lists import counted
from screens.table.grid import TableGrid
from screens.table.pages import TablePages
from screens.table.reader import OpenTable
from screens.table.rows import COLUMNS, ROWS, Block
from services.entities.tables import Progress, TableQuery

SEARCHED = 1_024
"""Columns in which the cell that holds a text is looked for, once its row is known."""


class TableScans(TablePages):
    """One such thing goes on at a time; a later one takes its place."""

    sought = ""

    def scan(self, verb: str, work: Callable[[OpenTable, Progress], Awaitable[None]]) -> None:
        """Do something that may read the whole table: its progress is told, esc stops it, keys are answered."""

        async def scan(progress: Progress) -> None:
            if self.opened is not None:
                await work(self.opened, progress)

        if self.opened is not None:
            self.work(verb, scan)

    def tell_work(self, text: str) -> None:
        """Below the table."""
        self.tell_line(text)

    def stopped(self) -> None:
        """Say so; the rows are those from before."""
        self.tell_line("Stopped.")

    def look(self, query: TableQuery, row: int = 0) -> None:
        """Show the rows of a query; an error leaves those that are shown."""
        verb = "Filtering" if self.opened and query.filter != self.opened.query.filter else "Sorting"

        async def work(opened: OpenTable, progress: Progress) -> None:
            await opened.look(query, progress)
            self.pager.forget()
            grid = self.grid
            if grid is None:
                return
            here = opened.layout.column(grid.cursor_column)
            grid.set_source(opened.rows)
            self.show_columns(here)
            grid.move(row)
            self.tell_line(
                "" if opened.rows.total != 0 else "No row is kept by the filter: esc shows all, & changes it."
            )
            if query.filter != self.place.filter:
                self.moved(replace(self.place, filter=query.filter))

        self.scan(verb, work)

    def go_to(self, row: int) -> None:
        """Go to a row by its place in the view, from 0; its block is read first, so that it is known to be there."""

        async def work(opened: OpenTable, progress: Progress) -> None:
            block = Block(row // ROWS, min(opened.rows.drawn, default=0))
            if not opened.rows.has(block):
                await self.read_block(block)
            if opened.rows.number(row) is None:
                total = await opened.count(progress)
                self.tell_line(f"There is no row {row + 1:,}: the last is {total:,}.")
            elif grid := self.grid:
                self.tell_line("")
                self.rows_changed(opened, row)
                grid.move(row)

        self.scan(f"Going to row {row + 1:,}", work)

    def search(self, text: str = "", *, backwards: bool = False) -> None:
        """Go to the next row that holds a text, beginning with the one of the cursor; without one, to the next of the
        last search. After the last row it goes on with the first.
        """
        again, self.sought = not text, text or self.sought
        wanted = self.sought

        async def work(opened: OpenTable, progress: Progress) -> None:
            await opened.table.frame(progress)
            grid = self.grid
            if grid is None:
                return
            start = grid.cursor_row + (1 if again and not backwards else 0)
            found = await opened.view.find(wanted, start, backwards=backwards)
            goes_round = found is None
            if goes_round:
                end = await opened.count(progress) if backwards else 0
                found = await opened.view.find(wanted, end, backwards=backwards)
            if found is None:
                self.tell_line(f"No row holds “{wanted}”.")
                return
            await self._show_found(opened, found, wanted)
            round_ = ", from the " + ("end" if backwards else "beginning") + " again" if goes_round else ""
            self.tell_line(f"“{wanted}” is in row {found + 1:,}{round_}   n next  N previous  / other")

        self.scan(f"Searching “{wanted}”", work)

    async def _show_found(self, opened: OpenTable, row: int, text: str) -> None:
        """Put the cursor on the cell of a row that holds the text."""
        for block in {Block(row // ROWS, column // COLUMNS) for column in opened.layout.order[:SEARCHED]}:
            if not opened.rows.has(block):
                await self.read_block(block)
        grid, folded = self.grid, text.casefold()
        if grid is None:
            return
        places = (
            at
            for at, column in enumerate(opened.layout.order[:SEARCHED])
            if folded in (opened.rows.text(row, column) or "").casefold()
        )
        self.rows_changed(opened, row)
        grid.move(row, next(places, grid.cursor_column))

    def count(self) -> None:
        """Count the rows and tell how many there are."""

        async def work(opened: OpenTable, progress: Progress) -> None:
            total = await opened.count(progress)
            self.rows_changed(opened, 0)
            self.tell_line(f"{counted(total, 'row', 'rows')}.")

        self.scan("Counting", work)

    def on_grid_at_end(self, event: TableGrid.AtEnd) -> None:
        """Count, then go there."""

        async def work(opened: OpenTable, progress: Progress) -> None:
            total = await opened.count(progress)
            self.rows_changed(opened, 0)
            self.tell_line("")
            event.grid.move(total - 1)

        self.scan("Going to the end", work)

    def fetch(self, work: Callable[[OpenTable], Awaitable[None]]) -> None:
        """Read something of the table that is shown over it."""
        if opened := self.opened:
            self.load(lambda: work(opened), group="fetch")

    def stop(self) -> bool:
        """Stop what goes on; False if nothing does."""
        if not self.working:
            return False
        self.action_stop()
        return True
