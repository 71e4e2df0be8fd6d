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
from services.specs.command import LITERAL_TYPES, CommandJob, JobInput, JobOutput, Literal_
from services.specs.datastores import ONE_LAKE, ONE_LAKE_ENDPOINT, DatastoreSpec
from services.specs.spark import SparkJob
from services.specs.writing import Spec

AnySpec = TypeVar("AnySpec", bound=Spec)


def normal_form(spec: AnySpec) -> AnySpec:
    """The spec in that form; it means the same."""
    spec = replace(spec, tags=text_tags(spec.tags))
    if isinstance(spec, DatastoreSpec) and spec.type == ONE_LAKE:
        return replace(spec, endpoint=spec.endpoint or ONE_LAKE_ENDPOINT)  # which that schema alone must have
    if isinstance(spec, DataSpec | ModelSpec):
        return replace(spec, properties=text_tags(spec.properties))
    if not isinstance(spec, CommandJob | SparkJob):
        return spec
    environment = spec.environment
    spec = replace(
        spec,
        properties=text_tags(spec.properties),
        environment=normal_form(environment) if isinstance(environment, EnvironmentSpec) else environment,
        inputs={name: _input(given) for name, given in spec.inputs.items()},
        outputs={name: _output(given) for name, given in spec.outputs.items()},
    )
    if isinstance(spec, CommandJob):
        return replace(spec, environment_variables=text_tags(spec.environment_variables))
    return replace(
        spec,
        inputs={name: _direct(given) for name, given in spec.inputs.items()},
        outputs={name: _direct(given or JobOutput()) for name, given in spec.outputs.items()},
    )


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
