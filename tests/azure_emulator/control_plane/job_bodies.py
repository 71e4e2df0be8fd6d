"""What the service adds to a job that is submitted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.azure_emulator.arm import WorkspaceId, resource_type, system_data
from tests.azure_emulator.store import Resource

FIRST_STATUS = {"Command": "Queued", "Sweep": "Running", "AutoML": "NotStarted", "Pipeline": "Preparing"}
"""The status in which a job of a type lies until somebody runs it; others are Queued."""

_RESOURCES = {
    "instanceCount": 1,
    "maxInstanceCount": None,
    "instanceType": None,
    "locations": None,
    "properties": None,
    "shmSize": "2g",
    "dockerArgs": None,
}
_COMMON: dict[str, Any] = {
    "description": None,
    "displayName": None,
    "experimentName": "Default",
    "computeId": None,
    "isArchived": False,
    "identity": None,
    "componentId": None,
    "notificationSetting": None,
    "secretsConfiguration": None,
}
_OF_TYPE: dict[str, dict[str, Any]] = {
    "Command": {
        "codeId": None,
        "inputs": {},
        "distribution": None,
        "autologgerSettings": None,
        "limits": None,
        "environmentVariables": {},
        "parameters": {},
        "resources": _RESOURCES,
        "queueSettings": {"jobTier": "Standard", "priority": None},
    },
    "Sweep": {
        "inputs": {},
        "earlyTermination": None,
        "resources": _RESOURCES,
        "componentConfiguration": None,
        "queueSettings": {"jobTier": "Null", "priority": None},
    },
    "AutoML": {
        "environmentId": None,
        "environmentVariables": None,
        "resources": _RESOURCES,
        "queueSettings": {"jobTier": "Null", "priority": None},
    },
    "Pipeline": {"inputs": {}, "settings": {}, "jobs": {}, "sourceJobId": None},
    "Spark": {"inputs": {}, "args": None, "conf": {}, "environmentVariables": {}, "queueSettings": None},
}
_WITHOUT_TRACKING = frozenset({"Sweep"})
_WITHOUT_DEFAULT_OUTPUT = frozenset({"AutoML"})


def new_job(
    workspace: WorkspaceId, name: str, properties: dict[str, Any], *, created: datetime, by: str, region: str
) -> Resource:
    """A job as the service answers it, from the properties that were put."""
    kind = properties["jobType"]
    arm_id = f"{workspace}/jobs/{name}"
    body = {
        **_COMMON,
        **_OF_TYPE.get(kind, {}),
        **{key: value for key, value in properties.items() if value is not None},
        "tags": properties.get("tags") or {},
        "properties": properties.get("properties") or {},
        "status": properties.get("status") or FIRST_STATUS.get(kind, "Queued"),
        "services": _services(workspace, name, kind, region),
        "outputs": {**(properties.get("outputs") or {}), **_default_output(name, kind)},
    }
    body["displayName"] = body["displayName"] or name
    if body.get("resources"):
        body["resources"] = {**_RESOURCES, **body["resources"]}
    if kind == "Command":
        body["properties"] = {
            "_azureml.ComputeTargetType": "amlctrain",
            "_azureml.ClusterName": _last(body["computeId"]),
            "ContentSnapshotId": None,
            **body["properties"],
        }
    if kind == "Sweep":
        body["objective"] = {**body["objective"], "goal": body["objective"]["goal"].capitalize()}
    data = system_data(created, by)
    return {
        "id": arm_id,
        "name": name,
        "type": resource_type(arm_id),
        "properties": body,
        "systemData": {key: data[key] for key in ("createdAt", "createdBy", "createdByType")},
    }


def _services(workspace: WorkspaceId, name: str, kind: str, region: str) -> dict[str, Any]:
    short = f"/subscriptions/{workspace.subscription}/resourcegroups/{workspace.group}/workspaces/{workspace.name}"
    endpoints = {
        "Tracking": f"azureml://{region}.api.azureml.ms/mlflow/v1.0{workspace}?",
        "Studio": f"https://ml.azure.com/runs/{name}?wsid={short}",
    }
    if kind in _WITHOUT_TRACKING:
        del endpoints["Tracking"]
    unknown = {"port": None, "status": None, "errorMessage": None, "properties": None, "nodes": None}
    return {
        service: {"jobServiceType": service, "endpoint": endpoint, **unknown} for service, endpoint in endpoints.items()
    }


def _default_output(name: str, kind: str) -> dict[str, Any]:
    if kind in _WITHOUT_DEFAULT_OUTPUT:
        return {}
    return {
        "default": {
            "description": None,
            "uri": f"azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.{name}",
            "assetName": None,
            "assetVersion": None,
            "mode": "ReadWriteMount",
            "pathOnCompute": None,
            "autoDeleteSetting": None,
            "jobOutputType": "uri_folder",
        }
    }


def _last(arm_id: str | None) -> str | None:
    return None if arm_id is None else arm_id.rpartition("/")[2]
