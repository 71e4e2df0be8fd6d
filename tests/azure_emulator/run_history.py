"""The run history service: what the jobs API does not tell about a run (times, log files, the error, children)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import not_found
from tests.azure_emulator.arm import WORKSPACE_PATH, WorkspaceId, timestamp
from tests.azure_emulator.control_plane.jobs import child_jobs
from tests.azure_emulator.emulator import Emulator, emulator_of
from tests.azure_emulator.storage import ARTIFACT_CONTAINER
from tests.azure_emulator.store import FINAL_STATUSES, Resource

HISTORY = "/history/v1.0" + WORKSPACE_PATH
LOG_FOLDERS = ("user_logs", "system_logs", "azureml-logs", "logs/azureml")
"""The folders of a run's artifacts whose files count as logs."""
SERVICES = ("api", "catalog", "experimentation", "history", "hyperdrive", "labeling", "modelmanagement", "pipelines")
RUN_TYPES = {
    "Command": "azureml.scriptrun",
    "Sweep": "hyperdrive",
    "AutoML": "automl",
    "Pipeline": "azureml.PipelineRun",
}
BEFORE_RUNNING = frozenset({"NotStarted", "Queued", "Starting", "Preparing", "Provisioning"})


def run_folder(job: str) -> str:
    """Where in the container of `workspaceartifactstore` all lies that the run of a job left."""
    return f"ExperimentRun/dcid.{job}"


def user_error(message: str, code: str = "UserError") -> dict[str, Any]:
    """The error of a failed run, as run history keeps it."""
    return {"error": {"code": code, "severity": None, "message": message, "details": [], "innerError": None}}


NO_REASON = user_error("Execution failed. Please check log file 'user_logs/std_log.txt' for error details.")
"""What a failed run tells that a test has not given another error."""


async def discovery(request: Request) -> Response:
    """Where the services of a region are. Asked without a token."""
    home = f"https://{request.headers['host']}"
    return JSONResponse({**dict.fromkeys(SERVICES, home), "studio": "https://ml.azure.com"})


async def get_run(request: Request) -> Response:
    """A run."""
    job = _job(request)
    return _missing(request) if job is None else JSONResponse(_run(emulator_of(request), job))


async def modify_run(request: Request) -> Response:
    """Changes display name, description, tags and properties of a run; `hidden` archives its job."""
    emulator, job = emulator_of(request), _job(request)
    if job is None:
        return _missing(request)
    change = json.loads(await request.body())
    with emulator.store.locked():
        properties = job["properties"]
        for field, kept_as in (
            ("displayName", "displayName"),
            ("description", "description"),
            ("hidden", "isArchived"),
        ):
            if change.get(field) is not None:
                properties[kept_as] = change[field]
        for field in ("tags", "properties"):
            if change.get(field):
                properties[field] = {**(properties.get(field) or {}), **change[field]}
    return JSONResponse(_run(emulator, job))


async def get_details(request: Request) -> Response:
    """A run with a signed address for each of its log files."""
    emulator, job = emulator_of(request), _job(request)
    if job is None:
        return _missing(request)
    log_files = await run_in_threadpool(_log_files, emulator, job["name"])
    return JSONResponse({**_run(emulator, job), "logFiles": log_files})


async def list_children(request: Request) -> Response:
    """The runs that a run made, oldest first; `nextLink` leads on."""
    emulator, parent = emulator_of(request), _job(request)
    if parent is None:
        return _missing(request)
    children = [_run(emulator, job) for job in child_jobs(emulator.store, parent["id"])]
    query = request.query_params
    start = int(query.get("$continuationtoken", 0))
    end = start + int(query.get("$top", emulator.settings.page_size))
    body: dict[str, Any] = {"value": children[start:end]}
    if end < len(children):
        following = request.url.include_query_params(**{"$continuationtoken": end}).replace(scheme="https")
        body |= {"continuationToken": str(end), "nextLink": str(following)}
    return JSONResponse(body)


async def get_run_data(request: Request) -> Response:
    """A run as `jobs.download` asks for it."""
    emulator = emulator_of(request)
    wanted = json.loads(await request.body())
    job = emulator.store.get(f"{WorkspaceId.of(request)}/jobs/{wanted['runId']}")
    if job is None:
        return _missing(request)
    return JSONResponse({"runMetadata": _run(emulator, job), "runDefinition": None, "jobSpecification": None})


def _job(request: Request) -> Resource | None:
    return emulator_of(request).store.get(f"{WorkspaceId.of(request)}/jobs/{request.path_params['run']}")


def _missing(request: Request) -> Response:
    run = request.path_params.get("run", "")
    return not_found(request, "NotFound", f"RunNotFound: Run {run} was not found")


def _run(emulator: Emulator, job: Resource) -> dict[str, Any]:
    """A run, by what the store knows of its job."""
    name, properties = job["name"], job["properties"]
    past = emulator.store.transitions(job["id"])
    status = properties["status"]
    started = _first(past, lambda status: status not in BEFORE_RUNNING and status not in FINAL_STATUSES)
    ended = _first(past, lambda status: status in FINAL_STATUSES)
    parent = properties.get("parentJobName")
    compute = (properties.get("computeId") or "").rpartition("/")[2]
    return {
        "runId": name,
        "runUuid": name,
        "parentRunId": parent,
        "rootRunId": parent or name,
        "experimentId": properties.get("experimentName"),
        "createdUtc": job["systemData"]["createdAt"],
        "createdTimeUtc": job["systemData"]["createdAt"],
        "createdBy": {"userName": job["systemData"]["createdBy"]},
        "status": status,
        "startTimeUtc": started and timestamp(started),
        "endTimeUtc": ended and timestamp(ended),
        "error": emulator.run_errors.get(job["id"].lower(), NO_REASON) if status == "Failed" else None,
        "warnings": [],
        "displayName": properties.get("displayName") or name,
        "name": properties.get("displayName") or name,
        "dataContainerId": f"dcid.{name}",
        "description": properties.get("description"),
        "hidden": bool(properties.get("isArchived")),
        "runType": RUN_TYPES.get(properties["jobType"], "azureml.scriptrun"),
        "properties": properties.get("properties") or {},
        "tags": properties.get("tags") or {},
        "target": compute,
        "compute": {"target": compute, "targetType": "AmlCompute"} if compute else None,
        "inputs": {},
        "outputs": {},
        "inputDatasets": [],
        "outputDatasets": [],
    }


def _first(past: Iterable[tuple[str, datetime]], fits: Callable[[str], bool]) -> datetime | None:
    return next((moment for status, moment in past if fits(status)), None)


def _log_files(emulator: Emulator, job: str) -> dict[str, str]:
    """Path and signed address of each log. Blocks."""
    storage = emulator.storage
    if storage is None:
        return {}
    home = run_folder(job)
    blobs = [blob for folder in LOG_FOLDERS for blob in storage.list_blobs(ARTIFACT_CONTAINER, f"{home}/{folder}/")]
    return {blob.removeprefix(f"{home}/"): storage.blob_url(ARTIFACT_CONTAINER, blob) for blob in blobs}


ROUTES = [
    Route("/discovery", discovery),
    Route(HISTORY + "/runs/{run}", get_run),
    Route(HISTORY + "/runs/{run}", modify_run, methods=["PATCH"]),
    Route(HISTORY + "/experiments/{experiment}/runs/{run}", get_run),
    Route(HISTORY + "/experiments/{experiment}/runs/{run}", modify_run, methods=["PATCH"]),
    Route(HISTORY + "/runs/{run}/details", get_details),
    Route(HISTORY + "/experiments/{experiment}/runs/{run}/details", get_details),
    Route(HISTORY + "/runs/{run}/children", list_children),
    Route(HISTORY + "/experiments/{experiment}/runs/{run}/children", list_children),
    Route(HISTORY + "/rundata", get_run_data, methods=["POST"]),
]
