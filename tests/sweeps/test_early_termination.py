"""The rules of docs/sweeps.md, replayed."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import yaml

from services.entities import JobStatus
from services.specs.sweep import EarlyTermination, Goal
from services.sweeps.early_termination import judge, standing
from tests.sweeps.support import trial

PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text("utf-8")
EXAMPLES = re.findall(r"^\| `(\{type: [a-z_]+.*?\})` \| (m\w+) \| `(.*?)` \| (.*?) \|$", PAGE, re.MULTILINE)


def cut(policy: EarlyTermination, goal: Goal, *curves: list[float]) -> list[int]:
    standings = [standing(goal, trial(number, values)) for number, values in enumerate(curves)]
    return [verdict.number for verdict in judge(policy, goal, standings)]


def test_the_page_has_examples_of_every_policy() -> None:
    assert {yaml.safe_load(policy)["type"] for policy, *_ in EXAMPLES} == {
        "bandit",
        "median_stopping",
        "truncation_selection",
    }


@pytest.mark.parametrize(("policy", "goal", "curves", "expected"), EXAMPLES)
def test_an_example_of_the_page(policy: str, goal: Goal, curves: str, expected: str) -> None:
    logged = yaml.safe_load(f"[{curves.replace('] [', '], [')}]")
    wanted = [] if expected == "none" else [int(number) for number in expected.split(", ")]
    assert cut(EarlyTermination(**yaml.safe_load(policy)), goal, *logged) == wanted


def test_only_running_trials_are_cut_but_all_are_compared() -> None:
    ended = trial(0, [0.9], status=JobStatus.COMPLETED)
    poor = trial(1, [0.1], status=JobStatus.FAILED)
    runs = trial(2, [0.5])
    found = judge(
        EarlyTermination("bandit", slack_amount=0.1), "maximize", [standing("maximize", t) for t in (ended, poor, runs)]
    )
    assert [(v.number, v.interval, v.values) for v in found] == [(2, 1, {"value": 0.5, "bound": 0.8, "best": 0.9})]
    assert found[0].reason == "its best 0.5 is below 0.8, all that slack 0.1 allows beside 0.9"


def test_what_was_cut_still_counts_so_that_a_policy_does_not_cut_on_and_on() -> None:
    policy = EarlyTermination("truncation_selection", truncation_percentage=50)
    standings = [standing("maximize", trial(number, [float(number)])) for number in range(6)]
    first = judge(policy, "maximize", standings)
    assert [verdict.number for verdict in first] == [0, 1, 2]
    for verdict in first:
        standings[verdict.number].is_running = False
    assert judge(policy, "maximize", standings) == []


def test_a_median_without_any_number_cuts_nothing() -> None:
    assert cut(EarlyTermination("median_stopping"), "maximize", [math.nan], [math.nan]) == []
    assert cut(EarlyTermination("bandit", slack_factor=0.1), "maximize", [math.nan], [math.inf]) == []


def test_a_later_fall_does_not_hurt_bandit_and_averages_pass_over_nan() -> None:
    assert cut(EarlyTermination("bandit", slack_amount=0.1), "maximize", [0.9, 0.1], [0.9, 0.9]) == []
    # averages .4, .9 and .8, whose median is .8
    policy = EarlyTermination("median_stopping", evaluation_interval=2)
    assert cut(policy, "maximize", [0.4, math.nan], [0.9, 0.9], [0.8, 0.8]) == [0]
