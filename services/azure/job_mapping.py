"""Jobs as the service tells them, as entities and specs: pure functions that no odd or missing field breaks.

Bodies: `JobBase` of Azure Resource Manager (api-version 2024-01-01-preview) and the runs of run history.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.entities import Job, JobStatus, JobSummary, JobType, Port, StatusChange
from services.specs.command import CommandJob, JobInput, JobLimits, JobOutput, JobResources
from services.specs.show_as import as_yaml
from services.specs.writing import dump
from services.text import REDACTED, is_secret_name, masked
from services.uris import datastore_uri

Body = Mapping[str, Any]

ARTIFACTS = "default"
"""The output that the service adds to every job: the artifacts of its run."""
SERVERLESS = "serverless"
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
_MODES = {
    "ReadOnlyMount": "ro_mount",
    "ReadWriteMount": "rw_mount",
    "Download": "download",
    "Upload": "upload",
    "Direct": "direct",
    "EvalMount": "eval_mount",
    "EvalDownload": "eval_download",
}
_SYSTEM_TAG = "_aml_system_"
"""Begins the names of tags that the service keeps for itself, some of them 5 kB long."""
_BEST_CHILD = ("best_child_run_id", "automl_best_child_run_id", "_aml_system_automl_best_child_run_id")
_VERSIONED = re.compile(r"/(?:environments|codes|data|models|components)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)$")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")
_OWN_OUTPUT = re.compile(r"\$\{\{(name|output_name|default_datastore)\}\}")
_EXIT_CODE = re.compile(r"exited with (?:status |exit )?code:? (-?\d+)", re.IGNORECASE)
_BEFORE_RUNNING = frozenset(
    {JobStatus.NOT_STARTED, JobStatus.QUEUED, JobStatus.PREPARING, JobStatus.STARTING, JobStatus.PROVISIONING}
)
_INTEGER = re.compile(r"[+-]?\d{1,18}")


def job_summary(body: Body) -> JobSummary | None:
    """A row of the list; None for what has no name."""
    name = _text(body.get("name"))
    if not name:
        return None
    properties = _mapping(body.get("properties"))
    system = _mapping(body.get("systemData"))
    told = _mapping(properties.get("properties"))
    kind = _TYPES.get(_text(properties.get("jobType")).lower(), JobType.OTHER)
    return JobSummary(
        name=name,
        display_name=masked(_text(properties.get("displayName"))) or name,
        experiment_name=_text(properties.get("experimentName")),
        status=status_of(properties.get("status")),
        created_at=time_of(system.get("createdAt")) or EPOCH,
        type=kind,
        started_at=time_of(told.get("StartTimeUtc")),
        ended_at=time_of(told.get("EndTimeUtc")),
        compute=_compute(properties, kind),
        created_by=_text(system.get("createdBy")),
        tags=_shown_tags(properties),
        parent_name=_text(properties.get("parentJobName")) or None,
        archived=properties.get("isArchived") is True,
    )


def run_summary(run: Body) -> JobSummary | None:
    """A run of run history, such as a trial of a sweep, as a row; None for what has no name."""
    name = _text(run.get("runId"))
    if not name:
        return None
    user = _mapping(run.get("createdBy"))
    return JobSummary(
        name=name,
        display_name=masked(_text(run.get("displayName"))) or name,
        experiment_name=_text(_mapping(run.get("properties")).get("azureml.experimentName")),
        status=status_of(run.get("status")),
        created_at=time_of(run.get("createdUtc")) or EPOCH,
        type=_RUN_TYPES.get(_text(run.get("runType")).lower(), JobType.OTHER),
        started_at=time_of(run.get("startTimeUtc")),
        ended_at=time_of(run.get("endTimeUtc")),
        compute=_text(run.get("target")),
        created_by=_text(user.get("userName")),
        tags=_shown_tags(run),
        parent_name=_text(run.get("parentRunId")) or None,
        archived=run.get("hidden") is True,
    )


def with_run(summary: JobSummary, run: Body) -> JobSummary:
    """What run history adds to a row: when the run began and ended."""
    return replace(
        summary,
        started_at=time_of(run.get("startTimeUtc")) or summary.started_at,
        ended_at=(time_of(run.get("endTimeUtc")) or summary.ended_at) if summary.status.is_terminal else None,
        parent_name=summary.parent_name or _text(run.get("parentRunId")) or None,
    )


def job_of(body: Body, run: Body, summary: JobSummary, seen: Iterable[StatusChange] = (), yaml: str = "") -> Job:
    """A job with all that its body and its run tell; its error is for who has its log.

    Args:
        run: what run history has of it; empty where it has nothing.
        seen: the statuses that it was seen in, which the service doesn't keep.
        yaml: for jobs of other types than command.
    """
    properties = _mapping(body.get("properties"))
    spec = command_spec(body)
    told = {key: _text(value) for key, value in _mapping(properties.get("properties")).items() if value is not None}
    told |= {key: _text(value) for key, value in _mapping(run.get("properties")).items() if value is not None}
    everything = {**_mapping(properties.get("tags")), **_mapping(run.get("tags")), **told}
    objective = _mapping(properties.get("objective")) or _mapping(properties.get("taskDetails"))
    variables = {k: REDACTED if is_secret_name(k) else str(v) for k, v in spec.environment_variables.items()}
    return Job(
        summary=summary,
        description=spec.description or "",
        command=spec.command,
        code=spec.code or "",
        inputs=tuple(_ports(properties.get("inputs"), "jobInputType", "ro_mount")),
        outputs=tuple(_outputs(properties, summary.name)),
        environment=_text(spec.environment).removeprefix("azureml:"),
        environment_variables=variables,
        properties={key: masked(value) for key, value in told.items() if not key.startswith(_SYSTEM_TAG)},
        timeout=seconds_of(_mapping(properties.get("limits")).get("timeout")),
        timeline=timeline(summary, seen),
        yaml=yaml or as_yaml(spec),
        studio_url=_text(_mapping(_mapping(properties.get("services")).get("Studio")).get("endpoint")),
        run_id=summary.name,
        primary_metric=_text(objective.get("primaryMetric")),
        best_child_name=next((_text(everything[key]) for key in _BEST_CHILD if everything.get(key)), ""),
    )


def command_spec(body: Body) -> CommandJob:
    """The spec that a command job was made from, as far as the service keeps it; of a sweep that of its trials.

    Local paths have become URIs; the code is the asset `azureml:NAME:VERSION`.
    """
    properties = _mapping(body.get("properties"))
    trial = _mapping(properties.get("trial"))
    of = {**properties, **trial}
    timeout = seconds_of(_mapping(properties.get("limits")).get("timeout"))
    compute = _last(properties.get("computeId"))
    told = _mapping(properties.get("properties"))
    return CommandJob(
        command=_text(of.get("command")),
        name=_text(body.get("name")) or None,
        display_name=_text(properties.get("displayName")) or None,
        experiment_name=_text(properties.get("experimentName")) or None,
        description=_text(properties.get("description")) or None,
        tags=_own_tags(properties),
        properties={k: v for k, v in told.items() if v is not None and not _is_service_property(k)},
        code=asset_uri(of.get("codeId")) or None,
        environment=asset_uri(of.get("environmentId")) or None,
        environment_variables={k: _text(v) for k, v in _mapping(of.get("environmentVariables")).items()},
        compute=f"azureml:{compute}" if compute and compute != SERVERLESS else None,
        inputs={name: _input(_mapping(given)) for name, given in _mapping(properties.get("inputs")).items()},
        outputs={
            name: _output(_text(body.get("name")), _mapping(given))
            for name, given in _mapping(properties.get("outputs")).items()
            if name != ARTIFACTS
        },
        limits=JobLimits(int(timeout)) if timeout else None,
        resources=_resources(_mapping(of.get("resources"))),
        distribution=_distribution(_mapping(of.get("distribution"))),
        identity=_identity(_mapping(properties.get("identity"))),
        queue_settings=_queue_settings(_mapping(properties.get("queueSettings"))),
    )


def entity_yaml(body: Body) -> str:
    """A job as `az ml job show` prints it, without secrets; what the SDK can't read as the service told it."""
    from azure.ai.ml._restclient.arm_ml_service.models import JobBase
    from azure.ai.ml.entities import Job as SdkJob

    try:
        document = SdkJob._from_rest_object(JobBase._deserialize(dict(body), []))._to_dict()
    except Exception:  # whatever a job of a newer service breaks there, its screen opens
        document = _mapping(body.get("properties"))
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
    given = _mapping(_mapping(body.get("properties")).get("outputs")).get(name)
    if not isinstance(given, dict):
        return ""
    return _output_place(_text(body.get("name")), name, given)


def outputs_of(body: Body) -> tuple[str, ...]:
    """The names of the outputs that the author of a job declared."""
    return tuple(name for name in _mapping(_mapping(body.get("properties")).get("outputs")) if name != ARTIFACTS)


def run_error(run: Body) -> str:
    """What run history says of a run that failed; empty if it says nothing.

    Some messages are JSON, whose `NonCompliant` has the words that are not hidden for privacy.
    """
    error = _mapping(_mapping(run.get("error")).get("error"))
    message = _text(error.get("message")).strip()
    if message.startswith("{"):
        try:
            parts = json.loads(message)
        except ValueError:
            parts = None
        message = _text(_mapping(parts).get("NonCompliant")) or message
    return masked(message or _text(error.get("code")))


def exit_code(run: Body) -> int | None:
    """The exit code that the error of a run tells of; None if it tells of none."""
    found = _EXIT_CODE.search(run_error(run))
    return int(found[1]) if found else None


def asset_uri(arm_id: object) -> str:
    """`azureml:NAME:VERSION` for the ARM id of an asset of this workspace; other names stay as they are."""
    text = _text(arm_id)
    found = _VERSIONED.search(text)
    if found and "/workspaces/" in text.lower():
        return f"azureml:{found['name']}:{found['version']}"
    return text


def status_of(value: object) -> JobStatus:
    """UNKNOWN for a status that Lapis doesn't know."""
    try:
        return JobStatus(_text(value))
    except ValueError:
        return JobStatus.UNKNOWN


def time_of(value: object) -> datetime | None:
    """A time of the service, with up to seven digits of a second; None for what is none."""
    try:
        at = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _last(value: object) -> str:
    return _text(value).rstrip("/").rpartition("/")[2]


def _own_tags(properties: Body) -> dict[str, str]:
    tags = _mapping(properties.get("tags"))
    return {key: _text(value) for key, value in tags.items() if not key.startswith(_SYSTEM_TAG)}


def _shown_tags(properties: Body) -> dict[str, str]:
    """Tags without secrets: they are kept on disk."""
    tags = _own_tags(properties).items()
    return {masked(key): REDACTED if is_secret_name(key) else masked(value) for key, value in tags}


def _is_service_property(name: str) -> bool:
    """Whether the service, or a submit, adds a property of that name by itself."""
    return name.startswith(("_azureml.", "azureml.", "mlflow.source.git.", _SYSTEM_TAG, "lapis.")) or name[:1].isupper()


def _compute(properties: Body, kind: JobType) -> str:
    compute = _last(properties.get("computeId")) or _last(properties.get("target"))
    return compute or (SERVERLESS if kind in (JobType.COMMAND, JobType.SPARK, JobType.SWEEP) else "")


def seconds_of(value: object) -> float | None:
    """The seconds of an ISO 8601 duration, such as PT1H30M."""
    text = _text(value)
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def literal(text: str) -> str | int | float | bool:
    """A literal as it was before the service, which keeps text alone."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _literal_type(text: str) -> str:
    value = literal(text)
    return {bool: "boolean", int: "integer", float: "number"}.get(type(value), "string")


def _ports(ports: object, type_field: str, default_mode: str) -> Iterable[Port]:
    for name, raw in _mapping(ports).items():
        given = _mapping(raw)
        kind = _text(given.get(type_field))
        if kind == "literal":
            value = _text(given.get("value"))
            yield Port(name, _literal_type(value), REDACTED if is_secret_name(name) else masked(value))
        else:
            mode = _MODES.get(_text(given.get("mode")), _text(given.get("mode"))) or default_mode
            yield Port(name, kind, masked(asset_uri(given.get("uri"))), mode)


def _outputs(properties: Body, job: str) -> Iterable[Port]:
    outputs = _mapping(properties.get("outputs"))
    for port in _ports({k: v for k, v in outputs.items() if k != ARTIFACTS}, "jobOutputType", "rw_mount"):
        yield replace(port, resolved=masked(_output_place(job, port.name, _mapping(outputs[port.name]))))


def _output_place(job: str, name: str, given: Body) -> str:
    uri = _text(given.get("uri")) or datastore_uri("workspaceblobstore", f"azureml/{job}/{name}/")
    known = {"name": job, "output_name": name, "default_datastore": "workspaceblobstore"}
    return _OWN_OUTPUT.sub(lambda match: known[match[1]], uri)


def _input(given: Body) -> JobInput | str | int | float | bool:
    kind = _text(given.get("jobInputType"))
    if kind == "literal":
        return literal(_text(given.get("value")))
    mode: Any = _MODES.get(_text(given.get("mode")))
    kinds: Any = kind
    return JobInput(kinds, asset_uri(given.get("uri")), mode, description=_text(given.get("description")) or None)


def _output(job: str, given: Body) -> JobOutput:
    kind: Any = _text(given.get("jobOutputType")) or "uri_folder"
    mode: Any = _MODES.get(_text(given.get("mode")))
    uri, name = _text(given.get("uri")), _text(given.get("assetName")) or None
    version = _text(given.get("assetVersion")) or None
    return JobOutput(
        kind, _declared(uri, job), mode, name, version if name else None, _text(given.get("description")) or None
    )


def _declared(uri: str, job: str) -> str | None:
    """None for a place of this one job, which a clone must not write to."""
    return None if not uri or f"/{job}/" in uri or "${{" in uri else uri


def _resources(given: Body) -> JobResources | None:
    count = given.get("instanceCount")
    found = JobResources(
        instance_count=count if isinstance(count, int) and count > 1 else None,
        instance_type=_text(given.get("instanceType")) or None,
        shm_size=size if (size := _text(given.get("shmSize"))) not in ("", "2g") else None,
        docker_args=_text(given.get("dockerArgs")) or None,
        properties=_mapping(given.get("properties")) or None,
    )
    return found if found != JobResources() else None


def _distribution(given: Body) -> Mapping[str, Any] | None:
    match _text(given.get("distributionType")):
        case "PyTorch":
            kept = {"process_count_per_instance": given.get("processCountPerInstance")}
        case "TensorFlow":
            kept = {
                "parameter_server_count": given.get("parameterServerCount"),
                "worker_count": given.get("workerCount"),
            }
        case "Mpi":
            kept = {"process_count_per_instance": given.get("processCountPerInstance")}
        case "Ray":
            kept = {"port": given.get("port"), "address": given.get("address")}
        case _:
            return None
    kind = _text(given["distributionType"]).lower()
    return {"type": kind, **{key: value for key, value in kept.items() if value is not None}}


def _identity(given: Body) -> Mapping[str, Any] | None:
    match _text(given.get("identityType")):
        case "UserIdentity":
            return {"type": "user_identity"}
        case "Managed":
            kept = {"client_id": given.get("clientId"), "object_id": given.get("objectId")}
            return {"type": "managed_identity", **{key: value for key, value in kept.items() if value}}
    return None


def _queue_settings(given: Body) -> Mapping[str, Any] | None:
    tier = _text(given.get("jobTier")).lower()
    return {"job_tier": tier} if tier in ("spot", "basic", "premium") else None


def _without_secrets(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_secrets(item, str(key)) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, str | int | float | bool):
        return _text(value)
    return REDACTED if isinstance(value, str) and is_secret_name(name) else value
