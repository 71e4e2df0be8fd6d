"""Specs of every kind, as hypothesis makes them up."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

from hypothesis import strategies as st

from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec
from services.specs.command import (
    CommandJob,
    InputType,
    JobInput,
    JobLimits,
    JobOutput,
    JobResources,
    OutputMode,
    OutputType,
)

TRAPS = (
    "", " ", "~", "null", "yes", "Off", "true", "0x1F", "017", "1_000", "1e3", "1.0", "1:30", "2024-01-01", ".nan",
    "<<", "=",
    "- a", "a: b", "a #b", "# c", "'", '"', "\\", "%a", "@b", "!t", "&x", "*x", "|", ">", "[", "{", "${{inputs.x}}",
    "a\nb", "a\n\n b\n", " a\nb", "\na", "a \nb", "a\tb", "\t", "a\r\nb", "\r", "\x1b[31m", "\x00", "\x85", "\u2028",
    "\ufeffa",
    "漢字 😀", "x" * 200, "many words " * 30, "---", "...", "--- a\n...\nb",
)  # fmt: skip
"""Texts that YAML could take for something else."""

TEXT = st.sampled_from(TRAPS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBER = st.integers() | st.floats(allow_nan=False)
LITERAL = TEXT | NUMBER | st.booleans()
PLAIN: st.SearchStrategy[Any] = st.recursive(
    LITERAL | st.none(), lambda item: st.lists(item, max_size=3) | st.dictionaries(TEXT, item, max_size=3), max_leaves=5
)
TAGS = st.dictionaries(TEXT, LITERAL | st.none(), max_size=2)
SECTION = st.none() | st.dictionaries(TEXT, PLAIN, min_size=1, max_size=3)
SOME_TEXT = st.none() | TEXT
VERSION = st.none() | TEXT | st.integers()
COUNT = st.none() | st.integers()


def choice(literal: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(literal))


def some(spec: type[Any], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A section with at least one field in it: an empty one is none."""
    made = st.builds(spec, **given)
    return st.none() | made.filter(lambda value: any(getattr(value, f.name) not in (None, {}) for f in fields(value)))


INPUT = st.builds(
    JobInput, choice(InputType), SOME_TEXT, st.none() | st.just("ro_mount"), st.none() | LITERAL, SOME_TEXT
)
OUTPUT = st.builds(
    JobOutput, choice(OutputType), SOME_TEXT, st.none() | choice(OutputMode), SOME_TEXT, VERSION, SOME_TEXT
)
ENVIRONMENT = st.builds(
    EnvironmentSpec,
    SOME_TEXT,
    VERSION,
    SOME_TEXT,
    SOME_TEXT | SECTION,
    SECTION,
    st.sampled_from([None, "linux", "windows"]),
    SECTION,
    SOME_TEXT,
    TAGS,
)
RESOURCES = some(
    JobResources,
    instance_count=COUNT,
    shm_size=SOME_TEXT,
    properties=SECTION,
    locations=st.none() | st.lists(TEXT, min_size=1),
)
JOB = st.builds(
    CommandJob,
    command=TEXT,
    name=SOME_TEXT,
    display_name=SOME_TEXT,
    description=SOME_TEXT,
    tags=TAGS,
    properties=TAGS,
    code=SOME_TEXT,
    environment=SOME_TEXT | ENVIRONMENT.filter(lambda spec: spec != EnvironmentSpec()),
    environment_variables=st.dictionaries(TEXT, LITERAL, max_size=2),
    compute=SOME_TEXT,
    inputs=st.dictionaries(TEXT, INPUT | LITERAL, max_size=2),
    outputs=st.dictionaries(TEXT, OUTPUT | SOME_TEXT, max_size=2),
    limits=some(JobLimits, timeout=COUNT),
    resources=RESOURCES,
    distribution=SECTION,
    identity=SECTION,
    services=SECTION,
    queue_settings=SECTION,
    parameters=SECTION,
)
DATA = st.builds(
    DataSpec, TEXT, TEXT, st.sampled_from(["uri_file", "uri_folder", "mltable"]), VERSION, SOME_TEXT, TAGS, TAGS
)
MODEL = st.builds(
    ModelSpec,
    TEXT,
    TEXT,
    st.sampled_from(["custom_model", "mlflow_model", "triton_model"]),
    VERSION,
    SOME_TEXT,
    TAGS,
    TAGS,
    SOME_TEXT,
    SECTION,
    SOME_TEXT,
)
COMPUTE = st.builds(
    ComputeSpec,
    TEXT,
    st.sampled_from(["amlcompute", "computeinstance", "virtualmachine", "kubernetes", "synapsespark"]),
    size=SOME_TEXT,
    min_instances=COUNT,
    max_instances=COUNT,
    ssh_public_access_enabled=st.none() | st.booleans(),
    tags=TAGS,
    identity=SECTION,
    schedules=SECTION,
)
