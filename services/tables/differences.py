"""What changed from one table to another, and how far the values of a column have drifted."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from services.entities.tables import ColumnDifference, ColumnProfile, Share, TableDifference
from services.tables.background import Reporter
from services.tables.columnar import text_of
from services.tables.frames import Frame, column_named
from services.tables.profiles import column_profile

if TYPE_CHECKING:
    import polars

    from services.tables.table import Table

BINS = 10
"""Bins of the population stability index: deciles of the first table, as is usual."""
LEAST = 1e-4
"""The share that an empty bin counts with, which keeps the logarithm finite."""
CATEGORIES = 50
"""Values of a column of text that count each; all others are one."""
RANGES = 12
"""Shares that are told of a column."""
OTHERS = "all others"

Told: TypeAlias = Callable[[str, int, int], None]
"""Is told what is being done, and how much of it (0 of 0 while nobody knows), on the event loop's thread."""


async def difference(before: Table, after: Table, told: Told | None = None, *, exact: bool = False) -> TableDifference:
    """Compare two tables, column by column, by their names: a sample of each, or all rows if `exact`."""

    async def read(table: Table, which: str) -> Frame:
        progress = partial(told, f"Reading the {which} table") if told else None
        if progress:
            progress(0, 0)
        return await (table.frame(progress) if exact else table.sample(progress))

    first, second = await read(before, "first"), await read(after, "second")
    progress = partial(told, "Comparing columns") if told else None
    columns = await before.run(lambda reporter: _columns(first, second, reporter), progress)
    return TableDifference(before.known_rows(), after.known_rows(), columns, (first.rows, second.rows))


def _columns(before: Frame, after: Frame, reporter: Reporter) -> tuple[ColumnDifference, ...]:
    names = list(dict.fromkeys([*before.names, *after.names]))
    columns = []
    for number, name in enumerate(names):
        reporter.step(number, len(names))
        columns.append(_column(name, _series(before, name, reporter), _series(after, name, reporter)))
    reporter.step(len(names), len(names))
    return tuple(columns)


def _series(frame: Frame, name: str, reporter: Reporter) -> polars.Series | None:
    if name not in frame.names:
        return None
    return reporter.collect(frame.lazy.select(column_named(name))).to_series()


def _column(name: str, before: polars.Series | None, after: polars.Series | None) -> ColumnDifference:
    first = None if before is None else column_profile(before)
    second = None if after is None else column_profile(after)
    if before is None or after is None or first is None or second is None:
        return ColumnDifference(name, first, second, ("new" if first is None else "gone",))
    changes = tuple(_changes(first, second))
    left, right = before.drop_nulls(), after.drop_nulls()
    if not (len(left) and len(right) and first.distinct and second.distinct):
        return ColumnDifference(name, first, second, changes)
    if left.dtype.is_numeric() and right.dtype.is_numeric():
        psi, ks = psi_of_numbers(left, right), ks_of(left, right)
        return ColumnDifference(name, first, second, changes, psi, ks, _ranges(left, right, left.dtype))
    if first.type != second.type:
        return ColumnDifference(name, first, second, changes)
    if left.dtype.is_temporal():
        one, other = left.to_physical(), right.cast(left.dtype).to_physical()
        psi, ks = psi_of_numbers(one, other), ks_of(one, other)
        return ColumnDifference(name, first, second, changes, psi, ks, _ranges(one, other, left.dtype))
    # where most values are names of rows, none of them has a share that could drift
    psi_of_values = None if first.distinct * 2 > len(left) > CATEGORIES else psi_of_categories(left, right)
    return ColumnDifference(name, first, second, changes, psi_of_values, None, _values(left, right))


def _changes(before: ColumnProfile, after: ColumnProfile) -> list[str]:
    told = []
    if before.type != after.type:
        told.append(f"type {before.type} → {after.type}")
    if (before.nulls, before.rows) != (after.nulls, after.rows) and before.nulls + after.nulls:
        told.append(f"missing {before.nulls:,} → {after.nulls:,}")
    if before.distinct != after.distinct:
        told.append(f"distinct {before.distinct:,} → {after.distinct:,}")
    if (before.minimum, before.maximum) != (after.minimum, after.maximum):
        told.append(f"range {before.minimum} … {before.maximum} → {after.minimum} … {after.maximum}")
    if before.mean is not None and after.mean is not None and not math.isclose(before.mean, after.mean):
        told.append(f"mean {before.mean:.6g} → {after.mean:.6g}")
    return told


def psi_of_numbers(before: polars.Series, after: polars.Series) -> float:
    """The population stability index over deciles of the first."""
    import polars

    first, second = (series.cast(polars.Float64).sort() for series in (before, after))
    edges = sorted(
        {value for step in range(1, BINS) if (value := first.quantile(step / BINS, interpolation="linear")) is not None}
    )
    return _psi(_shares(first, edges), _shares(second, edges))


def psi_of_categories(before: polars.Series, after: polars.Series) -> float:
    """The population stability index over values, the rare ones together."""
    first, second = (dict(series.rename("v").value_counts(name="n").iter_rows()) for series in (before, after))
    known = sorted(first, key=lambda value: -first[value])[:CATEGORIES]
    shares = []
    for counts in (first, second):
        total = sum(counts.values())
        parts = [counts.get(value, 0) / total for value in known]
        shares.append([*parts, max(0.0, 1 - sum(parts))])
    return _psi(shares[0], shares[1])


def ks_of(before: polars.Series, after: polars.Series) -> float:
    """The Kolmogorov-Smirnov statistic of two samples."""
    import polars

    first, second = (series.cast(polars.Float64).sort() for series in (before, after))
    points = polars.concat([first, second]).unique()
    distances = first.search_sorted(points, side="right") / len(first) - second.search_sorted(
        points, side="right"
    ) / len(second)
    largest = distances.abs().max()
    return float(largest) if isinstance(largest, float) else 0.0


def _ranges(before: polars.Series, after: polars.Series, dtype: polars.DataType) -> tuple[Share, ...]:
    """Rows in ranges of equal width over both; whole numbers that are few have one each."""
    import polars

    first, second = (series.cast(polars.Float64).sort() for series in (before, after))
    first, second = (series.filter(series.is_finite()) for series in (first, second))
    if not (len(first) and len(second)):
        return ()
    low, high = min(first[0], second[0]), max(first[-1], second[-1])
    if dtype.is_integer() and high - low < RANGES:
        edges = [low + number for number in range(1, int(high - low) + 1)]
        labels = [f"{low + number:g}" for number in range(int(high - low) + 1)]
    else:
        edges = [low + (high - low) * number / RANGES for number in range(1, RANGES)]
        labels = [f"{_label(a, dtype)} … {_label(b, dtype)}" for a, b in pairwise([low, *edges, high])]
    if low == high:
        edges, labels = [], [_label(low, dtype)]
    counts = [_counts(series, edges) for series in (first, second)]
    return tuple(map(Share, labels, *counts))


def _label(value: float, dtype: polars.DataType) -> str:
    import polars

    if not dtype.is_temporal():
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return text_of(polars.Series([int(value)]).cast(polars.Int64).cast(dtype).item()) or ""


def _counts(values: polars.Series, edges: list[float]) -> list[int]:
    """How many of sorted values lie up to each edge."""
    import polars

    places = values.search_sorted(polars.Series(edges, dtype=polars.Float64), side="left").to_list()
    return [upper - lower for lower, upper in pairwise([0, *places, len(values)])]


def _values(before: polars.Series, after: polars.Series) -> tuple[Share, ...]:
    """Rows of the values that are most frequent in both together, the rest as one."""
    first, second = (dict(series.rename("v").value_counts(name="n").iter_rows()) for series in (before, after))
    total = {value: first.get(value, 0) + second.get(value, 0) for value in {**first, **second}}
    most = sorted(total, key=lambda value: (-total[value], str(value)))[: RANGES - 1]
    found = [Share(text_of(value) or "", first.get(value, 0), second.get(value, 0)) for value in most]
    rest = [
        len(series) - sum(counts.get(value, 0) for value in most)
        for series, counts in ((before, first), (after, second))
    ]
    return (*found, Share(OTHERS, rest[0], rest[1])) if any(rest) else tuple(found)


def _shares(values: polars.Series, edges: list[float]) -> list[float]:
    """The share of sorted values up to each edge."""
    import polars

    places = values.search_sorted(polars.Series(edges, dtype=polars.Float64), side="right").to_list()
    bounds = [0, *places, len(values)]
    return [(upper - lower) / len(values) for lower, upper in pairwise(bounds)]


def _psi(before: list[float], after: list[float]) -> float:
    total = 0.0
    for left, right in zip(before, after, strict=True):
        a, b = max(left, LEAST), max(right, LEAST)
        total += (b - a) * math.log(b / a)
    return total
