"""Metrics: a list with last, lowest, highest and count, and the chart of the chosen or the marked ones."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from screens.job.feed import JobFeed, MetricSeries
from screens.job.pane import Pane
from screens.widgets.chart import LineChart, Series
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.states import StateCard

SMOOTHINGS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99)


class MetricsPane(Pane):
    """The list beside the chart, or above it where the screen is narrow."""

    TAB = "metrics"
    SCOPED_CSS = False  # the screen has the class -wide
    DEFAULT_CSS = """
    MetricsPane Container { layout: vertical; height: 1fr; }
    MetricsPane Grid { height: auto; max-height: 7; }
    MetricsPane LineChart { height: 1fr; margin-top: 1; }
    .-wide MetricsPane Container { layout: horizontal; }
    .-wide MetricsPane Grid { width: 58; max-height: 100%; height: 1fr; }
    .-wide MetricsPane LineChart { margin: 0 0 0 2; }
    """

    def __init__(self, feed: JobFeed) -> None:
        super().__init__(feed)
        self._drawn: dict[str, int] = {}
        self._rows: dict[str, tuple[int, GridRow]] = {}

    def compose(self) -> ComposeResult:
        """A card for the states; the list and the chart."""
        yield StateCard()
        with Container():
            yield Grid(
                (
                    GridColumn("metric", "Metric"),
                    GridColumn("last", "Last", align="right"),
                    GridColumn("low", "Min", align="right", priority=2),
                    GridColumn("high", "Max", align="right", priority=3),
                    GridColumn("count", "Points", align="right", priority=1),
                )
            )
            yield LineChart()

    def show_feed(self) -> None:
        """Draw the list, and the chart if one of its series grew."""
        metrics = self.feed.metrics
        self.query_one(Container).display = bool(metrics)
        if not metrics and not self.feed.metrics_read:
            self.card.reading("Reading the metrics ...")
            return
        if not metrics:
            self.card.empty(
                f"{self._why_none} mlflow.log_metric(name, value, step=i) in the script draws a curve here."
            )
            return
        self.card.hide()
        grid = self.query_one(Grid)
        is_first = not grid.row_count
        grid.set_rows([self._row(metrics[key]) for key in sorted(metrics)])
        if is_first:
            grid.move_to(next((key for key in sorted(metrics) if metrics[key].count > 1), min(metrics)))
        self._draw()

    @property
    def _why_none(self) -> str:
        if not self.feed.active:
            return "The script logged no metrics."
        started = self.feed.job and self.feed.job.summary.started_at
        return f"No metrics yet - the script has {'logged 0' if started else 'not started'}."

    def _row(self, series: MetricSeries) -> GridRow:
        """The row of a metric, the same object while nothing was logged: the grid measures only new ones."""
        count, row = self._rows.get(series.key, (0, None))
        if row is None or count != series.count:
            row = _row(series)
            self._rows[series.key] = series.count, row
        return row

    def on_grid_highlighted(self, event: Grid.Highlighted) -> None:
        """Chart the metric under the cursor."""
        event.stop()
        self._draw()

    def on_grid_marked(self, event: Grid.Marked) -> None:
        """Chart what is marked: the cursor stays where it is when the last row was marked."""
        event.stop()
        self._draw()

    def next_metric(self) -> None:
        """Move to the next metric, after the last to the first."""
        grid = self.query_one(Grid)
        if grid.cursor_row < grid.row_count - 1:
            grid.action_cursor_down()
        else:
            grid.action_top()

    def toggle_log_scale(self) -> None:
        """Draw the values on a logarithmic axis, or not."""
        chart = self.query_one(LineChart)
        chart.log_scale = not chart.log_scale

    def smooth(self, step: int) -> None:
        """Smooth more (1) or less (-1)."""
        chart = self.query_one(LineChart)
        at = min(range(len(SMOOTHINGS)), key=lambda i: abs(SMOOTHINGS[i] - chart.smoothing))
        chart.smoothing = SMOOTHINGS[max(0, min(len(SMOOTHINGS) - 1, at + step))]

    def _draw(self) -> None:
        grid = self.query_one(Grid)
        chosen = [*grid.marked] or [key for key in (grid.cursor_key,) if key]
        drawn = {key: self.feed.metrics[key].count for key in chosen if key in self.feed.metrics}
        if drawn == self._drawn:
            return
        self._drawn = drawn
        series = [self.feed.metrics[key] for key in drawn]
        self.query_one(LineChart).set_series([Series(s.key, s.steps, s.values) for s in series])


def number(value: float) -> str:
    """At most six significant digits."""
    return f"{value:.6g}"


def _row(series: MetricSeries) -> GridRow:
    finite = series.low <= series.high
    return GridRow(
        series.key,
        (
            series.key,
            number(series.last),
            number(series.low) if finite else "–",
            number(series.high) if finite else "–",
            f"{series.count:,}",
        ),
    )
