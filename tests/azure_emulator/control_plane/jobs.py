"""Jobs as the control plane sees them: what was submitted, and its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import (
    bad_request,
    caller,
    host,
    not_found,
    page,
    properties_of,
    retry_after,
    workspace_missing,
)
from tests.azure_emulator.arm import PROVIDER, WORKSPACE_PATH, WorkspaceId, name_of
from tests.azure_emulator.control_plane.job_bodies import new_job
from tests.azure_emulator.control_plane.views import is_in_view
from tests.azure_emulator.emulator import emulator_of
from tests.azure_emulator.store import FINAL_STATUSES, Resource, Store

_CHANGEABLE = ("displayName", "description", "tags", "isArchived")
_DEFINITION = (
    "jobType",
    "command",
    "codeId",
    "environmentId",
    "inputs",
    "searchSpace",
    "trial",
    "taskDetails",
    "entry",
)


def child_jobs(store: Store, job_id: str) -> list[Resource]:
    """The trials of a sweep, the steps of a pipeline, oldest first."""
    parent = name_of(job_id).lower()
    siblings = store.children(job_id.rpartition("/")[0])
    return [job for job in siblings if str(job["properties"].get("parentJobName")).lower() == parent]


async def list_jobs(request: Request) -> Response:
    """The jobs without a parent, newest first, of the view, type, tag and properties that are asked for."""
    workspace = WorkspaceId.of(request)
    store = emulator_of(request).store
    if str(workspace) not in store:
        return workspace_missing(workspace)
    query = request.query_params
    jobs = (
        job
        for job in store.newest(f"{workspace}/jobs")
        if not job["properties"].get("parentJobName")
        and is_in_view(job, query.get("listViewType"))
        and (not query.get("jobType") or job["properties"]["jobType"] == query["jobType"])
        and _has(job["properties"]["tags"], query.get("tag"))
        and _has(job["properties"]["properties"], query.get("properties"))
    )
    return page(request, jobs)


async def get_job(request: Request) -> Response:
    """One job, also one that has a parent."""
    found = _find(request)
    return _missing(request) if found is None else JSONResponse(found)


async def put_job(request: Request) -> Response:
    """Submits a job once, however often it is put; of one that is there only words, tags and the archive change."""
    emulator = emulator_of(request)
    workspace = WorkspaceId.of(request)
    if str(workspace) not in emulator.store:
        return workspace_missing(workspace)
    properties = await properties_of(request)
    found = _find(request)
    if found is not None:
        return _change(request, found, properties)
    compute = properties.get("computeId")
    if compute and "/computes/" in compute.lower() and compute not in emulator.store:
        return bad_request(request, f"Unknown compute target '{name_of(compute)}'.", "ComputeTargetNotFound")
    job = emulator.store.put(
        new_job(
            workspace,
            request.path_params["job"],
            properties,
            created=emulator.now(),
            by=caller(request),
            region=emulator.settings.region,
        )
    )
    answer = JSONResponse(job, 201, headers={"Location": f"https://{host(request)}{request.url.path}"})
    emulator.on_job_submitted(job["id"])
    return answer


async def cancel_job(request: Request) -> Response:
    """Asks for a job's end: HTTP 200 where it has ended already, else 202 with a place to ask."""
    emulator = emulator_of(request)
    found = _find(request)
    if found is None:
        return _missing(request)
    if found["properties"]["status"] in FINAL_STATUSES:
        return Response(b"", 200)
    emulator.store.set_status(found["id"], "CancelRequested")

    def finish(failure: dict[str, Any] | None) -> None:
        if failure is None and not emulator.cancelled_hooks:
            emulator.store.set_status(found["id"], "Canceled")

    emulator.on_job_cancelled(found["id"])
    operation = emulator.operations.start(emulator.settings.operation_seconds, finish)
    place = f"/subscriptions/{request.path_params['subscription']}/providers/{PROVIDER}/locations/"
    place += f"{emulator.settings.region}/mfeOperationResults/jc:{operation.id}"
    version = request.query_params.get("api-version", "")
    location = f"https://{host(request)}{place}?api-version={version}"
    return Response(b"", 202, {"Location": location, **retry_after(emulator)})


async def delete_job(request: Request) -> Response:
    """Deletes a job that has ended."""
    found = _find(request)
    if found is None:
        return Response(b"", 204)
    if found["properties"]["status"] not in FINAL_STATUSES:
        return bad_request(request, "A job can't be deleted before it has ended.", "JobNotInTerminalState")
    emulator_of(request).store.remove(found["id"])
    return Response(b"", 200)


def _find(request: Request) -> Resource | None:
    return emulator_of(request).store.get(f"{WorkspaceId.of(request)}/jobs/{request.path_params['job']}")


def _missing(request: Request) -> Response:
    return not_found(request, "NotFoundError", f"Job {request.path_params['job']} not found.")


def _change(request: Request, job: Resource, properties: Mapping[str, Any]) -> Response:
    known = job["properties"]
    for name in _DEFINITION:
        if properties.get(name) is not None and name in known and _plain(properties[name]) != _plain(known[name]):
            return bad_request(request, f"A job's {name} can't be changed after its submission.", "ImmutableProperty")
    known.update({key: properties[key] for key in _CHANGEABLE if properties.get(key) is not None})
    return JSONResponse(job)


def _plain(value: Any) -> Any:
    """A value without what is null in it: clients leave out what the service answers with null."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    return value


def _has(values: Mapping[str, str], wanted: str | None) -> bool:
    """Whether tags or properties have all of `key` or `key=value`, which commas part."""
    if not wanted:
        return True
    for pair in wanted.split(","):
        key, separator, value = pair.partition("=")
        if key not in values or (separator and values[key] != value):
            return False
    return True


_JOB = WORKSPACE_PATH + "/jobs/{job}"
ROUTES = [
    Route(WORKSPACE_PATH + "/jobs", list_jobs),
    Route(_JOB, get_job),
    Route(_JOB, put_job, methods=["PUT"]),
    Route(_JOB, delete_job, methods=["DELETE"]),
    Route(_JOB + "/cancel", cancel_job, methods=["POST"]),
]
