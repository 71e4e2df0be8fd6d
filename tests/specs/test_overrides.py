"""`--set PATH=VALUE`, as `az ml` has it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.errors import SpecError
from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobLimits, JobOutput
from services.specs.reading import parse_document, read_job


def faults(text: str, *overrides: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read_job(parse_document(text), overrides)
    return [str(fault) for fault in caught.value.faults]


BASE = """
command: a
inputs:
  data: {type: uri_file, path: old.csv}
  rate: {type: number, value: 1}
  plain: 3
outputs:
  empty:
  model: {type: uri_folder}
tags:
"""


@pytest.mark.parametrize(
    ("override", "field", "value"),
    [
        ("command=python t.py --x=${{inputs.x}}", "command", "python t.py --x=${{inputs.x}}"),
        (" name = n", "name", "n"),
        ("limits.timeout=60", "limits.timeout", 60),
        ("limits.timeout=1_000", "limits.timeout", 1000),
        ("resources.locations=[a, b]", "resources.locations", ["a", "b"]),
        ("environment.image=i:1", "environment.image", "i:1"),
        ("environment={image: i, tags: {a: 1}}", "environment", EnvironmentSpec(image="i", tags={"a": 1})),
        ("inputs.data=new.csv", "inputs.data", JobInput("uri_file", "new.csv")),
        ("inputs.data.path=azureml:d@latest", "inputs.data.path", "azureml:d@latest"),
        ("inputs.data.mode=download", "inputs.data.mode", "download"),
        ("inputs.data={type: uri_folder, path: f}", "inputs.data", JobInput("uri_folder", "f")),
        ("inputs.rate=0.5", "inputs.rate", JobInput("number", value=0.5)),
        ("inputs.plain=4", "inputs.plain", 4),
        ("inputs.plain='4'", "inputs.plain", "4"),
        ("inputs.new=true", "inputs.new", True),
        ("inputs=null", "inputs", {}),
        ("outputs.empty.mode=upload", "outputs.empty", JobOutput(mode="upload")),
        ("outputs.model=azureml://datastores/w/paths/p", "outputs.model.path", "azureml://datastores/w/paths/p"),
        ("tags.a=yes", "tags.a", True),
        ("tags.a=", "tags.a", ""),
        ("tags.a=null", "tags.a", None),
        ("tags.a=2024-01-01", "tags.a", "2024-01-01"),
        ("tags.a=1:2 a: b # c", "tags.a", "1:2 a: b # c"),
        ('tags.a="x\\ny"', "tags.a", "x\ny"),
        ("tags.a=https://h/p?q=1&r=2#f", "tags.a", "https://h/p?q=1&r=2#f"),
        ("code=~", "code", None),
    ],
)
def test_set(override: str, field: str, value: object) -> None:
    """A path leads to one field, whose value has the type that YAML gives it; a section is made where there is none."""
    job: Any = read_job(parse_document(BASE), [override])
    for name in field.split("."):
        job = job[name] if isinstance(job, dict) else getattr(job, name)
    assert (job, type(job)) == (value, type(value))


def test_set_changes_nothing_else() -> None:
    """Not the document, nor the other fields; the last of two wins."""
    document = parse_document(BASE)
    before = read_job(document)
    assert isinstance(before, CommandJob)
    changed = read_job(document, ["limits.timeout=1", "inputs.plain=9", "limits.timeout=2"])
    assert isinstance(changed, CommandJob)
    assert (changed.limits, changed.inputs["plain"]) == (JobLimits(2), 9)
    assert replace(changed, limits=None, inputs={**changed.inputs, "plain": 3}) == before
    assert read_job(document) == before


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("inputs.data", "--set: expected PATH=VALUE, got 'inputs.data'"),
        ("=1", "--set: expected PATH=VALUE, got '=1'"),
        ("inputs..x=1", "--set: expected PATH=VALUE, got 'inputs..x=1'"),
        ("command.x=1", "command.x: --set reaches into a value that has no fields"),
        ("inputs.plain.path=x", "inputs.plain.path: --set reaches into a value that has no fields"),
        ("comand=b", "comand: unknown field `comand`; did you mean `command`?"),
        ("limits.timeout=soon", "limits.timeout: expected an integer, got the text 'soon'"),
        ("tags.a.b=1", "tags.a: expected text, a number or true or false, got a mapping"),
        ("name=123", "name: expected text, got the number 123"),
        ("command=null", "command: this field is required"),
        ("tags.a=[&x [*x]]", "the document can't be read: Circular reference detected"),
    ],
)
def test_set_with_faults(override: str, fault: str) -> None:
    """Named as in the file, or at `--set` if it leads nowhere."""
    assert faults(BASE, override) == [fault]
