"""What changed from one table to another, and how far the values of a column have drifted."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from services.entities.tables import ColumnDifference, ColumnProfile, Progress, TableDifference
from services.tables.background import Reporter
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


async def difference(before: Table, after: Table, progress: Progress | None = None) -> TableDifference:
    """Compare all rows of two tables, column by column, by their names."""
    first, second = await before.frame(), await after.frame()
    return await before.run(lambda reporter: _difference(first, second, reporter), progress)


def _difference(before: Frame, after: Frame, reporter: Reporter) -> TableDifference:
    names = list(dict.fromkeys([*before.names, *after.names]))
    columns = []
    for number, name in enumerate(names):
        reporter.step(number, len(names))
        columns.append(_column(name, _series(before, name, reporter), _series(after, name, reporter)))
    reporter.step(len(names), len(names))
    return TableDifference(before.rows, after.rows, tuple(columns))


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
    psi = ks = None
    left, right = before.drop_nulls(), after.drop_nulls()
    if len(left) and len(right):
        if left.dtype.is_numeric() and right.dtype.is_numeric():
            psi, ks = psi_of_numbers(left, right), ks_of(left, right)
        elif first.type == second.type and not left.dtype.is_nested() and not left.dtype.is_numeric():
            psi = psi_of_categories(left, right)
    return ColumnDifference(name, first, second, changes, psi, ks)


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
