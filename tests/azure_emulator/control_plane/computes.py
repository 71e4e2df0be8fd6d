"""Computes: clusters, instances and what is attached."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import accepted, bad_request, caller, not_found, page, resource_of, workspace_missing
from tests.azure_emulator.arm import WORKSPACE_PATH, WorkspaceId
from tests.azure_emulator.control_plane.compute_states import (
    CLUSTER,
    INSTANCE,
    NODE_STATES,
    change_state,
    finish_creation,
    new_compute,
)
from tests.azure_emulator.emulator import emulator_of
from tests.azure_emulator.store import Resource

_BY_VERB = {"start": "Starting", "stop": "Stopping", "restart": "Restarting"}


async def list_computes(request: Request) -> Response:
    """All computes of a workspace."""
    workspace = WorkspaceId.of(request)
    store = emulator_of(request).store
    if str(workspace) not in store:
        return workspace_missing(workspace)
    return page(request, store.children(f"{workspace}/computes"))


async def get_compute(request: Request) -> Response:
    """One compute."""
    found = _find(request)
    return _missing(request) if found is None else JSONResponse(found)


async def put_compute(request: Request) -> Response:
    """Creates or attaches a compute, or changes one; its type and size stay what they are."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    if str(workspace) not in emulator.store:
        return workspace_missing(workspace)
    body = await resource_of(request)
    found = _find(request)
    if found is not None:
        return _change(request, found, body)
    compute = emulator.store.put(
        new_compute(
            emulator,
            workspace,
            request.path_params["compute"],
            body["properties"],
            by=caller(request),
            location=body.get("location"),
            tags=body.get("tags"),
            identity=body.get("identity"),
        )
    )
    return accepted(request, lambda failure: finish_creation(emulator, compute, failure), status=201, body=compute)


async def patch_compute(request: Request) -> Response:
    """Changes what a body names, such as a cluster's scaleSettings."""
    found = _find(request)
    if found is None:
        return _missing(request)
    return _change(request, found, json.loads(await request.body()))


async def delete_compute(request: Request) -> Response:
    """Deletes or detaches a compute, in an operation."""
    emulator = emulator_of(request)
    found = _find(request)
    if found is None:
        return Response(b"", 204)
    found["properties"]["provisioningState"] = "Deleting"

    def finish(failure: dict[str, Any] | None) -> None:
        if failure is None:
            emulator.store.remove(found["id"])
        else:
            found["properties"].update(provisioningState="Failed", provisioningErrors=[{"error": failure}])

    return accepted(request, finish)


async def act(request: Request) -> Response:
    """Starts, stops or restarts an instance, in an operation."""
    emulator = emulator_of(request)
    verb = request.url.path.rpartition("/")[2].lower()
    found = _find(request)
    if found is None:
        return _missing(request)
    if found["properties"]["computeType"] != INSTANCE:
        return bad_request(request, f"Only compute instances know {verb}.", "OperationNotSupported")
    found["properties"]["properties"]["state"] = _BY_VERB[verb]
    return accepted(request, lambda failure: change_state(emulator, found, verb, failure))


async def set_idle_time(request: Request) -> Response:
    """Says after how much idle time an instance stops."""
    found = _find(request)
    if found is None:
        return _missing(request)
    idle = json.loads(await request.body()).get("idleTimeBeforeShutdown")
    found["properties"]["properties"]["idleTimeBeforeShutdown"] = idle
    return Response(b"", 200)


async def list_nodes(request: Request) -> Response:
    """The nodes of a cluster with their states."""
    found = _find(request)
    if found is None:
        return _missing(request)
    if found["properties"]["computeType"] != CLUSTER:
        return bad_request(request, "Only clusters have nodes.", "OperationNotSupported")
    counts = found["properties"]["properties"]["nodeStateCounts"]
    states = [state for state in NODE_STATES for _ in range(counts[f"{state}NodeCount"])]
    nodes = [
        {
            "nodeId": f"tvmps_{number:02d}",
            "privateIpAddress": f"10.0.0.{number + 4}",
            "publicIpAddress": "203.0.113.20",
            "port": 50000 + number,
            "nodeState": state,
            "runId": None,
        }
        for number, state in enumerate(states)
    ]
    return JSONResponse({"nodes": nodes})


def _find(request: Request) -> Resource | None:
    return emulator_of(request).store.get(f"{WorkspaceId.of(request)}/computes/{request.path_params['compute']}")


def _missing(request: Request) -> Response:
    return not_found(request, "ComputeNotFound", f"Compute with name {request.path_params['compute']} not found.")


def _change(request: Request, compute: Resource, body: dict[str, Any]) -> Response:
    emulator = emulator_of(request)
    known = compute["properties"]
    properties = body.get("properties") or {}
    if properties.get("computeType", known["computeType"]) != known["computeType"]:
        return bad_request(request, "The type of a compute can't be changed.", "ComputeTypeMismatch")
    details = {key: value for key, value in (properties.get("properties") or {}).items() if value is not None}
    size = details.pop("vmSize", None)
    if size is not None and size.lower() != str(known["properties"].get("vmSize")).lower():
        return bad_request(request, "The size of a compute can't be changed.", "VmSizeImmutable")
    known["properties"].update(details)
    known.update(provisioningState="Updating", description=properties.get("description", known["description"]))
    for name in ("tags", "identity"):
        if body.get(name) is not None:
            compute[name] = body[name]
    return accepted(request, lambda failure: finish_creation(emulator, compute, failure), status=200, body=compute)


_COMPUTE = WORKSPACE_PATH + "/computes/{compute}"
ROUTES = [
    Route(WORKSPACE_PATH + "/computes", list_computes),
    Route(_COMPUTE, get_compute),
    Route(_COMPUTE, put_compute, methods=["PUT"]),
    Route(_COMPUTE, patch_compute, methods=["PATCH"]),
    Route(_COMPUTE, delete_compute, methods=["DELETE"]),
    Route(_COMPUTE + "/listNodes", list_nodes, methods=["POST"]),
    Route(_COMPUTE + "/updateIdleShutdownSetting", set_idle_time, methods=["POST"]),
    *[Route(f"{_COMPUTE}/{verb}", act, methods=["POST"]) for verb in ("start", "stop", "restart")],
]
