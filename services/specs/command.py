"""The command job of the Azure ML CLI v2 YAML schema.

Source: https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-command (commandJob.schema.json).
The dataclasses are the schema: `services.specs.reading` checks a document against them, field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from services.specs.assets import EnvironmentSpec

InputType: TypeAlias = Literal[
    "uri_file",
    "uri_folder",
    "mltable",
    "mlflow_model",
    "custom_model",
    "triton_model",
    "string",
    "number",
    "integer",
    "boolean",
]
OutputType: TypeAlias = Literal["uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model"]
InputMode: TypeAlias = Literal["ro_mount", "download", "direct", "eval_mount", "eval_download"]
OutputMode: TypeAlias = Literal["rw_mount", "mount", "upload", "direct"]
Literal_: TypeAlias = str | int | float | bool
LITERAL_TYPES = ("string", "number", "integer", "boolean")
"""The types of inputs that are no data."""


@dataclass(frozen=True)
class JobInput:
    """An input with a type; `path` for data and models, `value` for literals (schema: `default` in components)."""

    type: InputType = "uri_folder"
    path: str | None = None
    mode: InputMode | None = None
    value: Literal_ | None = None
    description: str | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class JobOutput:
    """An output; without a path it goes to the default datastore under `azureml/{job}/{output}/`."""

    type: OutputType = "uri_folder"
    path: str | None = None
    mode: OutputMode | None = None
    name: str | None = None
    version: str | int | None = None
    description: str | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class JobLimits:
    """`timeout` is in seconds."""

    timeout: int | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class JobResources:
    """How much compute; `docker_args` and `shm_size` mean nothing without docker."""

    instance_count: int | None = None
    instance_type: str | None = None
    shm_size: str | None = None
    docker_args: str | None = None
    properties: Mapping[str, Any] | None = None
    locations: list[str] | None = None
    max_instance_count: int | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class CommandJob:
    """A command job. `name` is made at submit when it is None."""

    command: str
    type: Literal["command"] = "command"
    name: str | None = None
    display_name: str | None = None
    experiment_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    properties: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    code: str | None = None
    environment: str | EnvironmentSpec | None = None
    environment_variables: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    compute: str | None = None
    inputs: Mapping[str, JobInput | Literal_] = field(default_factory=dict)
    outputs: Mapping[str, JobOutput | str | None] = field(default_factory=dict)
    limits: JobLimits | None = None
    resources: JobResources | None = None
    distribution: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] | None = None
    services: Mapping[str, Any] | None = None
    queue_settings: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] | None = None
    __pydantic_config__ = {"extra": "forbid"}
