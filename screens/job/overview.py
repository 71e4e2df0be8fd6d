"""Overview: the timeline, what ran where, inputs and outputs, notes; a failed job's error on top."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens import clock
from screens.job.pane import Pane
from screens.job.texts import (
    code_place,
    error_lines,
    heading,
    moment,
    note_lines,
    port_lines,
    shown,
    timeline_lines,
)
from screens.widgets.facts import Facts
from screens.widgets.states import StateCard
from screens.widgets.status import duration_text
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
        yield StateCard()
        with VerticalScroll():
            yield Static(id="error", markup=False)
            yield Static(id="timeline", markup=False)
            yield Facts()
            yield Static(id="rest", markup=False)

    def show_feed(self) -> None:
        """Draw the job of the feed."""
        job = self.feed.job
        self.query_one(VerticalScroll).display = job is not None
        if job is None:
            self.card.reading("Reading the job ...")
            return
        self.card.hide()
        error = self.query_one("#error", Static)
        error.display = job.error is not None
        if job.error:
            error.update(
                Text("\n").join(
                    [*error_lines(job.error), Text("9 shows it in the code, x clones the job to mend it", "dim")]
                )
            )
        timeline = [heading("Timeline"), *timeline_lines(job, clock.now())]
        if job.queue_position:
            timeline.append(
                Text(f"{job.queue_position - 1} before it in the queue of {shown(job.summary.compute)}", "dim")
            )
        self.query_one("#timeline", Static).update(Text("\n").join(timeline))
        self.query_one(Facts).set_facts(facts_of(job))
        self.query_one("#rest", Static).update(Text("\n").join(rest_of(job)))


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
        ("Folder", job.studio_url),
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
