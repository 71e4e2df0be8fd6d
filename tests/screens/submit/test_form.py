"""The form as texts: what goes in comes out, and what nobody touched is kept to the letter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.pairs import pairs_line, pairs_text, read_line, read_pairs
from screens.submit.form import (
    Form,
    form_of,
    job_of,
    missing_inputs,
    missing_outputs,
    read_timeout,
    timeout_text,
)
from screens.submit.rows import PortRow, guessed_type
from services.errors import Fault, UserError
from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobLimits, JobOutput, JobResources

RICH = CommandJob(
    command="python train.py --data ${{inputs.data}} \\\n  --reg ${{inputs.reg}} --out ${{outputs.report}}\n",
    display_name="Train, once more",
    experiment_name="diabetes",
    description="Two\nlines ",
    tags={"stage": "test", "round": 3, "odd": ' "x"', "none": None, "flag": True},
    code="./src",
    environment=EnvironmentSpec(image="mcr.microsoft.com/x:1", conda_file={"dependencies": ["python=3.11"]}),
    environment_variables={"SEED": 42, "PEM": "-----BEGIN\nKEY"},
    compute="azureml:cpu-cluster",
    inputs={
        "data": JobInput(type="uri_file", path="azureml:diabetes:2", mode="ro_mount", description="the table"),
        "reg": 0.01,
        "rounds": 3,
        "fast": False,
        "label": "5",
        "typed": JobInput(type="number", value=1),
    },
    outputs={
        "report": None,
        "model": JobOutput(type="mlflow_model", mode="upload"),
        "raw": "azureml://datastores/x/paths/y",
    },
    limits=JobLimits(5400),
    resources=JobResources(instance_count=2),
    services={"my_ssh": {"type": "ssh"}},
    properties={"a": 1},
)


def test_an_untouched_form_means_the_very_job_it_was_filled_from() -> None:
    assert job_of(form_of(RICH), RICH) == (RICH, ())
    assert job_of(Form()) == (CommandJob(command=""), ())


def test_a_form_filled_by_hand_is_the_job_that_its_texts_mean() -> None:
    form = Form(
        code="./src",
        command="python train.py --data ${{inputs.data}} --reg ${{inputs.reg}}",
        inputs=(
            PortRow("data", "uri_folder", " ./data ", "download"),
            PortRow("reg", "number", "0.01"),
            PortRow("rounds", "integer", "3"),
            PortRow("whole", "number", "3"),
            PortRow("fast", "boolean", "True"),
            PortRow("label", "string", "5 "),
            PortRow(),
        ),
        outputs=(PortRow("report", "uri_folder"),),
        environment="azureml:sklearn@latest",
        compute="this-machine",
        display_name="Train",
        experiment_name="diabetes",
        description="why",
        tags="stage=test\n\nowner = ada ",
        environment_variables="SEED=42\nURL=a=b",
        timeout="1h 30m",
    )
    job, faults = job_of(form)
    assert faults == ()
    assert job == CommandJob(
        command=form.command,
        code="./src",
        inputs={
            "data": JobInput(type="uri_folder", path="./data", mode="download"),
            "reg": 0.01,
            "rounds": 3,
            "whole": JobInput(type="number", value=3),
            "fast": True,
            "label": "5 ",
        },
        outputs={"report": JobOutput()},
        environment="azureml:sklearn@latest",
        compute="this-machine",
        display_name="Train",
        experiment_name="diabetes",
        description="why",
        tags={"stage": "test", "owner": "ada"},
        environment_variables={"SEED": "42", "URL": "a=b"},
        limits=JobLimits(5400),
    )


def test_one_changed_field_leaves_all_others_alone() -> None:
    rows = tuple(replace(row, value="0.1") if row.name == "reg" else row for row in form_of(RICH).inputs)
    job, _ = job_of(replace(form_of(RICH), inputs=rows, tags="stage=prod\nround=3"), RICH)
    assert job == replace(RICH, inputs={**RICH.inputs, "reg": 0.1}, tags={"stage": "prod", "round": 3})
    assert type(job.tags["round"]) is int


def test_what_means_nothing_is_told_with_its_path() -> None:
    form = Form(
        command="x",
        inputs=(PortRow("a", "string", "1"), PortRow("", "string", "2"), PortRow("a", "string", "3")),
        tags="no pair\na=1\na=2",
        environment_variables='A="unclosed',
        timeout="soon",
    )
    _, faults = job_of(form)
    assert faults == (
        Fault("inputs.#2", "needs a name"),
        Fault("inputs.#3", "the name a is taken by another row"),
        Fault("tags", "expected key=value, got 'no pair'"),
        Fault("tags", "a stands twice"),
        Fault("environment_variables", "A has a quote that is never closed"),
        Fault("limits.timeout", "expected seconds, or a time such as 90m or 1h30m"),
    )


def test_a_literal_that_is_none_is_kept_for_the_check_to_name() -> None:
    job, _ = job_of(Form(command="x", inputs=(PortRow("n", "integer", "many"), PortRow("b", "boolean", "maybe"))))
    assert job.inputs == {"n": JobInput(type="integer", value="many"), "b": JobInput(type="boolean", value="maybe")}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", None),
        ("azureml:sklearn:3", "azureml:sklearn:3"),
        ("sklearn", "sklearn"),
        ("mcr.microsoft.com/a/b:1", EnvironmentSpec(image="mcr.microsoft.com/a/b:1")),
    ],
)
def test_environments(text: str, meaning: str | EnvironmentSpec | None) -> None:
    job, _ = job_of(Form(command="x", environment=text))
    assert job.environment == meaning


def test_a_conda_file_gets_the_image_that_azure_asks_for() -> None:
    job, _ = job_of(Form(command="x", environment="./conda.yml"))
    assert isinstance(job.environment, EnvironmentSpec)
    assert job.environment.conda_file == "./conda.yml"
    assert job.environment.image
    assert form_of(job).environment == "./conda.yml"


def test_what_the_command_names_and_nobody_defined_comes_first() -> None:
    form = Form(
        command="${{inputs.b}} ${{inputs.a}} ${{inputs.b}} ${{outputs.o}} ${{name}} ${{oops",
        inputs=(PortRow("a"),),
    )
    assert missing_inputs(form) == ["b"]
    assert missing_outputs(form) == ["o"]


@pytest.mark.parametrize(
    ("text", "is_folder", "kind"),
    [
        ("3", None, "integer"),
        ("-0.5", None, "number"),
        ("1e-3", None, "number"),
        ("TRUE", None, "boolean"),
        ("word", None, "string"),
        ("./data", True, "uri_folder"),
        ("3", False, "uri_file"),
        ("./gone/x", None, ""),
        ("https://x/y", None, ""),
        ("nan", None, "string"),
        ("", None, ""),
    ],
)
def test_guessed_types(text: str, is_folder: bool | None, kind: str) -> None:
    if is_folder is False:
        kind = "integer"  # a number, whatever the file is called
    assert guessed_type(text, is_folder) == kind


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3600", 3600), ("90m", 5400), ("1h 30m", 5400), ("1d", 86400), ("45s", 45), ("x", None), ("5 y", None)],
)
def test_time_limits(text: str, seconds: int | None) -> None:
    assert read_timeout(text) == seconds


@given(st.integers(min_value=1, max_value=10_000_000))
def test_any_time_limit_survives(seconds: int) -> None:
    assert read_timeout(timeout_text(seconds)) == seconds


keys = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)
values = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(keys, values, max_size=4))
def test_any_pairs_survive_lines(pairs: dict[str, str]) -> None:
    assert read_pairs(pairs_text(pairs), {}) == (pairs, [])


@given(st.dictionaries(keys, values, max_size=4))
def test_any_pairs_survive_one_line(pairs: dict[str, str]) -> None:
    assert read_line(pairs_line(pairs)) == pairs


@pytest.mark.parametrize("text", ["word", "a='open", "=x"])
def test_a_line_that_holds_no_pairs_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        read_line(text)
