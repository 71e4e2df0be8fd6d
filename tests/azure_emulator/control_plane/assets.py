"""Versioned assets: data, models, environments, components and code, each a container of versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import caller, error, not_found, page, properties_of, workspace_missing
from tests.azure_emulator.arm import WORKSPACE_PATH, WorkspaceId, resource_type, system_data, timestamp
from tests.azure_emulator.control_plane.views import is_in_view
from tests.azure_emulator.emulator import Emulator, emulator_of
from tests.azure_emulator.storage import HOST, container_sas
from tests.azure_emulator.store import Resource

KINDS = ("data", "models", "environments", "components", "codes")
_SINGULAR = {
    "data": "Data",
    "models": "Model",
    "environments": "Environment",
    "components": "Component",
    "codes": "Code",
}
_PLACE = {"data": "dataUri", "models": "modelUri", "codes": "codeUri"}
_IMMUTABLE = {"environments": ("image", "condaFile", "build"), "components": ("componentSpec",)}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "data": {"isAnonymous": False, "autoDeleteSetting": None},
    # The SDK can't read a model whose flavors are null.
    "models": {"isAnonymous": False, "flavors": {}, "jobName": None, "stage": "Development"},
    "environments": {
        "isAnonymous": False,
        "environmentType": "UserCreated",
        "osType": "Linux",
        "autoRebuild": "Disabled",
    },
    "components": {"isAnonymous": False},
    "codes": {"isAnonymous": False},
}


def put_version(
    emulator: Emulator,
    workspace: WorkspaceId,
    kind: str,
    name: str,
    version: str,
    properties: dict[str, Any],
    *,
    by: str,
) -> Resource:
    """Keeps a version of an asset, and in its container which is the latest and which number comes next."""
    given = {key: value for key, value in properties.items() if value is not None}
    container = _container(emulator, workspace, kind, name, given, by)
    arm_id = f"{container['id']}/versions/{version}"
    made = emulator.store.put(
        {
            "id": arm_id,
            "name": version,
            "type": resource_type(arm_id),
            "properties": {
                "description": None,
                "tags": {},
                "properties": {},
                "isArchived": False,
                "provisioningState": "Succeeded",
                **_DEFAULTS[kind],
                **given,
            },
            "systemData": system_data(emulator.now(), by),
        }
    )
    known = container["properties"]
    known["latestVersion"] = version
    if version.isdigit():
        known["nextVersion"] = str(max(int(version) + 1, int(known["nextVersion"] or 1)))
    return made


async def list_containers(request: Request) -> Response:
    """The names of a kind of asset, newest first."""
    workspace = WorkspaceId.of(request)
    store = emulator_of(request).store
    if str(workspace) not in store:
        return workspace_missing(workspace)
    view = request.query_params.get("listViewType")
    found = [one for one in store.children(f"{workspace}/{_kind(request)}") if is_in_view(one, view)]
    return page(request, found[::-1])


async def get_container(request: Request) -> Response:
    """One name."""
    found = emulator_of(request).store.get(_container_id(request))
    return _container_missing(request) if found is None else JSONResponse(found)


async def put_container(request: Request) -> Response:
    """Makes a name, or changes its words, tags and whether it is archived."""
    emulator = emulator_of(request)
    properties = {key: value for key, value in (await properties_of(request)).items() if value is not None}
    new = _container_id(request) not in emulator.store
    made = _container(
        emulator, WorkspaceId.of(request), _kind(request), request.path_params["name"], properties, caller(request)
    )
    made["properties"].update({key: properties[key] for key in _words(properties)})
    return JSONResponse(made, 201 if new else 200)


async def list_versions(request: Request) -> Response:
    """The versions of a name: of a view, with tags, a stage or a hash, newest first unless $orderBy says otherwise."""
    store = emulator_of(request).store
    query = request.query_params
    if "hash" in query:
        # Code is found by what it holds, whatever name it was given.
        workspace = WorkspaceId.of(request)
        versions: Iterable[Resource] = (
            version
            for container in store.children(f"{workspace}/{_kind(request)}")
            for version in store.children(f"{container['id']}/versions")
        )
        found = [one for one in versions if one["properties"]["properties"].get("hash_sha256") == query["hash"]]
        return page(request, found)
    if _container_id(request) not in store:
        return _container_missing(request)
    found = [
        one
        for one in store.children(f"{_container_id(request)}/versions")
        if is_in_view(one, query.get("listViewType"))
        and (not query.get("version") or one["name"] == query["version"])
        and (not query.get("stage") or one["properties"].get("stage") == query["stage"])
        and _has_tags(one, query.get("tags") or query.get("$tags"))
    ]
    ascending = query.get("$orderBy", "").lower().endswith(" asc")
    return page(request, found if ascending else found[::-1])


async def get_version(request: Request) -> Response:
    """One version."""
    found = emulator_of(request).store.get(_version_id(request))
    return _version_missing(request) if found is None else JSONResponse(found)


async def put_asset_version(request: Request) -> Response:
    """Makes a version, or changes its words, tags and archive; what it holds stays what it is."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    if str(workspace) not in emulator.store:
        return workspace_missing(workspace)
    kind = _kind(request)
    properties = await properties_of(request)
    known = emulator.store.get(_version_id(request))
    if known is not None:
        return _change(request, kind, known, properties)
    names = request.path_params
    made = put_version(emulator, workspace, kind, names["name"], names["version"], properties, by=caller(request))
    return JSONResponse(made, 201)


async def delete_asset(request: Request) -> Response:
    """Deletes a version, or a name with all its versions."""
    emulator = emulator_of(request)
    arm_id = _version_id(request) if "version" in request.path_params else _container_id(request)
    if arm_id not in emulator.store:
        return Response(b"", 204)
    emulator.store.remove(arm_id)
    return Response(b"", 200)


async def start_pending_upload(request: Request) -> Response:
    """Makes a container of its own for an upload, with a signature to write there."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    found = emulator.store.get(str(workspace))
    if found is None:
        return workspace_missing(workspace)
    # Names of containers have at most 63 letters.
    container = f"{found['properties']['workspaceId'][:36]}-{uuid4().hex[:20]}"
    if emulator.storage is not None:
        await run_in_threadpool(emulator.storage.make_container, container)
    uri = f"https://{HOST}/{container}"
    signature = container_sas(container)
    return JSONResponse(
        {
            "pendingUploadId": None,
            "pendingUploadType": "TemporaryBlobReference",
            "blobReferenceForConsumption": {
                "blobUri": uri,
                "storageAccountArmId": found["properties"]["storageAccount"],
                "credential": {"credentialType": "SAS", "sasUri": f"{uri}?{signature}"},
            },
        }
    )


def _container(
    emulator: Emulator, workspace: WorkspaceId, kind: str, name: str, properties: dict[str, Any], by: str
) -> Resource:
    arm_id = f"{workspace}/{kind}/{name}"
    found = emulator.store.get(arm_id)
    if found is not None:
        return found
    own = {"dataType": properties.get("dataType")} if kind == "data" else {}
    return emulator.store.put(
        {
            "id": arm_id,
            "name": name,
            "type": resource_type(arm_id),
            "properties": {
                "description": None,
                "tags": {},
                "properties": {},
                "isArchived": False,
                "latestVersion": None,
                "nextVersion": "1",
                **own,
            },
            "systemData": system_data(emulator.now(), by),
        }
    )


def _change(request: Request, kind: str, known: Resource, properties: dict[str, Any]) -> Response:
    emulator = emulator_of(request)
    place = _PLACE.get(kind)
    if place is not None and properties.get(place) not in (None, known["properties"].get(place)):
        return error(request, 400, "Asset paths cannot be updated.")
    for name in _IMMUTABLE.get(kind, ()):
        if properties.get(name) is not None and properties[name] != known["properties"].get(name):
            message = f"{_SINGULAR[kind]} versions are immutable: {name} can't be changed."
            return error(request, 409, message, detail=f"{_SINGULAR[kind]}VersionImmutable")
    known["properties"].update({key: properties[key] for key in _words(properties)})
    known["systemData"].update(lastModifiedAt=timestamp(emulator.now()), lastModifiedBy=caller(request))
    return JSONResponse(known)


def _words(properties: dict[str, Any]) -> list[str]:
    """What may change of an asset, of that which a body names."""
    changeable = ("description", "tags", "properties", "isArchived", "stage", "flavors")
    return [key for key in changeable if properties.get(key) is not None]


def _has_tags(version: Resource, wanted: str | None) -> bool:
    tags = version["properties"]["tags"]
    pairs = [pair.partition("=") for pair in wanted.split(",")] if wanted else []
    return all(key in tags and (not separator or tags[key] == value) for key, separator, value in pairs)


def _kind(request: Request) -> str:
    # .../workspaces/{workspace}/{kind}/...
    return request.url.path.split("/")[9].lower()


def _container_id(request: Request) -> str:
    return f"{WorkspaceId.of(request)}/{_kind(request)}/{request.path_params['name']}"


def _version_id(request: Request) -> str:
    return f"{_container_id(request)}/versions/{request.path_params['version']}"


def _container_missing(request: Request) -> Response:
    kind = _SINGULAR[_kind(request)]
    name = request.path_params["name"]
    return not_found(request, f"{kind}NotFound", f"{kind} container with name: {name} not found.")


def _version_missing(request: Request) -> Response:
    kind = _SINGULAR[_kind(request)]
    names = request.path_params
    message = f"{kind} version with name: {names['name']} and version: {names['version']} not found."
    return not_found(request, f"{kind}NotFound", message)


def _routes(kind: str) -> list[Route]:
    containers = f"{WORKSPACE_PATH}/{kind}"
    container = containers + "/{name}"
    version = container + "/versions/{version}"
    return [
        Route(containers, list_containers),
        Route(container, get_container),
        Route(container, put_container, methods=["PUT"]),
        Route(container, delete_asset, methods=["DELETE"]),
        Route(container + "/versions", list_versions),
        Route(version, get_version),
        Route(version, put_asset_version, methods=["PUT"]),
        Route(version, delete_asset, methods=["DELETE"]),
        Route(version + "/startPendingUpload", start_pending_upload, methods=["POST"]),
    ]


ROUTES = [route for kind in KINDS for route in _routes(kind)]
