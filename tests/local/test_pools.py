"""Pools of slots: their nodes come when jobs wait, leave when they are idle, and can be taken away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.entities import Compute, Job, JobStatus
from services.errors import ConflictError, SpecError, UserError
from services.local import nodes, supervisor
from services.local.workspace import LocalWorkspace
from services.specs.assets import ComputeSpec
from services.specs.command import JobInput
from tests.support.running_jobs import ended, log_of, reached, submitted
from tests.support.waiting import eventually

HOLD = 600
"""Seconds that a node is kept from coming back, while a test looks."""


async def pool(local: LocalWorkspace, **fields: object) -> Compute:
    return await local.compute.create(ComputeSpec(**{"name": "cpu-pool", "type": "amlcompute", **fields}))  # type: ignore[arg-type]


def waits_for(gate: Path) -> str:
    """A command that ends when a file is there."""
    return f"while [ ! -e {gate} ]; do sleep 0.05; done"


def rest(local: LocalWorkspace, seconds: float) -> None:
    """Let the nodes of the pool have rested for longer than they have."""
    for file in (local.layout.pools / "cpu-pool" / "nodes").iterdir():
        then = file.stat().st_mtime - seconds
        os.utime(file, (then, then))


async def test_two_nodes_run_two_of_four_jobs_and_leave_when_they_are_idle(
    local: LocalWorkspace, tmp_path: Path
) -> None:
    made = await pool(local, max_instances=2, idle_time_before_scale_down=120)
    assert (made.nodes.total if made.nodes else None, made.slots) == (0, 2)
    gate = tmp_path / "gate"

    names = [await submitted(local.jobs, waits_for(gate), compute="azureml:cpu-pool") for _ in range(4)]

    await reached(local.jobs, names[0], JobStatus.RUNNING)
    await reached(local.jobs, names[1], JobStatus.RUNNING)
    for name in names[2:]:
        await reached(local.jobs, name, JobStatus.QUEUED)
    assert [(await local.jobs.get(name)).queue_position for name in names[2:]] == [1, 2]
    busy = await local.compute.get("cpu-pool")
    assert (busy.running_jobs, busy.queued_jobs) == (2, 2)
    assert busy.nodes is not None
    assert (busy.nodes.running, busy.nodes.total) == (2, 2)
    assert {node.job_name for node in await local.compute.nodes("cpu-pool")} == set(names[:2])
    with pytest.raises(ConflictError, match="2 running, 2 queued"):
        await local.compute.delete("cpu-pool")

    gate.touch()
    done = [await ended(local.jobs, name) for name in names]
    assert [job.status for job in done] == [JobStatus.COMPLETED] * 4
    assert done[0].summary.compute == "cpu-pool"
    assert "compute" not in {note.path for note in done[0].notes}, "nothing is replaced"
    await eventually(lambda: _nodes(local, idle=2))
    rest(local, 121)
    assert await local.compute.nodes("cpu-pool") == []
    await local.compute.delete("cpu-pool")


async def _nodes(local: LocalWorkspace, **counts: int) -> bool:
    found = [node.state for node in await local.compute.nodes("cpu-pool")]
    return sorted(found) == sorted(state for state, number in counts.items() for _ in range(number))


async def test_an_idle_node_takes_the_next_job(local: LocalWorkspace) -> None:
    await pool(local, max_instances=3)
    for _ in range(2):
        await ended(local.jobs, await submitted(local.jobs, "true", compute="cpu-pool"))
        await eventually(lambda: _nodes(local, idle=1))


async def test_the_fewest_nodes_never_leave(local: LocalWorkspace) -> None:
    await pool(local, min_instances=1, max_instances=2, idle_time_before_scale_down=0)
    assert [node.state for node in await local.compute.nodes("cpu-pool")] == ["idle"]
    await ended(local.jobs, await submitted(local.jobs, "true", compute="cpu-pool"))
    await eventually(lambda: _nodes(local, idle=1))
    rest(local, 1000)
    assert await _nodes(local, idle=1)


async def test_a_pool_that_shrinks_lets_its_jobs_end(local: LocalWorkspace, tmp_path: Path) -> None:
    await pool(local, max_instances=2)
    gate = tmp_path / "gate"
    names = [await submitted(local.jobs, waits_for(gate), compute="cpu-pool") for _ in range(2)]
    for name in names:
        await reached(local.jobs, name, JobStatus.RUNNING)
    smaller = await pool(local, max_instances=1)
    assert (smaller.min_instances, smaller.max_instances, smaller.idle_time) == (0, 1, 120)
    assert sorted(node.state for node in await local.compute.nodes("cpu-pool")) == ["leaving", "running"]
    gate.touch()
    assert [(await ended(local.jobs, name)).status for name in names] == [JobStatus.COMPLETED] * 2
    await eventually(lambda: _nodes(local, idle=1))


async def test_a_job_whose_node_is_taken_away_waits_and_begins_anew(local: LocalWorkspace, tmp_path: Path) -> None:
    await pool(local, max_instances=1, tier="low_priority")
    source, gate, began = tmp_path / "in.txt", tmp_path / "gate", tmp_path / "began"
    source.write_text("data")
    job = await submitted(
        local.jobs,
        f"cat ${{{{inputs.text}}}}; echo; echo $$ >> {began}; sleep 300 & {waits_for(gate)}",
        compute="cpu-pool",
        inputs={"text": JobInput(type="uri_file", path=str(source), mode="ro_mount")},
    )
    behind = await submitted(local.jobs, "true", compute="cpu-pool")
    await eventually(began.exists, 20)
    await eventually(lambda: len(supervisor.marked(local.layout.job(job))) >= 2)

    assert await local.compute.preempt("cpu-pool") == job

    again = await reached(local.jobs, job, JobStatus.QUEUED)
    rest(local, -HOLD)
    assert again.attempt == 2
    assert again.summary.started_at is None
    assert "taken away" in again.timeline[-1].detail
    assert not supervisor.marked(local.layout.job(job)), "its processes have ended"
    assert await _nodes(local, preempted=1)
    assert (await local.jobs.get(behind)).queue_position == 2
    assert await local.compute.preempt("cpu-pool") == "", "nothing runs"
    rest(local, HOLD + nodes.RETURN)
    await eventually(lambda: len(began.read_text().split()) == 2, 20)
    gate.touch()
    done = await ended(local.jobs, job)
    assert (done.status, done.attempt, done.exit_code) == (JobStatus.COMPLETED, 2, 0)
    assert (await log_of(local.jobs, job)).splitlines().count("data") == 2, "the input is bound again; the log goes on"
    assert (await ended(local.jobs, behind)).status is JobStatus.COMPLETED


async def test_a_job_that_waits_anew_can_be_cancelled(local: LocalWorkspace) -> None:
    await pool(local, max_instances=1, tier="LowPriority")
    name = await submitted(local.jobs, "sleep 300", compute="cpu-pool")
    await reached(local.jobs, name, JobStatus.RUNNING)
    assert await local.compute.preempt("cpu-pool") == name
    await reached(local.jobs, name, JobStatus.QUEUED)
    rest(local, -HOLD)
    await local.jobs.cancel(name)
    assert (await ended(local.jobs, name)).status is JobStatus.CANCELED
    assert await _nodes(local, preempted=1), "a job that waits holds no node"


async def test_a_lost_supervisor_gives_its_node_back(local: LocalWorkspace) -> None:
    await pool(local, max_instances=1)
    name = await submitted(local.jobs, "sleep 300", compute="cpu-pool")
    job = await reached(local.jobs, name, JobStatus.RUNNING)
    os.kill(_supervisor(local, job), 9)
    assert (await ended(local.jobs, name)).status is JobStatus.FAILED
    await ended(local.jobs, await submitted(local.jobs, "true", compute="cpu-pool"))


def _supervisor(local: LocalWorkspace, job: Job) -> int:
    return int(supervisor.read_state(local.layout.job(job.name))["supervisor"])


async def test_pools_outlive_the_app(local: LocalWorkspace) -> None:
    made = await pool(local, max_instances=2, description="two at once", tags={"team": "ml"})
    again = await LocalWorkspace.open(local.layout.root)
    assert await again.compute.get("cpu-pool") == made
    assert (await again.info()).counts["computes"] == 2
    await again.close()


async def test_a_dedicated_node_is_never_taken_away(local: LocalWorkspace) -> None:
    await pool(local)
    with pytest.raises(UserError, match="dedicated"):
        await local.compute.preempt("cpu-pool")
    with pytest.raises(UserError, match="can't be taken away"):
        await local.compute.preempt("this-machine")


@pytest.mark.parametrize("kind", ["computeinstance", "virtualmachine", "kubernetes", "synapsespark"])
async def test_what_this_machine_can_not_have_is_refused(local: LocalWorkspace, kind: str) -> None:
    with pytest.raises(SpecError, match="this machine and pools of it"):
        await pool(local, type=kind)
    assert [compute.name for compute in await local.compute.list()] == ["this-machine"]


async def test_fields_of_the_cloud_are_told_and_left_out(local: LocalWorkspace) -> None:
    spec = ComputeSpec(
        "cpu-pool", "amlcompute", size="STANDARD_DS3_V2", max_instances=500, identity={"type": "system_assigned"}
    )
    faults = {fault.path: (fault.severity, fault.message) for fault in await local.compute.check(spec)}
    assert faults["size"] == ("note", "STANDARD_DS3_V2 is replaced by this machine")
    assert faults["identity"] == ("note", "is left out: it means nothing on this machine")
    assert faults["max_instances"][0] == "warning"
    assert (await local.compute.create(spec)).max_instances == 500


async def test_the_one_size_is_that_of_this_machine(local: LocalWorkspace) -> None:
    (size,) = await local.compute.sizes()
    machine = await local.compute.get("this-machine")
    assert (size.name, size.vcpus, size.memory) == (machine.size, machine.vcpus, machine.memory)
