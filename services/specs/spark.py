"""The Spark job of the Azure ML CLI v2 YAML schema.

Source: https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-spark (sparkJob.schema.json).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobOutput, Literal_
from services.text import is_secret_name

INSTANCE_TYPES = (
    "standard_e4s_v3",
    "standard_e8s_v3",
    "standard_e16s_v3",
    "standard_e32s_v3",
    "standard_e64s_v3",
)
"""The sizes of machines that serverless Spark has."""
RUNTIME_VERSIONS = ("3.5", "3.4")
"""The Spark that serverless Spark offers, the newest first; what it still takes besides is for the service to say."""


@dataclass(frozen=True)
class SparkEntry:
    """The Python file that runs, by its path in the code folder."""

    file: str
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class SparkResources:
    """The machines of serverless Spark."""

    instance_type: str
    runtime_version: str | float | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class SparkJob:
    """A standalone Spark job.

    It runs on serverless Spark (`resources`) or on an attached Spark pool of a Synapse workspace (`compute`). How large
    its driver and executors are stands in `conf`: `spark.driver.cores`, `spark.executor.memory` and so on. Its data
    are read and written in the mode direct, by their URIs.
    """

    entry: SparkEntry
    type: Literal["spark"] = "spark"
    name: str | None = None
    display_name: str | None = None
    experiment_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    properties: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    code: str | None = None
    py_files: list[str] | None = None
    jars: list[str] | None = None
    files: list[str] | None = None
    archives: list[str] | None = None
    conf: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    args: str | None = None
    environment: str | EnvironmentSpec | None = None
    compute: str | None = None
    resources: SparkResources | None = None
    identity: Mapping[str, Any] | None = None
    inputs: Mapping[str, JobInput | Literal_] = field(default_factory=dict)
    outputs: Mapping[str, JobOutput | str | None] = field(default_factory=dict)
    __pydantic_config__ = {"extra": "forbid"}


_PROMOTED = {
    "spark.driver.cores": "driver_cores",
    "spark.driver.memory": "driver_memory",
    "spark.executor.cores": "executor_cores",
    "spark.executor.memory": "executor_memory",
    "spark.executor.instances": "executor_instances",
    "spark.dynamicAllocation.enabled": "dynamic_allocation_enabled",
    "spark.dynamicAllocation.minExecutors": "dynamic_allocation_min_executors",
    "spark.dynamicAllocation.maxExecutors": "dynamic_allocation_max_executors",
}
_SECRET_SETTING = re.compile(r"account\.key|\.sas\.|secret|password|token|access\.key", re.IGNORECASE)

JobSpec: TypeAlias = CommandJob | SparkJob
"""A job that runs one program."""


def is_secret_setting(name: str) -> bool:
    """Whether a setting of Spark holds a secret: those of storage name the account last (`fs.azure.account.key.X`)."""
    return is_secret_name(name) or _SECRET_SETTING.search(name) is not None


def promoted_conf(conf: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A configuration as the SDK takes it: what are arguments of its own there, by their names, and the rest."""
    own = {argument: conf[key] for key, argument in _PROMOTED.items() if key in conf}
    return own, {key: value for key, value in conf.items() if key not in _PROMOTED}
