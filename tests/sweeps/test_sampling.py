"""Which trial is next, whoever asks."""

from __future__ import annotations

import random
import sys
from dataclasses import replace

import pytest

from services.errors import MachineError
from services.specs.sweep import Distribution, Sampling, SweepLimits
from services.sweeps.distributions import parameters_at
from services.sweeps.sampling import Outcome, log_base, most_trial_seconds, next_point, planned_trials

SPACE = {
    "x": Distribution("uniform", min_value=0, max_value=1),
    "kind": Distribution("choice", values=["a", "b", "c"]),
}
RANDOM, SOBOL, BAYESIAN, GRID = (
    Sampling("random"),
    Sampling("random", rule="sobol"),
    Sampling("bayesian"),
    Sampling("grid"),
)


def run(sampling: Sampling, seed: int, count: int, before: list[Outcome] | None = None) -> list[Outcome]:
    """Go on with a sweep whose values are best at x = 0.3 and kind b."""
    outcomes = list(before or ())
    while len(outcomes) < count:
        point = next_point(SPACE, sampling, "maximize", seed, outcomes)
        assert point is not None
        drawn = parameters_at(SPACE, point)
        value = -abs(float(drawn["x"]) - 0.3) - (drawn["kind"] != "b")
        outcomes.append(Outcome(point, value, intervals=1))
    return outcomes


@pytest.mark.parametrize("sampling", [RANDOM, SOBOL, BAYESIAN])
def test_a_seed_gives_the_same_trials_and_another_one_others(sampling: Sampling) -> None:
    whole = run(sampling, 7, 13)
    assert run(sampling, 7, 13, whole[:11]) == whole
    assert run(sampling, 8, 2) != whole[:2]
    assert len({outcome.point["x"] for outcome in whole}) == 13


def test_bayesian_sampling_learns() -> None:
    learned = run(BAYESIAN, 1, 40)[-10:]
    blind = run(RANDOM, 1, 40)[-10:]
    assert sum(o.value or 0 for o in learned) > sum(o.value or 0 for o in blind) + 2


def test_bayesian_sampling_takes_trials_that_run_failed_or_were_cut() -> None:
    outcomes = run(BAYESIAN, 3, 12)
    odd = [
        replace(outcomes[0], has_ended=False, value=None),
        replace(outcomes[1], value=None),
        replace(outcomes[2], value=float("nan")),
        replace(outcomes[3], is_cut=True),
    ]
    point = next_point(SPACE, BAYESIAN, "minimize", 3, [*odd, *outcomes[4:]])
    assert point is not None
    assert set(point) == set(SPACE)


def test_sobol_covers_evenly() -> None:
    xs = [outcome.point["x"] for outcome in run(SOBOL, 1, 8)]
    assert sorted(int(x * 8) for x in xs) == list(range(8))


def test_a_grid_ends() -> None:
    space = {"kind": SPACE["kind"]}
    outcomes: list[Outcome] = []
    while (point := next_point(space, GRID, "maximize", 0, outcomes)) is not None:
        outcomes.append(Outcome(point))
    assert [parameters_at(space, outcome.point)["kind"] for outcome in outcomes] == ["a", "b", "c"]
    assert (planned_trials(space, GRID, 10), planned_trials(space, GRID, 2), planned_trials(space, RANDOM, 10)) == (
        3,
        2,
        10,
    )


def test_the_most_that_a_sweep_can_cost() -> None:
    assert most_trial_seconds(SweepLimits(10, 2, trial_timeout=60), 6) == 360
    assert most_trial_seconds(SweepLimits(10, 2, timeout=100, trial_timeout=60), 6) == 200
    assert most_trial_seconds(SweepLimits(10, timeout=10), 3) == 30
    assert most_trial_seconds(SweepLimits(10, 4), 10) is None


def test_the_base_of_logarithms() -> None:
    assert log_base(Sampling("random", logbase=10)) == 10
    assert log_base(Sampling("random", logbase="e")) == log_base(RANDOM) == pytest.approx(2.718281828)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MachineError, match=r"Optuna, which bayesian sampling needs, is not installed"):
        next_point(SPACE, BAYESIAN, "maximize", 0, [])


def test_nobody_else_s_random_numbers_are_touched() -> None:
    random.seed(5)
    expected = random.random()
    random.seed(5)
    run(RANDOM, 1, 3)
    assert random.random() == expected
