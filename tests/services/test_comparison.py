"""What two jobs differ in."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from services.comparison import SECTIONS, Difference, compare, number_text
from services.entities import Job, JobStatus, Port, RunData
from services.text import REDACTED
from tests.support.entities import ago, job, summary

INF, NAN = math.inf, math.nan
LEFT = job(summary("left_1", JobStatus.COMPLETED, created=ago(hours=1), ran=1.0))
RIGHT = job(summary("right_2", JobStatus.COMPLETED, created=ago(hours=1), ran=1.0))


def differences(
    left: tuple[Job, RunData] = (LEFT, RunData()), right: tuple[Job, RunData] = (RIGHT, RunData())
) -> dict[str, Difference]:
    """By section and key."""
    return {f"{found.section} {found.key}": found for found in compare(left, right)}


def of_runs(left: RunData, right: RunData) -> dict[str, Difference]:
    return differences((LEFT, left), (RIGHT, right))


def of_jobs(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Difference]:
    return differences((replace(LEFT, **left), RunData()), (replace(RIGHT, **right), RunData()))


def test_two_runs_of_the_same_job_do_not_differ() -> None:
    assert [found for found in compare((LEFT, RunData()), (RIGHT, RunData())) if not found.same] == []


@pytest.mark.parametrize(
    ("x", "y", "delta", "relative", "same"),
    [
        (0.5, 0.75, 0.25, 0.5, False),
        (0.5, 0.25, -0.25, -0.5, False),
        (-2.0, -1.0, 1.0, 0.5, False),  # less negative is more: the share is of the amount
        (0.0, 3.0, 3.0, None, False),
        (3.0, 0.0, -3.0, -1.0, False),
        (0.5, 0.5, 0.0, 0.0, True),
        (0.0, -0.0, 0.0, 0.0, True),
        (0.0, 0.0, 0.0, 0.0, True),
        (NAN, NAN, 0.0, 0.0, True),
        (INF, INF, 0.0, 0.0, True),
        (NAN, 0.5, NAN, None, False),
        (0.5, NAN, NAN, None, False),
        (1.0, INF, INF, None, False),
        (INF, 1.0, -INF, None, False),
        (INF, -INF, -INF, None, False),
        (-1e308, 1e308, INF, INF, False),  # more than a float holds
    ],
)
def test_metrics(x: float, y: float, delta: float, relative: float | None, same: bool) -> None:
    found = of_runs(RunData(metrics={"m": x}), RunData(metrics={"m": y}))["metrics m"]
    assert found.same is same
    assert found.delta == pytest.approx(delta, nan_ok=True)
    assert found.relative == (None if relative is None else pytest.approx(relative))


def test_metrics_that_differ_in_the_last_digit_have_texts_that_differ() -> None:
    found = of_runs(RunData(metrics={"m": 0.84844371}), RunData(metrics={"m": 0.84844372}))["metrics m"]
    assert (found.left, found.right, found.same) == ("0.84844371", "0.84844372", False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (1e-9, "1e-09"),
        (NAN, "nan"),
        (-INF, "-inf"),
    ],
)
def test_texts_of_numbers(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("left", "right", "delta", "same"),
    [
        ("0.10", "0.1", 0.0, True),
        ("1e-2", "0.01", 0.0, True),
        ("nan", "NaN", 0.0, True),
        ("0.1", "0.2", 0.1, False),
        ("lbfgs", "lbfgs", None, True),
        ("lbfgs", "saga", None, False),
        ("0.1", "auto", None, False),
        ("True", "1", None, False),
        ("", "x", None, False),
        ("12345678901234567890", "12345678901234567891", None, False),  # one float, two seeds
    ],
)
def test_params(left: str, right: str, delta: float | None, same: bool) -> None:
    found = of_runs(RunData(params={"p": left}), RunData(params={"p": right}))["params p"]
    assert (found.left, found.right, found.same) == (left, right, same)
    assert found.delta == (None if delta is None else pytest.approx(delta))


@pytest.mark.parametrize("section", ["params", "metrics", "tags"])
def test_what_one_side_lacks_differs_even_when_it_is_empty_or_nan(section: str) -> None:
    value: Any = NAN if section == "metrics" else ""
    left = of_runs(RunData(**{section: {"k": value}}), RunData())[f"{section} k"]
    right = of_runs(RunData(), RunData(**{section: {"k": value}}))[f"{section} k"]
    text = "nan" if section == "metrics" else ""
    assert (left.left, left.right, left.delta, left.same) == (text, None, None, False)
    assert (right.left, right.right, right.delta, right.same) == (None, text, None, False)


def test_tags_are_those_that_people_set() -> None:
    tags = {"mlflow.user": "ada", "azureml.x": "1", "lapis.job": "left_1", "stage": "test", "model": "run"}
    left = replace(LEFT, summary=replace(LEFT.summary, tags={"model": "job"}))
    found = differences((left, RunData(tags=tags)))
    assert {key: (item.left, item.right) for key, item in found.items() if key.startswith("tags")} == {
        "tags stage": ("test", None),
        "tags model": ("job", None),
    }


def test_git_is_read_from_properties_and_from_the_tags_of_the_run() -> None:
    left = replace(LEFT, properties={"azureml.git.commit": "a" * 40, "azureml.git.dirty": "True"})
    run = RunData(tags={"mlflow.source.git.commit": "b" * 40, "mlflow.source.git.branch": "main"})
    found = differences((left, RunData()), (replace(RIGHT, properties={"azureml.git.dirty": "False"}), run))
    assert {key: (item.left, item.right) for key, item in found.items() if key.startswith("git")} == {
        "git branch": (None, "main"),
        "git commit": ("a" * 40, "b" * 40),
        "git dirty": ("True", "False"),
    }


def test_a_data_asset_is_compared_by_the_version_behind_latest() -> None:
    def port(resolved: str, value: str = "azureml:diabetes@latest") -> dict[str, Any]:
        return {"inputs": (Port("data", "uri_file", value, "ro_mount", resolved),)}

    found = of_jobs(port("azureml:diabetes:1"), port("azureml:diabetes:2"))["inputs data"]
    assert (found.left, found.right, found.same) == ("azureml:diabetes:1", "azureml:diabetes:2", False)
    # a path on the machine that ran it says nothing of the version
    found = of_jobs(port("/jobs/1/diabetes.csv"), port("/jobs/2/diabetes.csv"))["inputs data"]
    assert (found.left, found.same) == ("azureml:diabetes@latest", True)
    found = of_jobs(port("azureml:diabetes:2"), port("azureml:diabetes:2", "azureml:diabetes:2"))["inputs data"]
    assert found.same


def test_inputs_are_compared_with_their_modes_and_literals_as_numbers() -> None:
    found = of_jobs(
        {"inputs": (Port("data", "uri_file", "azureml:d:1", "ro_mount"), Port("rate", "number", "0.10"))},
        {"inputs": (Port("data", "uri_file", "azureml:d:1", "download"), Port("rate", "number", "0.1"))},
    )
    assert found["inputs data"].same
    assert (found["inputs data (mode)"].left, found["inputs data (mode)"].right) == ("ro_mount", "download")
    assert found["inputs rate"].same


def test_outputs_whose_paths_hold_the_name_of_the_job_are_the_same() -> None:
    found = differences()["outputs report"]
    assert found.same
    assert found.left == "azureml://datastores/workspaceblobstore/paths/azureml/${{name}}/report/"
    moved = of_jobs({}, {"outputs": (Port("report", "uri_folder", "azureml://datastores/other/paths/left_1x/"),)})
    assert (moved["outputs report"].same, moved["outputs report"].right) == (
        False,
        "azureml://datastores/other/paths/left_1x/",
    )


def test_secrets_are_compared_but_not_told() -> None:
    left = {"environment_variables": {"DB_PASSWORD": "one", "PWD": "/a", "URL": "https://ada:pw1234@h/x"}}
    right = {"environment_variables": {"DB_PASSWORD": "two", "PWD": "/b", "URL": "https://ada:pw1234@h/y"}}
    found = of_jobs(left, right)
    password = found["environment variable DB_PASSWORD"]
    assert (password.left, password.right, password.same) == (REDACTED, REDACTED, False)
    assert found["environment variable PWD"].left == "/a"
    assert found["environment variable URL"].right == f"https://ada:{REDACTED}@h/y"
    params = of_runs(RunData(params={"url": "https://x/?sig=abcdef"}), RunData())["params url"]
    assert (params.left, params.right) == (f"https://x/?sig={REDACTED}", None)


def test_command_compute_timeout_environment_and_code() -> None:
    left = {"command": "python a.py", "code": "", "timeout": 60.0, "environment": "azureml:e:1"}
    right = {"command": "python b.py", "code": "./src", "timeout": None, "environment": "azureml:e:2"}
    found = of_jobs(left, right)
    told = {key: (item.left, item.right) for key, item in found.items() if not item.same}
    assert told == {
        "environment environment": ("azureml:e:1", "azureml:e:2"),
        "command command": ("python a.py", "python b.py"),
        "compute timeout": ("60 s", None),
        "code folder": (None, "./src"),
    }


def test_differences_come_first_each_part_by_section_and_key() -> None:
    left = RunData({"b": "1", "a": "1", "same": "x"}, {"AUC": 0.5, "loss": 1.0}, {"t": "1"})
    right = RunData({"b": "2", "a": "2", "same": "x"}, {"AUC": 0.5, "loss": 2.0}, {"t": "2"})
    order = [(found.same, SECTIONS.index(found.section), found.key) for found in compare((LEFT, left), (RIGHT, right))]
    assert order == sorted(order)
    assert [key for same, _, key in order if not same] == ["a", "b", "loss", "t"]
    assert {same for same, _, _ in order} == {False, True}
