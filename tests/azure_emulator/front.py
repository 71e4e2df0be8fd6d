"""What comes before every handler: faults, latency, tokens and rights; and after it: headers and the log."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from traceback import format_exc
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.azure_emulator.answers import arm_error
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.faults import SAME_PAGE, Fault
from tests.azure_emulator.identity import TENANT, decode_token
from tests.azure_emulator.request_log import LoggedRequest

GUARDED = re.compile(r"/(subscriptions|history|mlflow|artifact)\b", re.IGNORECASE)
ARM_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
_READS = frozenset({"GET", "HEAD"})
_ACTIONS = re.compile(r"/(listSecrets|start|stop|restart|cancel|listKeys|diagnose|startPendingUpload)$", re.IGNORECASE)


class Front:
    """Lets a request through to the application, or answers in its place."""

    def __init__(self, app: ASGIApp, emulator: Emulator) -> None:
        self.app = app
        self.emulator = emulator
        self.drop: Callable[[int], None] = lambda client_port: None
        """Breaks the connection that came from a local port."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        request = Request(scope, receive)
        body = await request.body()
        target = request.method + " " + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.emulator.operations.advance()
        fault = self.emulator.faults.take(target)
        await asyncio.sleep(self.emulator.settings.latency + (fault.delay if fault else 0.0))
        status, headers, content = await self._answer(request, body, fault)
        self.emulator.requests.add(
            LoggedRequest(
                method=request.method,
                host=request.headers.get("host", ""),
                path=request.url.path,
                query=request.url.query,
                status=status,
                bytes_in=len(body),
                bytes_out=len(content),
                started=started,
                seconds=time.monotonic() - started,
                body=body,
                headers=dict(request.headers),
            )
        )
        if fault is not None and fault.drop:
            self.drop(scope["client"][1])
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if fault is not None and fault.truncate:
            # An answer that isn't completed is closed by the server after what it has sent.
            await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
            return
        await send({"type": "http.response.body", "body": content})

    async def _answer(
        self, request: Request, body: bytes, fault: Fault | None
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        response = _faulty(fault) if fault is not None and fault.status is not None else self._refusal(request)
        if response is not None:
            status, headers, content = response.status_code, list(response.raw_headers), bytes(response.body)
        else:
            status, headers, content = await self._from_app(request.scope, body)
        if fault is not None and fault.next_link is not None:
            content = _poisoned(content, fault.next_link, str(request.url))
            headers = [(name, value) for name, value in headers if name != b"content-length"]
            headers.append((b"content-length", str(len(content)).encode()))
        given = {name for name, _ in headers}
        return status, headers + [(name, value) for name, value in self._headers(request) if name not in given], content

    async def _from_app(self, scope: Scope, body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        status, headers, chunks = 500, list[tuple[bytes, bytes]](), list[bytes]()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message["headers"])
            else:
                chunks.append(message.get("body", b""))

        try:
            await self.app(scope, receive, send)
        except Exception:  # the client has its 500; whoever tests is to hear of it too
            self.emulator.crashes.append(format_exc())
        return status, headers, b"".join(chunks)

    def _headers(self, request: Request) -> list[tuple[bytes, bytes]]:
        settings = self.emulator.settings
        if request.method in _READS:
            settings.remaining_reads = max(0, settings.remaining_reads - 1)
        else:
            settings.remaining_writes = max(0, settings.remaining_writes - 1)
        request_id = str(uuid4())
        values = {
            "date": format_datetime(self.emulator.now(), usegmt=True),
            "x-ms-request-id": request_id,
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", request_id),
            "x-ms-ratelimit-remaining-subscription-reads": str(settings.remaining_reads),
            "x-ms-ratelimit-remaining-subscription-writes": str(settings.remaining_writes),
            "azureml-served-by-cluster": f"vienna-{settings.region}-01",
        }
        return [(name.encode(), value.encode()) for name, value in values.items()]

    def _refusal(self, request: Request) -> Response | None:
        """401 without a good token, 403 without the right, None for those who may go on."""
        if not GUARDED.match(request.url.path):
            return None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return _unauthorized(
                "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
            )
        try:
            claims = decode_token(token)
        except ValueError:
            return _unauthorized("InvalidAuthenticationToken", "The access token is invalid.")
        now = self.emulator.now().timestamp()
        if self.emulator.directory.is_expired(claims) or claims["exp"] <= now:
            return _unauthorized("ExpiredAuthenticationToken", "The access token has expired.")
        if claims["nbf"] > now + 300:
            return _unauthorized("InvalidAuthenticationToken", "The access token is not yet valid.")
        if request.url.path.startswith("/subscriptions") and claims["aud"] not in ARM_AUDIENCES:
            return _unauthorized("InvalidAuthenticationTokenAudience", "The access token has the wrong audience.")
        return self._forbidden(request, claims)

    def _forbidden(self, request: Request, claims: Mapping[str, Any]) -> Response | None:
        role = self.emulator.directory.role(claims)
        action = _action(request)
        if role == "Owner" or (role == "Reader" and action.endswith("/read")) or request.url.path == "/subscriptions":
            return None
        who = claims.get("upn") or claims.get("appid")
        return arm_error(
            403,
            "AuthorizationFailed",
            f"The client '{who}' with object id '{claims['oid']}' does not have authorization to perform action "
            f"'{action}' over scope '{request.url.path}' or the scope is invalid. If access was recently granted, "
            "please refresh your credentials.",
        )


def _action(request: Request) -> str:
    """What ARM calls that which a request does, such as `Microsoft.MachineLearningServices/workspaces/jobs/write`."""
    _, _, kind = request.url.path.rpartition("/providers/")
    parts = kind.strip("/").split("/")
    types = "/".join([parts[0], *parts[1::2]])
    if _ACTIONS.search(request.url.path):
        return f"{types}/action"
    if request.method in _READS:
        return f"{types}/read"
    return f"{types}/delete" if request.method == "DELETE" else f"{types}/write"


def _unauthorized(code: str, message: str) -> Response:
    place = f"https://login.microsoftonline.com/{TENANT}"
    challenge = f'Bearer authorization_uri="{place}", error="invalid_token", error_description="{message}"'
    return arm_error(401, code, message, {"WWW-Authenticate": challenge})


def _faulty(fault: Fault) -> Response:
    assert fault.status is not None
    if fault.body is not None:
        return Response(fault.body, fault.status, dict(fault.headers), fault.content_type)
    body = {"error": {"code": fault.code, "message": fault.message}}
    return JSONResponse(body, fault.status, dict(fault.headers))


def _poisoned(content: bytes, next_link: str, own: str) -> bytes:
    body = json.loads(content)
    body["nextLink"] = own.replace("http://", "https://", 1) if next_link == SAME_PAGE else next_link
    return json.dumps(body).encode()
