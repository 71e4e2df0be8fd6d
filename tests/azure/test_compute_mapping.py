"""Bodies of computes as entities: the true ones of the service, and odd ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.azure import compute_mapping
from services.azure.compute_mapping import GIB
from services.entities import ComputeSchedule, ComputeSize, NodeCounts, SshEndpoint
from services.targets import AzureTarget

TARGET = AzureTarget("S", "rg", "ws")
BODIES = Path(__file__).parents[2] / "../shared/reference/azure_bodies"
DS2 = ComputeSize("Standard_DS2_v2", vcpus=2, memory=7 * GIB)
SIZES = {"standard_ds2_v2": DS2}


def true_body(name: str) -> dict[str, Any]:
    """A body that the service has answered."""
    path = BODIES / f"{name}.json"
    if not path.is_file():
        pytest.skip("the true bodies are not on this machine (../shared/reference/azure_bodies)")
    body: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return body


def instance(**details: Any) -> dict[str, Any]:
    properties = {"computeType": "ComputeInstance", "provisioningState": "Succeeded", "properties": details}
    return {"name": "ada-notebook", "properties": properties}


def cluster(**details: Any) -> dict[str, Any]:
    properties = {"computeType": "AmlCompute", "provisioningState": "Succeeded", "properties": details}
    return {"name": "cpu", "properties": properties}


def test_a_true_cluster() -> None:
    found = compute_mapping.compute(true_body("amlcompute_get_steady"), TARGET, SIZES)
    assert (found.name, found.type, found.state) == ("test49208482942", "amlcompute", "Succeeded")
    assert (found.size, found.vcpus, found.memory) == ("Standard_DS2_v2", 2, 7 * GIB)
    assert (found.min_instances, found.max_instances, found.slots, found.idle_time) == (0, 2, 2, 200)
    assert (found.tier, found.price_per_hour) == ("dedicated", 0.146)
    assert found.nodes == NodeCounts()
    assert found.created_at == datetime(2024, 12, 18, 9, 4, 9, 352097, UTC)
    assert (found.location, found.description, found.ssh_public_access) == ("eastus", "some_desc_aml", True)
    assert found.error == ""
    assert found.studio_url.startswith("https://ml.azure.com/compute/test49208482942/details?wsid=/subscriptions/S/")


def test_a_true_instance() -> None:
    body = {"name": "nb", "location": "westus", **true_body("compute_instance_get_running")}
    found = compute_mapping.compute(body, TARGET, SIZES)
    assert (found.name, found.type, found.state) == ("nb", "computeinstance", "Running")
    assert found.last_operation == "Start succeeded"
    assert found.applications[1] == ("Jupyter Lab", "https://test72249821874.westus.instances.azureml.ms/lab")
    assert (found.ssh, found.ssh_public_access) == (None, False)
    assert (found.nodes, found.idle_time, found.schedules) == (None, None, ())
    assert found.price_per_hour == 0.146


def test_nodes_are_counted_by_state_and_resizing_is_a_state() -> None:
    counts = {"idleNodeCount": 1, "runningNodeCount": 2, "preemptedNodeCount": 3, "unusableNodeCount": None}
    found = compute_mapping.compute(
        cluster(nodeStateCounts=counts, allocationState="Resizing", vmPriority="LowPriority", vmSize="STANDARD_DS2_V2"),
        TARGET,
        SIZES,
    )
    assert found.nodes == NodeCounts(idle=1, running=2, preempted=3)
    assert (found.nodes.total if found.nodes else 0, found.running_jobs, found.state) == (3, 2, "Resizing")
    assert (found.tier, found.price_per_hour, found.size) == ("low_priority", 0.0292, "Standard_DS2_v2")


def test_an_instance_with_all_that_it_can_have() -> None:
    body = instance(
        state="Stopped",
        idleTimeBeforeShutdown="PT30M",
        sshSettings={"sshPublicAccess": "Enabled", "sshPort": 50001, "adminUserName": "azureuser"},
        connectivityEndpoints={"publicIpAddress": "203.0.113.9"},
        personalComputeInstanceSettings={"assignedUser": {"objectId": "o-1", "tenantId": "t"}},
        subnet={"id": "/subscriptions/S/subnets/lab"},
        setupScripts={
            "scripts": {"creationScript": {"scriptData": "setup.sh"}, "startupScript": {"scriptData": "up.sh"}}
        },
        schedules={
            "computeStartStop": [
                {
                    "action": "Stop",
                    "triggerType": "Cron",
                    "status": "Enabled",
                    "cron": {"expression": "0 18 * * *", "timeZone": "W. Europe Standard Time"},
                },
                {
                    "action": "Start",
                    "triggerType": "Recurrence",
                    "status": "Disabled",
                    "recurrence": {
                        "frequency": "Week",
                        "interval": 1,
                        "schedule": {"hours": [8], "minutes": [30], "weekDays": ["Monday", "Friday"]},
                    },
                },
            ]
        },
        errors=[{"error": {"code": "OutOfDisk", "message": "The disk is full."}}],
        lastOperation={"operationName": "Stop", "operationStatus": "StopFailed"},
        createdBy={"userName": "Ada", "userId": "u"},
    )
    body["identity"] = {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {"/x/y/robot": {}}}
    body["tags"] = {"team": "ml"}
    found = compute_mapping.compute(body, TARGET, {})
    assert found.idle_time == 1800
    assert found.ssh == SshEndpoint("203.0.113.9", 50001, "azureuser")
    assert (found.assigned_to, found.created_by) == ("o-1", "Ada")
    assert found.subnet == "/subscriptions/S/subnets/lab"
    assert found.setup_script == "setup.sh, up.sh at each start"
    assert found.schedules == (
        ComputeSchedule("stop", "0 18 * * *", "W. Europe Standard Time"),
        ComputeSchedule("start", "30 8 * * 1,5", enabled=False),
    )
    assert found.error == "The disk is full. (OutOfDisk)"
    assert found.last_operation == "Stop stopfailed"
    assert found.identity == "system_assigned, user_assigned: robot"
    assert found.tags == {"team": "ml"}


@pytest.mark.parametrize(
    ("recurrence", "cron"),
    [
        ({"frequency": "Minute", "interval": 15}, "*/15 * * * *"),
        ({"frequency": "Hour", "interval": 1, "schedule": {"minutes": [5]}}, "5 * * * *"),
        ({"frequency": "Day", "interval": 2, "schedule": {"hours": [7, 19], "minutes": [0]}}, "0 7,19 */2 * *"),
        ({"frequency": "Month", "schedule": {"monthDays": [1, 15], "hours": [6]}}, "0 6 1,15 * *"),
        ({"frequency": "Week", "interval": 2}, "every 2 weeks"),
    ],
)
def test_recurrences_as_cron(recurrence: dict[str, Any], cron: str) -> None:
    body = instance(schedules={"computeStartStop": [{"action": "Start", "recurrence": recurrence}]})
    assert [schedule.cron for schedule in compute_mapping.compute(body, TARGET, {}).schedules] == [cron]


def test_attached_machines_and_kubernetes() -> None:
    machine = {
        "name": "vm",
        "properties": {
            "computeType": "VirtualMachine",
            "isAttachedCompute": True,
            "resourceId": "/subscriptions/S/vm",
            "provisioningState": "Succeeded",
            "properties": {"address": "203.0.113.4", "sshPort": 22, "administratorAccount": {"username": "ada"}},
        },
    }
    found = compute_mapping.compute(machine, TARGET, {})
    assert found.ssh == SshEndpoint("203.0.113.4", 22, "ada")
    assert (found.resource_id, compute_mapping.is_attached(machine)) == ("/subscriptions/S/vm", True)
    kubernetes = {"name": "k", "properties": {"computeType": "Kubernetes", "properties": {"namespace": "ml"}}}
    assert compute_mapping.compute(kubernetes, TARGET, {}).namespace == "ml"
    assert not compute_mapping.is_attached(kubernetes)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"name": "x", "properties": None},
        {"name": "x", "properties": {"computeType": None, "properties": None, "provisioningErrors": "bad"}},
        {
            "name": "x",
            "properties": {"computeType": "AmlCompute", "properties": {"nodeStateCounts": None, "errors": {}}},
        },
        {
            "name": "x",
            "tags": 1,
            "identity": [],
            "systemData": "y",
            "properties": {"createdOn": "noon", "properties": []},
        },
        instance(
            schedules={"computeStartStop": [None, {"action": None}, {"cron": {"expression": None}}]}, applications=3
        ),
        cluster(scaleSettings={"maxNodeCount": "many", "nodeIdleTimeBeforeScaleDown": 5}, vmPriority="Gold", vmSize=1),
    ],
)
def test_what_is_missing_or_odd_is_empty(body: dict[str, Any]) -> None:
    found = compute_mapping.compute(body, TARGET, SIZES)
    assert found.name
    assert (found.size, found.tier, found.schedules, found.slots, found.error) == ("", "", (), 1, "")
    assert found.state


def test_an_unknown_kind_keeps_the_name_that_the_service_gives_it() -> None:
    body = {"name": "dbx", "properties": {"computeType": "Databricks", "provisioningState": "Brewing"}}
    found = compute_mapping.compute(body, TARGET, {})
    assert (found.type, found.state) == ("Databricks", "Brewing")


def test_nodes() -> None:
    body = {
        "nodeId": "n-1",
        "nodeState": "Running",
        "runId": "keen_star_1",
        "publicIpAddress": "203.0.113.2",
        "port": 50000,
    }
    found = compute_mapping.node(body, "azureuser")
    assert (found.node_id, found.state, found.job_name) == ("n-1", "running", "keen_star_1")
    assert found.ssh is not None
    assert found.ssh.command == "ssh azureuser@203.0.113.2 -p 50000"
    unnamed = compute_mapping.node({"publicIpAddress": "203.0.113.2", "port": 50000}, "").ssh
    assert unnamed is not None
    assert unnamed.command == "ssh 203.0.113.2 -p 50000"
    assert compute_mapping.node({"nodeState": None, "port": "x"}, "").ssh is None


@pytest.mark.parametrize(
    "usage_name", ["standardDSv2Family", "Standard DSv2 Family Cluster Dedicated vCPUs", "STANDARDDSV2FAMILY"]
)
def test_sizes_know_what_is_left_of_their_quota(usage_name: str) -> None:
    bodies: list[dict[str, Any]] = [
        {"name": "Standard_NC6s_v3", "family": "standardNCSv3Family", "vCPUs": 6, "gpus": 1, "memoryGB": 112.0},
        {
            "name": "Standard_DS2_v2",
            "family": "standardDSv2Family",
            "vCPUs": 2,
            "memoryGB": 7.0,
            "maxResourceVolumeMB": 14336,
            "lowPriorityCapable": True,
            "supportedComputeTypes": ["AmlCompute"],
        },
        {"family": "nameless"},
    ]
    usages: list[dict[str, Any]] = [{"name": {"value": usage_name}, "currentValue": 6, "limit": 10}, {"name": None}]
    small, gpu = compute_mapping.sizes(bodies, usages)
    assert (small.name, small.memory, small.disk, small.quota_left) == ("Standard_DS2_v2", 7 * GIB, 14 * GIB, 4)
    assert (small.supported, small.low_priority, small.price_per_hour) == (("amlcompute",), True, 0.146)
    assert (gpu.gpus, gpu.quota_left, gpu.low_priority) == (1, None, False)
