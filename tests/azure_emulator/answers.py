"""What all answers have in common: errors as the service words them, pages, operations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.azure_emulator.arm import PROVIDER, WORKSPACE_TYPE, WorkspaceId, timestamp
from tests.azure_emulator.emulator import Emulator, emulator_of
from tests.azure_emulator.identity import decode_token


def error(
    request: Request,
    status: int,
    message: str,
    *,
    detail: str | None = None,
    detail_message: str | None = None,
    code: str = "UserError",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error of the Azure ML service: the code that says something is `detail`, the one above is UserError."""
    emulator = emulator_of(request)
    region = emulator.settings.region
    correlation = {"operation": uuid4().hex, "request": uuid4().hex[:16]}
    details = []
    if detail is not None:
        details = [{"code": detail, "message": detail_message or message, "details": [], "additionalInfo": []}]
    information = {
        "ComponentName": "managementfrontend",
        "Correlation": correlation,
        "Environment": region,
        "Location": region,
        "Time": timestamp(emulator.now()),
    }
    body = {
        "error": {
            "code": code,
            "message": message,
            "details": details,
            "additionalInfo": [{"type": kind, "info": {"value": value}} for kind, value in information.items()],
        }
    }
    return JSONResponse(body, status, headers={"x-ms-response-type": "error", **(headers or {})})


def arm_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error of Resource Manager itself, which says only a code and a sentence."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers=dict(headers or {}))


def not_found(request: Request, code: str, message: str) -> Response:
    """HTTP 404 about something inside a workspace."""
    return error(request, 404, "The specified resource was not found.", detail=code, detail_message=message)


def bad_request(request: Request, message: str, code: str = "RequestInvalid") -> Response:
    """HTTP 400 about a body that the service can't take."""
    sentence = "Request is invalid and/or missing fields."
    return error(request, 400, sentence, detail=code, detail_message=message)


def page(request: Request, items: Iterable[Mapping[str, Any]]) -> Response:
    """The page of `items` that the request asks for; nextLink is absolute and keeps all other parameters.

    No more items are taken than the page needs, and one to know whether there is another page.
    """
    query = request.query_params
    start = int(query.get("$skip") or query.get("$skipToken") or 0)
    wanted = query.get("$top") or query.get("count")
    size = emulator_of(request).settings.page_size
    size = min(int(wanted), size) if wanted else size
    taken = list(islice(items, start, start + size + 1))
    body: dict[str, Any] = {"value": taken[:size]}
    if len(taken) > size and "$top" not in query:
        following = urlencode({**query, "$skip": str(start + size)}, safe="$")
        body["nextLink"] = f"https://{host(request)}{request.url.path}?{following}"
    return JSONResponse(body)


def accepted(
    request: Request,
    finish: Callable[[dict[str, Any] | None], None],
    *,
    status: int = 202,
    body: Mapping[str, Any] | None = None,
) -> Response:
    """Starts an operation and says where its status is; `finish` gets None, or the error with which it failed."""
    emulator = emulator_of(request)
    operation = emulator.operations.start(emulator.settings.operation_seconds, finish)
    subscription = request.path_params["subscription"]
    place = f"/subscriptions/{subscription}/providers/{PROVIDER}/locations/{emulator.settings.region}"
    version = request.query_params.get("api-version", "")
    headers = {
        "Azure-AsyncOperation": f"https://{host(request)}{place}/computeOperationsStatus/{operation.id}"
        f"?api-version={version}&service=new",
        **retry_after(emulator),
    }
    return Response(b"", status, headers) if body is None else JSONResponse(body, status, headers)


def retry_after(emulator: Emulator) -> dict[str, str]:
    """The header that says when to ask again, where the settings want one."""
    seconds = emulator.settings.retry_after
    return {} if seconds is None else {"Retry-After": str(seconds)}


def host(request: Request) -> str:
    """The host name that the client asked."""
    return request.headers["host"]


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


async def resource_of(request: Request) -> dict[str, Any]:
    """The resource that a request puts; ValueError where the body is none with `properties`."""
    body = json.loads(await request.body())
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise ValueError("The body has no properties.")
    return body


async def properties_of(request: Request) -> dict[str, Any]:
    """The `properties` of the resource that a request puts; ValueError where the body has none."""
    return dict((await resource_of(request))["properties"])
