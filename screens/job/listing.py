"""The jobs list apart from its screen: the filter's words, the orders, the columns and rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.highlighter import Highlighter
from rich.text import Text

from screens.job.texts import shown, time_of_day
from screens.widgets.grid import GridColumn, GridRow
from screens.widgets.line_input import StillInput
from screens.widgets.status import age_text, duration_text, status_text
from services.entities import ACTIVE_STATUSES, JobQuery, JobStatus, JobSummary, JobType

COLUMNS = (
    GridColumn("status", "Status", least=17),
    GridColumn("job", "Job", least=32),
    GridColumn("experiment", "Experiment", priority=2),
    GridColumn("started", "Started", 9, align="right"),
    GridColumn("duration", "Duration", 9, align="right", priority=1),
    GridColumn("compute", "Compute", priority=3),
    GridColumn("tags", "Tags", priority=4),
    GridColumn("user", "By", priority=5),
    GridColumn("type", "Kind", priority=6),
)

TOKENS = ("status:", "experiment:", "compute:")


@dataclass(frozen=True)
class Order:
    """An order of the list: a field of JobQuery.order_by, and what the list says of it."""

    order_by: str
    descending: bool
    label: str


ORDERS = (
    Order("created_at", True, "newest first"),
    Order("created_at", False, "oldest first"),
    Order("duration", True, "longest first"),
    Order("status", False, "by status"),
    Order("display_name", False, "by name"),
    Order("experiment_name", False, "by experiment"),
)


class FilterError(ValueError):
    """A part of the filter, from `start` to `end`, that means nothing; says what would be right."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class FaultHighlighter(Highlighter):
    """Underlines in the filter, as it is typed, the part that means nothing."""

    def highlight(self, text: Text) -> None:
        """Style the part."""
        try:
            read_filter(text.plain, ORDERS[0])
        except FilterError as fault:
            text.stylize("underline bold red", fault.start, fault.end)


def filter_line(text: str) -> StillInput:
    """The line in which the filter is typed."""
    hint = "words  status:failed  experiment:NAME  compute:NAME"
    return StillInput(text, placeholder=hint, highlighter=FaultHighlighter(), id="filter")


def read_filter(text: str, order: Order, *, include_archived: bool = False) -> JobQuery:
    """The query of a filter: `status:failed,running experiment:NAME compute:NAME`, and words that must all occur.

    Raises FilterError for an unknown status, for a second experiment or compute, and for `or` between words; an
    unfinished token (`status:`) is no restriction.
    """
    words: list[str] = []
    statuses: set[JobStatus] = set()
    named = {"experiment": "", "compute": ""}
    parts = [(part.group(), *part.span()) for part in re.finditer(r"\S+", text)]
    for at, (word, start, end) in enumerate(parts):
        key, colon, value = word.partition(":")
        key = key.lower()
        if not colon or f"{key}:" not in TOKENS:
            if key in ("or", "||") and 0 < at < len(parts) - 1:
                raise FilterError(f"“{word}” is not known: all words must occur. status:a,b is either", start, end)
            words.append(word)
        elif key == "status":
            statuses.update(*(_statuses(part, start, end) for part in value.split(",") if part))
        elif value and named[key]:
            raise FilterError(f"{word} is a second {key}; a job has one", start, end)
        else:
            named[key] = value or named[key]
    return JobQuery(
        text=" ".join(words),
        statuses=frozenset(statuses),
        experiment_name=named["experiment"],
        compute=named["compute"],
        include_archived=include_archived,
        order_by=order.order_by,
        descending=order.descending,
    )


def _statuses(word: str, start: int, end: int) -> frozenset[JobStatus]:
    """The statuses that begin with a word; `active` is all that have not ended."""
    word = word.lower()
    if word == "active":
        return ACTIVE_STATUSES
    found = frozenset(s for s in JobStatus if s.value.lower().startswith(word))
    if not found:
        raise FilterError(
            f"status:{word} is no status: running, queued, completed, failed, canceled, active ...", start, end
        )
    return found


class Rows:
    """The rows of the list; a row whose text is the same is the same object, so that the grid leaves it alone."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[JobSummary, str, str, GridRow]] = {}

    def of(self, jobs: Sequence[JobSummary], now: datetime) -> list[GridRow]:
        """A row per job."""
        made = {}
        for job in jobs:
            seconds = job.duration(now)
            age = age_text(job.started_at or job.created_at, now)
            duration = "" if seconds is None else duration_text(seconds)
            old = self._made.get(job.name)
            if old and old[:3] == (job, age, duration):
                made[job.name] = old
            else:
                made[job.name] = (job, age, duration, GridRow(job.name, _cells(job, age, duration)))
        self._made = made
        return [row for _, _, _, row in made.values()]


def _cells(job: JobSummary, age: str, duration: str) -> tuple[str | Text, ...]:
    label = Text(shown(job.display_name), "dim" if job.archived else "")
    if job.type is not JobType.COMMAND:
        children = f", {job.child_count} children" if job.child_count else ""
        label.append(f"  {job.type.value}{children}", "cyan")
    if job.display_name != job.name:
        label.append(f"  {shown(job.name)}", "dim")
    tags = "  ".join(f"{key}={value}" if value else key for key, value in job.tags.items())
    kind = job.type.value + (f" ({job.child_count})" if job.child_count else "")
    return (
        status_text(job.status),
        label,
        shown(job.experiment_name),
        age,
        duration,
        shown(job.compute),
        shown(tags),
        shown(job.created_by),
        kind,
    )


def about_text(
    count: int,
    total: int | None,
    order: Order,
    *,
    words: str,
    archived: bool,
    as_of: datetime | None = None,
    trouble: str = "",
) -> str:
    """What the list holds: `23 jobs, newest first`, `100 of 1,204 jobs matching “lr”, newest first, archived too`.

    Args:
        as_of: when the service said so, of a list from the copy on disk; `trouble` is why it is not read anew.
    """
    number = f"{count:,} of {total:,}" if total is not None and total > count else f"{count:,}"
    text = f"{number} {'job' if count == 1 and number == '1' else 'jobs'}"
    text += f" matching “{shown(words)}”" if words else ""
    text += f", {order.label}" + (", archived too" if archived else "")
    return text + (f"  as of {time_of_day(as_of)[:5]}, {trouble or 'refreshing'}" if as_of else "")
