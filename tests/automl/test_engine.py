"""A whole job: its trials, limits, ensembles and leaderboard."""

from __future__ import annotations

import asyncio
import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.automl import engine as module
from services.automl.engine import Engine, Limits, Outcome, Settings
from services.automl.folds import Validation, splits
from services.automl.trial import TrialConfig, TrialResult, run_trial, save_model
from services.errors import UserError

pd: Any = pytest.importorskip("pandas")

FAST = ("LogisticRegression", "DecisionTree", "KNN", "BernoulliNaiveBayes")
Run = Callable[..., Outcome]


@pytest.fixture
def fails() -> set[str]:
    """Algorithms whose trials shall fail."""
    return set()


@pytest.fixture
def scores() -> list[float]:
    """What the trials score, one after the other, instead of what they learn."""
    return []


@pytest.fixture
def run(table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: set[str], scores: list[float]) -> Run:
    """Runs a job whose trials are made in this process; test_trial looks at their processes."""

    async def child(config: TrialConfig, folder: Path, *, limit: float | None, cores: int) -> TrialResult:
        if any(name in str(config.pipeline) for name in fails):
            return TrialResult(reason="it broke")
        if scores:
            return TrialResult({"accuracy": scores.pop(0)})
        folder.mkdir(parents=True)
        data = pd.read_parquet(config.data)
        folds = splits(data[config.target], config.validation, config.seed, is_classes=config.task == "classification")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trained = run_trial(config, data, folds)
        trained.predictions.save(folder / "predictions.npz")
        save_model(trained.model, folder / "model.pkl")
        return trained.result

    monkeypatch.setattr(module, "run_child", child)
    table[["size", "colour", "same", "kind", "price"]].to_parquet(tmp_path / "table.parquet")
    usual = Settings(
        "classification", tmp_path / "table.parquet", "kind", "accuracy", validation=Validation(folds=2), allowed=FAST
    )
    runs = iter(range(9))

    def start(limits: Limits, **changed: Any) -> Outcome:
        job = Engine(replace(usual, limits=limits, **changed), tmp_path / f"job-{next(runs)}")
        return asyncio.run(job.run())

    return start


def test_as_many_trials_as_are_allowed_with_both_ensembles_at_the_end(run: Run) -> None:
    found = run(Limits(trials=6))
    assert [one.name for one in found.trials] == [
        "StandardScaler, LogisticRegression",
        "DecisionTree",
        "StandardScaler, KNN",
        "StandardScaler, BernoulliNaiveBayes",
        "VotingEnsemble",
        "StackEnsemble",
    ]
    assert [one.number for one in found.trials] == list(range(6))
    voting = found.trials[4]
    assert sum(voting.parameters.values()) == pytest.approx(1)
    best = max(one.score for one in found.trials[:4])
    assert voting.score >= best  # it was picked by just these scores
    board = found.leaderboard()
    assert [one.score for one in board] == sorted((one.score for one in found.trials), reverse=True)
    assert found.stopped == "all trials were made"
    assert {one.name for one in found.guardrails} >= {"Class balancing detection"}


def test_the_same_seed_leads_to_the_same_scores_also_with_trials_side_by_side(run: Run) -> None:
    limits = Limits(trials=7, concurrent=3)
    settings: dict[str, Any] = {"allowed": ("DecisionTree", "BernoulliNaiveBayes"), "stacking": False}
    first, second = run(limits, **settings), run(limits, **settings)
    assert [(one.name, one.parameters, one.score) for one in sorted(first.trials, key=lambda one: one.number)] == [
        (one.name, one.parameters, one.score) for one in sorted(second.trials, key=lambda one: one.number)
    ]
    assert len(first.trials) == 7
    assert len({str(one.parameters) for one in first.trials}) == 7


def test_a_regression_seeks_the_least_error(run: Run) -> None:
    found = run(
        Limits(trials=4), task="regression", target="price", metric="", allowed=("ElasticNet", "KNN"), stacking=True
    )
    scores = [one.score for one in found.leaderboard()]
    assert scores == sorted(scores)
    assert 0 < scores[0] < 0.2
    assert found.trials[-1].name == "StackEnsemble"


def test_a_trial_that_fails_says_why_and_the_others_go_on(run: Run, fails: set[str]) -> None:
    fails.add("DecisionTree")
    found = run(Limits(trials=6), stacking=False, voting=False)
    assert [one.result.reason for one in found.trials] == ["", "it broke", "", "", "", ""]
    assert math.isnan(found.trials[1].score)
    assert "DecisionTree" not in [one.name for one in found.leaderboard()]
    assert [one.algorithm for one in found.trials].count("DecisionTree") == 1


def test_when_every_trial_fails_the_first_reason_is_told(run: Run, fails: set[str]) -> None:
    fails.add("Pipeline")
    with pytest.raises(UserError, match="the first said: it broke"):
        run(Limits(trials=9))


def test_the_search_ends_at_the_exit_score(run: Run, scores: list[float]) -> None:
    scores += [0.4, 0.7, 0.8]
    found = run(Limits(trials=20, exit_score=0.7), voting=False, stacking=False)
    assert [one.score for one in found.trials] == [0.4, 0.7]
    assert found.stopped == "the exit score 0.7 is reached"


def test_the_search_ends_at_its_time_out(run: Run) -> None:
    found = run(Limits(trials=20, timeout=1e-6))
    assert (found.trials, found.stopped) == ([], "the time-out of 1e-06 s")


def test_the_search_ends_when_the_score_no_longer_gets_better(run: Run, scores: list[float]) -> None:
    scores += [0.5] * 24 + [0.9] + [0.8] * 40
    found = run(Limits(trials=60), voting=False, stacking=False)
    assert len(found.trials) == 35  # ten after the best
    assert found.stopped == "no better score in 10 trials"
    scores[:] = [0.9] + [0.8] * 59
    assert len(run(Limits(trials=60), voting=False, stacking=False).trials) == 31
    scores[:] = [0.9] + [0.8] * 59
    assert len(run(Limits(trials=60, early_termination=False), voting=False, stacking=False).trials) == 60


def test_what_cannot_be_learnt_is_refused_before_any_trial(run: Run) -> None:
    with pytest.raises(UserError, match="the same value in each row"):
        run(Limits(trials=3), target="same")
    with pytest.raises(UserError, match="holds no numbers"):
        run(Limits(trials=3), task="regression", metric="r2_score", allowed=())
    with pytest.raises(UserError, match="no search for image_classification"):
        run(Limits(trials=3), task="image_classification")


@pytest.mark.slow
def test_diabetes_reaches_the_bar_by_a_single_trial(shared_data: Path, tmp_path: Path) -> None:
    """A HistGradientBoosting of scikit-learn as it is gets .9526 by five folds."""
    settings = Settings(
        "classification",
        shared_data / "diabetes.csv",
        "Diabetic",
        "accuracy",
        validation=Validation(folds=5),
        limits=Limits(trials=1),
        allowed=("LightGBM",),
    )
    found = asyncio.run(Engine(settings, tmp_path).run())
    assert found.trials[0].score > 0.9526
