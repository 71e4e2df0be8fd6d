"""What the values of columns are like: one pass of Polars over a few columns at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from services.entities.tables import ColumnProfile, Correlation, HistogramBin, TableProfile, ValueCount
from services.tables.background import Reporter
from services.tables.columnar import text_of, type_of
from services.tables.frames import Frame, column_named

if TYPE_CHECKING:
    import polars

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BINS = 20
TOP = 10
CELLS = 8_000_000
"""Cells that are in memory together at most, if a column has no more."""
CORRELATED = 60
"""Columns of numbers whose correlations are told at most; there are half their square."""
CLASSES = 20
"""Different values that a column of classes has at most."""
ID_LIKE = 0.95
"""A column without decimals with more different values than this part of its rows is taken for a name of rows."""
ID_ROWS = 100
"""In fewer rows each must differ: values may well differ by chance."""
_VALUE, _COUNT = "value", "count"


def profile(frame: Frame, columns: Sequence[str], total: int | None, reporter: Reporter) -> TableProfile:
    """The profile of some columns of a frame, which may be a sample of a table of `total` rows."""
    schema = frame.lazy.collect_schema()
    numeric = [name for name in columns if schema[name].is_numeric()][:CORRELATED]
    steps = len(columns) + len(numeric)
    profiles: list[ColumnProfile] = []
    together = max(1, CELLS // max(1, frame.rows))
    for begin in range(0, len(columns), together):
        reporter.step(begin, steps)
        names = columns[begin : begin + together]
        table = reporter.collect(frame.lazy.select(list(map(column_named, names))))
        for series in table.iter_columns():
            reporter.step(len(profiles), steps)
            profiles.append(column_profile(series))
    reporter.step(len(columns), steps)
    found = tuple(_correlations(frame, numeric, reporter))
    reporter.step(steps, steps)
    return TableProfile(frame.rows, total, tuple(profiles), found)


def column_profile(series: polars.Series) -> ColumnProfile:
    """The profile of one column."""
    name, kind, rows, nulls = series.name, type_of(series.dtype), len(series), series.null_count()
    if series.dtype.is_nested() or kind in ("binary", "object"):
        return ColumnProfile(name, kind, rows, nulls, 0, is_constant=nulls == rows)
    # numbers are sorted once, for quantiles, bins and counts: that is several times quicker than to hash them
    values = series.drop_nulls().sort() if series.dtype.is_numeric() else None
    counts = _counts(series) if values is None else _runs(values)
    distinct = counts.height
    most = counts.top_k(TOP, by=[_COUNT, _VALUE], reverse=[False, True]).sort(
        [_COUNT, _VALUE], descending=[True, False]
    )
    top = tuple(ValueCount(text_of(value), count) for value, count in most.iter_rows())
    present = rows - nulls
    is_class = 2 <= distinct <= min(CLASSES, present // 2) and not series.dtype.is_float()
    numbers = {} if values is None or not present else _numbers(values)
    return ColumnProfile(
        name,
        kind,
        rows,
        nulls,
        distinct,
        minimum=text_of(series.min()),
        maximum=text_of(series.max()),
        top=top,
        is_id=not series.dtype.is_float() and _names_rows(rows, nulls, distinct),
        is_constant=distinct <= 1,
        balance=_least(counts) / present if is_class else None,
        **numbers,
    )


def _names_rows(rows: int, nulls: int, distinct: int) -> bool:
    return nulls == 0 and rows > 1 and (distinct == rows or (rows >= ID_ROWS and distinct > ID_LIKE * rows))


def _counts(series: polars.Series) -> polars.DataFrame:
    """Values that are not missing, in no order, and how many rows have each."""
    return series.rename(_VALUE).drop_nulls().value_counts(name=_COUNT)


def _runs(values: polars.Series) -> polars.DataFrame:
    """The same of values that are sorted."""
    return values.rle().struct.unnest().rename({"len": _COUNT}).select(_VALUE, _COUNT)


def _least(counts: polars.DataFrame) -> int:
    least = counts[_COUNT].min()
    return least if isinstance(least, int) else 0


def _numbers(values: polars.Series) -> dict[str, Any]:
    """What is told of numbers alone, which are sorted."""
    import polars

    values = values.cast(polars.Float64)
    finite = values.filter(values.is_finite())
    found = {
        share: value
        for share in QUANTILES
        if (value := values.quantile(share, interpolation="linear")) is not None and math.isfinite(value)
    }
    mean, std = values.mean(), values.std()
    return {
        "mean": mean if isinstance(mean, float) and math.isfinite(mean) else None,
        "std": std if isinstance(std, float) and math.isfinite(std) else None,
        "quantiles": found,
        "histogram": tuple(_bins(finite)),
    }


def _bins(values: polars.Series) -> Iterator[HistogramBin]:
    """Bins of equal width over sorted values."""
    import polars

    if not len(values):
        return
    low, high = float(values[0]), float(values[-1])
    if low == high:
        yield HistogramBin(low, high, len(values))
        return
    edges = [low + (high - low) * number / BINS for number in range(BINS)] + [high]
    places = values.search_sorted(polars.Series(edges[1:-1], dtype=polars.Float64), side="left").to_list()
    bounds = [0, *places, len(values)]
    for number in range(BINS):
        yield HistogramBin(edges[number], edges[number + 1], bounds[number + 1] - bounds[number])


def _correlations(frame: Frame, names: Sequence[str], reporter: Reporter) -> Iterator[Correlation]:
    import polars

    if len(names) < 2:
        return
    pairs = list(combinations(names, 2))
    lazy = frame.lazy.select(column_named(name).cast(polars.Float64) for name in names)
    # pairs together, as a query per pair would scan the table anew
    found = reporter.collect(
        lazy.select(
            polars.corr(column_named(left), column_named(right)).alias(str(number))
            for number, (left, right) in enumerate(pairs)
        )
    ).row(0)
    numbers = [None if r is None or not math.isfinite(r) else float(r) for r in found]
    told = [Correlation(left, right, r) for (left, right), r in zip(pairs, numbers, strict=True)]
    yield from sorted(told, key=lambda pair: -1.0 if pair.r is None else abs(pair.r), reverse=True)
