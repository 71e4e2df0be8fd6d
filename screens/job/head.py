"""The line above the tabs: the job's state and how long it lasts, whatever tab is open."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from screens.job.texts import queue_text, shown
from screens.widgets.status import duration_text, status_text
from services.entities import Job


def head_text(job: Job, now: datetime, trouble: str = "") -> Text:
    """What is wrong with the connection; state, its duration, display name, experiment, compute.

    The duration is that of the run; before it, that of the state.
    """
    summary = job.summary
    line = Text()
    if trouble:
        line.append(f"! {shown(trouble)}  ", "yellow")
    line.append_text(status_text(job.status))
    seconds = summary.duration(now)
    if seconds is None and job.timeline and not job.status.is_terminal:
        seconds = (now - job.timeline[-1].at).total_seconds()
    if seconds is not None:
        line.append(f" {duration_text(seconds)}")
    if job.attempt > 1:
        line.append(f"  ↻ attempt {job.attempt}", "yellow")
    if waits := queue_text(job):
        line.append(f", {waits}")
    line.append(f"  {shown(summary.display_name)}", "bold")
    for part in (summary.experiment_name, summary.compute):
        if part:
            line.append(f"  {shown(part)}", "dim")
    if summary.archived:
        line.append("  archived", "dim")
    return line
