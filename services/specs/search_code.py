"""Sweeps and automated ML as the SDK's classes: the parts that differ from the YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from services.specs.automl import AutoMLJob
from services.specs.automl_names import META_LEARNERS
from services.specs.compute_code import Call
from services.specs.sweep import ARGUMENTS, Distribution, EarlyTermination, Sampling, SweepJob, Trial

_DISTRIBUTIONS = {
    "choice": "Choice",
    "randint": "Randint",
    "uniform": "Uniform",
    "quniform": "QUniform",
    "loguniform": "LogUniform",
    "qloguniform": "QLogUniform",
    "normal": "Normal",
    "qnormal": "QNormal",
    "lognormal": "LogNormal",
    "qlognormal": "QLogNormal",
}
_SAMPLINGS = {
    "random": "RandomSamplingAlgorithm",
    "grid": "GridSamplingAlgorithm",
    "bayesian": "BayesianSamplingAlgorithm",
}
_POLICIES = {
    "bandit": "BanditPolicy",
    "median_stopping": "MedianStoppingPolicy",
    "truncation_selection": "TruncationSelectionPolicy",
}
_PROCESSES = {
    "pytorch": "PyTorchDistribution",
    "mpi": "MpiDistribution",
    "tensorflow": "TensorFlowDistribution",
    "ray": "RayDistribution",
}
_IDENTITIES = {
    "aml_token": "AmlTokenConfiguration",
    "user_identity": "UserIdentityConfiguration",
    "managed_identity": "ManagedIdentityConfiguration",
}
_MODULES = {
    **dict.fromkeys(("Input", "Output", "MLClient", "automl", "load_job", *_PROCESSES.values()), "azure.ai.ml"),
    **dict.fromkeys(("SweepJob", "SweepJobLimits", "Objective", *_DISTRIBUTIONS.values(), *_SAMPLINGS.values(),
                     *_POLICIES.values()), "azure.ai.ml.sweep"),
    **dict.fromkeys(("ColumnTransformer", "StackEnsembleSettings"), "azure.ai.ml.automl"),
}  # fmt: skip
"""Where the classes are; all others are in azure.ai.ml.entities."""


def imports_of(names: Iterable[str]) -> list[str]:
    """The lines that import classes and functions of the SDK, sorted."""
    modules: dict[str, list[str]] = {}
    for name in sorted(names, key=str.lower):
        modules.setdefault(_MODULES.get(name, "azure.ai.ml.entities"), []).append(name)
    return [_import(module, found) for module, found in sorted(modules.items())]


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    lines = "".join(f"    {name},\n" for name in names)
    return line if len(line) <= 100 else f"from {module} import (\n{lines})"


def sweep_arguments(spec: SweepJob) -> dict[str, Any]:
    """The arguments of SweepJob that are no plain values, without the trial."""
    limits = spec.limits
    return {
        "sampling_algorithm": _sampling(spec.sampling),
        "search_space": {name: _distribution(given) for name, given in spec.search_space.items()},
        "objective": Call("Objective", goal=spec.objective.goal, primary_metric=spec.objective.primary_metric),
        "limits": Call("SweepJobLimits", **_given(limits)),
        **({"early_termination": _policy(spec.early_termination)} if spec.early_termination else {}),
        **where(spec),
    }


def trial_arguments(trial: Trial) -> dict[str, Any]:
    """The arguments of a trial's CommandJob that are no plain values."""
    given: dict[str, Any] = {}
    if trial.resources:
        given["resources"] = Call("JobResourceConfiguration", **_given(trial.resources))
    if trial.distribution:
        fields_of = dict(trial.distribution)
        given["distribution"] = Call(_PROCESSES[str(fields_of.pop("type")).lower()], **fields_of)
    return given


def where(spec: SweepJob | AutoMLJob) -> dict[str, Any]:
    """The arguments that say on what, as whom and in which queue a job runs."""
    given: dict[str, Any] = {}
    if spec.resources:
        given["resources"] = Call("JobResourceConfiguration", **_given(spec.resources))
    if spec.identity:
        fields_of = dict(spec.identity)
        given["identity"] = Call(_IDENTITIES[str(fields_of.pop("type"))], **fields_of)
    if spec.queue_settings:
        given["queue_settings"] = Call("QueueSettings", **spec.queue_settings)
    return given


def automl_settings(spec: AutoMLJob) -> list[tuple[str, dict[str, Any]]]:
    """The methods that are called on a job of automated ML once it is made, with their arguments."""
    calls: list[tuple[str, dict[str, Any]]] = []
    if spec.limits:
        calls.append(("set_limits", _given(spec.limits)))
    if training := spec.training:
        given = _given(training)
        if (minutes := given.pop("ensemble_model_download_timeout_minutes", None)) is not None:
            given["ensemble_model_download_timeout"] = minutes
        if stack := training.stack_ensemble_settings:
            learner = META_LEARNERS.get(stack.stack_meta_learner_type, stack.stack_meta_learner_type)
            given["stack_ensemble_settings"] = Call(
                "StackEnsembleSettings", **{**_given(stack), "stack_meta_learner_type": learner}
            )
        calls.append(("set_training", given))
    if featurization := spec.featurization:
        given = {"mode": "auto", **_given(featurization)}  # which the YAML means where it gives none
        if params := featurization.transformer_params:
            given["transformer_params"] = {
                name: [Call("ColumnTransformer", **_given(item)) for item in items] for name, items in params.items()
            }
        calls.append(("set_featurization", given))
    if spec.forecasting:
        calls.append(("set_forecast_settings", _given(spec.forecasting)))
    return calls


def _given(section: Any) -> dict[str, Any]:
    values = {field.name: getattr(section, field.name) for field in fields(section)}
    return {name: value for name, value in values.items() if value not in (None, {}, [])}


def _distribution(given: Distribution) -> Call:
    values = {name: getattr(given, name) for name in ARGUMENTS[given.type]}
    if given.type == "choice":
        values["values"] = [_branch(value) for value in given.values or ()]
    return Call(_DISTRIBUTIONS[given.type], **values)


def _branch(value: Any) -> Any:
    """A value of a choice; a mapping among them may hold distributions as plain data."""
    if not isinstance(value, Mapping):
        return value
    return {
        key: Call(_DISTRIBUTIONS[item["type"]], **{k: v for k, v in item.items() if k != "type"})
        if isinstance(item, Mapping) and item.get("type") in _DISTRIBUTIONS
        else item
        for key, item in value.items()
    }


def _sampling(given: Sampling) -> Any:
    values = {name: value for name, value in _given(given).items() if name != "type"}
    return Call(_SAMPLINGS[given.type], **values) if values else given.type


def _policy(given: EarlyTermination) -> Call:
    return Call(_POLICIES[given.type], **{name: value for name, value in _given(given).items() if name != "type"})
