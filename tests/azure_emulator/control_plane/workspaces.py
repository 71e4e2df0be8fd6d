"""Subscriptions and the workspaces in them."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import accepted, arm_error, page
from tests.azure_emulator.arm import (
    GROUP_PATH,
    PROVIDER,
    SUBSCRIPTION_PATH,
    WORKSPACE_PATH,
    WORKSPACES,
    WorkspaceId,
    system_data,
    timestamp,
)
from tests.azure_emulator.emulator import Emulator, emulator_of
from tests.azure_emulator.identity import TENANT, decode_token
from tests.azure_emulator.store import Resource

WORKSPACE_TYPE = f"{PROVIDER}/workspaces"


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


def caller(request: Request) -> str:
    """The name of whoever sent a request."""
    claims = decode_token(request.headers["authorization"].partition(" ")[2])
    return str(claims.get("upn") or claims.get("appid"))


def workspace_missing(workspace: WorkspaceId) -> Response:
    """HTTP 404 about a workspace, worded by Resource Manager."""
    return arm_error(
        404,
        "ResourceNotFound",
        f"The Resource '{WORKSPACE_TYPE}/{workspace.name}' under resource group '{workspace.group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


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
    made = new_workspace(emulator, workspace, caller(request), **{**wanted, "provisioningState": "Creating"})
    made["tags"] = body.get("tags") or {}
    made["location"] = body.get("location") or made["location"]
    emulator.store.put(made)

    def finish(failure: dict[str, Any] | None) -> None:
        made["properties"]["provisioningState"] = "Failed" if failure else "Succeeded"

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


ROUTES = [
    Route("/subscriptions", list_subscriptions),
    Route(SUBSCRIPTION_PATH + WORKSPACES, list_workspaces),
    Route(GROUP_PATH + WORKSPACES, list_workspaces),
    Route(WORKSPACE_PATH, get_workspace),
    Route(WORKSPACE_PATH, put_workspace, methods=["PUT"]),
    Route(WORKSPACE_PATH, patch_workspace, methods=["PATCH"]),
    Route(WORKSPACE_PATH, delete_workspace, methods=["DELETE"]),
    Route(WORKSPACE_PATH + "/listKeys", list_keys, methods=["POST"]),
]
