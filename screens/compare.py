"""Two jobs beside each other: what differs first, and the curves of a metric over each other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.events import Resize
from textual.widgets import Static

from screens import clock
from screens.actions import Action
from screens.compare_texts import COLUMNS, SIDES, about_metrics, as_csv, as_line, cells_of, crumb, facts_of, side_lines
from screens.job.feed import MetricSeries
from screens.lists import ListScreen, counted
from screens.places import Open, Place
from screens.saving import save_text
from screens.widgets.chart import LineChart, Series
from screens.widgets.dialogs import Choose
from screens.widgets.facts import Facts
from screens.widgets.grid import Grid
from screens.widgets.line_input import StillInput
from screens.widgets.poll import Poll
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from services.comparison import Difference, compare
from services.entities import Job, RunData
from services.errors import ServiceError, UserError
from services.workspace import JobService, TrackingService

INTERVAL = 2.0
"""Seconds between two looks while one of the jobs runs."""
NEED_BOTH = frozenset({"open", "all", "chart", "swap", "export", "filter", "copy_row"})
"""The actions on what is compared."""
SLICE = 2_000
"""Metric points that are gathered before keys get their turn."""


class CompareScreen(ListScreen[Difference]):
    """The subject is the names of two jobs, left and right, parted by a space."""

    CRUMB = "Compare"
    NOUNS = ("difference", "differences")
    COLUMNS = COLUMNS
    ACTIONS: ClassVar = (
        Action("compare.open", ("enter",), "Open", "Open one of the two jobs", footer=3),
        Action("compare.all", ("equals_sign",), "All", "Show what is the same too, or only what differs", footer=1),
        Action("compare.chart", ("m",), "Chart", "Draw the metric's curves of both jobs, or put them away", footer=1),
        Action("compare.swap", ("x",), "Swap", "Swap left and right: deltas count from the left", footer=2),
        Action("compare.export", ("E",), "Export", "Save the rows that are shown as CSV", footer=4),
        Action("compare.filter", ("slash",), "Filter", "Show only rows that hold each word you type", footer=4),
        Action("compare.unfilter", ("escape",), "No filter", "Show all rows again", footer=2),
        Action("compare.copy-row", ("c",), "Copy row", "Copy the row to the clipboard", footer=6),
        Action("compare.refresh", ("r",), "Refresh", "Look again now", footer=0),
    )
    DEFAULT_CSS = """
    CompareScreen #sides { display: none; height: 2; padding: 0 1; }
    CompareScreen #about { text-wrap: nowrap; text-overflow: ellipsis; }
    CompareScreen #body { layout: vertical; }
    CompareScreen #rows { height: 1fr; width: 1fr; }
    CompareScreen LineChart { display: none; padding: 0 1; height: 1fr; border-top: solid $panel; }
    CompareScreen #detail {
        display: block; width: 1fr; height: 30%; min-height: 7; border-left: none; border-top: solid $panel;
        scrollbar-size-vertical: 1;
    }
    CompareScreen.-chart LineChart { display: block; }
    CompareScreen.-chart #detail { display: none; }
    CompareScreen.-chart.-wide #body { layout: horizontal; }
    CompareScreen.-chart.-wide #rows { width: 3fr; }
    CompareScreen.-chart.-wide #detail { display: block; }
    CompareScreen.-chart.-wide LineChart { width: 2fr; border-top: none; border-left: solid $panel; }
    """

    def __init__(self, place: Place, *, jobs: JobService, tracking: TrackingService) -> None:
        super().__init__(place)
        self.jobs = jobs
        self.tracking = tracking
        self.found: tuple[Difference, ...] = ()
        self.shows_same = False
        self.poll = Poll(self, INTERVAL, self._read, shown=self._rest, failed=self._failed)
        self._sides: dict[str, tuple[Job, RunData]] = {}
        self._complete: set[str] = set()
        self._metric = ""
        self._curves: dict[tuple[str, str], Series] = {}

    @property
    def names(self) -> list[str]:
        """The jobs, left and right."""
        return self.place.subject.split()

    @property
    def crumbs(self) -> str:
        """`Compare › left ↔ right`."""
        return f"{self.CRUMB} › {crumb(self.names)}" if self.names else self.CRUMB

    def compose_body(self) -> ComposeResult:
        """Both jobs, what differs, the filter; the rows with the full values of one below, and the curves."""
        yield Static(id="sides", markup=False)
        yield Static(id="about", markup=False)
        yield StillInput(self.place.filter, placeholder="words that section, key or values must hold", id="filter")
        yield StateCard()
        with Container(id="body"):
            with Vertical(id="rows"):
                yield Grid(self.COLUMNS)
                with VerticalScroll(id="detail"):
                    yield Facts()
            yield LineChart()

    def on_resize(self, event: Resize) -> None:
        """The lines about the jobs have another width."""
        self._show_sides()

    # looking

    def action_refresh(self) -> None:
        """Look again now, also at jobs that have ended: their tags may be others."""
        self._complete.clear()
        self._curves.clear()
        self.poll.start()

    def _rest(self, _: None) -> None:
        """Look no more once both have ended."""
        self._complete = {name for name, (job, _) in self._sides.items() if job.status.is_terminal}
        if len(self._complete) == len(self._sides):
            self.poll.stop()

    def _failed(self, error: ServiceError) -> None:
        if not error.retryable:
            self.poll.stop()
        super()._failed(error)

    async def read(self) -> Sequence[Difference]:
        """Both jobs, compared. Raises UserError unless there are two."""
        names = self.names
        if len(names) != len(SIDES):
            given = f"{counted(len(names), 'job was', 'jobs were')} named" if names else "None was named"
            advice = "esc goes back. In the list of jobs, mark two with space; v compares them."
            raise UserError(f"A comparison needs two jobs. {given}.", title="Two jobs are needed", advice=advice)
        self._sides.update(zip(names, await asyncio.gather(*map(self._side, names)), strict=True))
        self._compare()
        return self.items

    async def _side(self, name: str) -> tuple[Job, RunData]:
        if name in self._complete:
            return self._sides[name]
        # in this order: what a job that has ended logged is complete
        job = await self.jobs.get(name)
        return job, await self.tracking.run(name)

    def _compare(self) -> None:
        left, right = (self._sides[name] for name in self.names)
        self.found = compare(left, right)
        self.items = tuple(found for found in self.found if self.shows_same or not found.same)

    def show_rows(self) -> None:
        """Draw the lines about the jobs, the rows, and the curves if they are shown."""
        super().show_rows()
        self._show_sides()
        self.refresh_bindings()

    def _show_sides(self) -> None:
        sides = self.query_one("#sides", Static)
        sides.display = bool(self.found)
        if self.found:
            put(sides, side_lines([self._sides[n][0] for n in self.names], clock.now(), self.size.width - 2))

    # what a list says

    def key_of(self, item: Difference) -> str:
        """Section and key."""
        return f"{item.section} {item.key}"

    def cells_of(self, item: Difference) -> tuple[str | Text, ...]:
        """The row."""
        return cells_of(item)

    def hay_of(self, item: Difference) -> str:
        """Section, key and both values."""
        return f"{item.section} {item.key} {item.left or ''} {item.right or ''}"

    def facts_of(self, item: Difference) -> list[tuple[str, str]]:
        """The full values."""
        return facts_of(item)

    def about_parts(self) -> list[str]:
        """How much differs, and how many metrics can't be compared, unless an error needs the room."""
        differ = counted(sum(not found.same for found in self.found), *self.NOUNS)
        count = f"{differ} of {counted(len(self.found), 'value', 'values')}"
        words = f"{len(self.rows):,} shown with “{self.place.filter}”" if self.place.filter else ""
        metrics = [] if self.poll.error else about_metrics(self.found)
        return [count, "all shown" if self.shows_same and not words else words, *metrics]

    def empty_text(self) -> str:
        """Nothing differs."""
        return f"Nothing differs: the {counted(len(self.found), 'value', 'values')} of both are the same. = shows them."

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Until both jobs are read there is nothing to do anything with."""
        return super().check_action(action, parameters) if self.found or action not in NEED_BOTH else False

    def action_all(self) -> None:
        """With what is the same, or without."""
        self.shows_same = not self.shows_same
        self._redraw()

    def action_swap(self) -> None:
        """The other way round."""
        self.moved(replace(self.place, subject=" ".join(reversed(self.names))))
        self._redraw()

    def _redraw(self) -> None:
        self._compare()
        self.show_rows()

    def action_open(self) -> None:
        """Ask which of the two, beginning with one that has the row."""
        item, names = self.chosen, self.names

        async def choose() -> None:
            first = names[bool(item and item.left is None)]
            question = Choose("Open which job", list(zip(names, SIDES, strict=True)), first)
            if name := await self.app.push_screen_wait(question):
                self.post_message(Open(Place("job", name)))

        self.load(choose, group="open")

    def action_copy_row(self) -> None:
        """Copy the row by OSC 52."""
        if item := self.chosen:
            self.app.copy_to_clipboard(as_line(item))
            self.tell(f"Copied {item.section} {item.key} with both values.")

    def action_export(self) -> None:
        """Save the rows that are shown."""

        async def export() -> None:
            file_name = f"compare-{'-'.join(self.names)}.csv"
            if told := await save_text(self.app, "comparison", file_name, as_csv(self.rows)):
                self.tell(told)

        self.load(export, group="export")

    # curves

    def action_chart(self) -> None:
        """Show the curves, or put them away."""
        if not self.has_class("-chart") and not any(found.section == "metrics" for found in self.found):
            self.tell("Neither job has logged metrics.")
            return
        self.toggle_class("-chart")
        self._show_curves()

    def _show_detail(self) -> None:
        """The full values and the curves follow the cursor."""
        super()._show_detail()
        self._show_curves()

    def _show_curves(self) -> None:
        """Draw the metric under the cursor; on another row the one before, at first the first."""
        metrics = [found.key for found in self.found if found.section == "metrics"]
        if not self.has_class("-chart") or not metrics:
            return
        if (item := self.chosen) and item.section == "metrics":
            self._metric = item.key
        elif self._metric not in metrics:
            self._metric = metrics[0]
        self.load(self._draw_curves, group="curves")

    async def _draw_curves(self) -> None:
        metric = self._metric
        curves = [await self._curve(name, metric) for name in self.names]
        labelled = [replace(c, label=f"{metric} {side}") for c, side in zip(curves, SIDES, strict=True)]
        self.query_one(LineChart).set_series([curve for curve in labelled if curve.xs])

    async def _curve(self, name: str, metric: str) -> Series:
        if known := self._curves.get((name, metric)):
            return known
        ended = self._sides[name][0].status.is_terminal
        points = await self.tracking.history(name, (metric,))
        series = MetricSeries(metric)
        for at in range(0, len(points), SLICE):
            for point in points[at : at + SLICE]:
                series.add(point)
            await asyncio.sleep(0)
        curve = Series(metric, series.steps, series.values)
        if ended:
            self._curves[name, metric] = curve
        return curve
