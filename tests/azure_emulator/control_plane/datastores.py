"""Datastores and their secrets."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import caller, error, not_found, page, properties_of, workspace_missing
from tests.azure_emulator.arm import WORKSPACE_PATH, WorkspaceId, resource_type, system_data
from tests.azure_emulator.emulator import Emulator, emulator_of
from tests.azure_emulator.storage import ACCOUNT, ARTIFACT_CONTAINER, BLOB_CONTAINER, KEY, account_sas
from tests.azure_emulator.store import Resource

DEFAULTS: dict[str, dict[str, Any]] = {
    "workspaceblobstore": {"datastoreType": "AzureBlob", "containerName": BLOB_CONTAINER, "isDefault": True},
    "workspaceartifactstore": {"datastoreType": "AzureBlob", "containerName": ARTIFACT_CONTAINER},
    "workspaceworkingdirectory": {"datastoreType": "AzureFile", "fileShareName": "code-391ff5ac"},
    "workspacefilestore": {"datastoreType": "AzureFile", "fileShareName": "azureml-filestore-lab"},
}
"""The four datastores that every workspace has; the blobs are Azurite's."""


def new_datastore(
    emulator: Emulator, workspace: WorkspaceId, name: str, properties: dict[str, Any], *, by: str
) -> Resource:
    """A datastore as the service answers it: without its secrets."""
    arm_id = f"{workspace}/datastores/{name}"
    kind = (properties.get("credentials") or {}).get("credentialsType", "None")
    return {
        "id": arm_id,
        "name": name,
        "type": resource_type(arm_id),
        "properties": {
            "description": None,
            "tags": {},
            "properties": None,
            "isDefault": False,
            "subscriptionId": None,
            "resourceGroup": None,
            "endpoint": "core.windows.net",
            "protocol": "https",
            "serviceDataAccessAuthIdentity": "None",
            **properties,
            "credentials": {"credentialsType": kind, **_public(properties.get("credentials") or {})},
        },
        "systemData": system_data(emulator.now(), by),
    }


def default_datastores(emulator: Emulator, workspace: WorkspaceId, by: str) -> list[Resource]:
    """The four datastores of a workspace, in the account of the lab."""
    common = {
        "accountName": ACCOUNT,
        "credentials": {"credentialsType": "AccountKey"},
        "subscriptionId": workspace.subscription,
        "resourceGroup": workspace.group,
        "serviceDataAccessAuthIdentity": "WorkspaceSystemAssignedIdentity",
    }
    return [
        new_datastore(emulator, workspace, name, {**common, **properties}, by=by)
        for name, properties in DEFAULTS.items()
    ]


async def list_datastores(request: Request) -> Response:
    """Datastores: the default one, those named, or those with a text in their names."""
    workspace = WorkspaceId.of(request)
    store = emulator_of(request).store
    if str(workspace) not in store:
        return workspace_missing(workspace)
    query = request.query_params
    names = query["names"].lower().split(",") if query.get("names") else None
    found = [
        one
        for one in store.children(f"{workspace}/datastores")
        if (query.get("isDefault") is None or one["properties"]["isDefault"] == (query["isDefault"].lower() == "true"))
        and (names is None or one["name"].lower() in names)
        and query.get("searchText", "").lower() in one["name"].lower()
    ]
    return page(request, found)


async def get_datastore(request: Request) -> Response:
    """One datastore."""
    found = _find(request)
    return _missing(request) if found is None else JSONResponse(found)


async def put_datastore(request: Request) -> Response:
    """Creates or changes a datastore; a new default takes the old one's place."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    if str(workspace) not in emulator.store:
        return workspace_missing(workspace)
    properties = await properties_of(request)
    old = _find(request)
    # which no request changes that leaves it out
    is_default = {"isDefault": old["properties"]["isDefault"]} if old else {}
    name = request.path_params["datastore"]
    made = new_datastore(emulator, workspace, name, {**is_default, **properties}, by=caller(request))
    with emulator.store.locked():
        if made["properties"]["isDefault"]:
            for other in emulator.store.children(f"{workspace}/datastores"):
                other["properties"]["isDefault"] = False
        emulator.store.put(made)
    emulator.secrets[made["id"].lower()] = (properties.get("credentials") or {}).get("secrets") or {}
    return JSONResponse(made, 200 if old else 201)


async def delete_datastore(request: Request) -> Response:
    """Forgets a datastore; what it leads to stays."""
    found = _find(request)
    if found is None:
        return Response(b"", 204)
    emulator_of(request).store.remove(found["id"])
    return Response(b"", 200)


async def list_secrets(request: Request) -> Response:
    """The secrets of a datastore: for one with the account's key a signature that expires, if one asks for it.

    The settings may say that it is the key all the same.
    """
    emulator = emulator_of(request)
    found = _find(request)
    if found is None:
        return _missing(request)
    kind = found["properties"]["credentials"]["credentialsType"]
    if kind == "None":
        return error(request, 400, "No secrets for credentials of type None.")
    secrets = emulator.secrets.get(found["id"].lower(), {})
    if kind == "AccountKey":
        key = secrets.get("key", KEY)
        expirable = (await request.json() if await request.body() else {}).get("expirableSecret")
        if expirable and emulator.settings.secrets == "Sas" and key == KEY:
            return JSONResponse({"secretsType": "Sas", "sasToken": f"?{account_sas()}"})
        return JSONResponse({"secretsType": "AccountKey", "key": key})
    return JSONResponse({"secretsType": kind, **secrets})


def _find(request: Request) -> Resource | None:
    return emulator_of(request).store.get(f"{WorkspaceId.of(request)}/datastores/{request.path_params['datastore']}")


def _missing(request: Request) -> Response:
    name = request.path_params["datastore"]
    return not_found(request, "DataStoreNotFound", f"Could not find datastore {name}.")


def _public(credentials: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in credentials.items() if key != "secrets"}


_DATASTORE = WORKSPACE_PATH + "/datastores/{datastore}"
ROUTES = [
    Route(WORKSPACE_PATH + "/datastores", list_datastores),
    Route(_DATASTORE, get_datastore),
    Route(_DATASTORE, put_datastore, methods=["PUT"]),
    Route(_DATASTORE, delete_datastore, methods=["DELETE"]),
    Route(_DATASTORE + "/listSecrets", list_secrets, methods=["POST"]),
]
