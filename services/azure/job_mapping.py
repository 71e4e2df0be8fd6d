"""Jobs as the service tells them, as entities and specs: pure functions that no odd or missing field breaks.

Bodies: `JobBase` of Azure Resource Manager (api-version 2024-01-01-preview) and the runs of run history.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.azure.job_fields import (
    ARTIFACTS,
    MODES,
    SERVERLESS,
    SYSTEM_TAG,
    Body,
    asset_uri,
    last_part,
    mapping,
    own_tags,
    seconds_of,
    text,
    time_of,
)
from services.azure.job_specs import job_spec, literal
from services.entities import Job, JobStatus, JobSummary, JobType, Port, StatusChange
from services.specs.jobs import command_text, program_of
from services.specs.show_as import as_yaml
from services.specs.writing import dump
from services.text import REDACTED, is_secret_name, masked
from services.uris import datastore_uri

DIGEST = "lapis.spec"
"""The property that tells whether a job came from the same spec."""
EPOCH = datetime.fromtimestamp(0, UTC)

_TYPES = {
    "command": JobType.COMMAND,
    "sweep": JobType.SWEEP,
    "automl": JobType.AUTOML,
    "pipeline": JobType.PIPELINE,
    "spark": JobType.SPARK,
}
_RUN_TYPES = {
    "azureml.scriptrun": JobType.COMMAND,
    "azureml.steprun": JobType.COMMAND,
    "hyperdrive": JobType.SWEEP,
    "automl": JobType.AUTOML,
    "azureml.pipelinerun": JobType.PIPELINE,
    "azureml.sparkrun": JobType.SPARK,
}
_BEST_CHILD = ("best_child_run_id", "automl_best_child_run_id", "_aml_system_automl_best_child_run_id")
_OWN_OUTPUT = re.compile(r"\$\{\{(name|output_name|default_datastore)\}\}")
_EXIT_CODE = re.compile(r"exited with (?:status |exit )?code:? (-?\d+)", re.IGNORECASE)
_BEFORE_RUNNING = frozenset(
    {JobStatus.NOT_STARTED, JobStatus.QUEUED, JobStatus.PREPARING, JobStatus.STARTING, JobStatus.PROVISIONING}
)


def job_summary(body: Body) -> JobSummary | None:
    """A row of the list; None for what has no name."""
    name = text(body.get("name"))
    if not name:
        return None
    properties = mapping(body.get("properties"))
    system = mapping(body.get("systemData"))
    told = mapping(properties.get("properties"))
    kind = _TYPES.get(text(properties.get("jobType")).lower(), JobType.OTHER)
    return JobSummary(
        name=name,
        display_name=masked(text(properties.get("displayName"))) or name,
        experiment_name=text(properties.get("experimentName")),
        status=status_of(properties.get("status")),
        created_at=time_of(system.get("createdAt")) or EPOCH,
        type=kind,
        started_at=time_of(told.get("StartTimeUtc")),
        ended_at=time_of(told.get("EndTimeUtc")),
        compute=_compute(properties, kind),
        created_by=text(system.get("createdBy")),
        tags=_shown_tags(properties),
        parent_name=text(properties.get("parentJobName")) or None,
        archived=properties.get("isArchived") is True,
    )


def run_summary(run: Body) -> JobSummary | None:
    """A run of run history, such as a trial of a sweep, as a row; None for what has no name."""
    name = text(run.get("runId"))
    if not name:
        return None
    user = mapping(run.get("createdBy"))
    return JobSummary(
        name=name,
        display_name=masked(text(run.get("displayName"))) or name,
        experiment_name=text(mapping(run.get("properties")).get("azureml.experimentName")),
        status=status_of(run.get("status")),
        created_at=time_of(run.get("createdUtc")) or EPOCH,
        type=_RUN_TYPES.get(text(run.get("runType")).lower(), JobType.OTHER),
        started_at=time_of(run.get("startTimeUtc")),
        ended_at=time_of(run.get("endTimeUtc")),
        compute=text(run.get("target")),
        created_by=text(user.get("userName")),
        tags=_shown_tags(run),
        parent_name=text(run.get("parentRunId")) or None,
        archived=run.get("hidden") is True,
    )


def with_run(summary: JobSummary, run: Body) -> JobSummary:
    """What run history adds to a row: when the run began and ended."""
    return replace(
        summary,
        started_at=time_of(run.get("startTimeUtc")) or summary.started_at,
        ended_at=(time_of(run.get("endTimeUtc")) or summary.ended_at) if summary.status.is_terminal else None,
        parent_name=summary.parent_name or text(run.get("parentRunId")) or None,
    )


def job_of(body: Body, run: Body, summary: JobSummary, seen: Iterable[StatusChange] = (), yaml: str = "") -> Job:
    """A job with all that its body and its run tell; its error is for who has its log.

    Args:
        run: what run history has of it; empty where it has nothing.
        seen: the statuses that it was seen in, which the service doesn't keep.
        yaml: for jobs of types that have no spec here.
    """
    properties = mapping(body.get("properties"))
    spec = job_spec(body)
    told = {key: text(value) for key, value in mapping(properties.get("properties")).items() if value is not None}
    told |= {key: text(value) for key, value in mapping(run.get("properties")).items() if value is not None}
    everything = {**mapping(properties.get("tags")), **mapping(run.get("tags")), **told}
    objective = mapping(properties.get("objective")) or mapping(properties.get("taskDetails"))
    program = program_of(spec)
    variables = mapping(getattr(program or spec, "environment_variables", None)).items()
    return Job(
        summary=summary,
        description=spec.description or "",
        command=command_text(spec),
        code=(program.code if program else None) or "",
        inputs=tuple(_ports(properties.get("inputs"), "jobInputType", "ro_mount")),
        outputs=tuple(_outputs(properties, summary.name)),
        environment=text(program.environment if program else None).removeprefix("azureml:"),
        environment_variables={k: REDACTED if is_secret_name(k) else str(v) for k, v in variables},
        properties={key: masked(value) for key, value in told.items() if not key.startswith(SYSTEM_TAG)},
        timeout=seconds_of(mapping(properties.get("limits")).get("timeout")),
        timeline=timeline(summary, seen),
        yaml=yaml or as_yaml(spec),
        studio_url=text(mapping(mapping(properties.get("services")).get("Studio")).get("endpoint")),
        run_id=summary.name,
        primary_metric=text(objective.get("primaryMetric")),
        best_child_name=next((text(everything[key]) for key in _BEST_CHILD if everything.get(key)), ""),
    )


def entity_yaml(body: Body) -> str:
    """A job as `az ml job show` prints it, without secrets; what the SDK can't read as the service told it."""
    from azure.ai.ml._restclient.arm_ml_service.models import JobBase
    from azure.ai.ml.entities import Job as SdkJob

    try:
        document = SdkJob._from_rest_object(JobBase._deserialize(dict(body), []))._to_dict()
    except Exception:  # whatever a job of a newer service breaks there, its screen opens
        document = mapping(body.get("properties"))
    return masked(dump(_without_secrets(json.loads(json.dumps(document, default=str)))))


def timeline(summary: JobSummary, seen: Iterable[StatusChange] = ()) -> tuple[StatusChange, ...]:
    """The steps that are known: made, begun, ended, and what was seen in between, each status once."""
    known = {JobStatus.NOT_STARTED: StatusChange(JobStatus.NOT_STARTED, summary.created_at)}
    last = summary.ended_at if summary.status.is_terminal else None
    for change in seen:
        # A status is seen some time after it came, by then the service may have told of later ones.
        until = summary.started_at if change.status in _BEFORE_RUNNING else last
        at = max(change.at, summary.created_at)
        known.setdefault(change.status, replace(change, at=min(at, until) if until else at))
    if summary.started_at:
        known[JobStatus.RUNNING] = StatusChange(JobStatus.RUNNING, summary.started_at)
    if last:
        known = {status: change for status, change in known.items() if not status.is_terminal}
        known[summary.status] = StatusChange(summary.status, last)
    return tuple(sorted(known.values(), key=lambda change: (change.at, change.status.is_terminal)))


def output_uri(body: Body, name: str) -> str:
    """Where an output of a job lies, in a datastore; empty if the job has no such output."""
    given = mapping(mapping(body.get("properties")).get("outputs")).get(name)
    if not isinstance(given, dict):
        return ""
    return _output_place(text(body.get("name")), name, given)


def outputs_of(body: Body) -> tuple[str, ...]:
    """The names of the outputs that the author of a job declared."""
    return tuple(name for name in mapping(mapping(body.get("properties")).get("outputs")) if name != ARTIFACTS)


def run_error(run: Body) -> str:
    """What run history says of a run that failed; empty if it says nothing.

    Some messages are JSON, whose `NonCompliant` has the words that are not hidden for privacy.
    """
    error = mapping(mapping(run.get("error")).get("error"))
    message = text(error.get("message")).strip()
    if message.startswith("{"):
        try:
            parts = json.loads(message)
        except ValueError:
            parts = None
        message = text(mapping(parts).get("NonCompliant")) or message
    return masked(message or text(error.get("code")))


def exit_code(run: Body) -> int | None:
    """The exit code that the error of a run tells of; None if it tells of none."""
    found = _EXIT_CODE.search(run_error(run))
    return int(found[1]) if found else None


def status_of(value: object) -> JobStatus:
    """UNKNOWN for a status that Lapis doesn't know."""
    try:
        return JobStatus(text(value))
    except ValueError:
        return JobStatus.UNKNOWN


def _shown_tags(properties: Body) -> dict[str, str]:
    """Tags without secrets: they are kept on disk."""
    tags = own_tags(properties).items()
    return {masked(key): REDACTED if is_secret_name(key) else masked(value) for key, value in tags}


def _compute(properties: Body, kind: JobType) -> str:
    compute = last_part(properties.get("computeId")) or last_part(properties.get("target"))
    return compute or (SERVERLESS if kind in (JobType.COMMAND, JobType.SPARK, JobType.SWEEP) else "")


def _literal_type(text: str) -> str:
    value = literal(text)
    return {bool: "boolean", int: "integer", float: "number"}.get(type(value), "string")


def _ports(ports: object, type_field: str, default_mode: str) -> Iterable[Port]:
    for name, raw in mapping(ports).items():
        given = mapping(raw)
        kind = text(given.get(type_field))
        if kind == "literal":
            value = text(given.get("value"))
            yield Port(name, _literal_type(value), REDACTED if is_secret_name(name) else masked(value))
        else:
            mode = MODES.get(text(given.get("mode")), text(given.get("mode"))) or default_mode
            yield Port(name, kind, masked(asset_uri(given.get("uri"))), mode)


def _outputs(properties: Body, job: str) -> Iterable[Port]:
    outputs = mapping(properties.get("outputs"))
    for port in _ports({k: v for k, v in outputs.items() if k != ARTIFACTS}, "jobOutputType", "rw_mount"):
        yield replace(port, resolved=masked(_output_place(job, port.name, mapping(outputs[port.name]))))


def _output_place(job: str, name: str, given: Body) -> str:
    uri = text(given.get("uri")) or datastore_uri("workspaceblobstore", f"azureml/{job}/{name}/")
    known = {"name": job, "output_name": name, "default_datastore": "workspaceblobstore"}
    return _OWN_OUTPUT.sub(lambda match: known[match[1]], uri)


def _without_secrets(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_secrets(item, str(key)) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, str | int | float | bool):
        return text(value)
    return REDACTED if isinstance(value, str) and is_secret_name(name) else value
