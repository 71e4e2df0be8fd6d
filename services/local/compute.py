"""The computes of a local workspace: this machine, and pools of slots that scale as clusters do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from services.entities import Compute, ComputeNode, ComputeSize, JobStatus
from services.errors import ConflictError, Fault, NotFoundError, SpecError, UserError
from services.local import events, hardware
from services.local.calls import Calls
from services.local.database import Database
from services.local.layout import Layout
from services.local.pools import Pool, Pools, counted
from services.local.submission import THIS_MACHINE, user_name
from services.names import text_tags, utc
from services.specs.assets import ComputeSpec
from services.specs.computes import LOW_PRIORITY, compute_faults, fixed_faults, scale_of, tier_of, worst_first
from services.workspace import ComputeService

_WAITING = (JobStatus.NOT_STARTED.value, JobStatus.QUEUED.value)
_ENDED = tuple(status.value for status in JobStatus if status.is_terminal)
_MEANINGLESS = ("ssh_settings", "ssh_public_access_enabled", "network_settings", "identity", "location")


class LocalCompute(ComputeService):
    """This machine, with slots and a queue, and the pools that were made of it."""

    def __init__(self, layout: Layout, database: Database, calls: Calls, slots: int) -> None:
        self._layout = layout
        self._pools = Pools(layout)
        self._database = database
        self._call = calls
        self._slots = slots

    async def list(self) -> Sequence[Compute]:
        """This machine and its pools."""

        def find() -> list[Compute]:
            computes = [self._this_machine(), *map(self._pool, self._pools.list())]
            return sorted(computes, key=lambda compute: compute.name)

        return await self._call(find)

    async def get(self, name: str) -> Compute:
        """This machine or a pool."""
        return await self._call(self._get, name)

    def _get(self, name: str) -> Compute:
        return self._this_machine() if name == THIS_MACHINE else self._pool(self._named(name))

    def _named(self, name: str) -> Pool:
        pool = self._pools.named(name)
        if pool is None or pool.name != name:
            raise NotFoundError(
                f"There is no compute named {name}; jobs run on {THIS_MACHINE} and in its pools.",
                advice="A job that names another compute runs here too, with a note.",
            )
        return pool

    async def check(self, spec: ComputeSpec) -> Sequence[Fault]:
        """What a pool can't have here."""
        return await self._call(self._check, spec)

    def _check(self, spec: ComputeSpec) -> Sequence[Fault]:
        if spec.type != "amlcompute":
            what = "a local workspace has this machine and pools of it: of type amlcompute, as a cluster"
            return (Fault("type", what),)
        pool = self._pools.named(spec.name)
        now = self._pool(pool) if pool else None
        faults = [
            fault for fault in compute_faults(spec, now) if fault.severity != "warning"
        ]  # nodes cost nothing here
        if spec.name == THIS_MACHINE:
            faults.append(Fault("name", f"{THIS_MACHINE} is there already and is no pool"))
        elif now is not None:
            faults += fixed_faults(replace(spec, size=None, location=None), now)
        faults += [
            Fault(name, "is left out: it means nothing on this machine", "note")
            for name in _MEANINGLESS
            if getattr(spec, name) is not None
        ]
        if spec.size and spec.size != hardware.processor():
            faults.append(Fault("size", f"{spec.size} is replaced by this machine", "note"))
        most = scale_of(spec, now)[1]
        if most > hardware.processors():
            what = f"{most} jobs at once share the {hardware.processors()} CPUs of this machine"
            faults.append(Fault("max_instances", what, "warning"))
        return worst_first(faults)

    async def create(self, spec: ComputeSpec) -> Compute:
        """Make or change a pool, at once."""

        def write() -> Compute:
            self._database.check_writable()
            faults = [fault for fault in self._check(spec) if fault.severity == "error"]
            if faults:
                raise SpecError(faults)
            with self._database.write():  # one after the other, and not while a job is submitted or a pool deleted
                pool = self._pools.named(spec.name)
                self._pools.write(_made(spec, self._pool(pool) if pool else None))
            events.record(self._layout, f"pool {spec.name} {'changed' if pool else 'created'}")
            return self._get(spec.name)

        return await self._call(write)

    async def start(self, name: str) -> None:
        """This machine runs; the nodes of a pool start when a job waits."""
        if name != THIS_MACHINE:
            await self._refuse(name, "started")

    async def stop(self, name: str) -> None:
        """Refused."""
        await self._refuse(name, "stopped")

    async def restart(self, name: str) -> None:
        """Refused."""
        await self._refuse(name, "restarted")

    async def _refuse(self, name: str, what: str) -> None:
        await self.get(name)
        if name == THIS_MACHINE:
            raise UserError(f"{THIS_MACHINE} is the machine that Lapis runs on; it can't be {what} from here.")
        raise UserError(
            f"{name} can't be {what}: it is a pool, whose nodes start when a job waits and leave when they are idle."
        )

    async def delete(self, name: str) -> None:
        """Delete a pool in which nothing runs or waits."""
        if name == THIS_MACHINE:
            await self._refuse(name, "deleted")

        def remove() -> None:
            with self._database.write():
                compute = self._pool(self._named(name))
                if compute.running_jobs or compute.queued_jobs:
                    raise ConflictError(
                        f"{name} has jobs: {compute.running_jobs} running, {compute.queued_jobs} queued.",
                        advice="Cancel them, or wait until they have ended.",
                    )
                self._pools.remove(name)
            events.record(self._layout, f"pool {name} deleted")

        await self._call(remove)

    async def nodes(self, name: str) -> Sequence[ComputeNode]:
        """The nodes of a pool; this machine has slots, not nodes."""
        return () if name == THIS_MACHINE else await self._call(lambda: self._pools.nodes(self._named(name)))

    async def sizes(self) -> Sequence[ComputeSize]:
        """The one size that there is: this machine's."""
        return await self._call(
            lambda: (
                ComputeSize(
                    hardware.processor(),
                    "this machine",
                    hardware.processors(),
                    hardware.memory(),
                    hardware.gpus(),
                    low_priority=True,
                    supported=("amlcompute",),
                ),
            )
        )

    async def preempt(self, name: str) -> str:
        """Take away the first node of a low-priority pool that runs a job."""
        if name == THIS_MACHINE:
            await self._refuse(name, "taken away")

        def ask() -> str:
            pool = self._named(name)
            if pool.tier != LOW_PRIORITY:
                raise UserError(f"{name} is dedicated: its nodes are never taken away.")
            self._database.check_writable()
            job = next((node.job_name for node in self._pools.nodes(pool) if node.state == "running"), "")
            if job:
                (self._layout.job(job) / "preempt").touch()
            return job

        return await self._call(ask)

    def _this_machine(self) -> Compute:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT status, COUNT(*) FROM jobs WHERE compute = ? GROUP BY status", (THIS_MACHINE,)
            ).fetchall()
        counts = {status: number for status, number in rows if status not in _ENDED}
        queued = sum(counts.get(status, 0) for status in _WAITING)
        return replace(
            _machine(THIS_MACHINE, "local", "Running"),
            slots=self._slots,
            running_jobs=sum(counts.values()) - queued,
            queued_jobs=queued,
            description="Jobs run here as processes; `slots` in workspace.json says how many at once",
        )

    def _pool(self, pool: Pool) -> Compute:
        nodes = self._pools.nodes(pool)
        return replace(
            _machine(pool.name, "amlcompute", "Succeeded"),
            slots=pool.max_instances,
            running_jobs=sum(bool(node.job_name) for node in nodes),
            queued_jobs=self._pools.waiting(pool),
            description=pool.description,
            nodes=counted(nodes),
            min_instances=pool.min_instances,
            max_instances=pool.max_instances,
            idle_time=pool.idle_time,
            tier=pool.tier,
            created_by=pool.created_by,
            created_at=utc(pool.created_at),
            changed_at=utc(pool.changed_at),
            tags=pool.tags,
        )


def _machine(name: str, kind: str, state: str) -> Compute:
    return Compute(
        name,
        kind,
        state,
        size=hardware.processor(),
        vcpus=hardware.processors(),
        memory=hardware.memory(),
        gpus=hardware.gpus(),
        location=hardware.host(),
    )


def _made(spec: ComputeSpec, old: Compute | None) -> Pool:
    """The pool that a spec means; what it leaves out stays as it was."""
    least, most, idle = scale_of(spec, old)
    now = time.time()
    return Pool(
        spec.name,
        least,
        most,
        idle,
        old.tier if old else tier_of(spec),
        spec.description if spec.description is not None else old.description if old else "",
        text_tags(spec.tags) or (dict(old.tags) if old else {}),
        old.created_by if old else user_name(),
        old.created_at.timestamp() if old and old.created_at else now,
        now,
    )
