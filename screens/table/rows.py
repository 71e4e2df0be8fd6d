"""The rows of a table as its grid asks for them: those that are here at once, the others as soon as they have come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from screens.table.layout import Layout
from screens.widgets.grid_columns import Cell
from services.entities.tables import TablePage
from services.text import safe

ROWS = 128
"""Rows that are read together."""
COLUMNS = 64
"""Columns that are read together."""
KEPT = 64
"""Blocks that stay, of so many rows and columns at most."""
DRAWN = 200
"""Characters of a cell that are looked at to draw it; enter shows it whole."""

MISSING = Text("∅", "dim")
NOT_HERE = Text("·", "dim")


class Block(NamedTuple):
    """Rows and columns that are read together: which ones, counted in blocks."""

    rows: int
    columns: int

    @property
    def first_row(self) -> int:
        """The first row."""
        return self.rows * ROWS

    @property
    def first_column(self) -> int:
        """The first column, in the table's order."""
        return self.columns * COLUMNS


class TableRows:
    """A bounded part of a view: blocks of cells, and which ones the grid has missed.

    Attributes:
        total: rows of the view; None while they are not counted.
        drawn: which blocks of columns were drawn last.

    Args:
        layout: which columns are shown, and where.
        missed: is told while drawing that a block is not here; must not block.
    """

    def __init__(self, layout: Layout, missed: Callable[[Block], None]) -> None:
        self.layout = layout
        self._missed = missed
        self._blocks: OrderedDict[Block, TablePage] = OrderedDict()
        self._rows = 0
        self.total: int | None = None
        self.drawn: tuple[int, ...] = (0,)

    @property
    def row_count(self) -> int:
        """Rows of the view, or as many as are known while they are not counted."""
        return self._rows if self.total is None else self.total

    def expect(self, rows: int) -> None:
        """There are so many rows at least."""
        self._rows = max(self._rows, rows)

    def clear(self, total: int | None) -> None:
        """Another view, of so many rows."""
        self._blocks.clear()
        self._rows, self.total = 0, total

    def put(self, block: Block, page: TablePage) -> None:
        """A block has come. One that is not full is the last."""
        self._blocks[block] = page
        self._blocks.move_to_end(block)
        if len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        end = block.first_row + len(page.rows)
        self.expect(end)
        if page.total_rows is not None:
            self.total = page.total_rows
        elif self.total is None and len(page.rows) < ROWS and (page.rows or not block.first_row):
            self.total = end

    def has(self, block: Block) -> bool:
        """Whether it is here."""
        return block in self._blocks

    def number(self, row: int) -> int | None:
        """The place of a row in the file; None while it is not here."""
        for block, page in self._blocks.items():
            if block.rows == row // ROWS and row % ROWS < len(page.numbers):
                return page.numbers[row % ROWS]
        return None

    def text(self, row: int, column: int) -> str | None:
        """A cell, by its column's place in the table; empty while it is not here, None if it is missing."""
        page = self._blocks.get(Block(row // ROWS, column // COLUMNS))
        if page is None or row % ROWS >= len(page.rows):
            return ""
        return page.rows[row % ROWS][column % COLUMNS]

    def cells(self, row: int, first_column: int, last_column: int) -> Sequence[Cell]:
        """The cells of a row as they are drawn; misses are told."""
        found: list[Cell] = []
        at, inside = row // ROWS, row % ROWS
        held: dict[int, TablePage | None] = {}
        for column in self.layout.order[first_column:last_column]:
            which = column // COLUMNS
            if which not in held:
                block = Block(at, which)
                held[which] = page = self._blocks.get(block)
                if page is None:
                    self._missed(block)
                else:
                    self._blocks.move_to_end(block)
            page = held[which]
            if page is None or inside >= len(page.rows):
                found.append(NOT_HERE)
            else:
                cell = page.rows[inside][column % COLUMNS]
                found.append(MISSING if cell is None else cell[:DRAWN])
        self.drawn = tuple(held) or self.drawn
        return found

    def widths(self, block: Block) -> list[int]:
        """Cells that each column of a block needs."""
        page = self._blocks[block]
        return [_width([cell for cell in column if cell is not None]) for column in zip(*page.rows, strict=True)]


def _width(cells: Sequence[str]) -> int:
    """Cells that the widest needs. Of plain ones, as most are, it is the longest, which is told much sooner."""
    together = "".join(cells)
    if together.isascii() and together.isprintable():
        return min(DRAWN, max(map(len, cells), default=1))
    return max(cell_len(safe(cell[:DRAWN])) for cell in cells)
