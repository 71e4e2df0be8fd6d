"""The specs that sweeps and jobs of automated ML were made from: pure functions over the bodies of the service.

What the service keeps is turned into a document of the az ml YAML and read as one, so that no odd field slips through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.azure.job_fields import MODES, Body, asset_uri, mapping, seconds_of, text
from services.specs.automl import DATA_FIELDS, AutoMLJob
from services.specs.automl_names import TABULAR_TASKS, known_name
from services.specs.command import CommandJob
from services.specs.reading import read_job
from services.specs.sweep import ARGUMENTS, SweepJob, Trial

_SECTIONS = {
    "limitSettings": "limits",
    "trainingSettings": "training",
    "featurizationSettings": "featurization",
    "forecastingSettings": "forecasting",
}
_OF_THE_SERVICE = ("sweepTrials", "sweepConcurrentTrials", "sweepSettings", "fixedParameters", "searchSpace")
"""Fields of tasks on images and texts, which the service adds to others too."""
_CHOICES = ("forecastHorizon", "targetLags", "targetRollingWindowSize", "seasonality", "nCrossValidations")
"""Fields that hold `{"mode": "Auto"}` or a value of one's own."""
_WORDS = ("name", "display_name", "experiment_name", "description", "outputs")
_SERVICE_WORDS = frozenset(
    (
        *("primary_metric_config", "resume_from", "runTemplate", "platform", "user_agent"),
        *("num_iterations", "training_type", "acquisition_function", "acquisition_parameter", "primary_metric"),
        *("train_split", "num_cross_validation", "target", "environment_cpu_name", "environment_cpu_label"),
        *("root_attribution", "attribution", "snapshotId", "model_explain_run"),
    )
)
"""Properties and tags that the service adds to a sweep or to automated ML, beside those of all jobs; as recorded."""


def sweep_spec(body: Body, trial: CommandJob) -> SweepJob:
    """The spec that a sweep was made from. Raises SpecError: the body holds no sweep that az ml could write.

    Args:
        trial: what the service keeps of the job, as the command job that each trial is.
    """
    properties = mapping(body.get("properties"))
    objective, policy = mapping(properties.get("objective")), mapping(properties.get("earlyTermination"))
    sampling, limits = mapping(properties.get("samplingAlgorithm")), mapping(properties.get("limits"))
    document = {
        "type": "sweep",
        "trial": {"command": trial.command},
        "objective": {"goal": objective.get("goal"), "primary_metric": objective.get("primaryMetric")},
        "search_space": {name: _distribution(given) for name, given in mapping(properties.get("searchSpace")).items()},
        "sampling_algorithm": _without_nothing(
            {
                "type": sampling.get("samplingAlgorithmType") or "random",
                "seed": sampling.get("seed"),
                "logbase": sampling.get("logbase"),
                # the service adds that random sampling is random
                "rule": rule if (rule := text(sampling.get("rule")).lower()) == "sobol" else None,
            }
        ),
        "limits": _without_nothing(
            {
                "max_total_trials": limits.get("maxTotalTrials"),
                "max_concurrent_trials": limits.get("maxConcurrentTrials"),
                "timeout": _whole(seconds_of(limits.get("timeout"))),
                "trial_timeout": _whole(seconds_of(limits.get("trialTimeout"))),
            }
        ),
        "early_termination": _policy(policy) if policy else None,
    }
    found = read_job(document)
    assert isinstance(found, SweepJob)
    sampled = found.sampling
    return replace(
        found,
        trial=Trial(trial.command, trial.code, trial.environment, trial.environment_variables, trial.resources,
                    trial.distribution),
        sampling_algorithm=sampled.type if sampled == type(sampled)(sampled.type) else sampled,
        **_words(trial),
        **{name: getattr(trial, name) for name in ("inputs", "compute", "identity", "queue_settings")},
    )  # fmt: skip


def automl_spec(body: Body, like: CommandJob) -> AutoMLJob | None:
    """The spec that a job of automated ML on a table was made from; None for one on images or texts.

    Args:
        like: what the service keeps of the job that jobs of all types have.

    Raises SpecError: the body holds no such job that az ml could write.
    """
    properties = mapping(body.get("properties"))
    details = mapping(properties.get("taskDetails"))
    if known_name(text(details.get("taskType")), TABULAR_TASKS) not in TABULAR_TASKS:
        return None
    document: dict[str, Any] = {"type": "automl", "task": text(details.pop("taskType"))}
    for key, value in details.items():
        if value is None or key in _OF_THE_SERVICE:
            continue
        name = _SECTIONS.get(key) or _snake(key)
        document[name] = _data(mapping(value)) if name in DATA_FIELDS else _setting(key, value)
    document["log_verbosity"] = verbosity if (verbosity := document.get("log_verbosity")) != "Info" else None
    if environment := properties.get("environmentId"):
        document["environment_id"] = text(environment)
    found = read_job(document)
    assert isinstance(found, AutoMLJob)
    return replace(
        found,
        environment_variables=like.environment_variables,
        **_words(like),
        **{name: getattr(like, name) for name in ("compute", "resources", "identity", "queue_settings")},
    )


def _words(of: CommandJob) -> dict[str, Any]:
    """What jobs of all types have, without what the service adds to it."""
    own = {
        field: {name: value for name, value in getattr(of, field).items() if name not in _SERVICE_WORDS}
        for field in ("tags", "properties")
    }
    return {**own, **{name: getattr(of, name) for name in _WORDS}}


def _distribution(given: object) -> Any:
    """`["uniform", [0.1, 1]]` as a mapping; what is no such list as it is."""
    if not (isinstance(given, list) and len(given) == 2 and isinstance(given[1], list)):
        return given
    kind, values = text(given[0]), given[1]
    names = ARGUMENTS.get(kind, ())
    if kind == "choice" and values and isinstance(values[0], list):
        values = [[_branch(value) for value in values[0]]]
    return {"type": kind, **dict(zip(names, values, strict=False))}


def _branch(value: object) -> object:
    return {name: _distribution(item) for name, item in value.items()} if isinstance(value, Mapping) else value


def _policy(given: Body) -> dict[str, Any]:
    names = ("slackFactor", "slackAmount", "truncationPercentage", "evaluationInterval", "delayEvaluation")
    kept = {_snake(name): given.get(name) for name in names}
    # the service writes 0 for what the policy has not, or was not told
    return {"type": text(given.get("policyType")), **{key: value for key, value in kept.items() if value}}


def _data(given: Body) -> dict[str, Any]:
    mode = MODES.get(text(given.get("mode")))
    shown = {"type": text(given.get("jobInputType")) or "mltable", "path": asset_uri(given.get("uri")), "mode": mode}
    return _without_nothing(shown)


def _setting(key: str, value: object) -> Any:
    """A setting of a task as the YAML has it: names in snake case, minutes for durations."""
    if key in _CHOICES and isinstance(value, Mapping):
        own = value.get("value", value.get("values"))
        return "auto" if text(value.get("mode")).lower() == "auto" else own
    if key in _SECTIONS and isinstance(value, Mapping):
        return _without_nothing(
            {_name(key, name): _setting(name, item) for name, item in value.items() if name not in _OF_THE_SERVICE}
        )
    if key == "stackEnsembleSettings" and isinstance(value, Mapping):
        return _without_nothing({_snake(name): item for name, item in value.items()})
    if key in ("timeout", "trialTimeout", "ensembleModelDownloadTimeout"):
        seconds = seconds_of(value)
        return None if seconds is None else int(seconds // 60)
    return value


def _name(section: str, name: str) -> str:
    if name == "ensembleModelDownloadTimeout" or (section == "limitSettings" and name in ("timeout", "trialTimeout")):
        return f"{_snake(name)}_minutes"
    return _snake(name)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)


def _without_nothing(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}
