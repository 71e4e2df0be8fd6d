"""The sweep job of the Azure ML CLI v2 YAML schema.

Source: https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-sweep (sweepJob.schema.json).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobLimits, JobOutput, JobResources, Literal_

DistributionType: TypeAlias = Literal[
    "choice",
    "randint",
    "uniform",
    "quniform",
    "loguniform",
    "qloguniform",
    "normal",
    "qnormal",
    "lognormal",
    "qlognormal",
]
SamplingType: TypeAlias = Literal["random", "grid", "bayesian"]
PolicyType: TypeAlias = Literal["bandit", "median_stopping", "truncation_selection"]
Goal: TypeAlias = Literal["maximize", "minimize"]

_RANGE, _MU_SIGMA = ("min_value", "max_value"), ("mu", "sigma")
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "choice": ("values",),
    "randint": ("upper",),
    "uniform": _RANGE,
    "quniform": (*_RANGE, "q"),
    "loguniform": _RANGE,
    "qloguniform": (*_RANGE, "q"),
    "normal": _MU_SIGMA,
    "qnormal": (*_MU_SIGMA, "q"),
    "lognormal": _MU_SIGMA,
    "qlognormal": (*_MU_SIGMA, "q"),
}
"""The fields that each distribution has, all of them required, in the order of the REST API."""


@dataclass(frozen=True)
class Distribution:
    """How the values of a hyperparameter are drawn; which fields it has tells `ARGUMENTS`.

    Attributes:
        values: what `choice` chooses from; a mapping among them is a branch with distributions of its own.
        upper: `randint` draws whole numbers from 0 to below this.
        min_value: with `max_value` the bounds; of the logarithm in `loguniform` and `qloguniform`.
        mu: with `sigma` mean and deviation; of the logarithm in `lognormal` and `qlognormal`.
        q: what is drawn is rounded to a multiple of this.
    """

    type: DistributionType
    values: list[Any] | None = None
    upper: int | None = None
    min_value: int | float | None = None
    max_value: int | float | None = None
    mu: int | float | None = None
    sigma: int | float | None = None
    q: int | float | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Sampling:
    """How trials are chosen; `seed`, `rule` and `logbase` (a number, or `e`) are of random sampling alone."""

    type: SamplingType
    seed: int | None = None
    rule: Literal["random", "sobol"] | None = None
    logbase: int | float | str | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Objective:
    """What is best: `primary_metric` is the very name that the script logs."""

    primary_metric: str
    goal: Goal
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class SweepLimits:
    """Times are in seconds; the service makes a minute of less than one."""

    max_total_trials: int
    max_concurrent_trials: int | None = None
    timeout: int | None = None
    trial_timeout: int | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class EarlyTermination:
    """The policy that ends poor trials.

    Attributes:
        evaluation_interval: each how many logged values of the metric the policy judges.
        delay_evaluation: how many logged values it lets pass first.
        slack_factor: of bandit; the share of the best by which a trial may be worse. Either this or the next.
        slack_amount: of bandit; by how much a trial may be worse than the best.
        truncation_percentage: of truncation selection; the percentage of trials that is ended each time, 1 to 99.
    """

    type: PolicyType
    evaluation_interval: int | None = None
    delay_evaluation: int | None = None
    slack_factor: int | float | None = None
    slack_amount: int | float | None = None
    truncation_percentage: int | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Trial:
    """What each trial runs; `${{search_space.NAME}}` in it is the trial's value of a hyperparameter."""

    command: str
    code: str | None = None
    environment: str | EnvironmentSpec | None = None
    environment_variables: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    resources: JobResources | None = None
    distribution: Mapping[str, Any] | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class SweepJob:
    """A search for the best hyperparameters: trials of one command, each with other values."""

    trial: Trial
    objective: Objective
    limits: SweepLimits
    type: Literal["sweep"] = "sweep"
    name: str | None = None
    display_name: str | None = None
    experiment_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    properties: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    inputs: Mapping[str, JobInput | Literal_] = field(default_factory=dict)
    outputs: Mapping[str, JobOutput | str | None] = field(default_factory=dict)
    search_space: Mapping[str, Distribution] = field(default_factory=dict)
    sampling_algorithm: SamplingType | Sampling = "random"
    early_termination: EarlyTermination | None = None
    compute: str | None = None
    resources: JobResources | None = None
    identity: Mapping[str, Any] | None = None
    services: Mapping[str, Any] | None = None
    queue_settings: Mapping[str, Any] | None = None
    __pydantic_config__ = {"extra": "forbid"}

    @property
    def sampling(self) -> Sampling:
        """How trials are chosen, whichever way it is written."""
        named = self.sampling_algorithm
        return named if isinstance(named, Sampling) else Sampling(named)


def trial_job(spec: SweepJob) -> CommandJob:
    """The command job that each trial of a sweep is, `${{search_space.NAME}}` still standing in it."""
    trial = spec.trial
    return CommandJob(
        command=trial.command,
        experiment_name=spec.experiment_name,
        code=trial.code,
        environment=trial.environment,
        environment_variables=trial.environment_variables,
        compute=spec.compute,
        inputs=spec.inputs,
        outputs=spec.outputs,
        limits=JobLimits(spec.limits.trial_timeout) if spec.limits.trial_timeout else None,
        resources=trial.resources or spec.resources,
        distribution=trial.distribution,
        identity=spec.identity,
        queue_settings=spec.queue_settings,
    )


def sweep_of(
    job: CommandJob, search_space: Mapping[str, Distribution], objective: Objective, limits: SweepLimits
) -> SweepJob:
    """A sweep of a command job: inputs that are in the search space become hyperparameters, also in the command."""

    def searched(text: str) -> str:
        names = "|".join(map(re.escape, search_space))
        return re.sub(rf"\$\{{\{{\s*inputs\.({names})\s*\}}\}}", r"${{search_space.\1}}", text) if names else text

    variables = {k: searched(v) if isinstance(v, str) else v for k, v in job.environment_variables.items()}
    trial_timeout = limits.trial_timeout or (job.limits.timeout if job.limits else None)
    return SweepJob(
        trial=Trial(searched(job.command), job.code, job.environment, variables, job.resources, job.distribution),
        objective=objective,
        limits=replace(limits, trial_timeout=trial_timeout),
        display_name=job.display_name,
        experiment_name=job.experiment_name,
        description=job.description,
        tags=job.tags,
        inputs={name: given for name, given in job.inputs.items() if name not in search_space},
        outputs=job.outputs,
        search_space=search_space,
        compute=job.compute,
        identity=job.identity,
        queue_settings=job.queue_settings,
    )


def canonical(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with the names that the SDK takes in any case, such as `Maximize`, in lower case."""
    result = dict(document)
    places: list[tuple[dict[str, Any], str]] = [(result, "sampling_algorithm")]
    for section, names in (
        ("objective", ("goal",)),
        ("sampling_algorithm", ("type", "rule")),
        ("early_termination", ("type",)),
    ):
        if isinstance(given := result.get(section), Mapping):
            result[section] = copy = dict(given)
            places += [(copy, name) for name in names]
    for holder, name in places:
        if isinstance(value := holder.get(name), str):
            holder[name] = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value).lower()
    return result
