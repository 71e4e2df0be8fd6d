"""Azure's metrics, against scikit-learn and against cases counted by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from services.automl.metrics import (
    CLASSIFICATION_PRIMARY,
    REGRESSION_PRIMARY,
    classification_metrics,
    forecasting_metrics,
    is_minimized,
    mean_metrics,
    primary_metric,
    regression_metrics,
)
from services.errors import UserError

np: Any = pytest.importorskip("numpy")
sklearn_metrics: Any = pytest.importorskip("sklearn.metrics")

TRUTH = ["a", "a", "a", "b", "b", "c"]
CHANCES = [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0.1, 0.2, 0.7]]
"""Two of three `a`, one of two `b` and the one `c` are right."""


@pytest.fixture
def drawn() -> tuple[Any, Any]:
    rng = np.random.default_rng(7)
    return np.array(list("abc"))[rng.integers(0, 3, 300)], rng.dirichlet([1, 1, 1], 300)


def test_classes_are_averaged_as_counted_by_hand() -> None:
    found = classification_metrics(TRUTH, CHANCES, ["a", "b", "c"])
    recall = (2 / 3 + 1 / 2 + 1) / 3
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["recall_score_macro"] == found["balanced_accuracy"] == pytest.approx(recall)
    assert found["norm_macro_recall"] == pytest.approx((recall - 1 / 3) / (2 / 3))
    # right rows by the size of their class: 2 x 3 + 1 x 2 + 1 x 1 of 3 x 3 + 2 x 2 + 1 x 1
    assert found["weighted_accuracy"] == pytest.approx(9 / 14)
    assert found["log_loss"] == pytest.approx(-sum(map(math.log, (0.7, 0.6, 0.2, 0.8, 0.4, 0.7))) / 6)
    assert found["recall_score_weighted"] == found["recall_score_micro"] == pytest.approx(found["accuracy"])


def test_areas_are_those_of_one_class_against_the_rest(drawn: tuple[Any, Any]) -> None:
    truth, chances = drawn
    found = classification_metrics(truth, chances, ["a", "b", "c"])
    for average in ("macro", "micro", "weighted"):
        area = sklearn_metrics.roc_auc_score(truth, chances, multi_class="ovr", average=average)
        assert found[f"AUC_{average}"] == pytest.approx(area)
        hot = np.eye(3)[np.searchsorted(["a", "b", "c"], truth)]
        precision = sklearn_metrics.average_precision_score(hot, chances, average=average)
        assert found[f"average_precision_score_{average}"] == pytest.approx(precision)


def test_two_classes_are_averaged_too_and_only_a_named_one_is_the_true_one(drawn: tuple[Any, Any]) -> None:
    truth, chances = [value == "a" for value in drawn[0]], np.column_stack([1 - drawn[1][:, 0], drawn[1][:, 0]])
    found = classification_metrics(truth, chances, [False, True])
    predicted = chances[:, 1] > 0.5
    assert found["AUC_weighted"] == pytest.approx(sklearn_metrics.roc_auc_score(truth, chances[:, 1]))
    assert found["f1_score_macro"] == pytest.approx(sklearn_metrics.f1_score(truth, predicted, average="macro"))
    assert not any(name.endswith("_binary") for name in found)
    named = classification_metrics(truth, chances, [False, True], positive=True)
    assert named["f1_score_binary"] == pytest.approx(sklearn_metrics.f1_score(truth, predicted))
    assert named["recall_score_binary"] == pytest.approx(sklearn_metrics.recall_score(truth, predicted))
    assert named["AUC_binary"] == pytest.approx(found["AUC_weighted"])


def test_a_class_without_rows_has_no_area_and_spoils_none() -> None:
    full = classification_metrics(["a", "a", "b"], [[0.9, 0.1], [0.4, 0.6], [0.3, 0.7]], ["a", "b"])
    gap = classification_metrics(["a", "a", "b"], [[0.9, 0.1, 0], [0.4, 0.6, 0], [0.3, 0.7, 0]], ["a", "b", "z"])
    assert gap["AUC_weighted"] == full["AUC_weighted"] == 1.0
    alone = classification_metrics(["a", "a"], [[0.9, 0.1], [0.4, 0.6]], ["a", "b"])
    assert math.isnan(alone["AUC_weighted"])
    assert alone["accuracy"] == 0.5


def test_worse_than_guessing_is_no_less_than_0() -> None:
    assert classification_metrics(["a", "b"], [[0.1, 0.9], [0.8, 0.2]], ["a", "b"])["norm_macro_recall"] == 0


def test_errors_of_numbers_as_counted_by_hand() -> None:
    found = regression_metrics([0, 1, 3, 4], [0, 2, 3, 2], 10)
    assert found["mean_absolute_error"] == pytest.approx(3 / 4)
    assert found["normalized_mean_absolute_error"] == pytest.approx(3 / 40)
    assert found["root_mean_squared_error"] == pytest.approx(math.sqrt(5 / 4))
    assert found["normalized_root_mean_squared_error"] == pytest.approx(math.sqrt(5 / 4) / 10)
    assert found["median_absolute_error"] == pytest.approx(0.5)
    assert found["r2_score"] == pytest.approx(1 - 5 / 10)
    # in per cent, and without the row whose true value is 0
    assert found["mean_absolute_percentage_error"] == pytest.approx(100 * (1 + 0 + 0.5) / 3)
    logs = [math.log(3) - math.log(2), math.log(3) - math.log(5)]
    assert found["root_mean_squared_log_error"] == pytest.approx(math.sqrt(sum(one**2 for one in logs) / 4))
    assert found["spearman_correlation"] == pytest.approx(0.632, abs=0.001)
    told = sklearn_metrics.explained_variance_score([0, 1, 3, 4], [0, 2, 3, 2])
    assert found["explained_variance"] == pytest.approx(told)


def test_what_is_not_defined_is_no_number() -> None:
    assert regression_metrics([1, 2, 3], [30, -20, 9], 2)["r2_score"] == -1
    found = regression_metrics([2, 2], [2, 2], 0)
    for name in ("r2_score", "spearman_correlation", "normalized_root_mean_squared_error", "explained_variance"):
        assert math.isnan(found[name])
    assert math.isnan(regression_metrics([-5, 2], [1, 2], 7)["root_mean_squared_log_error"])
    assert math.isnan(regression_metrics([0, 0], [1, 2], 1)["mean_absolute_percentage_error"])


def test_many_series_are_normalised_each_by_its_own_range() -> None:
    truth, told, series = [10, 20, 1000, 3000], [11, 22, 1100, 3100], ["s", "s", "l", "l"]
    found = forecasting_metrics(truth, told, series, {"s": 10, "l": 2000, "flat": 0})
    assert found["normalized_mean_absolute_error"] == pytest.approx((1.5 / 10 + 100 / 2000) / 2)
    assert found["mean_absolute_error"] == pytest.approx((1 + 2 + 100 + 100) / 4)


def test_folds_count_alike_where_a_metric_is_defined() -> None:
    found = mean_metrics([{"r2": 1.0, "x": math.nan}, {"r2": 0.5, "x": math.nan}, {"r2": math.nan, "x": math.nan}])
    assert found["r2"] == 0.75
    assert math.isnan(found["x"])


@pytest.mark.parametrize(
    ("task", "names"), [("classification", CLASSIFICATION_PRIMARY), ("regression", REGRESSION_PRIMARY)]
)
def test_primary_metrics_have_their_names_of_the_sdk_too(task: str, names: tuple[str, ...]) -> None:
    for name in names:
        camel = "".join(word[0].upper() + word[1:] for word in name.split("_"))
        assert primary_metric(task, camel) == primary_metric(task, name.lower()) == name
    with pytest.raises(UserError, match="no primary metric"):
        primary_metric(task, "loss")


def test_errors_are_to_be_small() -> None:
    assert [is_minimized(name) for name in ("normalized_mean_absolute_error", "log_loss", "AUC_weighted")] == [
        True,
        True,
        False,
    ]
