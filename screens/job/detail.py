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
from services.entities import Job


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

    def show(self, job: Job) -> None:
        """Show a job."""
        lines = [heading("Timeline"), *timeline_lines(job)]
        if job.error:
            lines += [Text(), *error_lines(job.error)]
        put(self.query_one("#detail-state", Static), Text("\n").join(lines))
        self.query_one(Facts).set_facts(facts_of(job))
