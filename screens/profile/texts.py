"""The words, the rows and the bars of a profile: no widget here."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from screens.lists import shown
from screens.widgets.cells import cut
from screens.widgets.grid import GridColumn, GridRow
from services.entities.tables import ColumnProfile, Correlation, HistogramBin, TableProfile

COLUMNS = (
    GridColumn("name", "Column", least=16),
    GridColumn("type", "Type", priority=4),
    GridColumn("nulls", "Missing", 7, align="right"),
    GridColumn("distinct", "Distinct", align="right", priority=1),
    GridColumn("minimum", "Min", align="right", priority=6),
    GridColumn("mean", "Mean", align="right", priority=3, least=9),
    GridColumn("maximum", "Max", align="right", priority=5),
    GridColumn("histogram", "Histogram", 10, priority=2),
    GridColumn("flags", "Remarks", least=25),
)
CORRELATION_COLUMNS = (
    GridColumn("left", "Column", least=12),
    GridColumn("right", "With", least=12),
    GridColumn("r", "r", 7, align="right"),
    GridColumn("strength", "Strength", 20, priority=1),
)
SPARKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH, BAR_WIDTH, LEAST_BAR = 10, 16, 4
DETAIL_WIDTH = 27
"""Cells beside the labels of the detail."""
SHORT = 14
"""Characters of a least or largest value that is a text."""
IMBALANCED = 0.2
"""The rarest class beside the most frequent one, below which a model may never learn it."""
STRONGEST = 5
"""Correlations that the detail of a column tells."""


def share(part: float) -> str:
    """`33.4 %`; what is nearly nothing is not told as nothing."""
    if 0 < part < 0.001:
        return "<0.1 %"
    if 0.999 < part < 1:
        return ">99.9 %"
    return f"{part * 100:.3g} %"


def number(value: float | None) -> str:
    """At most five significant digits; empty for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if 1e5 <= abs(value) < 1e9 else f"{value:,.5g}"


def bar(part: float, width: int = BAR_WIDTH) -> str:
    """A bar whose length is a share of the width, in eighths of a cell; something is never drawn as nothing."""
    eighths = max(round(min(part, 1.0) * width * 8), 1 if part > 0 else 0)
    full, rest = divmod(eighths, 8)
    return "█" * full + " ▏▎▍▌▋▊▉"[rest].strip()


def spark(bins: Sequence[HistogramBin]) -> str:
    """A histogram in one line."""
    counts = [part.count for part in grouped(bins)]
    most = max(counts, default=0)
    return "".join(" " if not count else SPARKS[round(count / most * (len(SPARKS) - 1))] for count in counts)


def grouped(bins: Sequence[HistogramBin], wanted: int = SPARK_WIDTH) -> list[HistogramBin]:
    """Neighbouring bins in one, so that there are as many as wanted."""
    size = max(1, len(bins) // wanted)
    return [
        HistogramBin(group[0].low, group[-1].high, sum(part.count for part in group))
        for group in (bins[at : at + size] for at in range(0, len(bins), size))
    ]


def is_imbalanced(column: ColumnProfile) -> bool:
    """Whether it looks like classes of which one is rare: counts of few different numbers are no classes."""
    if column.balance is None or (column.mean is not None and column.distinct > 2):
        return False
    return column.balance * (column.rows - column.nulls) < IMBALANCED * column.top[0].count


def flags(column: ColumnProfile) -> list[str]:
    """What to heed before the column is given to a model."""
    present = column.rows - column.nulls
    found = []
    if present == 0:
        found.append("empty")
    elif column.is_constant:
        found.append("constant")
    elif column.is_id:
        found.append(f"id-like {share(column.distinct / present)} distinct")
    if is_imbalanced(column):
        found.append(f"imbalanced {share(column.balance or 0)}")
    return found


def column_row(column: ColumnProfile) -> GridRow:
    """The row of a column."""
    missing = share(column.nulls / column.rows) if column.nulls else ""
    is_number = column.mean is not None
    return GridRow(
        column.name,
        (
            shown(column.name),
            column.type,
            Text(missing, "yellow"),
            f"{column.distinct:,}",
            _least_or_largest(column.minimum, is_number),
            number(column.mean),
            _least_or_largest(column.maximum, is_number),
            spark(column.histogram),
            Text(" · ".join(f"! {flag}" for flag in flags(column)), "yellow"),
        ),
    )


def _least_or_largest(value: str | None, is_number: bool) -> str:
    if value is None:
        return ""
    return number(float(value)) if is_number else cut(shown(value), SHORT)


def rows_text(profile: TableProfile) -> str:
    """`all 891 rows`, or `a sample of 50,000 of 10,000,000 rows`."""
    if not profile.is_sample:
        return f"all {profile.rows:,} rows"
    return f"a sample of {profile.rows:,}" + (f" of {profile.total_rows:,} rows" if profile.total_rows else " rows")


def column_facts(column: ColumnProfile, profile: TableProfile) -> list[tuple[str, str]]:
    """Everything that is known of a column."""
    present = column.rows - column.nulls
    return [
        ("Column", f"{shown(column.name)}  {column.type}"),
        ("Remarks", "\n".join(advice(column))),
        (
            "Missing",
            f"{column.nulls:,} of {column.rows:,}" + (f", {share(column.nulls / column.rows)}" if column.nulls else ""),
        ),
        (
            "Distinct",
            f"{column.distinct:,}" + (f", {share(column.distinct / present)} of the values" if present else ""),
        ),
        ("Range", _range(column)),
        (
            "Mean ± std",
            f"{number(column.mean)} ± {number(column.std)}" if column.std is not None else number(column.mean),
        ),
        ("Quantiles", _quantiles(column)),
        ("Histogram", "\n".join(_histogram(column))),
        ("Most frequent", "\n".join(_top(column))),
        ("Rarest class", f"{share(column.balance)} of the values" if column.balance is not None else ""),
        ("Goes with", "\n".join(_strongest(column.name, profile.correlations))),
    ]


def advice(column: ColumnProfile) -> list[str]:
    """What is remarkable, and what to do about it."""
    found = [f"! {flag}" for flag in flags(column)]
    if column.is_id or column.is_constant:
        why = "It names rows" if column.is_id else "It tells a model nothing"
        found.append(f"{why}: x drops it in the recipe.")
    elif is_imbalanced(column):
        found.append("Split it with `stratify`; accuracy alone misleads.")
    return found


def _range(column: ColumnProfile) -> str:
    if column.minimum is None or column.maximum is None:
        return ""
    return f"{shown(column.minimum)} … {shown(column.maximum)}"


def _quantiles(column: ColumnProfile) -> str:
    """Below the median, the median, above it: a line each."""
    parts = [
        [f"{at * 100:g} % {number(value)}" for at, value in column.quantiles.items() if at < 0.5],
        [f"median {number(value)}" for at, value in column.quantiles.items() if at == 0.5],
        [f"{at * 100:g} % {number(value)}" for at, value in column.quantiles.items() if at > 0.5],
    ]
    return "\n".join(" · ".join(part) for part in parts if part)


def _histogram(column: ColumnProfile) -> list[str]:
    if len(column.histogram) < 2:
        return []
    bins = grouped(column.histogram)
    most, total = max(part.count for part in bins), sum(part.count for part in bins)
    begins = [number(part.low) for part in bins]
    width = max(map(len, begins))
    room = max(LEAST_BAR, min(BAR_WIDTH, DETAIL_WIDTH - width - len("  99.9 %") - 1))
    return [
        f"{begin:>{width}}  {bar(part.count / most, room):<{room}} {share(part.count / total)}"
        for begin, part in zip(begins, bins, strict=True)
    ]


def _top(column: ColumnProfile) -> list[str]:
    """Values that come more than once, with their shares."""
    present = column.rows - column.nulls
    values = [found for found in column.top if found.count > 1 or present == 1]
    names = [cut(shown(found.value or "(empty text)"), SHORT) for found in values]
    width = max(map(len, names), default=0)
    return [
        f"{name:<{width}}  {found.count:,}  {share(found.count / present)}"
        for name, found in zip(names, values, strict=True)
    ]


def _strongest(name: str, correlations: Sequence[Correlation]) -> list[str]:
    own = [pair for pair in correlations if name in (pair.left, pair.right) and pair.r is not None]
    return [f"{pair.r:+.3f}  {shown(pair.right if pair.left == name else pair.left)}" for pair in own[:STRONGEST]]


def correlation_row(pair: Correlation) -> GridRow:
    """The row of two columns."""
    r = pair.r
    cells = ("–", "") if r is None else (f"{r:+.4f}", bar(abs(r), 20))
    return GridRow(f"{pair.left}\0{pair.right}", (shown(pair.left), shown(pair.right), *cells))
