"""One job, live: nine tabs over one stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer
from textual.widgets import Static

from screens import clock
from screens.job.actions import JobActions
from screens.job.error import ErrorPane
from screens.job.feed import JobFeed
from screens.job.head import head_text
from screens.job.images import ImagesPane
from screens.job.logs import LogsPane
from screens.job.metrics import MetricsPane
from screens.job.overview import OverviewPane
from screens.job.pane import Pane
from screens.job.params import ParamsPane
from screens.job.preview import READ_LIMIT
from screens.job.tabs import ACTIONS, ONLY_ON, TABS
from screens.job.tree import CodePane, OutputsPane
from screens.job.yaml import YamlPane
from screens.places import Place
from screens.widgets.dialogs import Choose
from screens.widgets.states import StateCard
from screens.widgets.tab_bar import TabBar
from services.entities import JobEvent, JobSummary, MetricsLogged
from services.errors import ServiceError
from services.workspace import JobService, TrackingService

BATCH = 0.125
"""Seconds between two drawings: events in between are drawn together."""
SLICE = 2_000
"""Metric points that are gathered before keys get their turn."""


class JobScreen(JobActions):
    """Tabs 1-9. One worker watches the job; what it tells is gathered in the feed and drawn at most 8 times a second.

    Only the tab in view draws; the others wait until they are shown.
    """

    CRUMB = "Jobs"
    ACTIONS: ClassVar = ACTIONS
    DEFAULT_CSS = """
    JobScreen #head { height: 1; padding: 0 1; }
    JobScreen #panes { height: 1fr; }
    """

    def __init__(self, place: Place, *, jobs: JobService, tracking: TrackingService) -> None:
        super().__init__(place, jobs=jobs)
        self.tracking = tracking
        self.feed = JobFeed()
        self.trouble = ""
        self.tab = ""
        self._panes: dict[str, Pane] = {}
        self._flush: Timer | None = None
        self._beats = 0

    def compose_body(self) -> ComposeResult:
        """The state, the tabs, the tab in view."""
        yield Static(id="head", markup=False)
        yield TabBar(tuple(TABS.values()))
        yield StateCard()
        yield Container(id="panes")

    def on_mount(self) -> None:
        """Watch the job, and open the tab of the place."""
        self.set_interval(1.0, self._beat)
        self.load(self._watch, group="watch")
        self.show_tab(self.place.tab if self.place.tab in TABS else "overview")

    @property
    def chosen_job(self) -> JobSummary | None:
        """The job of this screen."""
        return self.feed.job.summary if self.feed.job else None

    @property
    def pane(self) -> Pane | None:
        """The tab in view."""
        return self._panes.get(self.tab)

    # live

    async def _watch(self) -> None:
        wait = 1
        while self.feed.active:
            try:
                self.feed.restart()
                async for event in self.jobs.watch(self.place.subject):
                    self.trouble, wait = "", 1
                    await self._take(event)
            except ServiceError as error:
                if not error.retryable:
                    raise
                self.trouble = f"{error.title}; trying again in {wait} s"
                self._draw_soon()
                await asyncio.sleep(wait)
                wait = min(30, wait * 2)
        self._draw()
        self._reload()

    async def _take(self, event: JobEvent) -> None:
        if isinstance(event, MetricsLogged):
            for at in range(0, len(event.points), SLICE):
                self.feed.take(MetricsLogged(event.points[at : at + SLICE]))
                await asyncio.sleep(0)
        else:
            self.feed.take(event)
        self._draw_soon()

    def _draw_soon(self) -> None:
        if self._flush is None:
            self._flush = self.set_timer(BATCH, self._draw)

    def _draw(self) -> None:
        self._flush = None
        if not self.is_current:
            return
        self._draw_head()
        if self.pane and self.pane.is_mounted:
            self.pane.show_feed()

    def _draw_head(self) -> None:
        if self.feed.job:
            self.query_one("#head", Static).update(head_text(self.feed.job, clock.now(), self.trouble))

    def _beat(self) -> None:
        """Each second while the job runs: the duration; now and then what events don't tell (params, outputs)."""
        if not (self.feed.active and self.is_current):
            return
        self._draw_head()
        self._beats += 1
        if self._beats % 3 == 0:
            self._reload()

    def _reload(self) -> None:
        if self.pane and self.pane.is_mounted and self.is_current:
            self.pane.reload()

    def on_screen_resume(self) -> None:
        """Draw what came while another screen was on top."""
        self._draw()

    def show_error(self, error: ServiceError) -> None:
        """A job that can't be read leaves only the card; other errors are told."""
        if self.feed.job is not None:
            super().show_error(error)
            return
        self.query_one("#panes").display = False
        self.query_one("JobScreen > StateCard", StateCard).error(error.title, error.detail, error.advice, error.who)

    def job_changed(self) -> None:
        """An archive is no event of a running job: read it."""

        async def read() -> None:
            self.feed.job = await self.jobs.get(self.place.subject)
            self._draw()

        self.load(read, group="read")

    # tabs

    def on_tab_bar_switched(self, event: TabBar.Switched) -> None:
        """A digit was pressed or a tab clicked."""
        event.stop()
        self.show_tab(list(TABS)[event.index])

    def show_tab(self, tab: str) -> None:
        """Show a tab, made when it is first asked for."""
        if tab == self.tab:
            return

        async def show() -> None:
            if pane := self.pane:
                pane.display = False
            self.tab = tab
            pane = self._panes.get(tab)
            if pane is None:
                pane = self._panes[tab] = self._make(tab)
                await self.query_one("#panes").mount(pane)
            pane.display = True
            self.query_one(TabBar).active = list(TABS).index(tab)
            pane.show_feed()
            pane.reload()
            pane.focus_first()
            self.refresh_bindings()
            if self.place.tab != tab:
                self.moved(replace(self.place, tab=tab))

        self.load(show, group="tab")

    def _make(self, tab: str) -> Pane:
        name, jobs, feed = self.place.subject, self.jobs, self.feed
        read_artifact = partial(jobs.read_artifact, name, limit=READ_LIMIT)
        artifacts = partial(jobs.artifacts, name)
        read_code = partial(jobs.read_code, name)
        read_log = partial(jobs.read_log, name)
        makers: dict[str, Callable[[], Pane]] = {
            "overview": lambda: OverviewPane(feed),
            "params": lambda: ParamsPane(feed, partial(self.tracking.run, name)),
            "metrics": lambda: MetricsPane(feed),
            "logs": lambda: LogsPane(feed, read_log),
            "images": lambda: ImagesPane(feed, read_artifact, artifacts),
            "outputs": lambda: OutputsPane(feed, read_artifact, artifacts),
            "code": lambda: CodePane(feed, read_code, partial(jobs.code_files, name)),
            "yaml": lambda: YamlPane(feed),
            "error": lambda: ErrorPane(feed, read_code, read_log),
        }
        return makers[tab]()

    # actions of single tabs

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of other tabs are not there."""
        if action in ONLY_ON and self.tab not in ONLY_ON[action]:
            return False
        return super().check_action(action, parameters)

    def action_refresh(self) -> None:
        """Read again what the tab in view shows."""
        self.job_changed()
        self._reload()

    def action_follow(self) -> None:
        """Stay at the end of the log, or not."""
        self.query_one(LogsPane).toggle_follow()

    def action_wrap(self) -> None:
        """Break long lines, or not."""
        self.query_one(LogsPane).toggle_wrap()

    def action_find(self) -> None:
        """Search the log."""
        self.query_one(LogsPane).find()

    def action_find_next(self) -> None:
        """Next match."""
        self.query_one(LogsPane).next_match()

    def action_find_previous(self) -> None:
        """Match before."""
        self.query_one(LogsPane).previous_match()

    def action_choose_file(self) -> None:
        """Choose the log file."""

        async def choose() -> None:
            file = await self.app.push_screen_wait(Choose("Log file", list(self.feed.logs)))
            if file:
                self.query_one(LogsPane).choose(file)

        self.load(choose, group="choose")

    def action_next_metric(self) -> None:
        """Chart the next metric."""
        self.query_one(MetricsPane).next_metric()

    def action_log_scale(self) -> None:
        """Logarithmic axis, or not."""
        self.query_one(MetricsPane).toggle_log_scale()

    def action_smoother(self) -> None:
        """Smooth more."""
        self.query_one(MetricsPane).smooth(1)

    def action_rougher(self) -> None:
        """Smooth less."""
        self.query_one(MetricsPane).smooth(-1)
