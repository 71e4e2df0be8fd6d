"""A spec as the az ml CLI and azure-ai-ml take it: the same thing, said as their schemas have it.

Read off the schemas of azure-ai-ml 1.35 (azure.ai.ml._schema): tags are texts, literals stand for themselves, an output
is a mapping, inputs and outputs of jobs have no description, and those of Spark jobs the mode direct.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeVar

from services.names import text_tags
from services.specs.assets import DataSpec, EnvironmentSpec, ModelSpec
from services.specs.automl import AutoMLJob, AutoMLTraining
from services.specs.command import LITERAL_TYPES, CommandJob, JobInput, JobOutput, Literal_
from services.specs.datastores import ONE_LAKE, ONE_LAKE_ENDPOINT, DatastoreSpec
from services.specs.spark import SparkJob
from services.specs.sweep import SweepJob
from services.specs.writing import Spec

AnySpec = TypeVar("AnySpec", bound=Spec)


def normal_form(spec: AnySpec) -> AnySpec:
    """The spec in that form; it means the same."""
    spec = replace(spec, tags=text_tags(spec.tags))
    if isinstance(spec, DatastoreSpec) and spec.type == ONE_LAKE:
        return replace(spec, endpoint=spec.endpoint or ONE_LAKE_ENDPOINT)  # which that schema alone must have
    if isinstance(spec, DataSpec | ModelSpec):
        return replace(spec, properties=text_tags(spec.properties))
    if not isinstance(spec, CommandJob | SparkJob | SweepJob | AutoMLJob):
        return spec
    outputs = {name: _output(given) for name, given in spec.outputs.items()}
    spec = replace(spec, properties=text_tags(spec.properties), outputs=outputs)
    if isinstance(spec, AutoMLJob):
        return replace(spec, **_automl(spec))
    spec = replace(spec, inputs={name: _input(given) for name, given in spec.inputs.items()})
    if isinstance(spec, SweepJob):
        trial = spec.trial
        variables = text_tags(trial.environment_variables)
        trial = replace(trial, environment=_environment(trial.environment), environment_variables=variables)
        return replace(spec, trial=trial)
    spec = replace(spec, environment=_environment(spec.environment))
    if isinstance(spec, CommandJob):
        return replace(spec, environment_variables=text_tags(spec.environment_variables))
    return replace(
        spec,
        inputs={name: _direct(given) for name, given in spec.inputs.items()},
        outputs={name: _direct(given or JobOutput()) for name, given in spec.outputs.items()},
    )


def _automl(spec: AutoMLJob) -> dict[str, Any]:
    """The fields that are said otherwise, among them defaults of the YAML that the SDK's functions haven't."""
    training = spec.training
    if spec.task == "forecasting" and (training is None or training.enable_stack_ensemble is None):
        training = replace(training or AutoMLTraining(), enable_stack_ensemble=False)
    forecasting = spec.forecasting
    if forecasting and isinstance(series := forecasting.time_series_id_column_names, str):
        forecasting = replace(forecasting, time_series_id_column_names=[series])
    return {
        # of data the SDK sends neither
        **{name: replace(given, description=None, mode=None) for name, given in spec.inputs.items()},
        "primary_metric": spec.metric,
        "positive_label": None if spec.positive_label is None else str(spec.positive_label),
        "training": training,
        "forecasting": forecasting,
        "environment_variables": text_tags(spec.environment_variables),
    }


def _environment(given: str | EnvironmentSpec | None) -> str | EnvironmentSpec | None:
    return normal_form(given) if isinstance(given, EnvironmentSpec) else given


def _direct(given: Any) -> Any:
    return replace(given, mode="direct") if isinstance(given, JobInput | JobOutput) else given


def _input(given: JobInput | Literal_) -> JobInput | Literal_:
    if isinstance(given, JobInput):
        if given.type not in LITERAL_TYPES:
            return replace(given, description=None)
        literal = given.path if given.value is None else given.value
        return given if literal is None else _input(literal)
    return str(given) if isinstance(given, float) and not math.isfinite(given) else given


def _output(given: JobOutput | str | None) -> JobOutput | None:
    if isinstance(given, str):
        return JobOutput(path=given)
    return given and replace(given, description=None)
