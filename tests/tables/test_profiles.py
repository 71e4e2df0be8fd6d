"""Profiles and differences, held to pandas and to what is published."""

from __future__ import annotations

import math
from pathlib import Path

import polars
import pytest

from services.entities.tables import ColumnProfile, TableProfile, ValueCount
from services.tables import table as tables
from services.tables.differences import difference, ks_of, psi_of_categories, psi_of_numbers
from services.tables.opening import open_table
from services.tables.profiles import column_profile


def of(profile: TableProfile, name: str) -> ColumnProfile:
    return next(column for column in profile.columns if column.name == name)


async def test_diabetes_as_it_is_known(shared_data: Path) -> None:
    async with open_table(shared_data / "diabetes.csv") as table:
        told: list[tuple[int, int]] = []
        profile = await table.profile(exact=True, progress=lambda done, total: told.append((done, total)))
    age, target = of(profile, "Age"), of(profile, "Diabetic")
    assert (age.minimum, age.maximum) == ("21", "77")
    assert age.mean == pytest.approx(30.13, abs=0.01)
    assert target.balance == pytest.approx(0.3344, abs=1e-4)
    assert [column.name for column in profile.columns if column.is_id] == ["PatientID"]
    assert not profile.is_sample
    pairs = {(pair.left, pair.right): pair.r for pair in profile.correlations}
    assert pairs["Pregnancies", "Diabetic"] == pytest.approx(0.4052, abs=1e-4)
    assert told[-1][0] == told[-1][1]
    assert len(profile.correlations) == 45


async def test_a_profile_is_that_of_pandas(shared_data: Path) -> None:
    pandas = pytest.importorskip("pandas")
    theirs = pandas.read_csv(shared_data / "titanic.csv")
    async with open_table(shared_data / "titanic.csv") as table:
        profile = await table.profile(exact=True)
    for column in profile.columns:
        series = theirs[column.name]
        assert column.nulls == series.isna().sum()
        assert column.distinct == series.nunique()
        if pandas.api.types.is_numeric_dtype(series):
            assert column.mean == pytest.approx(series.mean())
            assert column.std == pytest.approx(series.std())
            for share, value in column.quantiles.items():
                assert value == pytest.approx(series.quantile(share))
            assert sum(part.count for part in column.histogram) == series.notna().sum()
    assert of(profile, "Sex").top == (ValueCount("male", 577), ValueCount("female", 314))
    assert [column.name for column in profile.columns if column.is_id] == ["PassengerId", "Name"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], {"is_constant": True, "distinct": 0, "mean": None}),
        ([None, None], {"is_constant": True, "nulls": 2, "minimum": None}),
        ([3, 3, None], {"is_constant": True, "distinct": 1, "std": 0.0}),
        ([1, 2, 3], {"is_id": True, "balance": None}),
        ([1, 1, 1, 2, None], {"is_id": False, "balance": 0.25}),
        ([7, 5, None, 7], {"top": (ValueCount("7", 2), ValueCount("5", 1)), "distinct": 2}),
        ([1, 2, None], {"is_id": False}),
        ([*range(96), 0, 1, 2, 3], {"is_id": True}),
        ([*range(95), 0, 1, 2, 3, 4], {"is_id": False}),
        ([1.5, 2.5], {"is_id": False, "balance": None}),
        ([1.0, math.inf], {"mean": None, "std": None, "maximum": "inf"}),
        (["b", "a", "b"], {"minimum": "a", "maximum": "b", "top": (ValueCount("b", 2), ValueCount("a", 1))}),
        ([[1], [2]], {"distinct": 0, "top": ()}),
    ],
)
def test_odd_columns(values: list[object], expected: dict[str, object]) -> None:
    profile = column_profile(polars.Series("x", values, strict=False))
    assert {key: getattr(profile, key) for key in expected} == expected


def test_a_histogram_counts_each_value_once() -> None:
    profile = column_profile(polars.Series("x", list(range(100))))
    assert [part.count for part in profile.histogram] == [5] * 20
    assert (profile.histogram[0].low, profile.histogram[-1].high) == (0.0, 99.0)


async def test_a_large_table_is_estimated_from_all_over_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.tables import plain_text, records

    monkeypatch.setattr(tables, "SAMPLE", 2_000)
    monkeypatch.setattr(plain_text, "FIRST", 1_000)
    monkeypatch.setattr(records, "STRIDE", 1_000)
    polars.DataFrame({"n": range(50_000)}).write_csv(tmp_path / "t.csv")
    polars.DataFrame({"n": range(50_000)}).write_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        async with open_table(tmp_path / name) as table:
            profile = await table.profile()
            assert profile.is_sample
            assert 1_000 < profile.rows < 10_000
            assert profile.total_rows == 50_000
            assert of(profile, "n").mean == pytest.approx(25_000, rel=0.1)
            assert not (await table.profile(exact=True)).is_sample


async def test_two_versions_are_compared_column_by_column(tmp_path: Path) -> None:
    before, after = tmp_path / "1.csv", tmp_path / "2.csv"
    before.write_text("a,b,c\n" + "".join(f"{n},x,{n % 2}\n" for n in range(100)), encoding="utf-8")
    after.write_text("a,c,d\n" + "".join(f"{n + 50},{n % 2}.5,new\n" for n in range(80)) + ",1,new\n", encoding="utf-8")
    async with open_table(before) as first, open_table(after) as second:
        found = await difference(first, second)
    assert (found.rows_before, found.rows_after) == (100, 81)
    a, b, c, d = found.columns
    assert (a.name, a.changes[:2]) == ("a", ("type int64 → float64", "missing 0 → 1"))
    assert a.ks == pytest.approx(0.5)
    assert a.psi is not None
    assert a.psi > 0.25
    assert (b.changes, b.after) == (("gone",), None)
    assert "range 0 … 1 → 0.5 … 1.5" in c.changes
    assert (d.changes, d.before) == (("new",), None)


async def test_a_table_doesn_t_differ_from_itself(shared_data: Path) -> None:
    async with open_table(shared_data / "titanic.csv") as table:
        found = await difference(table, table)
    assert all(not column.changes and not column.psi and not column.ks for column in found.columns)


def test_drift_by_hand() -> None:
    before, after = polars.Series(["a"] * 50 + ["b"] * 50), polars.Series(["a"] * 25 + ["b"] * 75)
    assert psi_of_categories(before, after) == pytest.approx(-0.25 * math.log(0.5) + 0.25 * math.log(1.5))
    numbers = polars.Series(range(1000))
    assert psi_of_numbers(numbers, numbers) == 0
    assert psi_of_numbers(numbers, numbers + 1000) > 5
    assert ks_of(polars.Series([1, 2, 3, 4]), polars.Series([3, 4, 5, 6])) == pytest.approx(0.5)
    assert ks_of(polars.Series([1.0]), polars.Series([2.0])) == 1.0
