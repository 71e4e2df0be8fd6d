"""Columns scored against a target: Pearson, chi-squared, permutation and subsets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.entities.features import PermutationOptions, Task
from services.errors import MachineError, ServiceError, UserError
from services.features import table as features_table
from services.features.importance import permutation
from services.features.scores import SCALE_NOTE, chi2, pearson
from services.features.subsets import OVERFITTING, best_subsets, count_subsets

pd: Any = pytest.importorskip("pandas")


@pytest.fixture
def diabetes(shared_data: Path) -> Any:
    return pd.read_csv(shared_data / "diabetes.csv")


@pytest.fixture
def frame(tmp_path: Path) -> Any:
    """Forty rows: `size` tells the class, `noise` nothing, `minus` is below zero, `price` grows with size."""
    rows = [f"{i},{i % 7},{-i},{'big' if i >= 20 else 'small'},{3 * i + 1},w{i % 2},1" for i in range(40)]
    path = tmp_path / "table.csv"
    path.write_text("size,noise,minus,kind,price,word,same\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return pd.read_csv(path)


def rounded(found: Any, digits: int) -> dict[str, float]:
    return {score.feature: round(score.score, digits) for score in found.scores}


def test_pearson_and_chi_squared_disagree_about_diabetes(diabetes: Any) -> None:
    """And the identifier is left out by both."""
    by_pearson, by_chi2 = pearson(diabetes, "Diabetic"), chi2(diabetes, "Diabetic")
    assert list(rounded(by_pearson, 4).items()) == [
        ("Pregnancies", 0.4052),
        ("Age", 0.3567),
        ("SerumInsulin", 0.2449),
        ("BMI", 0.2132),
        ("DiabetesPedigree", 0.1716),
        ("TricepsThickness", 0.1441),
        ("PlasmaGlucose", 0.1288),
        ("DiastolicBloodPressure", 0.0867),
    ]
    assert list(rounded(by_chi2, 1).items()) == [
        ("SerumInsulin", 77082.0),
        ("Age", 6187.4),
        ("Pregnancies", 5847.5),
        ("PlasmaGlucose", 1567.2),
        ("TricepsThickness", 1515.4),
        ("BMI", 1384.6),
        ("DiastolicBloodPressure", 297.9),
        ("DiabetesPedigree", 106.9),
    ]
    assert by_pearson.notes == ("PatientID left out: nearly each row has a value of its own",)
    assert by_chi2.notes[-1] == SCALE_NOTE
    assert by_chi2.top(2) == ("SerumInsulin", "Age")


def test_permutation_importance_of_diabetes(diabetes: Any) -> None:
    found = permutation(diabetes, "Diabetic", options=PermutationOptions("accuracy"))
    assert list(rounded(found, 4).items()) == [
        ("Pregnancies", 0.0588),
        ("Age", 0.0513),
        ("SerumInsulin", 0.0226),
        ("BMI", 0.0179),
        ("DiabetesPedigree", 0.0091),
        ("PlasmaGlucose", 0.0075),
        ("TricepsThickness", 0.0047),
        ("DiastolicBloodPressure", 0.0006),
    ]
    assert (found.metric, found.baseline) == ("accuracy", 0.774)
    assert rounded(permutation(diabetes, "Diabetic", options=PermutationOptions(seed=1)), 4) != rounded(found, 4)


def test_the_sign_of_pearson_stays_and_the_order_does_not_heed_it(frame: Any) -> None:
    found = pearson(frame, "price", ["noise", "minus"])
    assert [score.feature for score in found.scores] == ["minus", "noise"]
    assert round(found.scores[0].score, 6) == -1.0


def test_a_target_of_two_texts_is_numbered(frame: Any) -> None:
    found = pearson(frame, "kind", ["size", "noise"])
    assert found.scores[0].score < -0.8  # big is 0
    assert found.notes == ("kind as numbers: big is 0, small is 1",)


def test_what_holds_no_numbers_or_one_value_alone_is_left_out(frame: Any) -> None:
    found = pearson(frame, "kind")
    assert {score.feature for score in found.scores} == {"size", "noise", "minus", "price"}
    assert "word left out: no numbers" in found.notes
    assert "same left out: the same value in each row" in found.notes


def test_chi_squared_leaves_out_what_is_below_zero(frame: Any) -> None:
    found = chi2(frame, "kind", ["size", "minus"])
    assert [score.feature for score in found.scores] == ["size"]
    assert "minus left out: values below zero" in found.notes
    p_value = found.scores[0].p_value
    assert p_value is not None
    assert p_value < 1e-6


def test_rows_with_gaps_are_left_out(frame: Any) -> None:
    frame.loc[0, "size"] = None
    found = pearson(frame, "price", ["size"])
    assert found.rows == 39
    assert found.notes == ("left out 1 row with missing values",)


@pytest.mark.parametrize("metric", ["mae", "rmse", "rae", "rse", "r2"])
def test_metrics_of_a_number(metric: str, frame: Any) -> None:
    """The price is a line of the size, so that only shuffling the size makes a model miss it."""
    found = permutation(frame, "price", ["size", "noise"], options=PermutationOptions(metric))
    assert found.metric == metric
    assert found.baseline == pytest.approx(1.0 if metric == "r2" else 0.0, abs=1e-9)
    assert found.scores[0].feature == "size"
    assert found.scores[0].score > 0.5
    assert found.scores[1].score == pytest.approx(0, abs=1e-9)


def test_subsets_are_counted_before_they_are_tried(frame: Any) -> None:
    assert count_subsets(8) == 255
    assert count_subsets(8, 2) == 36
    seen: list[tuple[int, int]] = []
    best = best_subsets(frame, "kind", ["size", "noise", "minus"], at_most=2, progress=lambda *at: seen.append(at))
    assert seen == [(number, 6) for number in range(1, 7)]
    assert len(best) == 6
    assert best[-1].features == ("noise",)
    assert best[0].score > best[-1].score
    assert "chance" in OVERFITTING


def test_too_many_subsets_are_refused_with_their_number(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = [f"c{i}" for i in range(20)]
    rows = [",".join(str((i * j) % 3) for j in range(1, 21)) + f",{i % 2}" for i in range(10)]
    path.write_text(",".join([*names, "y"]) + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        best_subsets(pd.read_csv(path), "y")
    assert "subsets, and at most 5,000 are tried" in caught.value.detail


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda frame: pearson(frame, "Kind"), "Did you mean kind?"),
        (lambda frame: pearson(frame, "price", ["price"]), "the target and can't be a feature"),
        (lambda frame: pearson(frame, "price", ["word"]), "word holds no numbers"),
        (lambda frame: pearson(frame, "same"), "the same value in each row"),
        (lambda frame: chi2(frame, "price", ["size"]), "chi-squared compares classes"),
        (lambda frame: chi2(frame, "kind", ["minus"]), "below zero"),
        (lambda frame: permutation(frame, "kind", options=PermutationOptions("r2")), "r2 is no metric of classes"),
        (
            lambda frame: permutation(frame, "price", options=PermutationOptions("recall")),
            "recall is no metric of numbers",
        ),
        (lambda frame: permutation(frame, "kind", options=PermutationOptions(test=1.5)), "between 0 and 1"),
        (lambda frame: pearson(frame[["word", "price"]], "price"), "No column but the target"),
        (lambda frame: pearson(frame, "kind", task=Task.REGRESSION), "kind holds no numbers"),
    ],
)
def test_what_cannot_be_scored_is_told(call: Any, words: str, frame: Any) -> None:
    with pytest.raises(ServiceError) as caught:
        call(frame)
    assert words in caught.value.detail


def test_a_package_that_is_missing() -> None:
    with pytest.raises(MachineError) as caught:
        features_table.require("a-package-that-nobody-has")
    assert "lapis-workbench[features]" in caught.value.advice


def test_a_task_decides_what_the_target_is_taken_for(frame: Any) -> None:
    assert "chi-squared compares classes" in caught_by(lambda: chi2(frame, "price", ["size"]))
    assert len(chi2(frame, "price", ["size"], Task.CLASSIFICATION).scores) == 1
    assert permutation(frame, "noise", ["size"]).metric == "accuracy"
    assert permutation(frame, "noise", ["size"], Task.REGRESSION).metric == "r2"


def caught_by(call: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.detail


def test_permutation_tells_how_far_it_is(frame: Any) -> None:
    told: list[tuple[int, int]] = []
    permutation(
        frame, "kind", ["size", "noise"], options=PermutationOptions(repeats=3), progress=lambda *at: told.append(at)
    )
    assert told == [(number, 6) for number in range(1, 7)]
