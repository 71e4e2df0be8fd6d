"""Overview: the timeline, what ran where, inputs and outputs, notes; a failed job's error on top."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.job.pane import Pane
from screens.job.texts import (
    code_place,
    error_lines,
    heading,
    moment,
    note_lines,
    port_lines,
    timeline_lines,
)
from screens.widgets.facts import Facts
from screens.widgets.status import duration_text
from screens.widgets.steady import put
from services.entities import Job


class OverviewPane(Pane):
    """What one wants to know first."""

    TAB = "overview"
    DEFAULT_CSS = """
    OverviewPane VerticalScroll { padding: 0 1; }
    OverviewPane Static { height: auto; }
    OverviewPane #error { border-left: thick $error; padding-left: 1; margin-bottom: 1; }
    OverviewPane #timeline, OverviewPane Facts { margin-bottom: 1; }
    """

    def compose(self) -> ComposeResult:
        """Blocks one under the other, in one scroll."""
        with VerticalScroll():
            yield Static(id="error", markup=False)
            yield Static(id="timeline", markup=False)
            yield Facts()
            yield Static(id="rest", markup=False)

    def show_feed(self) -> None:
        """Draw the job of the feed."""
        job = self.feed.job
        if job is None:
            return
        error = self.query_one("#error", Static)
        error.display = job.error is not None
        if job.error:
            keys = Text("9 shows it in the code   4 shows the log   x clones the job to mend it", "dim")
            put(error, Text("\n").join([*error_lines(job.error), keys]))
        put(self.query_one("#timeline", Static), Text("\n").join([heading("Timeline"), *timeline_lines(job)]))
        self.query_one(Facts).set_facts(facts_of(job))
        put(self.query_one("#rest", Static), Text("\n").join(rest_of(job)))


def facts_of(job: Job) -> list[tuple[str, str]]:
    """What ran where, as label and value; empty ones left out."""
    summary = job.summary
    facts = [
        ("Name", summary.name),
        ("Display name", summary.display_name if summary.display_name != summary.name else ""),
        ("Experiment", summary.experiment_name),
        ("Description", job.description),
        ("Compute", summary.compute),
        ("Environment", job.environment),
        ("Command", job.command),
        ("Code", job.code),
        ("Git", code_place(job)),
        ("Variables", "  ".join(f"{key}={value}" for key, value in job.environment_variables.items())),
        ("Tags", "  ".join(f"{key}={value}" if value else key for key, value in summary.tags.items())),
        ("Submitted", moment(summary.created_at) + (f" by {summary.created_by}" if summary.created_by else "")),
        ("Time limit", duration_text(job.timeout) if job.timeout else ""),
        ("Exit code", str(job.exit_code) if job.exit_code is not None else ""),
        ("Attempt", f"{job.attempt}: it was pre-empted and began again" if job.attempt > 1 else ""),
        ("Studio" if job.studio_url.startswith("https://") else "Folder", job.studio_url),
    ]
    return [(label, value) for label, value in facts if value]


def rest_of(job: Job) -> list[Text]:
    """Inputs, outputs and notes, each under its title."""
    lines: list[Text] = []
    blocks = (
        ("Inputs", port_lines(job.inputs)),
        ("Outputs", port_lines(job.outputs)),
        ("Replaced here", note_lines(job.notes)),
    )
    for title, block in blocks:
        if block:
            lines += [heading(title), *block, Text()]
    return lines[:-1]
