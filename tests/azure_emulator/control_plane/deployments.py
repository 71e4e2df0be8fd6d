"""Deployments of templates: the way in which the SDK creates workspaces."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import arm_error, caller, host, properties_of, retry_after
from tests.azure_emulator.arm import GROUP_PATH, WorkspaceId, timestamp
from tests.azure_emulator.control_plane.workspaces import finish_workspace, new_workspace
from tests.azure_emulator.emulator import emulator_of

_DEPLOYMENT = GROUP_PATH + "/providers/Microsoft.Resources/deployments/{deployment}"
_OPERATIONS = GROUP_PATH + "/deployments/{deployment}/operations"


async def put_deployment(request: Request) -> Response:
    """Deploys the workspace that the parameters of a template name; templates of anything else are refused."""
    emulator = emulator_of(request)
    names = request.path_params
    parameters = (await properties_of(request)).get("parameters") or {}
    if "workspaceName" not in parameters:
        return arm_error(400, "InvalidTemplate", "The emulator deploys workspaces only.")
    workspace = WorkspaceId(names["subscription"], names["group"], parameters["workspaceName"]["value"])
    words = ("friendlyName", "description")
    given = {key: parameters[key]["value"] for key in words if parameters.get(key, {}).get("value")}
    by = caller(request)
    made = new_workspace(emulator, workspace, by, **given, provisioningState="Creating")
    made["location"] = parameters.get("location", {}).get("value") or made["location"]
    made["tags"] = parameters.get("tagValues", {}).get("value") or {}
    emulator.store.put(made)
    deployment = {
        "id": _DEPLOYMENT.format(**names),
        "name": names["deployment"],
        "type": "Microsoft.Resources/deployments",
        "properties": {
            "provisioningState": "Running",
            "mode": "Incremental",
            "timestamp": timestamp(emulator.now()),
            "duration": "PT0S",
            "outputResources": [{"id": str(workspace)}],
        },
    }
    emulator.store.put(deployment)

    def finish(failure: dict[str, Any] | None) -> None:
        deployment["properties"].update(provisioningState="Failed" if failure else "Succeeded", error=failure)
        finish_workspace(emulator, made, by, failure)

    operation = emulator.operations.start(emulator.settings.operation_seconds, finish)
    place = f"https://{host(request)}{request.url.path}/operationStatuses/{operation.id}"
    version = request.query_params.get("api-version", "")
    headers = {"Azure-AsyncOperation": f"{place}?api-version={version}", **retry_after(emulator)}
    return JSONResponse(deployment, 201, headers)


async def get_deployment(request: Request) -> Response:
    """One deployment."""
    found = emulator_of(request).store.get(_DEPLOYMENT.format(**request.path_params))
    return (
        arm_error(404, "DeploymentNotFound", "There is no such deployment.") if found is None else JSONResponse(found)
    )


async def list_operations(request: Request) -> Response:
    """The steps of a deployment: one, the workspace."""
    found = emulator_of(request).store.get(_DEPLOYMENT.format(**request.path_params))
    if found is None:
        return arm_error(404, "DeploymentNotFound", "There is no such deployment.")
    properties = found["properties"]
    target = properties["outputResources"][0]["id"]
    step = {
        "id": f"{found['id']}/operations/1",
        "operationId": "1",
        "properties": {
            "provisioningOperation": "Create",
            "provisioningState": properties["provisioningState"],
            "timestamp": properties["timestamp"],
            "duration": properties["duration"],
            "targetResource": {
                "id": target,
                "resourceType": "Microsoft.MachineLearningServices/workspaces",
                "resourceName": target.rpartition("/")[2],
            },
        },
    }
    return JSONResponse({"value": [step]})


async def deployment_status(request: Request) -> Response:
    """How far a deployment is."""
    operation = emulator_of(request).operations.get(request.path_params["operation"])
    if operation is None:
        return arm_error(404, "OperationNotFound", "There is no such operation.")
    return JSONResponse(operation.status)


ROUTES = [
    Route(_DEPLOYMENT, put_deployment, methods=["PUT"]),
    Route(_DEPLOYMENT, get_deployment),
    Route(_OPERATIONS, list_operations),
    Route(_DEPLOYMENT + "/operationStatuses/{operation}", deployment_status),
]
