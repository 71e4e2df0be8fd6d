"""A compute in words: state, size, nodes, price, who uses it. No widget here."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from screens import clock
from screens.compute.schedules import schedule_text
from screens.lists import shown, tags_text
from screens.widgets.status import age_text, duration_text, status_text
from services.compute_prices import PRICES_NOTE
from services.entities import Compute, ComputeType, JobStatus, JobSummary, NodeCounts

GIB = 2**30
GLYPHS = {
    "running": ("●", "green"),
    "succeeded": ("✓", "green"),
    "stopped": ("■", "dim"),
    "failed": ("✗", "red"),
    "unusable": ("✗", "red"),
    "preempted": ("⊘", "yellow"),
    "idle": ("○", "dim"),
    "unknown": ("?", "dim"),
}
"""Glyph and colour of each state of computes and nodes that rests; all others are on their way."""
ON_THE_WAY = ("◔", "yellow")
KINDS = {
    ComputeType.AMLCOMPUTE: "cluster",
    ComputeType.COMPUTE_INSTANCE: "instance",
    ComputeType.KUBERNETES: "Kubernetes",
    ComputeType.VIRTUAL_MACHINE: "attached machine",
    ComputeType.SYNAPSE_SPARK: "Spark pool",
    ComputeType.LOCAL: "this machine",
}
TIERS = {"low_priority": "low priority", "dedicated": "dedicated"}
WAITING = (JobStatus.NOT_STARTED, JobStatus.QUEUED)


def is_settled(state: str) -> bool:
    """Whether a state stays until somebody does something."""
    return state.lower() in GLYPHS


def state_text(state: str) -> Text:
    """Glyph and word."""
    glyph, style = GLYPHS.get(state.lower(), ON_THE_WAY)
    return Text(f"{glyph} {shown(state)}", style)


def kind_text(type_: str) -> str:
    """What people call a type of compute."""
    return KINDS.get(ComputeType(type_), type_) if type_ in set(ComputeType) else shown(type_)


def machine_text(vcpus: int, memory: int, gpus: int) -> str:
    """`4 vCPU  14 GiB  1 GPU`; what isn't known is left out."""
    parts = [f"{vcpus} vCPU" if vcpus else "", gib_text(memory), f"{gpus} GPU" if gpus else ""]
    return "  ".join(part for part in parts if part)


def gib_text(memory: int) -> str:
    """`14 GiB`; empty for none."""
    return f"{memory / GIB:,.0f} GiB" if memory else ""


def nodes_text(compute: Compute) -> str:
    """`2 of 0-4`: nodes now, and the least and the most; empty for what has no nodes."""
    if compute.nodes is None:
        return ""
    return f"{compute.nodes.total} of {compute.min_instances}-{compute.max_instances}"


def counts_text(nodes: NodeCounts | None) -> str:
    """`1 idle, 2 running`; empty without nodes."""
    if nodes is None:
        return ""
    states = ("running", "idle", "preparing", "leaving", "preempted", "unusable")
    return ", ".join(f"{count} {state}" for state in states if (count := getattr(nodes, state)))


def load_text(compute: Compute) -> str:
    """`1 of 2 slots, 3 queued`; of a cluster `1 running, 3 queued`; empty for an idle one."""
    if compute.type == ComputeType.LOCAL:
        text = f"{compute.running_jobs} of {compute.slots} {'slot' if compute.slots == 1 else 'slots'}"
    else:
        text = f"{compute.running_jobs} running" if compute.running_jobs else ""
    queued = f"{compute.queued_jobs} queued" if compute.queued_jobs else ""
    return ", ".join(part for part in (text, queued) if part)


def price_text(price: float | None) -> str:
    """`$0.19`; empty if unknown."""
    return "" if price is None else f"${price:,.2f}"


def cost_text(compute: Compute) -> str:
    """What a node costs, and all that there are now, with where the price is from."""
    if compute.price_per_hour is None:
        return ""
    text = f"{price_text(compute.price_per_hour)} an hour"
    if compute.nodes is not None:
        text += f" a node, {price_text(compute.price_per_hour * compute.nodes.total)} now"
    return f"{text}\n{PRICES_NOTE}"


def idle_text(compute: Compute) -> str:
    """After how long an idle node goes or an idle instance stops."""
    if compute.idle_time is None:
        return "never" if compute.type == ComputeType.COMPUTE_INSTANCE else ""
    return duration_text(compute.idle_time)


def used_by(compute: Compute) -> str:
    """Whose it is: who it is assigned to, else who made it."""
    return shown(compute.assigned_to or compute.created_by)


def schedules_text(compute: Compute, separator: str = "; ") -> str:
    """`stops daily 18:00; starts weekdays 07:30`."""
    return separator.join(schedule_text(schedule) for schedule in compute.schedules)


def jobs_text(count: int, jobs: Sequence[JobSummary]) -> str:
    """How many, then the jobs themselves, a line each."""
    return "\n".join([f"{count:,}", *(f"{status_text(job.status)}  {shown(job.display_name)}" for job in jobs)])


def facts_of(compute: Compute, active: Sequence[JobSummary]) -> list[tuple[str, str]]:
    """All of it, as labels and values. `active` are the jobs that run and wait, in the order of submission."""
    own = [job for job in active if job.compute == compute.name]
    running = [job for job in own if job.status not in WAITING]
    queued = [job for job in own if job.status in WAITING]
    is_local = compute.type == ComputeType.LOCAL
    free = max(0, compute.slots - compute.running_jobs)
    return [
        ("Name", compute.name),
        ("State", str(state_text(compute.state))),
        ("Error", compute.error),
        ("Last operation", compute.last_operation),
        ("Slots", f"{compute.slots:,}, {free:,} free" if is_local else ""),
        ("Nodes", f"{nodes_text(compute)}\n{counts_text(compute.nodes)}" if compute.nodes else ""),
        ("Running", jobs_text(compute.running_jobs, running)),
        ("Queued", jobs_text(compute.queued_jobs, queued)),
        ("Kind", kind_text(compute.type)),
        ("Size", compute.size),
        ("Machine", machine_text(compute.vcpus, compute.memory, compute.gpus)),
        ("Tier", _tier_text(compute.tier)),
        ("Price", cost_text(compute)),
        ("Stops when idle" if compute.type == ComputeType.COMPUTE_INSTANCE else "Idle nodes go", idle_text(compute)),
        ("Schedule", schedules_text(compute, "\n")),
        ("SSH", _ssh_text(compute)),
        ("Assigned to", compute.assigned_to),
        ("Identity", compute.identity),
        ("Subnet", compute.subnet),
        ("Setup script", compute.setup_script),
        ("Resource", compute.resource_id),
        ("Namespace", compute.namespace),
        ("Applications", "\n".join(f"{name}  {address}" for name, address in compute.applications)),
        ("Location", compute.location),
        ("Description", compute.description),
        ("Tags", tags_text(compute.tags)),
        ("Created", _created_text(compute)),
    ]


def _tier_text(tier: str) -> str:
    text = TIERS.get(tier, tier)
    return f"{text}: nodes may be taken away; their jobs begin again" if tier == "low_priority" else text


def _ssh_text(compute: Compute) -> str:
    if compute.ssh:
        return compute.ssh.command
    return "" if compute.ssh_public_access is None else "on" if compute.ssh_public_access else "off"


def _created_text(compute: Compute) -> str:
    if compute.created_at is None:
        return f"by {compute.created_by}" if compute.created_by else ""
    by = f" by {compute.created_by}" if compute.created_by else ""
    return f"{compute.created_at.astimezone():%Y-%m-%d %H:%M}{by}, {age_text(compute.created_at, clock.now())} ago"
