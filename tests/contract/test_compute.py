from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.azure import client
from services.entities import Compute, ComputeNode
from services.errors import NotFoundError, SpecError, UserError
from services.specs.assets import ComputeSpec
from services.workspace import Workspace
from tests.contract.conftest import FinishJob
from tests.support.entities import HOSTILE
from tests.support.waiting import eventually

SPEC = ComputeSpec("cpu-pool", "amlcompute", size="Standard_DS3_v2", max_instances=2, idle_time_before_scale_down=90)


@pytest.fixture(autouse=True)
def quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long in Azure takes no time in the emulator."""
    monkeypatch.setattr(client, "POLLING_SECONDS", 0.05)


async def made(workspace: Workspace, spec: ComputeSpec = SPEC) -> Compute:
    """A cluster or pool that is ready."""
    await workspace.compute.create(spec)
    await eventually(lambda: not workspace.operations.running, 20)
    return await workspace.compute.get(spec.name)


async def errors(workspace: Workspace, **fields: Any) -> list[str]:
    """Where `check` finds errors when some fields of the spec are others."""
    spec = replace(SPEC, **fields)
    return [fault.path for fault in await workspace.compute.check(spec) if fault.severity == "error"]


class TestCompute:
    async def test_a_job_can_run_somewhere(self, workspace: Workspace) -> None:
        await made(workspace)
        found = await workspace.compute.list()
        assert [compute.name for compute in found] == sorted(compute.name for compute in found)
        assert len(found) == (await workspace.info()).counts["computes"] >= 1
        for compute in found:
            assert compute.name
            assert compute.type
            assert compute.state
            assert compute.size
            assert compute.vcpus >= 1
            assert compute.slots >= 1
            assert compute.memory > 100_000_000, "bytes"
            assert await workspace.compute.get(compute.name) == compute

    async def test_jobs_that_have_ended_are_not_counted(self, workspace: Workspace, finish: FinishJob) -> None:
        finish("keen_star_1")
        finish("calm_sea_2")
        for compute in await workspace.compute.list():
            assert (compute.running_jobs, compute.queued_jobs) == (0, 0)

    @pytest.mark.parametrize("name", ["nowhere", "", "%", HOSTILE])
    async def test_no_such_compute(self, workspace: Workspace, name: str) -> None:
        compute = workspace.compute
        for call in (
            compute.get,
            compute.start,
            compute.stop,
            compute.restart,
            compute.delete,
            compute.nodes,
            compute.preempt,
        ):
            with pytest.raises(NotFoundError):
                await call(name)
        assert not workspace.operations.list()

    async def test_a_cluster_is_made(self, workspace: Workspace) -> None:
        before = len(await workspace.compute.list())
        cluster = await made(workspace, replace(SPEC, description="for all", tags={"team": "ml"}, tier="low_priority"))
        assert (cluster.name, cluster.type, cluster.state) == ("cpu-pool", "amlcompute", "Succeeded")
        assert (cluster.min_instances, cluster.max_instances, cluster.slots, cluster.idle_time) == (0, 2, 2, 90)
        assert (cluster.tier, cluster.description, cluster.tags) == ("low_priority", "for all", {"team": "ml"})
        assert cluster.nodes is not None
        assert cluster.nodes.total == 0
        assert cluster.created_by
        assert cluster.created_at is not None
        assert len(await workspace.compute.list()) == before + 1

    async def test_what_is_left_out_has_its_default(self, workspace: Workspace) -> None:
        cluster = await made(workspace, ComputeSpec("cpu-pool", "amlcompute"))
        assert (cluster.min_instances, cluster.max_instances, cluster.idle_time) == (0, 4, 120)
        assert cluster.tier == "dedicated"

    async def test_its_scale_can_be_changed_and_the_rest_stays(self, workspace: Workspace) -> None:
        first = await made(workspace, replace(SPEC, description="for all", tags={"team": "ml"}))
        second = await made(workspace, ComputeSpec("cpu-pool", "amlcompute", max_instances=3))
        assert (second.max_instances, second.idle_time) == (3, 90)
        assert (second.size, second.tier, second.description) == (first.size, first.tier, "for all")
        assert (second.tags, second.created_at) == (first.tags, first.created_at)
        third = await made(workspace, ComputeSpec("cpu-pool", "amlcompute", idle_time_before_scale_down=30))
        assert (third.max_instances, third.idle_time) == (3, 30)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"name": "x"}, "name"),
            ({"name": "-begins-badly"}, "name"),
            ({"name": "ends-badly-"}, "name"),
            ({"name": "under_score"}, "name"),
            ({"name": "n" * 33}, "name"),
            ({"name": "../up"}, "name"),
            ({"name": HOSTILE}, "name"),
            ({"max_instances": 0}, "max_instances"),
            ({"min_instances": -1}, "min_instances"),
            ({"min_instances": 3}, "min_instances"),
            ({"idle_time_before_scale_down": -1}, "idle_time_before_scale_down"),
            ({"tier": "cheap"}, "tier"),
        ],
    )
    async def test_faults_are_found_before(self, workspace: Workspace, fields: dict[str, Any], path: str) -> None:
        before = await workspace.compute.list()
        assert await errors(workspace, **fields) == [path]
        with pytest.raises(SpecError):
            await workspace.compute.create(replace(SPEC, **fields))
        assert await workspace.compute.list() == before

    async def test_what_can_not_be_changed_any_more_is_a_fault(self, workspace: Workspace) -> None:
        assert await errors(workspace) == []
        await made(workspace)
        assert await errors(workspace) == [], "a name that is taken is no fault"
        assert await errors(workspace, max_instances=1, idle_time_before_scale_down=0) == []
        assert await errors(workspace, tier="low_priority") == ["tier"]
        assert await errors(workspace, type="computeinstance") == ["type"]

    async def test_low_priority_is_noted(self, workspace: Workspace) -> None:
        found = await workspace.compute.check(replace(SPEC, tier="low_priority"))
        assert any(fault.path == "tier" and "pre-empted" in fault.message for fault in found)

    async def test_the_fewest_nodes_are_there_without_jobs(self, workspace: Workspace) -> None:
        await made(workspace)
        assert not await workspace.compute.nodes("cpu-pool")
        await made(workspace, replace(SPEC, min_instances=1))
        nodes: list[ComputeNode] = []

        async def is_there() -> bool:
            nodes[:] = await workspace.compute.nodes("cpu-pool")
            return [node.state for node in nodes] == ["idle"]

        await eventually(is_there, 20)
        assert nodes[0].node_id
        assert nodes[0].job_name == ""
        counts = (await workspace.compute.get("cpu-pool")).nodes
        assert counts is not None
        assert (counts.idle, counts.total) == (1, 1)

    async def test_a_cluster_can_not_be_switched(self, workspace: Workspace) -> None:
        await made(workspace)
        for call in (workspace.compute.start, workspace.compute.stop, workspace.compute.restart):
            with pytest.raises(UserError, match="cpu-pool"):
                await call("cpu-pool")

    async def test_a_dedicated_node_can_not_be_taken_away(self, workspace: Workspace) -> None:
        await made(workspace)
        with pytest.raises(UserError):
            await workspace.compute.preempt("cpu-pool")

    async def test_a_cluster_is_deleted_and_its_name_is_free(self, workspace: Workspace) -> None:
        await made(workspace)
        await workspace.compute.delete("cpu-pool")

        async def is_gone() -> bool:
            return "cpu-pool" not in {compute.name for compute in await workspace.compute.list()}

        await eventually(is_gone, 20)
        with pytest.raises(NotFoundError):
            await workspace.compute.get("cpu-pool")
        again = await made(workspace, replace(SPEC, tier="low_priority"))
        assert again.tier == "low_priority"

    async def test_the_sizes_that_there_are(self, workspace: Workspace) -> None:
        sizes = await workspace.compute.sizes()
        assert [size.name for size in sizes] == sorted({size.name for size in sizes}, key=str.lower)
        assert sizes
        for size in sizes:
            assert size.vcpus >= 1
            assert size.memory > 100_000_000, "bytes"
            assert size.gpus >= 0
