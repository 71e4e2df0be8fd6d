"""A line chart in braille."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True)
class Series:
    """A line: xs ascending, ys may hold nan and infinities, which are gaps."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]


class LineChart(Widget):
    """Several series over one pair of axes, with a legend.

    `log_scale` puts the values on a logarithmic axis, `smoothing` (0 to 0.99) is the weight of an exponential moving
    average.
    """

    DEFAULT_CSS = """
    LineChart { height: 1fr; width: 1fr; }
    """
    can_focus = False

    log_scale: reactive[bool] = reactive(False)
    smoothing: reactive[float] = reactive(0.0)

    def set_series(self, series: Sequence[Series]) -> None:
        """Draw these in place of those before."""
