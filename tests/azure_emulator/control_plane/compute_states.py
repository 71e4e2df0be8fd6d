"""What computes go through: being created, started, stopped, resized."""

from __future__ import annotations

from typing import Any

from tests.azure_emulator.arm import WorkspaceId, name_of, resource_type, system_data, timestamp
from tests.azure_emulator.control_plane.sizes import size_named
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.identity import TENANT
from tests.azure_emulator.store import Resource

NODE_STATES = ("preparing", "running", "idle", "unusable", "leaving", "preempted")
CLUSTER, INSTANCE = "AmlCompute", "ComputeInstance"
ATTACHED = frozenset({"Kubernetes", "VirtualMachine", "SynapseSpark", "DataFactory", "Databricks", "HDInsight", "AKS"})

_CLUSTER_DETAILS: dict[str, Any] = {
    "subnet": None,
    "currentNodeCount": 0,
    "targetNodeCount": 0,
    "allocationState": "Steady",
    "errors": None,
    "osType": "Linux",
    "vmPriority": "Dedicated",
    "virtualMachineImage": None,
    "isolatedNetwork": False,
    "enableNodePublicIp": True,
    "remoteLoginPortPublicAccess": "Disabled",
    "propertyBag": {},
}
_INSTANCE_DETAILS: dict[str, Any] = {
    "subnet": None,
    "sshSettings": None,
    "errors": None,
    "connectivityEndpoints": None,
    "applications": None,
    "state": None,
    "lastOperation": None,
    "applicationSharingPolicy": "Shared",
    "computeInstanceAuthorizationType": "personal",
    "personalComputeInstanceSettings": None,
    "setupScripts": None,
    "schedules": {"computeStartStop": []},
    "idleTimeBeforeShutdown": None,
    "enableNodePublicIp": True,
    "enableSSO": True,
    "enableRootAccess": True,
    "customServices": [],
    "dataDisks": None,
    "dataMounts": None,
    "versions": None,
}


def new_compute(
    emulator: Emulator, workspace: WorkspaceId, name: str, properties: dict[str, Any], *, by: str, **body: Any
) -> Resource:
    """A compute that is being created, from the properties that were put; `body` has its location, tags, identity."""
    arm_id = f"{workspace}/computes/{name}"
    now = timestamp(emulator.now())
    kind = properties["computeType"]
    details = {key: value for key, value in (properties.get("properties") or {}).items() if value is not None}
    if kind == CLUSTER:
        details = {**_CLUSTER_DETAILS, "nodeStateCounts": node_counts(), **details}
        details["userAccountCredentials"] = _without_password(details.get("userAccountCredentials"))
    if kind == INSTANCE:
        owner = {"userOrgId": TENANT, "userId": by}
        details = {**_INSTANCE_DETAILS, **details, "createdBy": owner, "vmSize": str(details.get("vmSize")).upper()}
    return {
        "id": arm_id,
        "name": name,
        "type": resource_type(arm_id),
        "location": emulator.settings.region,
        "tags": None,
        **{key: value for key, value in body.items() if value is not None},
        "properties": {
            "createdOn": now,
            "modifiedOn": now,
            "disableLocalAuth": False,
            "description": None,
            "resourceId": None,
            "computeLocation": emulator.settings.region,
            "provisioningErrors": None,
            "provisioningWarnings": None,
            **properties,
            "isAttachedCompute": kind in ATTACHED,
            "provisioningState": "Creating",
            "properties": details,
        },
        "systemData": system_data(emulator.now(), by),
    }


def finish_creation(emulator: Emulator, compute: Resource, failure: dict[str, Any] | None) -> None:
    """Ends Creating or Updating: an instance runs, a cluster gets its fewest nodes; or it is Failed, and says why."""
    properties = compute["properties"]
    was_new = properties["provisioningState"] == "Creating"
    if failure is not None:
        properties.update(provisioningState="Failed", provisioningErrors=[{"error": failure}])
        if properties["computeType"] == INSTANCE:
            properties["properties"]["state"] = "CreateFailed"
        return
    properties.update(provisioningState="Succeeded", provisioningErrors=None)
    if properties["computeType"] == INSTANCE and was_new:
        _run(emulator, compute, "Create")
    if properties["computeType"] == CLUSTER:
        details = properties["properties"]
        scale = details.get("scaleSettings") or {}
        fewest, most = scale.get("minNodeCount") or 0, scale.get("maxNodeCount") or 0
        wanted = min(max(fewest, details["currentNodeCount"]), most)
        if wanted != details["currentNodeCount"]:
            resize(emulator, compute, wanted)


def change_state(emulator: Emulator, compute: Resource, verb: str, failure: dict[str, Any] | None) -> None:
    """Ends a start, stop or restart of an instance; one that fails leaves it as it was before."""
    details = compute["properties"]["properties"]
    if failure is not None:
        details["state"] = "Stopped" if verb == "start" else "Running"
        details["errors"] = [{"error": failure}]
    elif verb == "stop":
        details.update(state="Stopped", lastOperation=_operation(emulator, "Stop"))
    else:
        _run(emulator, compute, verb.capitalize())


def resize(emulator: Emulator, compute: Resource, nodes: int) -> None:
    """Lets a cluster go to a number of nodes: Resizing for as long as operations take, then Steady and idle."""
    details = compute["properties"]["properties"]
    before = details["currentNodeCount"]
    details.update(allocationState="Resizing", targetNodeCount=nodes)
    if nodes > before:
        set_nodes(compute, idle=before, preparing=nodes - before)
    else:
        set_nodes(compute, idle=nodes, leaving=before - nodes)

    def finish(failure: dict[str, Any] | None) -> None:
        set_nodes(compute, idle=before if failure else nodes)
        details.update(allocationState="Steady", errors=[{"error": failure}] if failure else None)

    emulator.operations.start(emulator.settings.operation_seconds, finish)


def set_nodes(compute: Resource, **counts: int) -> None:
    """Says how many nodes of a cluster are in which of NODE_STATES; the others have none."""
    details = compute["properties"]["properties"]
    details["nodeStateCounts"] = node_counts(**counts)
    details["currentNodeCount"] = sum(counts.values())


def node_counts(**counts: int) -> dict[str, int]:
    """The service's names of the counts of nodes by state."""
    return {f"{state}NodeCount": counts.get(state, 0) for state in NODE_STATES}


def _run(emulator: Emulator, compute: Resource, operation: str) -> None:
    details = compute["properties"]["properties"]
    address = f"https://{name_of(compute['id'])}.{compute['location']}.instances.azureml.ms"
    ssh = details["sshSettings"] or {}
    details.update(
        state="Running",
        errors=[],
        vmSize=_as_listed(details["vmSize"]),
        lastOperation=_operation(emulator, operation),
        applications=[
            {"displayName": "Jupyter", "endpointUri": f"{address}/tree/"},
            {"displayName": "Jupyter Lab", "endpointUri": f"{address}/lab"},
        ],
        connectivityEndpoints={"publicIpAddress": "203.0.113.10", "privateIpAddress": "10.0.0.4"},
        sshSettings={"sshPublicAccess": "Disabled", "adminUserName": "azureuser", "sshPort": 50000, **ssh},
        versions={"runtime": "3.0.02853.0001"},
    )


def _operation(emulator: Emulator, name: str) -> dict[str, str]:
    return {
        "operationName": name,
        "operationTime": timestamp(emulator.now()),
        "operationStatus": "Succeeded",
        "operationTrigger": "User",
    }


def _as_listed(size: str) -> str:
    known = size_named(size)
    return size if known is None else known.name


def _without_password(account: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if account is None else {**account, "adminUserPassword": None}
