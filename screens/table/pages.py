"""A table on the screen, read in blocks as the cursor moves."""

from __future__ import annotations

from dataclasses import replace

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer
from textual.widgets import Static

from screens.lists import shown
from screens.long_work import LongWork
from screens.places import Place
from screens.table.grid import TableGrid
from screens.table.line import TableLine
from screens.table.pager import Pager
from screens.table.reader import OpenTable, options_text
from screens.table.rows import ROWS, Block
from screens.widgets.grid import Grid
from screens.widgets.json_tree import JsonTree
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from screens.widgets.text_view import TextView
from services.entities.tables import FOUND_OUT
from services.workspace import TableService

RESTS = 0.5
"""Seconds without a key after which the row of the cursor is kept for the next start."""
NOTES = 3


class TablePages(LongWork):
    """The place's subject is the source of the table, its tab the row of the cursor, its filter an expression."""

    CRUMB = "Table"
    DEFAULT_CSS = """
    TablePages #about { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    TablePages #notes { display: none; height: auto; max-height: 3; padding: 0 1; color: $text-warning; }
    TablePages #body { height: 1fr; }
    TablePages #body > TextView, TablePages #body > JsonTree { display: none; height: 1fr; }
    TablePages #told { display: none; height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, place: Place, *, tables: TableService) -> None:
        super().__init__(place)
        self.tables = tables
        self.options = FOUND_OUT
        self.opened: OpenTable | None = None
        self.pager = Pager(self._start_reading, self.read_block, self._is_near)
        self._resting: Timer | None = None
        self.counting = ""

    def compose_body(self) -> ComposeResult:
        """What the table is, what is odd in it, its rows, what was found, the line to type in."""
        yield Static(id="about", markup=False)
        yield Static(id="notes", markup=False)
        yield StateCard()
        with Container(id="body"):
            yield TextView()
            yield JsonTree()
        yield Static(id="told", markup=False)
        yield TableLine()

    @property
    def grid(self) -> TableGrid | None:
        """The rows; None while there are none."""
        return next(iter(self.query(TableGrid)), None)

    # reading

    def _start_reading(self) -> None:
        # not now: a grid that is being drawn has missed it
        self.call_later(self.load, self.pager.run, group="pages")

    def _is_near(self, block: Block) -> bool:
        grid = self.grid
        if grid is None:
            return False
        first, last = grid.near_rows
        return block.first_row < last and block.first_row + ROWS > first

    async def read_block(self, block: Block) -> None:
        """Read a block and draw it. Raises ServiceError."""
        if (opened := self.opened) is None:
            return
        known = opened.rows.row_count
        await opened.read(block)
        if opened is self.opened:
            self.show_columns()
            self.rows_changed(opened, block.first_row, max(known, block.first_row + ROWS))

    def rows_changed(self, opened: OpenTable, first: int, last: int = 0) -> None:
        """Draw rows from `first` on that have come, or that there are more or fewer of them."""
        if opened is self.opened and (grid := self.grid):
            grid.rows_changed(first, max(last, opened.rows.row_count))
            self.show_about()

    def show_columns(self, cursor: int | None = None) -> None:
        """Draw the columns as the layout has them, if that is another way; the cursor goes to a column of the table."""
        grid, opened = self.grid, self.opened
        if grid is None or opened is None:
            return
        columns = opened.layout.grid_columns()
        here = grid.cursor_column if cursor is None else opened.layout.place_of(cursor)
        if columns != grid.columns or here != grid.cursor_column or grid.frozen != opened.layout.pinned:
            grid.set_columns(columns, here, opened.layout.pinned)
        self.show_about()

    def on_grid_highlighted(self, event: Grid.Highlighted) -> None:
        """Read ahead, and keep the row for the next start once the cursor rests."""
        opened = self.opened
        if opened is None or not event.key.isdecimal():
            return
        row = int(event.key)
        ahead = row + ROWS // 2
        if ahead < opened.rows.row_count:
            self._want(opened, ahead)
        if self._resting:
            self._resting.stop()
        self._resting = self.set_timer(RESTS, lambda: self._rest(row))

    def on_grid_near_end(self, event: Grid.NearEnd) -> None:
        """The end isn't known: read on."""
        if (opened := self.opened) and opened.rows.total is None:
            self._want(opened, opened.rows.row_count)

    def _want(self, opened: OpenTable, row: int) -> None:
        for column in opened.rows.drawn:
            if not opened.rows.has(block := Block(row // ROWS, column)):
                self.pager.want(block)

    def _rest(self, row: int) -> None:
        tab = str(row) if row else ""
        if self.is_attached and tab != self.place.tab:
            self.moved(replace(self.place, tab=tab))

    # telling

    def tell_line(self, text: str) -> None:
        """Say something below the table until something else is said; nothing hides the line."""
        line = self.query_one("#told", Static)
        line.display = bool(text)
        put(line, Text(shown(text)))

    def show_about(self) -> None:
        """What the table is, above it, and what is odd in it."""
        if (opened := self.opened) is None:
            return
        about = opened.about(self.counting)
        if given := options_text(self.options):
            about += f" · read with {given}"
        put(self.query_one("#about", Static), Text(shown(about)))
        notes = [*opened.notes[: NOTES - 1], f"and {len(opened.notes) - NOTES + 1} more"]
        lines = [f"! {shown(note)}" for note in (opened.notes if len(opened.notes) <= NOTES else notes)]
        line = self.query_one("#notes", Static)
        line.display = bool(lines)
        put(line, Text("\n".join(lines)))
