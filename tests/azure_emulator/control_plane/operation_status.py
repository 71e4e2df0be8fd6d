"""How far long-running operations are."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import host, not_found, retry_after
from tests.azure_emulator.arm import LOCATION_PATH
from tests.azure_emulator.emulator import emulator_of


async def operation_status(request: Request) -> Response:
    """The body tells how an operation stands: HTTP 200 even where it failed."""
    emulator = emulator_of(request)
    operation = emulator.operations.get(request.path_params["operation"])
    if operation is None:
        return not_found(request, "OperationNotFound", "There is no such operation.")
    headers = {} if operation.done else retry_after(emulator)
    return JSONResponse(operation.status, headers=headers)


async def operation_result(request: Request) -> Response:
    """The older kind: HTTP 202 with the same Location until the operation ends with 200 and what it found."""
    emulator = emulator_of(request)
    operation = emulator.operations.get(request.path_params["operation"])
    if operation is None:
        return not_found(request, "OperationNotFound", "There is no such operation.")
    if operation.done:
        return Response(b"", 200) if operation.result is None else JSONResponse(operation.result)
    location = f"https://{host(request)}{request.url.path}?{request.url.query}"
    return Response(b"", 202, {"Location": location, **retry_after(emulator)})


ROUTES = [
    Route(LOCATION_PATH + "/computeOperationsStatus/{operation}", operation_status),
    Route(LOCATION_PATH + "/workspaceOperationsStatus/{operation}", operation_status),
    Route(LOCATION_PATH + "/mfeOperationResults/jc:{operation}", operation_result),
    Route(LOCATION_PATH + "/workspaceOperationResults/{operation}", operation_result),
]
