"""One trial: each algorithm learns, the process of a trial ends in every way, and the script trains the same model."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from services.automl.algorithms import algorithms, estimator
from services.automl.children import run_child
from services.automl.components import Component, from_json, to_json
from services.automl.featurization import Featurization, features, featurizer
from services.automl.folds import Validation, splits
from services.automl.predictions import Predictions
from services.automl.script import script
from services.automl.trial import MODEL, PREDICTIONS, TrialConfig, main, run_trial, save_model
from services.errors import UserError

np: Any = pytest.importorskip("numpy")

TARGETS = {"classification": "kind", "regression": "price"}
WITHOUT_LAPIS = "import sys; sys.modules['services'] = None; "


def pipeline(table: Any, task: str, name: str) -> Component:
    algorithm = next(one for one in algorithms(task) if one.name == name)
    columns = features(table, TARGETS[task], Featurization())
    first = {**algorithm.first, **({"n_estimators": 10} if "n_estimators" in algorithm.first else {})}
    fitted = estimator(algorithm, first, task=task, seed=3, cores=1, dense=True)
    steps = [("features", featurizer(columns, Featurization())), *fitted.arguments["steps"]]
    return Component("sklearn.pipeline.Pipeline", {"steps": steps})


def config(table: Any, tmp_path: Path, task: str, name: str) -> TrialConfig:
    path = tmp_path / "table.parquet"
    table.to_parquet(path)
    return TrialConfig(task, str(path), TARGETS[task], pipeline(table, task, name), Validation(folds=3), 3)


@pytest.mark.parametrize(
    ("task", "name"), [(task, one.name) for task in TARGETS for one in algorithms(task)], ids=lambda value: value
)
def test_each_algorithm_learns_the_table(table: Any, tmp_path: Path, task: str, name: str) -> None:
    table = table[["size", "colour", "when", "kind", "price"]]
    made = config(table, tmp_path, task, name)
    folds = splits(table[TARGETS[task]], made.validation, 3, is_classes=task == "classification")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trained = run_trial(made, table, folds)
    assert trained.result.completed
    assert len(trained.result.folds) == 3
    assert sorted(trained.predictions.rows) == list(range(len(table)))
    score = trained.result.metrics["accuracy" if task == "classification" else "spearman_correlation"]
    assert score > 0.65  # guessing gets 0.63 and 0


def test_texts_stay_sparse_and_are_learnt(table: Any, tmp_path: Path) -> None:
    table["note"] = [
        f"{'a good' if kind == 'big' else 'no fine'} thing, number {n}" for n, kind in enumerate(table["kind"])
    ]
    algorithm = next(one for one in algorithms("classification") if one.name == "LogisticRegression")
    columns = features(table[["note", "kind"]], "kind", Featurization())
    fitted = estimator(algorithm, algorithm.first, task="classification", seed=0, cores=1, dense=False)
    steps = [("features", featurizer(columns, Featurization(), dense=False)), *fitted.arguments["steps"]]
    made = TrialConfig("classification", "", "kind", Component("sklearn.pipeline.Pipeline", {"steps": steps}))
    trained = run_trial(made, table, splits(table["kind"], Validation(folds=3), 0, is_classes=True))
    assert trained.result.metrics["accuracy"] > 0.95
    assert trained.model[:-1].transform(table).format == "csr"


@pytest.mark.slow
def test_a_child_leaves_its_result_and_a_model_that_needs_no_lapis(table: Any, tmp_path: Path) -> None:
    table.loc[[0, 5], "kind"] = None
    made = config(table.drop(columns="note"), tmp_path, "classification", "XGBoostClassifier")
    folder = tmp_path / "trial"
    result = asyncio.run(run_child(made, folder))
    assert result.completed, result.reason
    assert result.metrics["accuracy"] > 0.8
    assert Predictions.load(folder / PREDICTIONS).classes == ("big", "small")
    code = WITHOUT_LAPIS + (
        "import pickle, pandas as pd; rows = pd.read_parquet(sys.argv[1]); "
        "print(*pickle.load(open(sys.argv[2], 'rb')).predict(rows.head(4)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, made.data, str(folder / MODEL)], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"big", "small"}


def test_what_goes_wrong_is_the_result_in_a_line(table: Any, tmp_path: Path) -> None:
    made = config(table, tmp_path, "regression", "KNN")
    document = {**made.to_json(), "data": str(tmp_path / "gone.parquet")}
    (tmp_path / "trial.json").write_text(json.dumps(document))
    assert main(tmp_path) == 1
    assert "gone.parquet" in json.loads((tmp_path / "result.json").read_text())["reason"]


@pytest.mark.parametrize(
    ("broken", "limit", "said"),
    [
        (
            Component("subprocess.call", {"args": "kill -9 $PPID", "shell": True}),
            None,
            "SIGKILL, perhaps for want of memory",
        ),
        (Component("signal.sigwait", {"sigset": [10]}), 3.5, "cut by the time-out after 3.5 s"),
        (Component("os._exit", {"status": 7}), None, "ended with 7: it printed nothing"),
    ],
    ids=["killed", "hangs", "exits"],
)
@pytest.mark.slow
def test_a_process_that_breaks_is_the_failure_of_its_trial_alone(
    table: Any, tmp_path: Path, broken: Component, limit: float | None, said: str
) -> None:
    made = config(table, tmp_path, "regression", "KNN")
    made = TrialConfig(made.task, made.data, made.target, broken)
    result = asyncio.run(run_child(made, tmp_path / "trial", limit=limit))
    assert not result.completed
    assert said in result.reason


def test_the_script_trains_the_same_model(table: Any, tmp_path: Path) -> None:
    """A script without Lapis, with our own classes in it."""
    table = table.drop(columns="note")
    made = config(table, tmp_path, "classification", "XGBoostClassifier")
    folds = splits(table["kind"], made.validation, 3, is_classes=True)
    model = run_trial(made, table, folds).model
    code = script(made.pipeline, task=made.task, data=made.data, target="kind", title="XGBoost of a table")
    assert code.startswith('"""Train XGBoost of a table."""')
    assert "services" not in code
    path = tmp_path / "train.py"
    header, future, rest = code.partition("from __future__ import annotations\n")
    path.write_text(f"{header}{future}{WITHOUT_LAPIS}\n{rest}")
    subprocess.run([sys.executable, str(path), str(tmp_path / "model.pkl")], check=True, cwd=tmp_path)
    with (tmp_path / "model.pkl").open("rb") as file:
        again = pickle.load(file)
    rows = table.drop(columns="kind")
    assert np.array_equal(model.predict_proba(rows), again.predict_proba(rows))


def test_a_model_is_saved_by_value_and_our_module_is_left_as_it_was(table: Any, tmp_path: Path) -> None:
    from services.automl.parts import HashOneHot

    save_model(HashOneHot().fit(table[["code"]]), tmp_path / "model.pkl")
    assert b"FeatureHasher" in (tmp_path / "model.pkl").read_bytes()
    assert b"FeatureHasher" not in pickle.dumps(HashOneHot())


def test_a_configuration_survives_json(table: Any, tmp_path: Path) -> None:
    made = config(table, tmp_path, "classification", "SVM")
    assert TrialConfig.from_json(json.loads(json.dumps(made.to_json()))) == made
    assert from_json(json.loads(json.dumps(to_json(made.pipeline)))) == made.pipeline


@pytest.mark.parametrize(
    ("rows", "validation", "folds"),
    [
        (900, Validation(), 10),
        (1500, Validation(), 3),
        (20_001, Validation(), 1),
        (900, Validation(folds=4), 4),
        (900, Validation(share=0.2), 1),
    ],
)
def test_validation_is_azures_unless_it_is_set(rows: int, validation: Validation, folds: int) -> None:
    import pandas as pd

    target = pd.Series([place % 3 for place in range(rows)])
    made = splits(target, validation, 1, is_classes=True)
    assert len(made) == folds
    train, judge = made[0]
    assert not set(train) & set(judge)
    assert len(judge) == pytest.approx(rows / folds if folds > 1 else rows * (validation.share or 0.1), abs=2)
    assert all(
        (judge == again).all()
        for (_, judge), (_, again) in zip(made, splits(target, validation, 1, is_classes=True), strict=True)
    )


@pytest.mark.parametrize("settings", [{"folds": 1}, {"share": 1.0}, {"folds": 3, "share": 0.2}])
def test_validation_that_cannot_be_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        Validation(**settings)
