"""The line above the tabs: the job's state and how long it runs, whatever tab is open."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from screens.job.texts import shown
from screens.widgets.status import duration_text, status_text
from services.entities import Job


def head_text(job: Job, now: datetime, trouble: str = "") -> Text:
    """State, duration, display name, experiment, compute; then what is wrong with the connection."""
    summary = job.summary
    line = Text.assemble(status_text(job.status))
    seconds = summary.duration(now)
    if seconds is not None:
        line.append(f" {duration_text(seconds)}")
    elif job.queue_position:
        line.append(f" {job.queue_position}. in the queue")
    line.append(f"  {shown(summary.display_name)}", "bold")
    for part in (summary.experiment_name, summary.compute):
        if part:
            line.append(f"  {shown(part)}", "dim")
    if summary.archived:
        line.append("  archived", "dim")
    if trouble:
        line.append(f"  ! {shown(trouble)}", "yellow")
    return line
