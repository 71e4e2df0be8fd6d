"""What a grid holds, and how wide its columns are drawn: no widget here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Protocol

from rich.cells import cell_len
from rich.text import Text

from services.text import safe

Cell = str | Text

GAP = 2
"""Cells between two columns."""
NARROWEST = 8
"""An automatic column that holds more is not made narrower than this before others are dropped."""
FAIR = (16, 24, 32)
"""Up to here each column gets what it needs before any gets more, step by step."""
WIDEST = 40
"""Of a column in a grid that scrolls sideways."""


@dataclass(frozen=True)
class GridColumn:
    """A column.

    Attributes:
        width: in cells; 0 fits the content.
        align: left or right.
        priority: the column with the highest is dropped first when the grid is narrow; 0 stays.
        note: a second line of the header, such as the type; the line is there when any column has one.
        least: an automatic column that needs them gets so many cells before columns of a higher priority any; 0 gets 8.
    """

    key: str
    label: str
    width: int = 0
    align: str = "left"
    priority: int = 0
    note: str = ""
    least: int = 0


@dataclass(frozen=True)
class GridRow:
    """A row; the key tells it from all others. Cells are plain text, or Text with styles of the sixteen colours."""

    key: str
    cells: tuple[Cell, ...]


class GridSource(Protocol):
    """A table of any size, asked only for what is in view."""

    @property
    def row_count(self) -> int:
        """How many rows there are."""

    def cells(self, row: int, first_column: int, last_column: int) -> Sequence[Cell]:
        """The cells of a row from the first column up to the last, which is not included. Called while drawing."""


def plain(cell: Cell) -> str:
    """The text of a cell as it is drawn."""
    return safe(cell if isinstance(cell, str) else cell.plain)


def same_cells(left: tuple[Cell, ...], right: tuple[Cell, ...]) -> bool:
    """Whether two rows look the same (Text compares without its own style)."""
    return left is right or (
        len(left) == len(right)
        and all(
            a is b or (a == b and (isinstance(a, str) or isinstance(b, str) or a.style == b.style))
            for a, b in zip(left, right, strict=True)
        )
    )


def natural_width(column: GridColumn) -> int:
    """What the header needs."""
    return max(cell_len(safe(column.label)), cell_len(safe(column.note)), 1)


def fit_columns(columns: Sequence[GridColumn], natural: Sequence[int], width: int) -> list[tuple[int, int]]:
    """The columns that fit in `width` cells and their widths, as (index, width) in order.

    Columns are dropped, highest priority first, until each of the others has at least a narrow form; then the room is
    shared out in steps and in order of priority, until each has what it needs.
    """
    widths = [
        column.width or min(need, max(column.least or NARROWEST, cell_len(column.label)))
        for column, need in zip(columns, natural, strict=True)
    ]
    kept = list(range(len(columns)))

    def spare() -> int:
        return width - sum(widths[i] for i in kept) - GAP * max(0, len(kept) - 1)

    while spare() < 0:
        last = max(kept, key=lambda i: (columns[i].priority, i), default=None)
        if last is None or columns[last].priority == 0:
            break
        kept.remove(last)
    while spare() < 0:
        widest = max(kept, key=lambda i: widths[i])
        if widths[widest] <= 1:
            break
        widths[widest] -= 1
    for limit in (*FAIR, max(natural, default=0)):
        for i in sorted(kept, key=lambda i: (columns[i].priority, i)):
            if not columns[i].width:
                widths[i] += max(0, min(spare(), min(natural[i], limit) - widths[i]))
    return [(i, widths[i]) for i in kept]


def free_columns(columns: Sequence[GridColumn], natural: Sequence[int]) -> list[tuple[int, int]]:
    """All columns at the width that they need, at most `WIDEST`: for a grid that scrolls sideways."""
    return [(i, column.width or min(natural[i], WIDEST)) for i, column in enumerate(columns)]


@dataclass(frozen=True)
class Arrangement:
    """Where the columns are drawn, in cells.

    Attributes:
        lead: cells before the first column.
        drawn: index and width of each column that is drawn; a gap is behind each.
        frozen: how many of them stay when the others scroll sideways.
    """

    lead: int = 0
    drawn: tuple[tuple[int, int], ...] = ()
    frozen: int = 0

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each column begins after the lead; last, where one more would."""
        return tuple(accumulate((width + GAP for _, width in self.drawn), initial=0))

    @cached_property
    def fixed(self) -> int:
        """Cells of the columns that stay."""
        return self.starts[min(self.frozen, len(self.drawn))]

    @property
    def width(self) -> int:
        """Cells of it all."""
        return self.lead + self.starts[-1]

    def in_view(self, scroll: int, width: int) -> tuple[int, int]:
        """The first column that scrolls and is seen in `width` cells, and the one after the last."""
        x = scroll + self.fixed
        first = max(self.frozen, bisect_right(self.starts, x) - 1)
        last = bisect_left(self.starts, scroll + max(self.fixed, width - self.lead))
        count = len(self.drawn)
        return min(first, count), max(min(first, count), min(last, count))

    def scroll_to(self, column: int, scroll: int, width: int) -> int:
        """The scroll nearest to this one at which `width` cells show the column, its beginning at least."""
        if not self.frozen <= column < len(self.drawn):
            return scroll
        start = self.starts[column] - self.fixed
        end = start + self.drawn[column][1]
        return min(max(scroll, end - (width - self.lead - self.fixed)), start)

    def column_at(self, x: int, scroll: int) -> int:
        """The index of the column at a cell of the line; the nearest one beside them."""
        x -= self.lead
        at = bisect_right(self.starts, max(0, x + scroll if x >= self.fixed else x)) - 1
        return self.drawn[min(at, len(self.drawn) - 1)][0] if self.drawn else 0
