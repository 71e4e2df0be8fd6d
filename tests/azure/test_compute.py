"""Computes of an Azure workspace, by the real SDK."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from services.azure import client
from services.azure.workspace import AzureWorkspace
from services.entities import JobQuery, NodeCounts
from services.errors import ConflictError, NotFoundError, SpecError, TransientError, UserError
from services.operations import Operation, OperationState
from services.specs.assets import ComputeSpec
from tests.azure_emulator.control_plane.compute_states import set_nodes
from tests.azure_emulator.faults import Fault
from tests.azure_emulator.lab import AzureLab
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure
SUBNET = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/lab/subnets/nodes"
CLUSTER = ComputeSpec(
    "my-cluster", "amlcompute", size="Standard_DS3_v2", max_instances=2, idle_time_before_scale_down=90
)


@pytest.fixture(autouse=True)
def quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "POLLING_SECONDS", 0.05)


def last(workspace: AzureWorkspace) -> Operation:
    return workspace.operations.list()[0]


async def done(workspace: AzureWorkspace) -> Operation:
    """The last operation, when it has ended."""
    await eventually(lambda: not workspace.operations.running, 20)
    return last(workspace)


def body_of(lab: AzureLab, name: str) -> dict[str, Any]:
    return lab.store[f"{lab.workspace_id}/computes/{name}"]


def paths(faults: Sequence[Any], severity: str = "error") -> list[str]:
    return [fault.path for fault in faults if fault.severity == severity]


async def test_the_list_has_all_kinds_with_sizes_nodes_and_prices(workspace: AzureWorkspace) -> None:
    found = {compute.name: compute for compute in await workspace.compute.list()}
    assert list(found) == ["ada-notebook", "cpu-cluster", "gpu-spot", "rosa-notebook"]
    cluster = found["cpu-cluster"]
    assert (cluster.type, cluster.vcpus, cluster.memory, cluster.slots) == ("amlcompute", 4, 14 << 30, 4)
    assert cluster.nodes == NodeCounts(running=1, idle=1)
    assert (found["gpu-spot"].gpus, found["gpu-spot"].tier, found["gpu-spot"].price_per_hour) == (
        1,
        "low_priority",
        0.1052,
    )
    assert (found["ada-notebook"].state, found["rosa-notebook"].state) == ("Running", "Stopped")
    assert found["rosa-notebook"].idle_time == 3600


async def test_jobs_that_run_and_wait_are_counted_as_the_list_of_jobs_saw_them(
    workspace: AzureWorkspace, azure_lab: AzureLab
) -> None:
    jobs = [
        job["properties"] for job in azure_lab.seed_jobs(60) if "cpu-cluster" in str(job["properties"].get("computeId"))
    ]
    waiting = sum(job["status"] in ("Queued", "NotStarted") for job in jobs)
    running = sum(job["status"] in ("Running", "Preparing", "Starting", "Finalizing") for job in jobs)
    assert waiting
    assert running > (await workspace.compute.get("cpu-cluster")).running_jobs == 1, "nodes that run"
    await workspace.jobs.list(JobQuery())
    found = {compute.name: (compute.running_jobs, compute.queued_jobs) for compute in await workspace.compute.list()}
    cluster = await workspace.compute.get("cpu-cluster")
    assert found["cpu-cluster"] == (running, waiting) == (cluster.running_jobs, cluster.queued_jobs)
    assert found["ada-notebook"] == (0, 0)


async def test_sizes_are_asked_for_once(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    for _ in range(3):
        await workspace.compute.list()
    assert len(azure_lab.requests.matching("/vmSizes")) == 1


async def test_a_cluster_is_accepted_at_once_and_made_in_the_background(
    workspace: AzureWorkspace, azure_lab: AzureLab
) -> None:
    azure_lab.emulator.settings.operation_seconds = float("inf")
    made = await workspace.compute.create(CLUSTER)
    assert (made.state, made.size, made.max_instances, made.idle_time) == ("Creating", "Standard_DS3_v2", 2, 90)
    assert (last(workspace).verb, last(workspace).subject, last(workspace).state) == (
        "Create",
        "my-cluster",
        OperationState.RUNNING,
    )
    azure_lab.operations.finish_all()
    assert (await done(workspace)).state is OperationState.SUCCEEDED
    assert (await workspace.compute.get("my-cluster")).state == "Succeeded"


async def test_what_azure_can_not_make_is_told_by_the_operation(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.operations.fail_next("QuotaExceeded", "Operation would exceed the quota of 100 cores.")
    await workspace.compute.create(CLUSTER)
    operation = await done(workspace)
    assert operation.state is OperationState.FAILED
    assert operation.error is not None
    assert operation.error.detail == "Operation would exceed the quota of 100 cores. (QuotaExceeded)"
    assert "QuotaExceeded" in (await workspace.compute.get("my-cluster")).error


async def test_what_azure_refuses_is_raised(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(Fault(r"PUT .*/computes/my-cluster", status=409))
    with pytest.raises(ConflictError):
        await workspace.compute.create(CLUSTER)
    assert last(workspace).state is OperationState.FAILED
    with pytest.raises(NotFoundError):
        await workspace.compute.get("my-cluster")


async def test_a_cluster_is_scaled_and_all_else_stays(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    body_of(azure_lab, "gpu-spot")["properties"]["properties"]["subnet"] = {"id": SUBNET}
    changed = await workspace.compute.create(
        ComputeSpec(
            "gpu-spot",
            "amlcompute",
            max_instances=1,
            idle_time_before_scale_down=60,
            identity={"type": "system_assigned"},
        )
    )
    assert (changed.max_instances, changed.idle_time) == (1, 60)
    assert (await done(workspace)).verb == "Change"
    after = await workspace.compute.get("gpu-spot")
    sent = azure_lab.requests.matching("PUT .*/computes/gpu-spot")[-1].json()["properties"]["properties"]
    assert sent["subnet"] == {"id": SUBNET}
    assert (after.size, after.tier, after.identity) == ("Standard_NC4as_T4_v3", "low_priority", "system_assigned")


async def test_what_can_not_change_is_a_fault(workspace: AzureWorkspace) -> None:
    spec = ComputeSpec("cpu-cluster", "amlcompute", size="Standard_DS2_v2", tier="low_priority", location="eastus")
    assert paths(await workspace.compute.check(spec)) == ["size", "tier", "location"]
    assert paths(await workspace.compute.check(ComputeSpec("cpu-cluster", "computeinstance"))) == ["type"]
    assert paths(await workspace.compute.check(ComputeSpec("ada-notebook", "computeinstance"))) == ["name"]
    with pytest.raises(SpecError):
        await workspace.compute.create(spec)


async def test_quota_and_sizes_are_checked(workspace: AzureWorkspace) -> None:
    async def faults(**fields: Any) -> dict[str, tuple[str, str]]:
        found = await workspace.compute.check(ComputeSpec("new-one", **{"type": "amlcompute", **fields}))
        return {fault.path: (fault.severity, fault.message) for fault in found}

    assert (await faults(size="Standard_NoSuch"))["size"] == ("error", "the region has no size Standard_NoSuch")
    none_left = (await faults(size="Standard_NC24ads_A100_v4"))["size"]
    assert none_left[0] == "error"
    assert "0 of 0 vCPUs" in none_left[1]
    some_left = (await faults(size="Standard_NC4as_T4_v3", max_instances=5))["max_instances"]
    assert some_left[0] == "warning"
    assert "enough for 2 now" in some_left[1]
    assert "size" not in await faults(size="Standard_NC24ads_A100_v4", tier="low_priority")
    assert not await faults(size="standard_ds3_v2", max_instances=2)
    assert (await faults(type="computeinstance", size="Standard_NC24ads_A100_v4"))["size"][0] == "error"


async def test_an_instance_is_made_with_all_that_it_can_have(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    await workspace.compute.create(
        ComputeSpec(
            "my-notebook",
            "computeinstance",
            size="Standard_DS2_v2",
            idle_time_before_shutdown_minutes=30,
            ssh_public_access_enabled=True,
            ssh_settings={"ssh_key_value": "ssh-rsa AAAA"},
            schedules={
                "compute_start_stop": [
                    {"action": "stop", "trigger": {"type": "cron", "expression": "0 18 * * *", "time_zone": "UTC"}}
                ]
            },
            setup_scripts={"creation_script": {"path": "setup.sh", "timeout_minutes": 10}},
            create_on_behalf_of={"user_tenant_id": "t-1", "user_object_id": "o-1"},
            identity={"type": "system_assigned"},
            tags={"team": "ml"},
        )
    )
    assert (await done(workspace)).state is OperationState.SUCCEEDED
    made = await workspace.compute.get("my-notebook")
    assert (made.state, made.size, made.idle_time) == ("Running", "Standard_DS2_v2", 1800)
    assert [(schedule.action, schedule.cron) for schedule in made.schedules] == [("stop", "0 18 * * *")]
    assert (made.setup_script, made.assigned_to, made.identity) == ("setup.sh", "o-1", "system_assigned")
    assert made.ssh is not None
    assert made.ssh.command == "ssh azureuser@203.0.113.10 -p 50000"
    assert made.tags == {"team": "ml"}


async def test_an_instance_stops_starts_and_restarts(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.emulator.settings.operation_seconds = float("inf")
    await workspace.compute.stop("ada-notebook")
    assert (await workspace.compute.get("ada-notebook")).state == "Stopping"
    await workspace.compute.stop("ada-notebook")
    assert len(workspace.operations.list()) == 1, "it stops already"
    with pytest.raises(ConflictError, match="Stopping"):
        await workspace.compute.restart("ada-notebook")
    azure_lab.operations.finish_all()
    await done(workspace)
    assert (await workspace.compute.get("ada-notebook")).last_operation == "Stop succeeded"
    azure_lab.emulator.settings.operation_seconds = 0.01
    for verb, state in (("start", "Running"), ("restart", "Running")):
        await getattr(workspace.compute, verb)("ada-notebook")
        assert (await done(workspace)).verb == verb.capitalize()
        assert (await workspace.compute.get("ada-notebook")).state == state


async def test_clusters_have_no_power_button(workspace: AzureWorkspace) -> None:
    for verb in ("start", "stop", "restart", "preempt"):
        with pytest.raises(UserError):
            await getattr(workspace.compute, verb)("cpu-cluster")
        with pytest.raises(NotFoundError):
            await getattr(workspace.compute, verb)("nowhere")
    assert not workspace.operations.list()


async def test_deleting_ends_in_the_background(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.emulator.settings.operation_seconds = float("inf")
    await workspace.compute.delete("gpu-spot")
    assert (await workspace.compute.get("gpu-spot")).state == "Deleting"
    azure_lab.operations.finish_all()
    assert (await done(workspace)).verb == "Delete"
    with pytest.raises(NotFoundError):
        await workspace.compute.get("gpu-spot")


async def test_attached_computes_are_detached(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    spec = ComputeSpec(
        "my-k8s",
        "kubernetes",
        namespace="ml",
        resource_id="/subscriptions/S/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/edge",
    )
    assert (await workspace.compute.create(spec)).namespace == "ml"
    assert (await done(workspace)).verb == "Attach"
    await workspace.compute.delete("my-k8s")
    assert (await done(workspace)).verb == "Detach"
    assert "underlyingResourceAction=Detach" in azure_lab.requests.matching("DELETE")[-1].query


async def test_a_spark_pool_comes_with_its_checklist(workspace: AzureWorkspace) -> None:
    pool = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Synapse/workspaces/syn/bigDataPools/small"
    spec = ComputeSpec("my-spark", "synapsespark", resource_id=pool, identity={"type": "system_assigned"})
    notes = [fault.message for fault in await workspace.compute.check(spec)]
    assert len(notes) == 4
    assert "Synapse Administrator" in notes[2]
    assert (await workspace.compute.create(spec)).type == "synapsespark"


async def test_nodes_tell_their_state(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    set_nodes(body_of(azure_lab, "cpu-cluster"), running=1, preempted=1)
    assert [node.state for node in await workspace.compute.nodes("cpu-cluster")] == ["running", "preempted"]
    assert await workspace.compute.nodes("ada-notebook") == ()
    with pytest.raises(NotFoundError):
        await workspace.compute.nodes("nowhere")


async def test_a_read_that_fails_is_an_error_of_ours(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(Fault(r"GET .*/computes(\?|$)", status=503, count=10))
    with pytest.raises(TransientError):
        await workspace.compute.list()


async def test_an_identity_that_may_not_see_sizes_sees_computes(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(Fault("/vmSizes", status=403, count=10))
    found = await workspace.compute.get("cpu-cluster")
    assert (found.size, found.vcpus) == ("Standard_DS3_v2", 0)


MACHINE = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/box"
NETWORK = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Network"
ATTACHED = ComputeSpec(
    "my-box",
    "virtualmachine",
    resource_id=MACHINE,
    ssh_settings={"admin_username": "ada", "admin_password": "Open-Sesame-99"},
)


def with_machine(lab: AzureLab, *, offer: str = "ubuntu-24_04-lts", system: str = "Linux", address: str = "") -> None:
    """Let Azure know a machine, its network card and its address."""
    card, public = f"{NETWORK}/networkInterfaces/nic", f"{NETWORK}/publicIPAddresses/ip"
    storage = {"imageReference": {"offer": offer}, "osDisk": {"osType": system}}
    bodies = {
        MACHINE: {"storageProfile": storage, "networkProfile": {"networkInterfaces": [{"id": card}]}},
        card: {"ipConfigurations": [{"properties": {"publicIPAddress": {"id": public} if address else None}}]},
        public: {"ipAddress": address},
    }
    for path, properties in bodies.items():
        body = json.dumps({"properties": properties}).encode()
        lab.faults.add(Fault(f"GET {path}", count=10, status=200, body=body, content_type="application/json"))


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        ({}, "no public address"),
        ({"address": "10.0.0.4"}, "10.0.0.4 is a private address"),
        ({"system": "Windows"}, "the machine runs Windows; only Ubuntu"),
        ({"offer": "debian-12"}, "made from debian-12; only Ubuntu"),
    ],
)
async def test_a_machine_that_can_not_be_used_is_refused_with_the_reason(
    workspace: AzureWorkspace, azure_lab: AzureLab, machine: dict[str, str], words: str
) -> None:
    with_machine(azure_lab, **machine)
    with pytest.raises(SpecError, match=words) as raised:
        await workspace.compute.create(ATTACHED)
    assert "Open-Sesame" not in repr(raised.value.faults)


async def test_a_machine_that_can_not_be_looked_up_is_attached_with_a_warning(
    workspace: AzureWorkspace, azure_lab: AzureLab
) -> None:
    (warning,) = await workspace.compute.check(ATTACHED)
    assert (warning.path, warning.severity) == ("resource_id", "warning")
    assert "could not be looked up" in warning.message
    made = await workspace.compute.create(ATTACHED)
    assert (made.type, made.resource_id) == ("virtualmachine", MACHINE)
    assert (await done(workspace)).state is OperationState.SUCCEEDED
    told = repr([made, await workspace.compute.list(), workspace.operations.list()])
    assert "Open-Sesame" not in told
