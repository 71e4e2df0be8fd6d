"""Beside the list: what the job under the cursor is."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.job.overview import facts_of
from screens.job.texts import error_lines, heading, timeline_lines
from screens.widgets.facts import Facts
from screens.widgets.steady import put
from services.entities import Job, JobSummary


class JobDetail(VerticalScroll):
    """State, error and facts of one job; the job screen has the rest."""

    DEFAULT_CSS = """
    JobDetail { width: 44; border-left: solid $panel; padding: 0 1; }
    JobDetail Static { height: auto; margin-bottom: 1; }
    """
    can_focus = False

    def compose(self) -> ComposeResult:
        """Blocks one under the other."""
        yield Static(id="detail-state", markup=False)
        yield Facts()

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[JobSummary, Job] | None = None

    def goes_on_with(self, listed: JobSummary) -> bool:
        """Whether the list tells of a job what it told when the job was shown; then its times are drawn anew."""
        if self._shown is None or self._shown[0] != listed:
            return False
        self._draw(self._shown[1])
        return True

    def show(self, listed: JobSummary, job: Job) -> None:
        """Show a job that the list tells of."""
        self._shown = listed, job
        self._draw(job)

    def _draw(self, job: Job) -> None:
        lines = [heading("Timeline"), *timeline_lines(job)]
        if job.error:
            lines += [Text(), *error_lines(job.error)]
        put(self.query_one("#detail-state", Static), Text("\n").join(lines))
        self.query_one(Facts).set_facts(facts_of(job))
