"""A line chart in braille."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from screens.widgets.braille import MOST_TICKS_AT, Axis, Canvas, Series, plot, smoothed
from screens.widgets.cells import cut
from services.text import safe

__all__ = ["LineChart", "Series"]

COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "red")
SMALLEST = (16, 4)
"""Columns and rows below which only the legend is drawn."""

Runs = list[tuple[str, Style]]


class LineChart(Widget):
    """Several series over one pair of axes, with a legend.

    `log_scale` puts the values on a logarithmic axis, `smoothing` (0 to 0.99) is the weight of an exponential moving
    average. Only lines that differ from those on the screen are repainted.
    """

    DEFAULT_CSS = """
    LineChart { height: 1fr; width: 1fr; & > .line-chart--axis { color: $text-muted; } }
    """
    COMPONENT_CLASSES = {"line-chart--axis"}
    can_focus = False

    log_scale: reactive[bool] = reactive(False, init=False)
    smoothing: reactive[float] = reactive(0.0, init=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._series: tuple[Series, ...] = ()
        self._lines: list[Strip] = []

    def set_series(self, series: Sequence[Series]) -> None:
        """Draw these in place of those before."""
        self._series = tuple(series)
        self._redraw()

    def watch_log_scale(self) -> None:
        """Draw on the other axis."""
        self._redraw()

    def watch_smoothing(self) -> None:
        """Draw smoother or rougher lines."""
        self._redraw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._redraw()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._redraw()

    def render_line(self, y: int) -> Strip:
        """A line of what was drawn."""
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def _redraw(self) -> None:
        if not self.size.area:
            return
        lines = [self._strip(runs) for runs in self._draw(*self.size)]
        for y, (old, new) in enumerate(zip_longest(self._lines, lines)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))
        self._lines = lines

    def _strip(self, runs: Runs) -> Strip:
        base = self.rich_style
        return Strip(Segment(text, base + style) for text, style in runs).adjust_cell_length(self.size.width, base)

    def _draw(self, width: int, height: int) -> list[Runs]:
        drawn = [Series(s.label, s.xs, smoothed(s.ys, self.smoothing)) for s in self._series]
        muted = self.get_component_rich_style("line-chart--axis", partial=True)
        x_axis = Axis.over([x for s in drawn for x, y in zip(s.xs, s.ys, strict=True) if self._is_drawn(y)])
        y_axis = Axis.over([y for s in drawn for y in s.ys], log=self.log_scale)
        legend = self._legend(drawn, width, muted)
        if x_axis is None or y_axis is None:
            why = "above 0 to draw on a logarithmic axis" if self.log_scale else "that can be drawn"
            return [legend, [(cut(f"No values {why}.", width), muted)]] if drawn else []
        rows = height - 3
        ticks = y_axis.ticks(max(1, rows // MOST_TICKS_AT))
        labels = {round((1 - (y_axis.share(value) or 0.0)) * (rows - 1)): text for value, text in ticks}
        left = max(cell_len(text) for text in [*labels.values(), ""])
        columns = width - left - 1
        if columns < SMALLEST[0] or rows < SMALLEST[1]:
            return [legend]
        canvas = Canvas(columns, rows)
        for at, series in enumerate(drawn):
            plot(canvas, series, x_axis, y_axis, at)
        lines = [legend]
        for row in range(rows):
            label = labels.get(row, "")
            axis = (f"{label:>{left}}{'┤' if label else '│'}", muted)
            lines.append([axis, *((text, _colour(at)) for text, at in canvas.runs(row))])
        return [*lines, *_x_axis(x_axis, columns, left, muted)]

    def _is_drawn(self, y: float) -> bool:
        return math.isfinite(y) and (y > 0 or not self.log_scale)

    def _legend(self, drawn: Sequence[Series], width: int, muted: Style) -> Runs:
        runs: Runs = []
        notes = [f"smoothed {self.smoothing:g}"] if self.smoothing else []
        left_out = sum(1 for s in drawn for y in s.ys if math.isfinite(y) and not self._is_drawn(y))
        notes += [f"log scale, {left_out} not above 0 left out" if left_out else "log scale"] if self.log_scale else []
        note = "  ".join(notes)
        room = width - (len(note) + 2 if note else 0)
        for at, series in enumerate(drawn):
            last = next((y for y in reversed(series.ys) if math.isfinite(y)), math.nan)
            text = cut(f"━ {safe(series.label)} {last:.6g}", room)
            if cell_len(text) < 4:
                break
            runs.append((f"{text}  ", _colour(at)))
            room -= cell_len(text) + 2
        return [*runs, (note, muted)]


def _colour(at: int) -> Style:
    return Style(color=COLOURS[at % len(COLOURS)])


def _x_axis(axis: Axis, columns: int, left: int, style: Style) -> list[Runs]:
    """The line with its ticks, and the labels below those that have room."""
    line, labels = ["─"] * columns, [" "] * columns
    free_from = 0
    for value, text in axis.ticks(max(2, columns // 12)):
        at = round((axis.share(value) or 0.0) * (columns - 1))
        start = max(0, min(at - len(text) // 2, columns - len(text)))
        if start < free_from:
            continue
        line[at] = "┬"
        labels[start : start + len(text)] = text
        free_from = start + len(text) + 1
    return [[(" " * left + "└" + "".join(line), style)], [(" " * (left + 1) + "".join(labels), style)]]
