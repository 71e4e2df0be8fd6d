"""Answers under differential privacy: their noise, their price, and what they keep to themselves."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest

from services.entities.features import PrivacyBudget, PrivateQuery, PrivateQuestion
from services.errors import UserError
from services.features.privacy import ask, noise_scale, spend, truth

pd: Any = pytest.importorskip("pandas")
pytest.importorskip("opendp")


@pytest.fixture
def ages() -> Any:
    """A thousand of them, from 21 to 77."""
    return pd.Series([21 + i % 57 for i in range(1_000)], name="age")


@pytest.mark.parametrize(
    ("query", "bounds", "epsilon", "scale"),
    [
        (PrivateQuery.COUNT, None, 0.1, 10),
        (PrivateQuery.HISTOGRAM, None, 0.5, 2),
        (PrivateQuery.SUM, (21, 77), 0.1, 770),
        (PrivateQuery.SUM, (-100, 77), 1, 100),
        (PrivateQuery.MEAN, (21, 77), 0.1, 0.056),
        (PrivateQuery.MEAN, (21, 77), 1, 0.0056),
    ],
)
def test_the_scale_of_the_noise_is_known_before(query: PrivateQuery, bounds: Any, epsilon: float, scale: float) -> None:
    assert noise_scale(query, epsilon, bounds, 10_000) == pytest.approx(scale)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (PrivateQuery.COUNT, {}),
        (PrivateQuery.SUM, {"bounds": (21, 77)}),
        (PrivateQuery.MEAN, {"bounds": (21, 77)}),
        (PrivateQuery.HISTOGRAM, {"edges": (40, 60)}),
    ],
)
def test_an_answer_is_near_the_truth_by_as_much_as_it_says(query: PrivateQuery, options: Any, ages: Any) -> None:
    """That one of 30 answers is 30 scales off has a chance of e^-30; half of them are within the median error."""
    truth_of = {
        PrivateQuery.COUNT: [len(ages)],
        PrivateQuery.SUM: [ages.sum()],
        PrivateQuery.MEAN: [ages.mean()],
        PrivateQuery.HISTOGRAM: [(ages < 40).sum(), ((ages >= 40) & (ages < 60)).sum(), (ages >= 60).sum()],
    }[query]
    assert truth(ages, PrivateQuestion(query, 0.5, **options)) == pytest.approx(tuple(map(float, truth_of)))
    errors = []
    for _ in range(30):
        found = ask(ages, PrivateQuestion(query, 0.5, **options))
        assert found.scale == pytest.approx(noise_scale(query, 0.5, options.get("bounds"), len(ages)), rel=1e-6)
        errors += [abs(value - true) for value, true in zip(found.values, truth_of, strict=True)]
        assert max(errors) < 30 * found.scale + 1
    assert found.median_error == pytest.approx(found.scale * math.log(2))
    assert 0.2 < statistics.median(errors) / found.median_error < 5
    assert len(set(errors)) > 1


def test_values_beyond_the_bounds_are_clipped() -> None:
    series = pd.Series([0.0] * 999 + [1e12])
    assert abs(ask(series, PrivateQuestion(PrivateQuery.SUM, 1, (0, 1))).values[0]) < 100


def test_a_histogram_of_texts_counts_what_is_in_no_category_together() -> None:
    series = pd.Series(["m"] * 5_000 + ["f"] * 3_000 + ["x", "y"] * 500)
    found = ask(series, PrivateQuestion(PrivateQuery.HISTOGRAM, 1, labels=("f", "m")))
    assert found.labels == ("f", "m", "other")
    assert [round(value, -3) for value in found.values] == [3000, 5000, 1000]


def test_bins_of_numbers_have_names(ages: Any) -> None:
    assert ask(ages, PrivateQuestion(PrivateQuery.HISTOGRAM, 1, edges=(40, 60))).labels == (
        "below 40",
        "40 to 60",
        "60 and above",
    )


def test_how_many_values_are_missing_is_not_told(ages: Any) -> None:
    ages = ages.astype("float64")
    ages[:77] = None
    found = ask(ages, PrivateQuestion(PrivateQuery.COUNT, 2))
    assert found.notes == ("missing values are left out", "an epsilon above 1 keeps little private")
    assert found.rows is None
    assert abs(found.values[0] - 923) < 100


def test_a_budget_is_spent_and_cannot_be_overdrawn() -> None:
    budget = PrivacyBudget(1.0)
    for _ in range(10):
        budget = spend(budget, 0.1)
    assert budget.left == pytest.approx(0)
    with pytest.raises(UserError) as caught:
        spend(budget, 0.1)
    assert caught.value.title == "The privacy budget is spent"


@pytest.mark.parametrize(
    ("query", "epsilon", "options"),
    [
        (PrivateQuery.COUNT, 0, {}),
        (PrivateQuery.COUNT, math.inf, {}),
        (PrivateQuery.SUM, 1, {}),
        (PrivateQuery.MEAN, 1, {"bounds": (3, 2)}),
        (PrivateQuery.MEAN, 1, {"bounds": (0, math.nan)}),
        (PrivateQuery.HISTOGRAM, 1, {}),
        (PrivateQuery.HISTOGRAM, 1, {"labels": ("a",), "edges": (1,)}),
        (PrivateQuery.HISTOGRAM, 1, {"edges": (2, 1)}),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    query: PrivateQuery, epsilon: float, options: Any, ages: Any
) -> None:
    with pytest.raises(UserError):
        ask(ages, PrivateQuestion(query, epsilon, **options))


def test_texts_have_no_sum() -> None:
    with pytest.raises(UserError) as caught:
        ask(pd.Series(["a", "b"], name="word"), PrivateQuestion(PrivateQuery.SUM, 1, (0, 1)))
    assert caught.value.detail == "word holds no numbers."
