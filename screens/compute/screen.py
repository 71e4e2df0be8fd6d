"""Where jobs run: one list with a tab for each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult

from screens.compute.actions import ComputeActions
from screens.compute.texts import (
    TIERS,
    facts_of,
    idle_text,
    is_settled,
    kind_text,
    load_text,
    machine_text,
    nodes_text,
    price_text,
    schedules_text,
    state_text,
    used_by,
)
from screens.lists import shown
from screens.places import Place
from screens.widgets.grid import GridColumn
from screens.widgets.tab_bar import TabBar
from services.compute_prices import PRICES_NOTE
from services.entities import ACTIVE_STATUSES, Compute, ComputeType, JobQuery, JobSummary
from services.workspace import ComputeService, JobService

MOST_JOBS = 50
"""Jobs that are named beside their number."""
CALM = 5
"""Of so many ticks one looks, while all computes of an Azure workspace are settled."""
TABS: Mapping[str, str] = {
    "all": "All",
    "instances": "Instances",
    "clusters": "Clusters",
    "spark": "Serverless+Spark",
    "kubernetes": "Kubernetes",
    "attached": "Attached",
}
TYPES: Mapping[str, frozenset[str]] = {
    "instances": frozenset({ComputeType.COMPUTE_INSTANCE, ComputeType.LOCAL}),
    "clusters": frozenset({ComputeType.AMLCOMPUTE}),
    "spark": frozenset({ComputeType.SYNAPSE_SPARK}),
    "kubernetes": frozenset({ComputeType.KUBERNETES}),
}
SERVERLESS = "Serverless needs no compute: leave it empty in the job and choose an instance type"
EMPTY = {
    "all": "No computes. A job that names none runs serverless; n creates an instance or a cluster.",
    "instances": "No instances. n creates one: a machine to work on, which stops when it is idle.",
    "clusters": "No clusters. n creates one: nodes come when jobs wait and go when they are idle.",
    "spark": f"{SERVERLESS}, also for Spark. t attaches a Spark pool of a Synapse workspace.",
    "kubernetes": "No Kubernetes clusters. t attaches one that has the Azure ML extension.",
    "attached": "No attached computes. t attaches a machine: Ubuntu, with a public address.",
}
"""Why there is nothing, then the key that helps."""


class ComputeScreen(ComputeActions):
    """Each compute: what it is, how busy it is, what it costs."""

    CRUMB = "Compute"
    NOUNS = ("compute", "computes")
    EVERY = 2.0
    IS_SHORT = True
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=20),
        GridColumn("state", "State", least=14),
        GridColumn("nodes", "Nodes", least=8),
        GridColumn("load", "Busy", least=22),
        GridColumn("price", "$/h", align="right", priority=1),
        GridColumn("machine", "Machine", priority=2, least=14),
        GridColumn("idle", "Idle", align="right", priority=3),
        GridColumn("schedule", "Schedule", priority=4, least=18),
        GridColumn("tier", "Tier", priority=5, least=12),
        GridColumn("used", "Used by", priority=6),
        GridColumn("size", "Size", priority=7),
        GridColumn("kind", "Kind", priority=8),
    )

    def __init__(self, place: Place, *, compute: ComputeService, jobs: JobService) -> None:
        super().__init__(place)
        self.compute = compute
        self.jobs = jobs
        self.active: tuple[JobSummary, ...] = ()
        self._all: tuple[Compute, ...] = ()
        self._ticks = 0

    @property
    def tab(self) -> str:
        """The tab in view."""
        return self.place.tab if self.place.tab in TABS else "all"

    def compose_body(self) -> ComposeResult:
        """The tabs above the list."""
        yield TabBar(tuple(TABS.values()), list(TABS).index(self.tab))
        yield from super().compose_body()

    def on_tab_bar_switched(self, event: TabBar.Switched) -> None:
        """A digit was pressed or a tab clicked."""
        event.stop()
        tab = list(TABS)[event.index]
        self.moved(replace(self.place, tab="" if tab == "all" else tab))
        if self._read_at is not None:
            self.items = self._in_tab(self._all)
            self.show_rows()

    def _in_tab(self, computes: Iterable[Compute]) -> tuple[Compute, ...]:
        if self.tab == "all":
            return tuple(computes)
        if self.tab in TYPES:
            return tuple(compute for compute in computes if compute.type in TYPES[self.tab])
        others = frozenset[str]().union(*TYPES.values())
        return tuple(compute for compute in computes if compute.type not in others)

    def _tick(self) -> None:
        """Local ones change often and cost nothing to look at; those of Azure only when something is on its way."""
        self._ticks += 1
        calm = self.frame.is_azure and all(is_settled(compute.state) for compute in self._all)
        if not calm or self._ticks % CALM == 0:
            super()._tick()

    async def read(self) -> Sequence[Compute]:
        """All computes, and the jobs that run and wait."""
        query = JobQuery(statuses=ACTIVE_STATUSES, descending=False)
        self.active = (await self.jobs.list(query, None, MOST_JOBS)).items
        self._all = tuple(await self.compute.list())
        return self._in_tab(self._all)

    def about_parts(self) -> list[str]:
        """How many; what serverless is; where the prices are from."""
        priced = any(compute.price_per_hour is not None for compute in self.items)
        return [
            *super().about_parts(),
            SERVERLESS if self.tab == "spark" and self.items else "",
            f"$/h: {PRICES_NOTE}" if priced else "",
        ]

    def empty_text(self) -> str:
        """Why the tab is empty, and the key that helps."""
        why, _, _ = EMPTY[self.tab].partition(". ")
        return f"{why}." if self.frame.read_only else EMPTY[self.tab]

    def key_of(self, item: Compute) -> str:
        """The name."""
        return item.name

    def cells_of(self, item: Compute) -> tuple[str | Text, ...]:
        """The row."""
        return (
            shown(item.name),
            state_text(item.state),
            nodes_text(item),
            load_text(item),
            price_text(item.price_per_hour),
            machine_text(item.vcpus, item.memory, item.gpus),
            idle_text(item),
            schedules_text(item),
            TIERS.get(item.tier, shown(item.tier)),
            used_by(item),
            shown(item.size),
            kind_text(item.type),
        )

    def hay_of(self, item: Compute) -> str:
        """Name, kind, size, state, and whose it is."""
        return f"{item.name} {item.type} {kind_text(item.type)} {item.size} {item.state} {used_by(item)} {item.tier}"

    def facts_of(self, item: Compute) -> list[tuple[str, str]]:
        """All of it."""
        return facts_of(item, self.active)
