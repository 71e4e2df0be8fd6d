"""What figures of drift mean in words, and which columns to look at first.

The bounds of the population stability index are those of credit scoring (Siddiqi, Credit Risk Scorecards, 2006, chapter
on scorecard implementation): below 0.1 no change that matters, above 0.25 a shift. The bound of the Kolmogorov-Smirnov
distance is Smirnov's for large samples (1948): 1.36 * sqrt((n + m) / (n * m)) is passed by chance once in twenty times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from services.entities.tables import ColumnDifference

MODERATE, SHIFT = 0.1, 0.25
CHANCE = 1.36


def drift_word(psi: float | None) -> str:
    """`stable`, `moderate`, `shift`; empty where nothing is known."""
    if psi is None:
        return ""
    return "stable" if psi < MODERATE else "moderate" if psi <= SHIFT else "shift"


def ks_bound(column: ColumnDifference) -> float | None:
    """The distance that chance alone passes once in twenty times; None for a column that is in one table only."""
    before, after = column.before, column.after
    if before is None or after is None:
        return None
    n, m = before.rows - before.nulls, after.rows - after.nulls
    return CHANCE * math.sqrt((n + m) / (n * m)) if n and m else None


def is_of_schema(column: ColumnDifference) -> bool:
    """Whether it is new, gone or of another type."""
    return column.before is None or column.after is None or column.before.type != column.after.type


def by_drift(columns: Sequence[ColumnDifference]) -> list[ColumnDifference]:
    """Changes of the schema first, then by drift, then those that differ, then the rest; each in the tables' order."""
    return sorted(
        columns,
        key=lambda column: (
            not is_of_schema(column),
            -max(column.psi or 0.0, 0.0),
            -(column.ks or 0.0),
            not column.changes,
        ),
    )
