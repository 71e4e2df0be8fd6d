"""What columns are taken for, how they become numbers, and what the guardrails say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.automl.components import build
from services.automl.featurization import Featurization, Imputation, Imputer, Mode, Purpose, features, featurizer
from services.automl.guardrails import Outcome, check_target, guardrails
from services.errors import NotFoundError, UserError

pd: Any = pytest.importorskip("pandas")

AUTO = Featurization()


def purposes(frame: Any, settings: Featurization = AUTO) -> dict[str, Purpose]:
    return {one.name: one.purpose for one in features(frame, "kind", settings)}


def made(frame: Any, settings: Featurization = AUTO, **more: Any) -> Any:
    rows = frame.drop(columns="kind")
    return build(featurizer(features(frame, "kind", settings), settings, **more)).fit(rows, frame["kind"])


def names(frame: Any, settings: Featurization = AUTO) -> list[str]:
    return [str(name) for name in made(frame, settings).get_feature_names_out()]


def test_each_column_has_its_purpose(table: Any) -> None:
    assert purposes(table) == {
        "id": Purpose.IGNORE,
        "size": Purpose.NUMERIC,
        "colour": Purpose.CATEGORICAL,
        "code": Purpose.CATEGORICAL_HASH,
        "note": Purpose.TEXT,
        "when": Purpose.DATE_TIME,
        "same": Purpose.IGNORE,
        "price": Purpose.NUMERIC,
    }


def test_each_purpose_has_its_transformer(table: Any) -> None:
    found = made(table).transform(table.drop(columns="kind"))
    assert not pd.isna(found).any()
    columns = names(table.drop(columns="note"))
    for name in (
        "numbers_with_gaps__size",
        "numbers_with_gaps__missingindicator_size",
        "numbers__price",
        "categories__colour_red",
        "hashed__code_hash_0",
        "dates__when_month",
    ):
        assert name in columns
    assert not [name for name in columns if "id" in name.split("__")[1].split("_") or "same" in name]


def test_values_that_training_never_saw_do_no_harm(table: Any) -> None:
    fitted = made(table)
    strange = table.drop(columns="kind").head(2).assign(colour=["pink", None], code=["?", None], note=None, when="soon")
    assert not pd.isna(fitted.transform(strange)).any()


def test_blocked_transformers_are_not_used(table: Any) -> None:
    rows = table.drop(columns="note")
    assert "categories__colour" in names(rows, Featurization(blocked=("OneHotEncoder", "hash_one_hot_encoder")))
    none = Featurization(blocked=("OneHotEncoder", "LabelEncoder", "HashOneHotEncoder"))
    assert not [name for name in names(rows, none) if "colour" in name or "code" in name]
    plain = made(table, Featurization(blocked=("TfIdf",))).transform(table.drop(columns="kind"))
    assert (plain.round() == plain)[:, -1024 - 8 : -8].all()  # words are counted, not weighed


def test_gaps_are_filled_as_it_is_set(table: Any) -> None:
    settings = Featurization(Mode.CUSTOM, imputations=(Imputation(("size",), Imputer.CONSTANT, -7.0),))
    found = made(table, settings).transform(table.drop(columns="kind"))
    assert found[0, 0] == -7
    median = Featurization(Mode.CUSTOM, imputations=(Imputation(("size",), Imputer.MEDIAN),))
    assert made(table, median).transform(table.drop(columns="kind"))[0, 0] == table["size"].median()


def test_a_purpose_can_be_set(table: Any) -> None:
    settings = Featurization(Mode.CUSTOM, {"id": Purpose.NUMERIC, "note": Purpose.IGNORE})
    assert (purposes(table, settings)["id"], purposes(table, settings)["note"]) == (Purpose.NUMERIC, Purpose.IGNORE)
    with pytest.raises(NotFoundError, match="colr"):
        features(table, "kind", Featurization(Mode.CUSTOM, {"colr": Purpose.TEXT}))


def test_with_featurization_off_numbers_stay_as_they_are_and_texts_are_refused(table: Any) -> None:
    off = Featurization(Mode.OFF)
    with pytest.raises(UserError, match="colour, code, note, when, same hold no numbers"):
        features(table, "kind", off)
    numbers = table[["size", "price", "kind"]]
    found = made(numbers, off).transform(numbers.drop(columns="kind"))
    assert pd.DataFrame(found).equals(numbers.drop(columns="kind").set_axis([0, 1], axis=1))


def test_a_table_of_identifiers_tells_nothing(table: Any) -> None:
    with pytest.raises(UserError, match="No column tells anything"):
        features(table[["id", "same", "kind"]], "kind", AUTO)


def test_guardrails_of_a_table_with_gaps(table: Any) -> None:
    table.loc[0, "kind"] = None
    found = {one.name: one for one in guardrails("classification", table["kind"], features(table, "kind", AUTO), AUTO)}
    gaps = found["Missing feature values imputation"]
    assert (gaps.outcome, gaps.columns, gaps.detail) == (Outcome.DONE, ("size",), "missing and filled: size 11")
    ids = found["High cardinality feature detection"]
    assert (ids.outcome, ids.columns) == (Outcome.DONE, ("id", "same", "code"))
    assert "id is left out: nearly each row has a value of its own" in ids.detail
    assert found["Missing target values"].detail == "1 row is left out"
    assert found["Class balancing detection"].outcome == Outcome.PASSED


def test_classes_out_of_balance_are_told() -> None:
    target = pd.Series(["yes"] * 5 + ["no"] * 95, name="fraud")
    found = guardrails("classification", target, (), AUTO)[-1]
    assert (found.outcome, found.detail) == (
        Outcome.ALERTED,
        "the classes are out of balance, which accuracy hides: no 95%, yes 5%",
    )


def test_guardrails_of_the_diabetes_table(shared_data: Path) -> None:
    table = pd.read_csv(shared_data / "diabetes.csv")
    found = {
        one.name: one
        for one in guardrails("classification", table["Diabetic"], features(table, "Diabetic", AUTO), AUTO)
    }
    assert found["Missing feature values imputation"].outcome == Outcome.PASSED
    assert found["High cardinality feature detection"].columns == ("PatientID",)
    assert found["Class balancing detection"].detail == "the classes are in balance: 0 67%, 1 33%"


@pytest.mark.parametrize(
    ("task", "values", "said"),
    [
        ("classification", ["a"] * 9, "the same value in each row"),
        ("classification", [None] * 9, "no value"),
        ("classification", ["a"] * 8 + ["b"], "The class b of t has 1 row; 5 are needed"),
        ("classification", list(range(500)), "500 different values"),
        ("regression", ["1", "2"] * 5, "holds no numbers"),
        ("regression", [True, False] * 5, "holds no numbers"),
    ],
)
def test_targets_that_no_model_can_learn_are_refused(task: str, values: list[Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        check_target(task, pd.Series(values, name="t"), 5)
