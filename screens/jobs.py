"""The jobs of the workspace: newest first, live, filtered, marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize
from textual.timer import Timer
from textual.widgets import Input, Static

from screens import clock
from screens.actions import Action
from screens.job.actions import JobActions, job_actions
from screens.job.detail import JobDetail
from screens.job.listing import COLUMNS, ORDERS, FilterError, Rows, about_text, filter_line, read_filter
from screens.places import Open, Place
from screens.widgets.grid import Grid
from screens.widgets.poll import Poll
from screens.widgets.states import StateCard
from screens.widgets.status import duration_text
from screens.widgets.steady import put
from services.entities import JobQuery, JobSummary
from services.errors import ServiceError
from services.workspace import JobService

PAGE = 100
REFRESHED = 500
"""Rows that a look reads again at most; of those further down only the running ones are read again."""
INTERVAL = 2.0
"""Seconds between two looks."""
REST = 0.15
"""Seconds that typing or the cursor must rest before the list or the detail follows."""
EMPTY = "No jobs yet. n submits the first, g d shows data, : takes commands, ? shows all keys."


class JobsScreen(JobActions):
    """The list, and beside it at 120 columns what the job under the cursor is."""

    CRUMB = "Jobs"
    ACTIONS: ClassVar = (
        Action("jobs.open", ("enter",), "Open", "Watch the job: log, metrics, outputs, error", footer=1),
        Action("jobs.submit", ("n",), "New", "Fill in a command job and submit it", footer=1),
        Action("jobs.filter", ("slash",), "Filter", "Words, status:failed, experiment:NAME, compute:NAME", footer=2),
        Action("jobs.unfilter", ("escape",), "All", "Show all jobs again", footer=2),
        Action("jobs.compare", ("v",), "Compare", "Compare the two jobs marked with space", footer=4),
        Action("jobs.order", ("o",), "Order", "Another order: newest, oldest, longest, status, name", footer=6),
        Action("jobs.archived", ("a",), "Archived", "Show archived jobs too, or hide them", footer=7),
        *job_actions("jobs"),
        Action("jobs.refresh", ("r",), "Refresh", "Look again now", footer=0),
    )
    DEFAULT_CSS = """
    JobsScreen #about { height: 1; padding: 0 1; color: $text-muted; }
    JobsScreen #filter { display: none; height: 1; border: none; padding: 0 1; background: $boost; }
    JobsScreen #body { height: 1fr; }
    JobsScreen Grid { width: 1fr; }
    JobsScreen JobDetail { display: none; }
    JobsScreen.-wide JobDetail { display: block; }
    """

    def __init__(self, place: Place, *, jobs: JobService) -> None:
        super().__init__(place, jobs=jobs)
        self.items: list[JobSummary] = []
        self.next_cursor: str | None = None
        self.total: int | None = None
        self.as_of: datetime | None = None
        self.stale = ""
        self.fault = ""
        self.trouble = ""
        self.poll = Poll(self, INTERVAL, self._look, failed=self._failed)
        self._order = ORDERS[0]
        self._archived = False
        self._asked = JobQuery()
        self._loaded: JobQuery | None = None
        self._rows = Rows()
        self._typing: Timer | None = None
        self._resting: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """What the list holds, the filter, the list and the detail."""
        yield Static(id="about", markup=False)
        yield filter_line(self.place.filter)
        yield StateCard()
        with Horizontal(id="body"):
            yield Grid(COLUMNS)
            yield JobDetail()

    def on_mount(self) -> None:
        """A filter that came with the place holds from the start."""
        self.query_one("#filter").display = bool(self.place.filter)
        self.query_one("#body").display = False
        self.query_one(StateCard).reading("Reading the jobs ...")
        self._ask()
        self.poll.start()
        self.set_interval(1.0, self._tick)
        self.query_one(Grid).focus()

    def on_resize(self, event: Resize) -> None:
        """The detail has room at 120 columns."""
        self.set_class(event.size.width >= 120, "-wide")
        self._follow_cursor()

    def on_screen_resume(self) -> None:
        """Look at once when the list comes into view again."""
        if self._loaded is not None:
            self.poll.now()

    @property
    def chosen_job(self) -> JobSummary | None:
        """The job under the cursor."""
        key = self.query_one(Grid).cursor_key
        return next((job for job in self.items if job.name == key), None)

    # looking

    def _ask(self) -> None:
        """Take the filter and the order in force and look at once."""
        try:
            self._asked = read_filter(self.place.filter, self._order, include_archived=self._archived)
            self.fault = ""
        except FilterError as error:
            self.fault = str(error)
        self._draw_about()
        self.poll.now()

    async def _look(self) -> None:
        """Read again the rows that are shown; an answer to what is no longer asked is dropped."""
        asked = self._asked
        shown = len(self.items) if asked == self._loaded else 0
        page = await self.jobs.list(asked, None, max(PAGE, min(shown, REFRESHED)))
        new = {job.name for job in page.items}
        below = [job for job in self.items[REFRESHED:] if job.name not in new] if shown > REFRESHED else []
        below = [job if job.status.is_terminal else (await self.jobs.get(job.name)).summary for job in below]
        if asked != self._asked:
            return
        self.next_cursor = self.next_cursor if below else page.cursor
        self.total, self.as_of, self.stale, self._loaded, self.trouble = page.total, page.as_of, page.trouble, asked, ""
        self._show([*page.items, *below])

    def _failed(self, error: ServiceError) -> None:
        """A card while there is nothing to show; later a line above the rows, which stay."""
        if self._loaded is None:
            self.query_one(StateCard).error(error, error.advice or "r tries again.")
            return
        age = self.poll.age
        self.trouble = f"No answer for {duration_text(age)}: {error.title}" if age else error.title
        self._draw_about()

    async def _load_on(self) -> None:
        asked, cursor = self._asked, self.next_cursor
        if cursor is None or asked != self._loaded:
            return
        page = await self.jobs.list(asked, cursor, PAGE)
        if (asked, cursor) == (self._asked, self.next_cursor):
            self.next_cursor = page.cursor
            known = {job.name for job in self.items}
            self._show([*self.items, *(job for job in page.items if job.name not in known)])

    def _show(self, items: list[JobSummary]) -> None:
        self.items = items
        card, body = self.query_one(StateCard), self.query_one("#body")
        body.display = bool(items)
        if items:
            card.hide()
            self._draw_rows()
            self._follow_cursor()
        elif self.place.filter:
            card.empty(f"No job matches “{self.place.filter}”. esc shows all, / changes the filter.")
        else:
            card.empty(EMPTY if not self._archived else "No jobs, and none in the archive. n submits the first.")
        self._draw_about()

    def _draw_rows(self) -> None:
        self.query_one(Grid).set_rows(self._rows.of(self.items, clock.now()))

    def _draw_about(self) -> None:
        problem = self.fault or self.trouble
        parts = [f"! {problem}"] if problem else []
        if self._loaded is not None:
            about = partial(about_text, words=self.place.filter, archived=self._archived)
            parts.append(about(len(self.items), self.total, self._order, as_of=self.as_of, trouble=self.stale))
        put(self.query_one("#about", Static), "  ".join(parts))

    def _tick(self) -> None:
        """Each second while something runs and the list is in view: durations."""
        if self.is_current and any(job.started_at and not job.ended_at for job in self.items):
            self._draw_rows()

    # the cursor

    def on_grid_near_end(self, event: Grid.NearEnd) -> None:
        """The next page, before the cursor reaches the end."""
        self.load(self._load_on, group="page")

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Open the job."""
        self.action_open()

    def on_grid_highlighted(self, event: Grid.Highlighted) -> None:
        """The detail follows when the cursor rests."""
        if self._resting:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._follow_cursor)

    def _follow_cursor(self) -> None:
        job, detail = self.chosen_job, self.query_one(JobDetail)
        if job is None or not self.has_class("-wide") or detail.goes_on_with(job):
            return

        async def read() -> None:
            found = await self.jobs.get(job.name)
            if self.query_one(Grid).cursor_key == job.name:
                detail.show(job, found)

        self.load(read, group="detail")

    # the filter

    def action_filter(self) -> None:
        """Type the filter; the list follows."""
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follow when the typing rests."""
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(REST, self._take_filter)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter, and back to the list."""
        self._take_filter()
        self.query_one("#filter").display = bool(event.value.strip())
        self.query_one(Grid).focus()

    def _take_filter(self) -> None:
        if self._typing:
            self._typing.stop()
        words = " ".join(self.query_one("#filter", Input).value.split())
        if words != self.place.filter:
            self.moved(replace(self.place, filter=words))
            self.refresh_bindings()
            self._ask()

    def action_unfilter(self) -> None:
        """Show all, and back to the list."""
        line = self.query_one("#filter", Input)
        line.value = ""
        line.display = False
        self._take_filter()
        self.query_one(Grid).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape goes back, unless there is a filter to leave."""
        if action == "unfilter" and self.is_mounted and not self.query_one("#filter").display:
            return False
        return super().check_action(action, parameters)

    # the list's own keys

    def action_open(self) -> None:
        """Watch the job under the cursor."""
        if job := self.chosen_job:
            self.post_message(Open(Place("job", job.name)))

    def action_submit(self) -> None:
        """An empty form."""
        self.post_message(Open(Place("submit")))

    def action_compare(self) -> None:
        """Compare the two that are marked."""
        marked = list(self.query_one(Grid).marked)
        if len(marked) == 2:
            self.post_message(Open(Place("compare", " ".join(marked))))
        else:
            self.tell(f"Mark two jobs with space, then v compares them; {len(marked)} marked now.")

    def action_order(self) -> None:
        """The next order."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self._ask()

    def action_archived(self) -> None:
        """With archived jobs, or without."""
        self._archived = not self._archived
        self._ask()

    def action_refresh(self) -> None:
        """Look again now."""
        self.poll.now()

    def job_changed(self) -> None:
        """Show what an action has done."""
        self.poll.now()
