"""The jobs list apart from its screen: the filter's words, the orders, the columns and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from screens.job.texts import shown
from screens.widgets.grid import GridColumn, GridRow
from screens.widgets.status import age_text, duration_text, status_text
from services.entities import ACTIVE_STATUSES, JobQuery, JobStatus, JobSummary

COLUMNS = (
    GridColumn("status", "Status", 12),
    GridColumn("job", "Job"),
    GridColumn("experiment", "Experiment", priority=2),
    GridColumn("started", "Started", 9, align="right"),
    GridColumn("duration", "Duration", 9, align="right", priority=1),
    GridColumn("compute", "Compute", priority=3),
    GridColumn("tags", "Tags", priority=4),
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
    """A token of the filter that means nothing; says which one and what would be right."""


def read_filter(text: str, order: Order, *, include_archived: bool = False) -> JobQuery:
    """The query of a filter: `status:failed,running experiment:NAME compute:NAME`, and words that must all occur.

    Raises FilterError for an unknown status; an unfinished token (`status:`) is no restriction.
    """
    words: list[str] = []
    statuses: set[JobStatus] = set()
    named = {"experiment": "", "compute": ""}
    for word in text.split():
        key, colon, value = word.partition(":")
        if not colon or f"{key.lower()}:" not in TOKENS:
            words.append(word)
        elif key.lower() == "status":
            statuses.update(*(_statuses(part) for part in value.split(",") if part))
        else:
            named[key.lower()] = value
    return JobQuery(
        text=" ".join(words),
        statuses=frozenset(statuses),
        experiment_name=named["experiment"],
        compute=named["compute"],
        include_archived=include_archived,
        order_by=order.order_by,
        descending=order.descending,
    )


def _statuses(word: str) -> frozenset[JobStatus]:
    """The statuses that begin with a word; `active` is all that have not ended."""
    word = word.lower()
    if word == "active":
        return ACTIVE_STATUSES
    found = frozenset(s for s in JobStatus if s.value.lower().startswith(word))
    if not found:
        known = ", ".join(s.value.lower() for s in (JobStatus.RUNNING, JobStatus.QUEUED, JobStatus.COMPLETED))
        raise FilterError(f"status:{word} is no status: {known}, failed, canceled, active ...")
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
    if job.display_name != job.name:
        label.append(f"  {shown(job.name)}", "dim")
    tags = "  ".join(f"{key}={value}" if value else key for key, value in job.tags.items())
    return (status_text(job.status), label, shown(job.experiment_name), age, duration, shown(job.compute), shown(tags))


def about_text(count: int, total: int | None, order: Order, *, words: str, archived: bool) -> str:
    """What the list holds: `23 jobs, newest first`, `100 of 1,204 jobs matching “lr”, newest first, archived too`."""
    number = f"{count:,} of {total:,}" if total is not None and total > count else f"{count:,}"
    text = f"{number} {'job' if count == 1 and number == '1' else 'jobs'}"
    text += f" matching “{shown(words)}”" if words else ""
    return text + f", {order.label}" + (", archived too" if archived else "")
