"""Data, model, environment and compute of the Azure ML CLI v2 YAML schemas.

Sources: reference-yaml-data, -model, -environment, -compute-aml and -compute-instance on learn.microsoft.com
(data.schema.json, model.schema.json, environment.schema.json, amlCompute.schema.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class DataSpec:
    """A data asset; the next free version is taken when `version` is None."""

    name: str
    path: str
    type: Literal["uri_file", "uri_folder", "mltable"] = "uri_folder"
    version: str | int | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    properties: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class ModelSpec:
    """A model; `path` is local, `azureml://jobs/JOB/outputs/artifacts/paths/P/`, `runs:/RUN/P` or `models:/m-ID`."""

    name: str
    path: str
    type: Literal["custom_model", "mlflow_model", "triton_model"] = "custom_model"
    version: str | int | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    properties: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    stage: str | None = None
    flavors: Mapping[str, Any] | None = None
    job_name: str | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class EnvironmentSpec:
    """An environment: a docker image, a conda file (a path, or the file's content), or both."""

    name: str | None = None
    version: str | int | None = None
    image: str | None = None
    conda_file: str | Mapping[str, Any] | None = None
    build: Mapping[str, Any] | None = None
    os_type: Literal["linux", "windows"] | None = None
    inference_config: Mapping[str, Any] | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class WorkspaceSpec:
    """A workspace; what it needs (storage account, key vault, ...) is made with it where no id is given."""

    name: str
    location: str | None = None
    resource_group: str | None = None
    display_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class ComputeSpec:
    """A compute; which of the fields hold depends on its type."""

    name: str
    type: Literal["amlcompute", "computeinstance", "virtualmachine", "kubernetes", "synapsespark"]
    size: str | None = None
    tier: str | None = None
    location: str | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    min_instances: int | None = None
    max_instances: int | None = None
    idle_time_before_scale_down: int | None = None
    idle_time_before_shutdown: str | None = None
    idle_time_before_shutdown_minutes: int | None = None
    ssh_settings: Mapping[str, Any] | None = None
    ssh_public_access_enabled: bool | None = None
    network_settings: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] | None = None
    schedules: Mapping[str, Any] | None = None
    setup_scripts: Mapping[str, Any] | None = None
    create_on_behalf_of: Mapping[str, Any] | None = None
    resource_id: str | None = None
    namespace: str | None = None
    __pydantic_config__ = {"extra": "forbid"}
