"""Figures beside their rivals, and the Markdown tables that they make."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

SIZES = ((120, 40), (80, 24))
"""Columns and lines of the terminals that are measured."""


@dataclass(frozen=True)
class Figure:
    """A row: what was measured, in `unit`, beside the rival; a budget is a limit, or so many times the rival."""

    what: str
    measured: float
    rival: float | None
    unit: str
    limit: float | None = None
    times: float | None = None

    @property
    def budget(self) -> str:
        """The budget in words; a dash where there is none."""
        if self.limit is not None:
            return f"≤ {shown(self.limit, self.unit)}"
        return "–" if self.times is None else f"≤ {self.times:g} × rival"

    @property
    def within(self) -> bool | None:
        """Whether the budget is kept; None where there is none."""
        if self.limit is not None:
            return self.measured <= self.limit
        return None if self.times is None or self.rival is None else self.measured <= self.times * self.rival

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        rival = "–" if self.rival is None else shown(self.rival, self.unit)
        times = f"{self.measured / self.rival:.2f}" if self.rival else "–"
        within = {True: "yes", False: "**no**", None: "–"}[self.within]
        return (self.what, shown(self.measured, self.unit), rival, times, self.budget, within)


@dataclass
class Table:
    """Figures of one kind, and in a sentence or two who the rival is and what the words mean."""

    title: str
    about: str
    figures: list[Figure] = field(default_factory=list)

    def markdown(self) -> str:
        """The table under its heading."""
        rows = [
            ("", "Lapis", "rival", "× rival", "budget", "within"),
            (":--", "--:", "--:", "--:", "--:", "--:"),
            *(figure.cells() for figure in self.figures),
        ]
        return "\n".join([f"## {self.title}", "", self.about, "", *(f"| {' | '.join(row)} |" for row in rows)])


def shown(value: float, unit: str) -> str:
    """A value in a unit: `ms` and `s` are given in seconds, `MB` in bytes, `%` as a share of one core."""
    match unit:
        case "ms":
            return f"{value * 1000:,.1f} ms" if value < 0.1 else f"{value * 1000:,.0f} ms"
        case "s":
            return f"{value:,.2f} s"
        case "MB":
            return f"{value / 1e6:,.0f} MB"
        case "%":
            return f"{value:.1%}"
        case _:
            return f"{value:,.0f} {unit}"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many of a hundred don't exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
