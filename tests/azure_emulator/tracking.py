"""MLflow's REST API of a workspace, `/mlflow/v1.0|v2.0{workspace}/api/2.0/mlflow/...`, forwarded to a real server."""

from __future__ import annotations

import http.client
import re
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.local.mlflow_store import reading
from tests.azure_emulator.arm import WORKSPACE_PATH
from tests.azure_emulator.emulator import emulator_of
from tests.azure_emulator.mlflow_server import MlflowServer

PATIENCE = 120.0
"""Seconds that a first request may take, as it starts the server."""


async def forward(request: Request) -> Response:
    """The server's answer, with the places of its own disk named as Azure names them."""
    server = emulator_of(request).mlflow
    assert server is not None
    names = request.path_params
    target = f"/{names['api']}/{names['version']}/mlflow/{quote(names['tail'])}"
    if request.url.query:
        target += f"?{request.url.query}"
    body = await request.body()
    kind = request.headers.get("content-type", "application/json")
    status, content_type, content = await run_in_threadpool(_exchange, server, request.method, target, body, kind)
    return Response(_in_azure(content, server), status, media_type=content_type)


def _exchange(server: MlflowServer, method: str, target: str, body: bytes, kind: str) -> tuple[int, str, bytes]:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
    try:
        connection.request(method, target, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("content-type", "application/json"), answer.read()
    finally:
        connection.close()


def _in_azure(content: bytes, server: MlflowServer) -> bytes:
    """`azureml://experiments/E/runs/R/artifacts/...` for what lies among a run's artifacts, else nothing.

    Azure names no place for the artifacts of an experiment, nor for a model of a run that has not ended.
    """
    folder = re.escape(str(server.artifacts / "ExperimentRun").encode())

    def named(found: re.Match[bytes]) -> bytes:
        if found["run"] is None:
            return b'""'
        run = found["run"].decode()
        with reading(server.layout) as connection:
            row = connection.execute(
                "SELECT experiments.name FROM runs JOIN experiments USING (experiment_id) WHERE run_uuid = ?", (run,)
            ).fetchone()
        experiment = quote(row[0] if row else "Default", safe="")
        return f'"azureml://experiments/{experiment}/runs/{run}/artifacts'.encode() + found["path"] + b'"'

    return re.sub(rb'"' + folder + rb'/(?:dcid\.(?P<run>[^/"]+)(?P<path>[^"]*)|[^"]*)"', named, content)


ROUTES = [
    Route(
        "/mlflow/{service}" + WORKSPACE_PATH + "/{api}/{version}/mlflow/{tail:path}",
        forward,
        methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    )
]
