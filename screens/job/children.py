"""Children: the trials of a sweep, the models of AutoML, the steps of a pipeline; the best one has a star."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from screens import clock
from screens.job.feed import JobFeed
from screens.job.pane import Pane
from screens.job.texts import shown
from screens.places import Open, Place
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.states import StateCard
from screens.widgets.status import duration_text, status_text
from screens.widgets.steady import put
from services.entities import JobSummary, Page, RunData

AT_ONCE = 4
"""Runs that are read at the same time: keys find the other threads free."""
STAR = "★"
COLUMNS = (
    GridColumn("status", "Status", least=17),
    GridColumn("job", "Job", least=28),
    GridColumn("metric", "Metric", align="right"),
    GridColumn("duration", "Duration", 9, align="right", priority=1),
    GridColumn("kind", "Kind", priority=2),
    GridColumn("compute", "Compute", priority=3),
)


class ChildrenPane(Pane):
    """A row for each child, in the order in which they began; enter opens one.

    Args:
        list_children: the children, the oldest first.
        read_run: what a child has logged, by its name.
    """

    TAB = "children"
    DEFAULT_CSS = "ChildrenPane #about { height: 1; padding: 0 1; color: $text-muted; }"

    def __init__(
        self,
        feed: JobFeed,
        list_children: Callable[[], Awaitable[Page[JobSummary]]],
        read_run: Callable[[str], Awaitable[RunData]],
    ) -> None:
        super().__init__(feed)
        self.list_children = list_children
        self.read_run = read_run
        self._values: dict[str, float] = {}
        self._ended: set[str] = set()
        self._seen = 0

    def compose(self) -> ComposeResult:
        """What they are; a card for the states; the list."""
        yield Static(id="about", markup=False)
        yield StateCard()
        yield Grid(COLUMNS)

    def show_feed(self) -> None:
        """Read the list again when children came, went or changed."""
        if self._seen != self.feed.children_changes:
            self._seen = self.feed.children_changes
            self.reload()

    def reload(self) -> None:
        """Read the list, then what the children have logged."""
        self.load(self._read)

    async def _read(self) -> None:
        page = await self.list_children()
        self._show(page)
        await self._read_values(page.items)
        self._show(page)

    async def _read_values(self, children: Sequence[JobSummary]) -> None:
        """The primary metric of each child; of one that has ended only once."""
        metric = self.feed.job.primary_metric if self.feed.job else ""
        if not metric:
            return
        gate = asyncio.Semaphore(AT_ONCE)

        async def read(child: JobSummary) -> None:
            async with gate:
                metrics = (await self.read_run(child.name)).metrics
            if metric in metrics:
                self._values[child.name] = metrics[metric]
            if child.status.is_terminal:
                self._ended.add(child.name)

        wanted = [child for child in children if child.started_at and child.name not in self._ended]
        await asyncio.gather(*(read(child) for child in wanted))

    def _show(self, page: Page[JobSummary]) -> None:
        grid, about = self.query_one(Grid), self.query_one("#about", Static)
        grid.display = about.display = bool(page.items)
        if not page.items:
            more = "They show here as they begin." if self.feed.active else "It ended before one began."
            self.card.empty(f"No children yet. {more}")
            return
        self.card.hide()
        put(about, self._about(page))
        grid.set_rows([GridRow(child.name, self._cells(child)) for child in page.items])

    def _about(self, page: Page[JobSummary]) -> str:
        """`12 of 40 children, best by accuracy: quiet_sea_3`."""
        job = self.feed.job
        total = page.total or len(page.items)
        count = f"{len(page.items):,} of {total:,} children" if total > len(page.items) else f"{total:,} children"
        metric = f"metric: {shown(job.primary_metric)}" if job and job.primary_metric else ""
        best = f"{STAR} best: {shown(job.best_child_name)}" if job and job.best_child_name else ""
        return "  ".join(part for part in (count, metric, best) if part)

    def _cells(self, child: JobSummary) -> tuple[str | Text, ...]:
        is_best = self.feed.job is not None and child.name == self.feed.job.best_child_name
        label = Text(f"{STAR} " if is_best else "", "bold yellow")
        label.append(shown(child.display_name), "bold" if is_best else "")
        if child.display_name != child.name:
            label.append(f"  {shown(child.name)}", "dim")
        value = self._values.get(child.name)
        seconds = child.duration(clock.now())
        return (
            status_text(child.status),
            label,
            "" if value is None else f"{value:.6g}",
            "" if seconds is None else duration_text(seconds),
            child.type.value,
            shown(child.compute),
        )

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Watch the child."""
        event.stop()
        self.post_message(Open(Place("job", event.key)))
