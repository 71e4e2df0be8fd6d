"""What is tried in which order, and which algorithms there are."""

from __future__ import annotations

from typing import Any

import pytest

from services.automl import algorithms as module
from services.automl.algorithms import algorithms, chosen
from services.automl.search import Search
from services.errors import UserError

pytest.importorskip("optuna")

AZURE = {
    "classification": "LogisticRegression SGD MultinomialNaiveBayes BernoulliNaiveBayes SVM LinearSVM KNN DecisionTree "
    "RandomForest ExtremeRandomTrees LightGBM GradientBoosting XGBoostClassifier",
    "regression": "ElasticNet GradientBoosting DecisionTree KNN LassoLars SGD RandomForest ExtremeRandomTrees LightGBM "
    "XGBoostRegressor",
}
SCORES = {"LightGBM": 0.9, "KNN": 0.8, "SVM": 0.7, "SGD": 0.6}


def make(seed: int = 1) -> Search:
    return Search(chosen("classification", tuple(SCORES)), minimize=False, seed=seed)


def walk(search: Search, trials: int) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for _ in range(trials):
        candidate = search.suggest()
        assert candidate
        found.append((candidate.algorithm.name, candidate.parameters))
        search.tell(candidate.number, SCORES[candidate.algorithm.name])
    return found


@pytest.mark.parametrize("task", list(AZURE))
def test_each_algorithm_of_azure_is_there(task: str) -> None:
    assert sorted(one.name for one in algorithms(task)) == sorted(AZURE[task].split())


def test_each_algorithm_is_tried_once_before_the_best_are_searched_by_turns() -> None:
    walked = walk(make(), 12)
    assert [name for name, _ in walked[:4]] == ["LightGBM", "KNN", "SGD", "SVM"]
    assert [dict(one.first) for one in chosen("classification", tuple(SCORES))] == [given for _, given in walked[:4]]
    assert [name for name, _ in walked[4:]] == ["LightGBM", "KNN", "LightGBM", "SVM"] * 2
    lightgbm = [str(given) for name, given in walked if name == "LightGBM"]
    assert len(set(lightgbm)) == len(lightgbm)


def test_the_same_seed_leads_to_the_same_trials_and_another_one_to_others() -> None:
    assert walk(make(), 12) == walk(make(), 12)
    assert walk(make(), 12) != walk(make(2), 12)


def test_an_algorithm_that_fails_is_left_alone() -> None:
    search = make()
    for number in range(4):
        assert search.suggest()
        search.tell(number, float("nan") if number == 0 else 0.5 + number / 100)
    following = [search.suggest() for _ in range(4)]
    assert [one.algorithm.name for one in following if one] == ["SVM", "SGD", "SVM", "KNN"]


def test_nothing_is_left_to_try_when_all_fail() -> None:
    search = make()
    for number in range(4):
        assert search.suggest()
        search.tell(number, None)
    assert search.suggest() is None


def test_where_less_is_better_the_least_is_searched() -> None:
    search = Search(chosen("regression", ("KNN", "ElasticNet")), minimize=True, seed=0)
    for number, score in enumerate((0.3, 0.1)):
        assert search.suggest()
        search.tell(number, score)
    candidate = search.suggest()
    assert candidate
    assert candidate.algorithm.name == "KNN"


def test_algorithms_are_allowed_and_blocked_by_either_spelling() -> None:
    assert [one.name for one in chosen("classification", ("logistic_regression", "KNN"), ("knn",))] == [
        "LogisticRegression"
    ]
    assert "LogisticRegression" not in [one.name for one in chosen("classification", (), ("logistic_regression",))]
    with pytest.raises(UserError, match="Prophet is no algorithm for regression"):
        chosen("regression", ("Prophet",))
    with pytest.raises(UserError, match="Every algorithm is blocked"):
        chosen("regression", ("KNN",), ("KNN",))


def test_what_is_not_installed_is_not_tried_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "lightgbm" else object())
    assert "LightGBM" not in [one.name for one in chosen("classification")]
    assert module.why_not(algorithms("classification")[0]).endswith("pipx install 'lapis-workbench[automl]'")
