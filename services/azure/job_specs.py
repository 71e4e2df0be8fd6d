"""The specs that jobs were made from, as far as the service keeps them: pure functions that no odd field breaks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
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
)
from services.azure.search_specs import automl_spec, sweep_spec
from services.errors import SpecError
from services.specs.command import CommandJob, JobInput, JobLimits, JobOutput, JobResources
from services.specs.jobs import AnyJob
from services.specs.spark import SparkEntry, SparkJob, SparkResources

_INTEGER = re.compile(r"[+-]?\d{1,18}")


def job_spec(body: Body) -> AnyJob:
    """The spec of a job; of a type that has none here what a command job can tell of it."""
    if is_spark(body):
        return spark_spec(body)
    command = command_spec(body)
    try:
        match text(mapping(body.get("properties")).get("jobType")).lower():
            case "sweep":
                return sweep_spec(body, command)
            case "automl":
                return automl_spec(body, command) or command
    except SpecError:
        pass
    return command


def is_spark(body: Body) -> bool:
    """Whether it is a Spark job as az ml writes it: its entry is a file, no class of a JAR."""
    properties = mapping(body.get("properties"))
    return text(properties.get("jobType")).lower() == "spark" and bool(mapping(properties.get("entry")).get("file"))


def spark_spec(body: Body) -> SparkJob:
    """The spec that a Spark job was made from; local paths have become URIs."""
    properties = mapping(body.get("properties"))
    compute = last_part(properties.get("computeId"))
    resources = mapping(properties.get("resources"))
    return SparkJob(
        entry=SparkEntry(text(mapping(properties.get("entry")).get("file"))),
        **_words(body),
        code=asset_uri(properties.get("codeId")) or None,
        py_files=_texts(properties.get("pyFiles")),
        jars=_texts(properties.get("jars")),
        files=_texts(properties.get("files")),
        archives=_texts(properties.get("archives")),
        conf={key: literal(text(value)) for key, value in mapping(properties.get("conf")).items()},
        args=text(properties.get("args")) or None,
        environment=asset_uri(properties.get("environmentId")) or None,
        compute=f"azureml:{compute}" if compute else None,
        resources=SparkResources(text(resources["instanceType"]), text(resources.get("runtimeVersion")) or None)
        if resources.get("instanceType")
        else None,
        identity=_identity(mapping(properties.get("identity"))),
    )


def _texts(value: object) -> list[str] | None:
    return [text(item) for item in value] if isinstance(value, list) and value else None


def _words(body: Body) -> dict[str, Any]:
    """What jobs of all types have: names, words, inputs and outputs."""
    properties = mapping(body.get("properties"))
    told = mapping(properties.get("properties"))
    return {
        "name": text(body.get("name")) or None,
        "display_name": text(properties.get("displayName")) or None,
        "experiment_name": text(properties.get("experimentName")) or None,
        "description": text(properties.get("description")) or None,
        "tags": own_tags(properties),
        "properties": {k: v for k, v in told.items() if v is not None and not _is_service_property(k)},
        "inputs": {name: _input(mapping(given)) for name, given in mapping(properties.get("inputs")).items()},
        "outputs": {
            name: _output(text(body.get("name")), mapping(given))
            for name, given in mapping(properties.get("outputs")).items()
            if name != ARTIFACTS
        },
    }


def command_spec(body: Body) -> CommandJob:
    """The spec that a command job was made from, as far as the service keeps it; of a sweep that of its trials.

    Local paths have become URIs; the code is the asset `azureml:NAME:VERSION`.
    """
    properties = mapping(body.get("properties"))
    trial = mapping(properties.get("trial"))
    of = {**properties, **trial}
    timeout = seconds_of(mapping(properties.get("limits")).get("timeout"))
    compute = last_part(properties.get("computeId"))
    return CommandJob(
        command=text(of.get("command")),
        **_words(body),
        code=asset_uri(of.get("codeId")) or None,
        environment=asset_uri(of.get("environmentId")) or None,
        environment_variables={k: text(v) for k, v in mapping(of.get("environmentVariables")).items()},
        compute=f"azureml:{compute}" if compute and compute != SERVERLESS else None,
        limits=JobLimits(int(timeout)) if timeout else None,
        resources=_resources(mapping(of.get("resources"))),
        distribution=_distribution(mapping(of.get("distribution"))),
        identity=_identity(mapping(properties.get("identity"))),
        queue_settings=_queue_settings(mapping(properties.get("queueSettings"))),
    )


def _is_service_property(name: str) -> bool:
    """Whether the service, or a submit, adds a property of that name by itself."""
    return name.startswith(("_azureml.", "azureml.", "mlflow.source.git.", SYSTEM_TAG, "lapis.")) or name[:1].isupper()


def literal(value: str) -> str | int | float | bool:
    """A literal as it was before the service, which keeps text alone."""
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    if _INTEGER.fullmatch(value):
        return int(value)
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value


def _input(given: Body) -> JobInput | str | int | float | bool:
    kind = text(given.get("jobInputType"))
    if kind == "literal":
        return literal(text(given.get("value")))
    mode: Any = MODES.get(text(given.get("mode")))
    kinds: Any = kind
    return JobInput(kinds, asset_uri(given.get("uri")), mode, description=text(given.get("description")) or None)


def _output(job: str, given: Body) -> JobOutput:
    kind: Any = text(given.get("jobOutputType")) or "uri_folder"
    mode: Any = MODES.get(text(given.get("mode")))
    uri, name = text(given.get("uri")), text(given.get("assetName")) or None
    version = text(given.get("assetVersion")) or None
    return JobOutput(
        kind, _declared(uri, job), mode, name, version if name else None, text(given.get("description")) or None
    )


def _declared(uri: str, job: str) -> str | None:
    """None for a place of this one job, which a clone must not write to."""
    return None if not uri or f"/{job}/" in uri or "${{" in uri else uri


def _resources(given: Body) -> JobResources | None:
    count = given.get("instanceCount")
    found = JobResources(
        instance_count=count if isinstance(count, int) and count > 1 else None,
        instance_type=text(given.get("instanceType")) or None,
        shm_size=size if (size := text(given.get("shmSize"))) not in ("", "2g") else None,
        docker_args=text(given.get("dockerArgs")) or None,
        properties=mapping(given.get("properties")) or None,
    )
    return found if found != JobResources() else None


def _distribution(given: Body) -> Mapping[str, Any] | None:
    match text(given.get("distributionType")):
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
    kind = text(given["distributionType"]).lower()
    return {"type": kind, **{key: value for key, value in kept.items() if value is not None}}


def _identity(given: Body) -> Mapping[str, Any] | None:
    match text(given.get("identityType")):
        case "UserIdentity":
            return {"type": "user_identity"}
        case "Managed":
            kept = {"client_id": given.get("clientId"), "object_id": given.get("objectId")}
            return {"type": "managed_identity", **{key: value for key, value in kept.items() if value}}
    return None


def _queue_settings(given: Body) -> Mapping[str, Any] | None:
    tier = text(given.get("jobTier")).lower()
    return {"job_tier": tier} if tier in ("spot", "basic", "premium") else None
