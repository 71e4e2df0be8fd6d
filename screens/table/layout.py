"""Which columns of a table are shown, in which order, how wide and with which header."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from rich.cells import cell_len

from screens.lists import shown
from screens.widgets.grid_columns import WIDEST, GridColumn
from services.entities import TableColumn
from services.entities.tables import SortKey, TableSchema

NARROWEST = 3
UNSEEN = 10
"""Cells of a column of which no value has been read yet."""
STEP = 4
"""Cells by which a key makes a column wider."""
NUMERIC = ("int", "uint", "float", "double", "decimal")
UP, DOWN = "↑", "↓"


class Layout:
    """Columns are known by their place in the table, from 0; what is shown is another order of some of them."""

    def __init__(self, schema: TableSchema) -> None:
        self.schema = schema
        self.sort: tuple[SortKey, ...] = ()
        self._made: dict[int, GridColumn] = {}
        self._hidden: set[int] = set()
        self._pinned: list[int] = []
        self._chosen: dict[int, int] = {}
        self._needed: dict[int, int] = {}

    @property
    def columns(self) -> Sequence[TableColumn]:
        """All columns of the table."""
        return self.schema.columns

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The columns that are shown, pinned ones first."""
        rest = (at for at in range(len(self.columns)) if at not in self._hidden and at not in self._pinned)
        return (*self._pinned, *rest)

    @property
    def pinned(self) -> int:
        """How many columns stay at the left."""
        return len(self._pinned)

    @property
    def hidden(self) -> int:
        """How many columns are not shown."""
        return len(self._hidden)

    def column(self, shown_at: int) -> int:
        """The column that is shown at a place."""
        return self.order[min(shown_at, len(self.order) - 1)]

    def place_of(self, column: int) -> int:
        """Where a column is shown, or the one that follows it."""
        if column in self.order:
            return self.order.index(column)
        return next((at for at, other in enumerate(self.order) if other > column), len(self.order) - 1)

    def find(self, name: str) -> int | None:
        """A column by its name, else by the beginning of it, else by a part of it, capitals alike there."""
        names = [column.name for column in self.columns]
        if name in names:
            return names.index(name)
        folded = name.casefold()
        starts = (at for at, other in enumerate(names) if other.casefold().startswith(folded))
        parts = (at for at, other in enumerate(names) if folded in other.casefold())
        return next(starts, next(parts, None))

    # what keys do

    def hide(self, column: int) -> bool:
        """Show a column no more; False for the last one."""
        if len(self.order) == 1:
            return False
        self._hidden.add(column)
        if column in self._pinned:
            self._pinned.remove(column)
        self._reorder()
        return True

    def show_all(self) -> int:
        """Show the hidden ones again; how many there were."""
        count = len(self._hidden)
        self._hidden.clear()
        self._reorder()
        return count

    def show(self, column: int) -> None:
        """Show one."""
        self._hidden.discard(column)
        self._reorder()

    def toggle_pin(self, column: int) -> bool:
        """Keep a column at the left, or let it go; True if it is kept."""
        if column in self._pinned:
            self._pinned.remove(column)
        else:
            self._pinned.append(column)
        self._reorder()
        return column in self._pinned

    def _reorder(self) -> None:
        self.__dict__.pop("order", None)

    def widen(self, column: int, by: int) -> None:
        """Make a column wider, or narrower; `by` is in steps."""
        self._chosen[column] = max(NARROWEST, self.width(column) + by * STEP)
        self._made.pop(column, None)

    def fit(self, column: int) -> None:
        """As wide as what was read of it, however wide that is; again: as at first."""
        wide = max(self._header_width(column), self._needed.get(column, UNSEEN))
        if self._chosen.get(column) == wide:
            del self._chosen[column]
        else:
            self._chosen[column] = wide
        self._made.pop(column, None)

    def measured(self, first: int, widths: Sequence[int]) -> None:
        """What the values from the column `first` on need: a column that was too narrow for them becomes wider."""
        for column, width in enumerate(widths, first):
            if width > self._needed.get(column, 0):
                self._needed[column] = width
                self._made.pop(column, None)

    def width(self, column: int) -> int:
        """In cells."""
        if column in self._chosen:
            return self._chosen[column]
        return min(WIDEST, max(self._header_width(column), self._needed.get(column, UNSEEN)))

    def _header_width(self, column: int) -> int:
        return max(cell_len(self._label(column)), cell_len(note(self.columns[column], self.schema)), NARROWEST)

    # the header

    def look(self, schema: TableSchema, sort: tuple[SortKey, ...]) -> None:
        """Other things are known of the columns, or they are sorted otherwise."""
        if schema.columns != self.schema.columns or schema.rows_read != self.schema.rows_read:
            self._made.clear()
        else:
            sorted_by = {key.column for key in (*self.sort, *sort)}
            for at in [at for at in self._made if self.columns[at].name in sorted_by]:
                del self._made[at]
        self.schema, self.sort = schema, sort

    def _label(self, column: int) -> str:
        name = shown(self.columns[column].name)
        for at, key in enumerate(self.sort, 1):
            if key.column == self.columns[column].name:
                return f"{name} {DOWN if key.descending else UP}{at if len(self.sort) > 1 else ''}"
        return name

    def grid_columns(self) -> tuple[GridColumn, ...]:
        """The columns as the grid draws them; those that are as before are the same objects."""
        made = self._made
        for at in self.order:
            if at not in made:
                made[at] = self._grid_column(at)
        return tuple(map(made.__getitem__, self.order))

    def _grid_column(self, column: int) -> GridColumn:
        type_ = self.columns[column].type
        return GridColumn(
            str(column),
            self._label(column),
            width=self.width(column),
            align="right" if is_numeric(type_) else "left",
            note=note(self.columns[column], self.schema),
        )


def is_numeric(type_: str) -> bool:
    """Whether values of the type stand flush right."""
    return type_.lower().startswith(NUMERIC)


def note(column: TableColumn, schema: TableSchema) -> str:
    """The type of a column, and the share of its rows that are missing: `float64 ∅20%`."""
    if column.nulls <= 0 or not schema.rows_read:
        return shown(column.type)
    share = 100 * column.nulls / schema.rows_read
    return f"{shown(column.type)} ∅{'<1' if share < 1 else round(share)}%"


def sort_text(sort: Sequence[SortKey]) -> str:
    """`sorted by Age descending, Fare ascending`; empty in the order of the file."""
    keys = ", ".join(f"{shown(key.column)} {'descending' if key.descending else 'ascending'}" for key in sort)
    return f"sorted by {keys}" if keys else ""
