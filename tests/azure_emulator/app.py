"""The emulated service as one ASGI application.

A route module has `ROUTES: list[Route]`, whose handlers are `async def handler(request: Request) -> Response`. They
find the store, faults, settings and hooks with `emulator_of(request)` (which is `request.app.state.emulator`). To add
one, import it here and name it in `ROUTE_MODULES`. Paths are built from those of `arm.py` and match in any case of
letters, as ARM's do. What requests have in common (log, faults, latency, tokens, rights, headers) is in `front.py`.
"""

from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.azure_emulator import file_shares, run_history, sign_in, tracking
from tests.azure_emulator.answers import arm_error
from tests.azure_emulator.control_plane import (
    assets,
    computes,
    datastores,
    deployments,
    jobs,
    operation_status,
    resource_manager,
    sizes,
    workspaces,
)
from tests.azure_emulator.emulator import Emulator, emulator_of
from tests.azure_emulator.front import Front
from tests.azure_emulator.sign_in import INSTANCE_ROUTES

ROUTE_MODULES = (
    sign_in,
    workspaces,
    deployments,
    computes,
    resource_manager,
    sizes,
    datastores,
    assets,
    jobs,
    operation_status,
    run_history,
    tracking,
    file_shares,
)


def make_app(emulator: Emulator) -> Front:
    """The application over a state."""
    routes = [_any_case(route) for module in ROUTE_MODULES for route in module.ROUTES]
    app = Starlette(routes=routes, exception_handlers={404: _unknown, 405: _unknown, ValueError: _bad_body})
    app.state.emulator = emulator
    return Front(app, emulator)


def make_instance_app(emulator: Emulator) -> Starlette:
    """What a compute instance offers to the processes on it."""
    app = Starlette(routes=INSTANCE_ROUTES)
    app.state.emulator = emulator
    return app


def _any_case(route: Route) -> Route:
    lenient = Route(route.path, route.endpoint, methods=route.methods)
    lenient.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return lenient


async def _unknown(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    emulator_of(request).unknown.append(f"{request.method} {request.url.path}")
    return arm_error(problem.status_code, "ResourceNotFound", f"The emulator has no route for {request.url.path}.")


async def _bad_body(request: Request, problem: Exception) -> Response:
    return arm_error(400, "InvalidRequestContent", f"The request content was invalid: {problem}")
