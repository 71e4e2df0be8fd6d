"""A whole table as Polars reads it, with pandas' meaning of what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.entities import TableColumn
from services.tables.background import Reporter
from services.tables.columnar import text_of, type_of

if TYPE_CHECKING:
    import polars

NEAR = 64
"""Rows between two wanted ones that are rather read than skipped."""


@dataclass(frozen=True)
class Frame:
    """A table that Polars can scan.

    Attributes:
        lazy: its rows in the order of the file; a NaN is null, as both are missing in pandas.
        rows: how many there are.
        columns: with their nulls in the whole table; -1 where nobody has counted them yet.
        notes: what is odd, each in a line.
    """

    lazy: polars.LazyFrame
    rows: int
    columns: tuple[TableColumn, ...]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


def column_named(name: str) -> polars.Expr:
    """A column whatever its name is: Polars takes `*` and `^...$` for patterns."""
    import polars

    is_pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
    return polars.selectors.by_name(name).as_expr() if is_pattern else polars.col(name)


def frame_of(lazy: polars.LazyFrame, reporter: Reporter, notes: Sequence[str] = ()) -> Frame:
    """A scan as a frame: NaN becomes null, rows are counted. Raises PolarsError."""
    import polars

    schema = lazy.collect_schema()
    floats = [name for name, dtype in schema.items() if dtype.is_float()]
    lazy = lazy.with_columns([column_named(name).fill_nan(None) for name in floats]) if floats else lazy
    rows = int(reporter.collect(lazy.select(polars.len())).item())
    columns = tuple(TableColumn(name, type_of(dtype), -1) for name, dtype in schema.items())
    return Frame(lazy, rows, columns, tuple(notes))


def cells(table: polars.DataFrame) -> tuple[tuple[str | None, ...], ...]:
    """The rows of a table as they are shown."""
    columns = [[text_of(value) for value in series.to_list()] for series in table.iter_columns()]
    return tuple(zip(*columns, strict=True)) if columns else ()


def slice_of(frame: Frame, columns: Sequence[str], offset: int, limit: int, reporter: Reporter) -> polars.DataFrame:
    """Rows that follow each other."""
    return reporter.collect(frame.lazy.select(list(map(column_named, columns))).slice(offset, limit))


def rows_at(frame: Frame, columns: Sequence[str], numbers: Sequence[int], reporter: Reporter) -> polars.DataFrame:
    """Rows by their numbers, in that order; those near to each other are read together."""
    import polars

    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and number - runs[-1][1] <= NEAR:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    wanted = frame.lazy.select(list(map(column_named, columns)))
    number_column = "\0row"
    pieces = [wanted.slice(first, last - first + 1).with_row_index(number_column, offset=first) for first, last in runs]
    if not pieces:
        return reporter.collect(wanted.head(0))
    # one by one: a query of them all would read the whole table once and keep it
    found = polars.concat(list(map(reporter.collect, pieces)))
    order = polars.DataFrame({number_column: polars.Series(numbers, dtype=polars.get_index_type())})
    return order.join(found, on=number_column, how="left", maintain_order="left").drop(number_column)
