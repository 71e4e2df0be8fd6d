"""Rows of a table that a filter keeps, in the order of a sort."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.entities.tables import TablePage, TableQuery
from services.errors import NotFoundError
from services.tables.background import Reporter
from services.tables.filters import compiled
from services.tables.frames import Frame, column_named

if TYPE_CHECKING:
    import polars

    from services.tables.table import Table

_ROW = "\0row"


class View:
    """What a query keeps of a table: the numbers of its rows, four bytes each; their cells stay in the table."""

    def __init__(self, table: Table, query: TableQuery, numbers: polars.Series | None) -> None:
        self.query = query
        self._table = table
        self._numbers = numbers
        self._found: tuple[tuple[str, Sequence[str]], polars.Series] | None = None

    async def count(self) -> int:
        """Rows of the view."""
        return await self._table.count() if self._numbers is None else len(self._numbers)

    async def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> TablePage:
        """Rows `offset` to `offset + limit` of the view. Raises as `Table.page` does."""
        if self._numbers is None:
            return await self._table.page(offset, limit, columns)
        numbers = tuple(self._numbers.slice(offset, limit).to_list())
        wanted = self._table.wanted((await self._table.frame()).names, columns)
        rows = await self._table.rows(numbers, wanted)
        return TablePage(tuple(wanted), offset, rows, numbers, len(self._numbers))

    async def find(
        self, text: str, start: int = 0, *, backwards: bool = False, columns: Sequence[str] | None = None
    ) -> int | None:
        """The place in the view of the next row from `start` that holds a text, capitals alike; None if there is none.

        The first search of a text reads the whole table; what it found is kept until another text is searched.

        Args:
            backwards: looks before `start` instead, the nearest first.
        """
        frame = await self._table.frame()
        wanted = self._table.wanted(frame.names, columns)
        asked = (text, wanted)
        if self._found is None or self._found[0] != asked:
            places = await self._table.run(lambda reporter: self._places(_holding(frame, wanted, text, reporter)))
            self._found = (asked, places)
        places = self._found[1]
        at = int(places.search_sorted(start)) - backwards
        return int(places[at]) if 0 <= at < len(places) else None

    def _places(self, found: polars.Series) -> polars.Series:
        """Where rows of the table are in the view, in its order."""
        return found if self._numbers is None else self._numbers.is_in(found.implode()).arg_true()


def row_numbers(frame: Frame, query: TableQuery, reporter: Reporter) -> polars.Series:
    """The numbers of the rows of a query, in its order. Raises ExpressionError, NotFoundError."""
    import polars

    schema = frame.lazy.collect_schema()
    if missing := [key.column for key in query.sort if key.column not in schema]:
        raise NotFoundError(f"There is no column named {missing[0]}.")
    keys = list(dict.fromkeys(key.column for key in query.sort))
    lazy = frame.lazy.with_row_index(_ROW)
    if query.filter.strip():
        lazy = lazy.filter(compiled(query.filter, schema))
    lazy = lazy.select(polars.col(_ROW), *map(column_named, keys))
    if keys:
        lazy = lazy.sort(
            [column_named(key.column) for key in query.sort],
            descending=[key.descending for key in query.sort],
            nulls_last=True,
            maintain_order=True,
        )
    return reporter.collect(lazy.select(_ROW))[_ROW]


def _holding(frame: Frame, columns: Sequence[str], text: str, reporter: Reporter) -> polars.Series:
    import polars

    pattern = f"(?i){re.escape(text)}"
    schema = frame.lazy.collect_schema()
    tests = [
        column_named(name).cast(polars.String, strict=False).str.contains(pattern)
        for name in columns
        if not schema[name].is_nested() and schema[name] != polars.Binary
    ]
    if not tests:
        return polars.Series([], dtype=polars.get_index_type())
    found = frame.lazy.with_row_index(_ROW).filter(polars.any_horizontal(tests).fill_null(False))
    return reporter.collect(found.select(_ROW))[_ROW]
