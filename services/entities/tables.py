"""What is known of a table: its columns, pages of its rows, its profile, and how it differs from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from services.entities.assets import TableColumn

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how much of how much is done; called on the event loop's thread."""


@dataclass(frozen=True)
class TableOptions:
    """How to read a text file, where that is not found out.

    Attributes:
        separator: one character; found if empty.
        encoding: as Python names it; found if empty.
        header: whether the first record has the names of the columns.
        sheet: of a workbook; the first if empty.
        names: of the columns of a file without a header; empty for Column1, Column2.
        infers: whether columns get types; all are text otherwise.
        empty_is_missing: whether an empty field is missing, as in pandas; it is an empty text otherwise.
        json_lines: whether it is that whatever it looks like.
    """

    separator: str = ""
    encoding: str = ""
    header: bool = True
    sheet: str = ""
    names: tuple[str, ...] = ()
    infers: bool = True
    empty_is_missing: bool = True
    json_lines: bool = False


FOUND_OUT = TableOptions()
"""Nothing is told: all of it is found out."""


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table.

    Attributes:
        columns: in the order of the file; their nulls are those of `rows_read` rows.
        rows_read: rows that types and nulls were found from.
        total_rows: rows of the whole table; None while unknown.
        notes: what is odd in the file or in how it was read, each in a line.
    """

    columns: tuple[TableColumn, ...]
    rows_read: int
    total_rows: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether all rows were read."""
        return self.rows_read == self.total_rows


@dataclass(frozen=True)
class SortKey:
    """A column to sort by; missing values come last either way."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class TableQuery:
    """Which rows of a table, in which order.

    Attributes:
        filter: an expression of docs/expressions.md; empty for all rows.
        sort: the first key counts most; equal rows keep their order.
    """

    filter: str = ""
    sort: tuple[SortKey, ...] = ()


@dataclass(frozen=True)
class TablePage:
    """Rows that follow each other in a table or a view.

    Attributes:
        offset: the place of the first row in the view, from 0.
        rows: a tuple per row; None is a missing value, everything else is text.
        numbers: the place of each row in the file, from 0.
        total_rows: rows of the view; None while unknown.
    """

    columns: tuple[str, ...]
    offset: int
    rows: tuple[tuple[str | None, ...], ...]
    numbers: tuple[int, ...]
    total_rows: int | None = None


@dataclass(frozen=True)
class ValueCount:
    """A value and how many rows have it; None is missing."""

    value: str | None
    count: int


@dataclass(frozen=True)
class HistogramBin:
    """How many values lie from `low` to below `high`; the last bin holds its upper end as well."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class ColumnProfile:
    """What the values of a column are like. Statistics are of numbers alone, and of those that are not missing.

    Attributes:
        distinct: different values; missing ones are not counted.
        minimum: as text, also of dates and text.
        std: of a sample, as pandas has it.
        quantiles: by the share of values below, linearly interpolated.
        top: the most frequent values.
        is_id: no value is missing and nearly each differs: a name of rows, no feature.
        is_constant: one value at most, which tells a model nothing.
        balance: the share of the rarest of two to twenty values that come twice on average, else None.
    """

    name: str
    type: str
    rows: int
    nulls: int
    distinct: int
    minimum: str | None = None
    maximum: str | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: Mapping[float, float] = field(default_factory=dict)
    histogram: tuple[HistogramBin, ...] = ()
    top: tuple[ValueCount, ...] = ()
    is_id: bool = False
    is_constant: bool = False
    balance: float | None = None


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of two columns of numbers, over the rows where both are there; None if one is constant."""

    left: str
    right: str
    r: float | None


@dataclass(frozen=True)
class TableProfile:
    """The profile of some columns.

    Attributes:
        rows: rows that were looked at.
        total_rows: rows of the whole table; None while unknown.
        correlations: of each two columns of numbers, the strongest first.
    """

    rows: int
    total_rows: int | None
    columns: tuple[ColumnProfile, ...]
    correlations: tuple[Correlation, ...] = ()

    @property
    def is_sample(self) -> bool:
        """Whether it is an estimate."""
        return self.rows != self.total_rows


@dataclass(frozen=True)
class Share:
    """How many rows of each of two tables have a value, or one in a range; `label` names it."""

    label: str
    before: int
    after: int


@dataclass(frozen=True)
class ColumnDifference:
    """A column in two tables; None stands where a table hasn't got it.

    Attributes:
        changes: what differs, each in a line; empty if nothing does.
        psi: population stability index; below 0.1 is stable, above 0.25 a shift.
        ks: the largest distance of the two distributions (Kolmogorov-Smirnov), of numbers and times alone.
        shares: of numbers and times by ranges of equal width, of others by their most frequent values.
    """

    name: str
    before: ColumnProfile | None
    after: ColumnProfile | None
    changes: tuple[str, ...] = ()
    psi: float | None = None
    ks: float | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class TableDifference:
    """What changed from one table to another.

    Attributes:
        rows_before: of the whole table; None where nobody has counted them.
        columns: those of the first in its order, then new ones.
        compared: rows of each that were looked at.
    """

    rows_before: int | None
    rows_after: int | None
    columns: tuple[ColumnDifference, ...]
    compared: tuple[int, int]

    @property
    def is_sample(self) -> bool:
        """Whether it is an estimate."""
        return self.compared != (self.rows_before, self.rows_after)
