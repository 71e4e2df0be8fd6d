"""Where jobs run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from screens.actions import Action
from screens.lists import ListScreen, list_actions, shown
from screens.places import Open, Place
from screens.widgets.grid import GridColumn
from screens.widgets.status import size_text, status_text
from services.entities import ACTIVE_STATUSES, Compute, JobQuery, JobStatus, JobSummary
from services.workspace import ComputeService, JobService

GLYPHS = {
    "running": ("●", "green"),
    "succeeded": ("✓", "green"),
    "stopped": ("■", "dim"),
    "failed": ("✗", "red"),
    "creating": ("◔", "yellow"),
    "starting": ("◔", "yellow"),
    "stopping": ("◔", "yellow"),
    "deleting": ("◔", "yellow"),
}


WAITING = (JobStatus.NOT_STARTED, JobStatus.QUEUED)
MOST_JOBS = 50
"""Jobs that are named beside their number."""


def state_text(state: str) -> Text:
    """Glyph and word."""
    glyph, style = GLYPHS.get(state.lower(), ("·", ""))
    return Text(f"{glyph} {shown(state)}", style)


def load_text(compute: Compute) -> str:
    """`1 of 2 slots, 3 queued`."""
    text = f"{compute.running_jobs} of {compute.slots} {'slot' if compute.slots == 1 else 'slots'}"
    return text + (f", {compute.queued_jobs} queued" if compute.queued_jobs else "")


class ComputeScreen(ListScreen[Compute]):
    """Each compute: what it is, how busy it is."""

    CRUMB = "Compute"
    NOUNS = ("compute", "computes")
    EMPTY = "No computes. A job that names none runs serverless."
    EVERY = 2.0
    IS_SHORT = True
    ACTIONS: ClassVar = (
        Action("compute.open", ("enter",), "Jobs", "Show the jobs that ran on this compute", footer=1),
        Action("compute.show-as", ("y",), "Show as", "How az and the Python SDK show this compute", footer=5),
        *list_actions("compute", "computes"),
    )
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=30),
        GridColumn("state", "State", least=18),
        GridColumn("load", "Busy", least=24),
        GridColumn("vcpus", "vCPUs", align="right", priority=1),
        GridColumn("memory", "Memory", align="right", priority=1),
        GridColumn("gpus", "GPUs", align="right", priority=2),
        GridColumn("type", "Type", priority=3),
        GridColumn("size", "Size", priority=4),
    )

    def __init__(self, place: Place, *, compute: ComputeService, jobs: JobService) -> None:
        super().__init__(place)
        self.compute = compute
        self.jobs = jobs
        self.active: tuple[JobSummary, ...] = ()

    async def read(self) -> Sequence[Compute]:
        """All computes, and the jobs that run and wait."""
        query = JobQuery(statuses=ACTIVE_STATUSES, descending=False)
        self.active = (await self.jobs.list(query, None, MOST_JOBS)).items
        return await self.compute.list()

    def key_of(self, item: Compute) -> str:
        """The name."""
        return item.name

    def cells_of(self, item: Compute) -> tuple[str | Text, ...]:
        """The row."""
        return (
            shown(item.name),
            state_text(item.state),
            load_text(item),
            str(item.vcpus or ""),
            size_text(item.memory) if item.memory else "",
            str(item.gpus),
            shown(item.type),
            shown(item.size),
        )

    def hay_of(self, item: Compute) -> str:
        """Name, type, size and state."""
        return f"{item.name} {item.type} {item.size} {item.state}"

    def facts_of(self, item: Compute) -> list[tuple[str, str]]:
        """All of it."""
        return [
            ("Name", item.name),
            ("State", item.state),
            ("Slots", f"{item.slots:,}, {max(0, item.slots - item.running_jobs):,} free"),
            ("Running", self._jobs_text(item.running_jobs, item.name, waiting=False)),
            ("Queued", self._jobs_text(item.queued_jobs, item.name, waiting=True)),
            ("Type", item.type),
            ("Size", item.size),
            ("vCPUs", str(item.vcpus or "")),
            ("Memory", size_text(item.memory) if item.memory else ""),
            ("GPUs", str(item.gpus)),
            ("Location", item.location),
            ("Description", item.description),
        ]

    def _jobs_text(self, count: int, compute: str, *, waiting: bool) -> str:
        """How many, then the jobs themselves, in the order of submission."""
        jobs = [job for job in self.active if job.compute == compute and (job.status in WAITING) is waiting]
        lines = [f"{status_text(job.status)}  {shown(job.display_name)}" for job in jobs]
        return "\n".join([f"{count:,}", *lines])

    def action_open(self) -> None:
        """The jobs that ran here."""
        if item := self.chosen:
            self.post_message(Open(Place("jobs", filter=f"compute:{item.name}")))

    def action_show_as(self) -> None:
        """Open the drawer."""
        if item := self.chosen:
            from screens.show_as import ShowAs, reading_forms

            self.app.push_screen(ShowAs(reading_forms("compute", item.name), item.name))
