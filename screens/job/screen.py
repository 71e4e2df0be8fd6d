"""One job, live: nine tabs over one stream of events."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer
from textual.widgets import Static

from screens import clock
from screens.job.actions import JobActions
from screens.job.feed import JobFeed
from screens.job.head import head_text
from screens.job.logs import LogsPane
from screens.job.metrics import MetricsPane
from screens.job.pane import Pane
from screens.job.panes import make_pane
from screens.job.search import SearchPane
from screens.job.tabs import ACTIONS, ALL_TABS, ONLY_ON, TABS, labels_of
from screens.job.watch import JobWatch
from screens.places import Open, Place
from screens.widgets.dialogs import Choose
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from screens.widgets.tab_bar import TabBar
from services.asset_uris import job_output
from services.entities import JobSummary
from services.errors import ServiceError
from services.workspace import JobService, TrackingService

BATCH = 0.125
"""Seconds between two drawings: events in between are drawn together."""
REST = 4
"""How many times as long as the last drawing took it rests before the next, so that keys always have their turn."""


class JobScreen(JobActions):
    """Tabs 1-9. One worker watches the job; what it tells is gathered in the feed and drawn at most 8 times a second.

    Only the tab in view draws; the others wait until they are shown.
    """

    CRUMB = "Jobs"
    ACTIONS: ClassVar = ACTIONS
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    """From 110 columns on lists and what they show are beside each other."""
    DEFAULT_CSS = """
    JobScreen #head { height: 1; padding: 0 1; }
    JobScreen #panes { height: 1fr; }
    """

    def __init__(self, place: Place, *, jobs: JobService, tracking: TrackingService) -> None:
        super().__init__(place, jobs=jobs)
        self.tracking = tracking
        self.feed = JobFeed()
        self.watching = JobWatch(partial(jobs.watch, place.subject), self.feed, self._draw_soon)
        self.tab = ""
        self._panes: dict[str, Pane] = {}
        self._flush: Timer | None = None
        self._next_drawing = 0.0
        self._beats = 0

    def compose_body(self) -> ComposeResult:
        """The state, the tabs, the tab in view; a card while there is no job."""
        yield Static(id="head", markup=False)
        yield TabBar(tuple(TABS.values()))
        yield StateCard(id="no-job")
        yield Container(id="panes")

    def on_mount(self) -> None:
        """Watch the job, and open the tab of the place."""
        self.query_one("#panes").display = False
        self._card.reading("Reading the job ...")
        self.set_interval(1.0, self._beat)
        self.load(self._watch, group="watch")
        self.show_tab(self.place.tab if self.place.tab in ALL_TABS else "overview")

    @property
    def chosen_job(self) -> JobSummary | None:
        """The job of this screen."""
        return self.feed.job.summary if self.feed.job else None

    @property
    def pane(self) -> Pane | None:
        """The tab in view."""
        return self._panes.get(self.tab)

    @property
    def drawn(self) -> bool:
        """Whether all that came is on the screen."""
        return self._flush is None and self.pane is not None and self.pane.is_mounted

    @property
    def _card(self) -> StateCard:
        return self.query_one("#no-job", StateCard)

    # live

    async def _watch(self) -> None:
        await self.watching.run()
        self._reload()

    def _draw_soon(self) -> None:
        if self._flush is None:
            self._flush = self.set_timer(max(0.01, self._next_drawing - time.monotonic()), self._draw)

    def _draw(self) -> None:
        self._flush = None
        if not self.is_current:
            return
        began = time.monotonic()
        if self.feed.job is None:
            self._draw_trouble()
        else:
            self._draw_head()
            self._draw_pane()
        ended = time.monotonic()
        self._next_drawing = ended + max(BATCH, REST * (ended - began))

    def _draw_trouble(self) -> None:
        """There is no job yet, and what came is an error."""
        if (error := self.watching.error) and self.watching.next_try:
            again = f"Lapis tries again at {self.watching.next_try}; r tries at once."
            self._card.error(error, again)

    def _draw_pane(self) -> None:
        if self._card.display:
            self._card.hide()
            self.query_one("#panes").display = True
            self._enter()
        elif self.pane and self.pane.is_mounted:
            self.pane.show_feed()

    def _draw_head(self) -> None:
        if self.feed.job:
            self.query_one(TabBar).set_labels(labels_of(self.feed.job))
            put(self.query_one("#head", Static), head_text(self.feed.job, clock.now(), self.watching.trouble))

    def _beat(self) -> None:
        """Each second while the job runs: the duration; now and then what events don't tell (params, outputs)."""
        if not (self.feed.active and self.is_current):
            return
        self._draw_head()
        self._beats += 1
        if self._beats % 3 == 0:
            self._reload()

    def _reload(self) -> None:
        if self.feed.job and self.pane and self.pane.is_mounted and self.is_current:
            self.pane.reload()

    def on_screen_suspend(self) -> None:
        """Ask the service for nothing while another screen is on top."""
        self.watching.sleep()

    def on_screen_resume(self) -> None:
        """Go on, and draw what came in between."""
        self.watching.wake()
        self._draw()

    def show_error(self, error: ServiceError) -> None:
        """A job that can't be read leaves only the card; other errors are told."""
        if self.feed.job is not None:
            super().show_error(error)
        else:
            self._card.error(error)

    def job_changed(self) -> None:
        """An archive is no event of a running job: read it."""

        async def read() -> None:
            self.feed.job = await self.jobs.get(self.place.subject)
            self._draw_soon()

        self.load(read, group="read")

    # tabs

    def on_tab_bar_switched(self, event: TabBar.Switched) -> None:
        """A digit was pressed or a tab clicked."""
        event.stop()
        self.show_tab(list(ALL_TABS)[event.index])

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
                pane = self._panes[tab] = make_pane(tab, self.place.subject, self.feed, self.jobs, self.tracking)
                await self.query_one("#panes").mount(pane)
            pane.display = True
            self.query_one(TabBar).active = list(ALL_TABS).index(tab)
            if self.query_one("#panes").display:
                self._enter()
            self.refresh_bindings()
            if self.place.tab != tab:
                self.moved(replace(self.place, tab=tab))

        self.load(show, group="tab")

    def _enter(self) -> None:
        """Show in the tab in view what is known now, and give it the keys."""
        if self.pane and self.pane.is_mounted:
            self.pane.show_feed()
            self.pane.reload()
            self.pane.focus_first()

    # actions of single tabs

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of other tabs are not there."""
        if action in ONLY_ON and self.tab not in ONLY_ON[action]:
            return False
        return super().check_action(action, parameters)

    def action_refresh(self) -> None:
        """Read again what the tab in view shows; after trouble, try at once."""
        if self.watching.error and self.feed.active:
            self.watching.hurry()
        else:
            self.job_changed()
            self._reload()

    def action_copy_uri(self) -> None:
        """Copy what is under the cursor of the tab is called elsewhere; else the address of the job."""
        if uri := self.pane.chosen_uri if self.pane else "":
            self.copy(uri)
        else:
            super().action_copy_uri()

    def action_table(self) -> None:
        """Show the file under the cursor of the outputs as a table."""
        uri = self.pane.chosen_uri if self.pane else ""
        if job_output(uri):
            self.post_message(Open(Place("table", uri)))
        else:
            self.tell("Only files of outputs and artifacts are opened as tables.")

    def action_follow(self) -> None:
        """Stay at the end of the log, or not."""
        self.query_one(LogsPane).toggle_follow()

    def action_wrap(self) -> None:
        """Break long lines, or not."""
        if isinstance(self.pane, SearchPane):
            self.pane.toggle_wrap()

    def action_find(self) -> None:
        """Search the text."""
        if isinstance(self.pane, SearchPane):
            self.pane.find()

    def action_find_next(self) -> None:
        """Next match."""
        if isinstance(self.pane, SearchPane):
            self.pane.next_match()

    def action_find_previous(self) -> None:
        """Match before."""
        if isinstance(self.pane, SearchPane):
            self.pane.previous_match()

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
