"""A job's parts as aligned plain text: timeline, ports, notes, error. Widths are cells; nothing is parsed as markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from screens.widgets.status import duration_text, status_text
from services.entities import Job, JobError, Port
from services.errors import Fault
from services.text import masked, safe

STATUS_WIDTH = 17
"""`⊘ CancelRequested` and a space."""


def shown(text: str) -> str:
    """Text from outside as one safe line without secrets."""
    return safe(masked(text))


def time_of_day(at: datetime) -> str:
    """The time of day on this machine; callers say the date where it matters."""
    return f"{at.astimezone():%H:%M:%S}"


def moment(at: datetime | None) -> str:
    """Date and time on this machine."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else "–"


def heading(label: str) -> Text:
    """The title of a block."""
    return Text(label, style="bold")


def timeline_lines(job: Job) -> list[Text]:
    """A line per state: glyph and word, when it began, how long it lasted, why. The last one still lasts."""
    lines = []
    for i, change in enumerate(job.timeline):
        after = job.timeline[i + 1].at if i + 1 < len(job.timeline) else None
        line = status_text(change.status)
        line.pad_right(max(0, STATUS_WIDTH - line.cell_len))
        line.append(time_of_day(change.at))
        line.append(f" {duration_text((after - change.at).total_seconds()):>8}" if after else " " * 9, "dim")
        if change.detail:
            line.append(f"  {shown(change.detail)}", "dim")
        lines.append(line)
    return lines


def queue_text(job: Job) -> str:
    """How many are before it in the queue; empty when it doesn't queue or that isn't known."""
    if not job.queue_position:
        return ""
    return "next in the queue" if job.queue_position == 1 else f"{job.queue_position - 1} before it in the queue"


def port_lines(ports: Sequence[Port]) -> list[Text]:
    """Two lines per port: name, type and mode; then what was given and, where it differs, what it was bound to."""
    lines = []
    width = max((len(shown(p.name)) for p in ports), default=0)
    for port in ports:
        line = Text(f"{shown(port.name):<{width}}  ")
        literal = port.type in ("string", "number", "integer", "boolean")
        if literal:
            line.append(shown(port.value), "bold")
            line.append(f"  {port.type}", "dim")
        else:
            line.append(port.type + (f"  {port.mode}" if port.mode else ""), "dim")
        lines.append(line)
        if not literal:
            lines.append(Text(f"  {shown(port.value) or 'the default datastore'}"))
            if port.resolved and port.resolved != port.value:
                lines.append(Text(f"  → {shown(port.resolved)}", "dim"))
    return lines


def note_lines(notes: Sequence[Fault]) -> list[Text]:
    """A line per note, warnings first."""
    ranked = sorted(notes, key=lambda note: ("error", "warning", "note").index(note.severity))
    return [Text(f"{'!' if note.severity != 'note' else '·'} {shown(str(note))}") for note in ranked]


def error_lines(error: JobError) -> list[Text]:
    """The first real error: what, where with its source line, and what mends it."""
    lines = [Text(shown(error.title), "bold red")]
    if error.file:
        lines.append(
            Text.assemble("at ", (f"{shown(error.file)}:{error.line}" if error.line else shown(error.file), "bold"))
        )
    if error.source_line:
        lines.append(Text(f"    {shown(error.source_line.strip())}"))
    if error.advice:
        lines.append(Text(shown(error.advice), "italic"))
    return lines


def code_place(job: Job) -> str:
    """The git commit that ran, with * where the folder had changes; empty outside a repository."""
    known = job.properties
    commit = known.get("mlflow.source.git.commit") or known.get("azureml.git.commit", "")
    if not commit:
        return ""
    dirty = known.get("azureml.git.dirty", "").lower() in ("true", "1")
    branch = known.get("mlflow.source.git.branch") or known.get("azureml.git.branch", "")
    return commit[:8] + ("*" if dirty else "") + (f" on {shown(branch)}" if branch else "")
