"""Subscriptions and the workspaces in them."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import accepted, caller, host, page, retry_after, workspace_missing
from tests.azure_emulator.arm import (
    GROUP_PATH,
    LOCATION_PATH,
    SUBSCRIPTION_PATH,
    WORKSPACE_PATH,
    WORKSPACE_TYPE,
    WORKSPACES,
    WorkspaceId,
    system_data,
    timestamp,
)
from tests.azure_emulator.control_plane.datastores import default_datastores
from tests.azure_emulator.emulator import Emulator, emulator_of
from tests.azure_emulator.identity import TENANT, decode_token
from tests.azure_emulator.store import Resource

DIAGNOSED = (
    "userDefinedRouteResults",
    "networkSecurityRuleResults",
    "resourceLockResults",
    "dnsResolutionResults",
    "storageAccountResults",
    "keyVaultResults",
    "containerRegistryResults",
    "applicationInsightsResults",
    "otherResults",
)
"""What a diagnosis tells about."""


def new_workspace(emulator: Emulator, workspace: WorkspaceId, by: str, **properties: Any) -> Resource:
    """A workspace as the service answers it; what it needs beside it gets ids of its own, the registry comes later."""
    group = f"/subscriptions/{workspace.subscription}/resourceGroups/{workspace.group}/providers"
    region = emulator.settings.region
    short = "".join(letter for letter in workspace.name.lower() if letter.isalnum())
    now = emulator.now()
    return {
        "id": str(workspace),
        "name": workspace.name,
        "type": WORKSPACE_TYPE,
        "location": region,
        "tags": {},
        "etag": None,
        "kind": "Default",
        "sku": {"name": "Basic", "tier": "Basic"},
        "identity": {
            "type": "SystemAssigned",
            "principalId": str(uuid5(NAMESPACE_URL, f"{workspace}/identity")),
            "tenantId": TENANT,
        },
        "systemData": system_data(now, by),
        "properties": {
            "friendlyName": workspace.name,
            "description": "",
            "storageAccount": f"{group}/Microsoft.Storage/storageAccounts/{short}storage",
            "keyVault": f"{group}/Microsoft.Keyvault/vaults/{short}-kv",
            "applicationInsights": f"{group}/Microsoft.insights/components/{short}-ai",
            "containerRegistry": None,
            "hbiWorkspace": False,
            "tenantId": TENANT,
            "imageBuildCompute": None,
            "provisioningState": "Succeeded",
            "creationTime": timestamp(now),
            "v1LegacyMode": False,
            "softDeleteEnabled": False,
            "storageHnsEnabled": False,
            "workspaceId": str(uuid5(NAMESPACE_URL, str(workspace))),
            "privateLinkCount": 0,
            "publicNetworkAccess": "Enabled",
            "discoveryUrl": f"https://{region}.api.azureml.ms/discovery",
            "mlFlowTrackingUri": f"azureml://{region}.api.azureml.ms/mlflow/v1.0{workspace}",
            "systemDatastoresAuthMode": "accesskey",
            "managedNetwork": {"isolationMode": "Disabled"},
            **properties,
        },
    }


def finish_workspace(emulator: Emulator, made: Resource, by: str, failure: dict[str, Any] | None) -> None:
    """Ends the creation of a workspace: it has its four datastores, or has failed."""
    made["properties"]["provisioningState"] = "Failed" if failure else "Succeeded"
    if failure is None:
        for datastore in default_datastores(emulator, WorkspaceId.parse(made["id"]), by):
            emulator.store.put(datastore)


async def list_subscriptions(request: Request) -> Response:
    """The subscriptions of the workspaces that are here; none for those without any role."""
    emulator = emulator_of(request)
    claims = decode_token(request.headers["authorization"].partition(" ")[2])
    found = [] if emulator.directory.role(claims) is None else emulator.store.of_type(WORKSPACE_TYPE)
    subscriptions = dict.fromkeys(WorkspaceId.parse(workspace["id"]).subscription for workspace in found)
    value = [
        {
            "id": f"/subscriptions/{one}",
            "subscriptionId": one,
            "tenantId": TENANT,
            "displayName": f"Subscription {one[:8]}",
            "state": "Enabled",
        }
        for one in subscriptions
    ]
    return JSONResponse({"value": value, "count": {"type": "Total", "value": len(value)}})


async def list_workspaces(request: Request) -> Response:
    """The workspaces of a subscription or of one of its resource groups."""
    scope = request.url.path.lower().partition("/providers/")[0]
    found = emulator_of(request).store.of_type(WORKSPACE_TYPE)
    return page(request, [one for one in found if one["id"].lower().startswith(f"{scope}/")])


async def get_workspace(request: Request) -> Response:
    """One workspace."""
    workspace = WorkspaceId.of(request)
    found = emulator_of(request).store.get(str(workspace))
    return workspace_missing(workspace) if found is None else JSONResponse(found)


async def put_workspace(request: Request) -> Response:
    """Creates a workspace in an operation, or changes its words and tags at once."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    body = json.loads(await request.body())
    found = emulator.store.get(str(workspace))
    wanted = {key: value for key, value in body.get("properties", {}).items() if value is not None}
    if found is not None:
        found["properties"].update(wanted)
        found["tags"] = body.get("tags") or found["tags"]
        return JSONResponse(found)
    by = caller(request)
    made = new_workspace(emulator, workspace, by, **{**wanted, "provisioningState": "Creating"})
    made["tags"] = body.get("tags") or {}
    made["location"] = body.get("location") or made["location"]
    emulator.store.put(made)

    def finish(failure: dict[str, Any] | None) -> None:
        finish_workspace(emulator, made, by, failure)

    return accepted(request, finish, status=201, body=made)


async def patch_workspace(request: Request) -> Response:
    """Changes what a body names."""
    workspace = WorkspaceId.of(request)
    found = emulator_of(request).store.get(str(workspace))
    if found is None:
        return workspace_missing(workspace)
    body = json.loads(await request.body())
    found["properties"].update(body.get("properties") or {})
    found["tags"] = body.get("tags", found["tags"])
    return JSONResponse(found)


async def delete_workspace(request: Request) -> Response:
    """Deletes a workspace and all in it, in an operation."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    found = emulator.store.get(str(workspace))
    if found is None:
        return Response(b"", 204)
    found["properties"]["provisioningState"] = "Deleting"

    def finish(failure: dict[str, Any] | None) -> None:
        if failure is None:
            emulator.store.remove(str(workspace))
        else:
            found["properties"]["provisioningState"] = "Succeeded"

    return accepted(request, finish)


async def list_keys(request: Request) -> Response:
    """The workspace's keys, which nobody should show."""
    workspace = WorkspaceId.of(request)
    found = emulator_of(request).store.get(str(workspace))
    if found is None:
        return workspace_missing(workspace)
    keys = {"userStorageKey": "a storage key", "userStorageResourceId": found["properties"]["storageAccount"]}
    return JSONResponse({**keys, "appInsightsInstrumentationKey": "an instrumentation key"})


async def diagnose(request: Request) -> Response:
    """Looks for faults of a workspace: an operation by Location, whose result is a list for each part of it."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    if str(workspace) not in emulator.store:
        return workspace_missing(workspace)
    operation = emulator.operations.start(emulator.settings.operation_seconds, lambda failure: None)
    operation.result = {"value": {name: emulator.diagnosis.get(name, []) for name in DIAGNOSED}}
    place = LOCATION_PATH.format(**request.path_params, location=emulator.settings.region)
    version = request.query_params.get("api-version", "")
    location = f"https://{host(request)}{place}/workspaceOperationResults/{operation.id}?api-version={version}"
    return Response(b"", 202, {"Location": location, **retry_after(emulator)})


ROUTES = [
    Route("/subscriptions", list_subscriptions),
    Route(SUBSCRIPTION_PATH + WORKSPACES, list_workspaces),
    Route(GROUP_PATH + WORKSPACES, list_workspaces),
    Route(WORKSPACE_PATH, get_workspace),
    Route(WORKSPACE_PATH, put_workspace, methods=["PUT"]),
    Route(WORKSPACE_PATH, patch_workspace, methods=["PATCH"]),
    Route(WORKSPACE_PATH, delete_workspace, methods=["DELETE"]),
    Route(WORKSPACE_PATH + "/diagnose", diagnose, methods=["POST"]),
    Route(WORKSPACE_PATH + "/listKeys", list_keys, methods=["POST"]),
]
