"""Pools of slots: to this machine what clusters are to Azure. A folder each, so that supervisors read it too."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.entities import ComputeNode, NodeCounts
from services.local import supervisor
from services.local.layout import Layout
from services.local.nodes import node_file, read_pool, rest_state


@dataclass(frozen=True)
class Pool:
    """A pool as it was made.

    Attributes:
        idle_time: seconds after which an idle node leaves.
        created_at, changed_at: seconds since the epoch.
    """

    name: str
    min_instances: int
    max_instances: int
    idle_time: float
    tier: str
    description: str
    tags: dict[str, str] = field(default_factory=dict)
    created_by: str = ""
    created_at: float = 0.0
    changed_at: float = 0.0


class Pools:
    """The pools of a workspace; blocking."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def list(self) -> Sequence[Pool]:
        """All of them, by name."""
        names = sorted(path.parent.name for path in self._layout.pools.glob("*/pool.json"))
        return [pool for name in names if (pool := self.named(name))]

    def named(self, compute: str | None) -> Pool | None:
        """The pool that a job's `compute` means, with or without `azureml:`; None if it means none."""
        name = compute_name(compute)
        if not name or "/" in name or "\0" in name or name.startswith("."):
            return None
        content = read_pool(self.folder(name))
        return None if content is None else Pool(**content)

    def folder(self, name: str) -> Path:
        """Where a pool lies."""
        return self._layout.pools / name

    def queue(self, name: str) -> Path:
        """The tickets of the jobs that wait for a node."""
        return self.folder(name) / "queue"

    def write(self, pool: Pool) -> None:
        """Make or change a pool; its jobs see it at their next look."""
        for path in (
            self._layout.pools,
            self.folder(pool.name),
            self.queue(pool.name),
            self.folder(pool.name) / "nodes",
        ):
            path.mkdir(mode=0o700, exist_ok=True)
        supervisor.write_json(self.folder(pool.name) / "pool.json", asdict(pool))

    def remove(self, name: str) -> None:
        """Delete a pool without jobs."""
        (self.folder(name) / "pool.json").unlink()  # gone at once, whatever the rest does
        shutil.rmtree(self.folder(name), ignore_errors=True)

    def nodes(self, pool: Pool) -> Sequence[ComputeNode]:
        """The nodes that there are now, by number; also those beyond the most, while their jobs run."""
        numbers = {int(path.stem) for path in (self.folder(pool.name) / "nodes").glob("*.lock")}
        return [
            node for number in sorted(numbers | set(range(pool.max_instances))) if (node := self._node(pool, number))
        ]

    def _node(self, pool: Pool, number: int) -> ComputeNode | None:
        file = node_file(self.folder(pool.name), number)
        job_name = ""
        if supervisor.is_locked(file):
            with suppress(OSError):
                job_name = file.read_text("utf-8")
            status = supervisor.read_state(self._layout.job(job_name)).get("status") if job_name else ""
            state = "running" if status in ("Running", "Finalizing") else "preparing"
            state = "leaving" if number >= pool.max_instances else state
        elif number < pool.max_instances:
            state = rest_state(file, is_kept=number < pool.min_instances, idle_time=pool.idle_time)
        else:
            state = ""
        return ComputeNode(f"{pool.name}-{number}", state, job_name) if state else None

    def waiting(self, pool: Pool) -> int:
        """How many jobs wait for a node."""
        return sum(supervisor.ticket_lives(path, self._layout.jobs) for path in self.queue(pool.name).glob("*"))


def counted(nodes: Sequence[ComputeNode]) -> NodeCounts:
    """Nodes by their states."""
    counts: dict[str, Any] = {}
    for node in nodes:
        counts[node.state] = counts.get(node.state, 0) + 1
    return NodeCounts(**counts)


def compute_name(compute: str | None) -> str:
    """The name in `azureml:NAME` or `NAME`; empty for none."""
    return (compute or "").removeprefix("azureml:")
