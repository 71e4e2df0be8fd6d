"""Drift in words, the order in which columns are told, and how their rows are spread."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.drift import by_drift, drift_word, ks_bound
from services.entities.tables import ColumnDifference, Share, TableDifference
from services.tables.differences import OTHERS, difference
from services.tables.opening import open_table


async def compared(tmp_path: Path, before: str, after: str) -> TableDifference:
    for name, text in (("1.csv", before), ("2.csv", after)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    async with open_table(tmp_path / "1.csv") as first, open_table(tmp_path / "2.csv") as second:
        return await difference(first, second, exact=True)


async def test_rows_are_spread_over_ranges_and_values(tmp_path: Path) -> None:
    before = "n,few,word,day\n" + "".join(f"{n},{n % 2},w{n % 3},2024-01-{n % 9 + 1:02}\n" for n in range(120))
    after = "n,few,word,day\n" + "".join(f"{n + 60},3,w{n % 20},2024-01-09\n" for n in range(120))
    n, few, word, day = (await compared(tmp_path, before, after)).columns
    assert [sum(share.before for share in column.shares) for column in (n, few, word, day)] == [120] * 4
    assert [sum(share.after for share in column.shares) for column in (n, few, word, day)] == [120] * 4
    assert (n.shares[0].before, n.shares[0].after, n.shares[-1].before) == (15, 0, 0)
    assert n.shares[0].label == "0 … 14.92"
    assert few.shares == (Share("0", 60, 0), Share("1", 60, 0), Share("2", 0, 0), Share("3", 0, 120))
    assert (word.shares[0], word.shares[-1].label) == (Share("w0", 40, 6), OTHERS)
    assert drift_word(word.psi) == "shift"
    assert day.ks is None or day.ks > 0.8


async def test_dates_drift_as_numbers_do(tmp_path: Path) -> None:
    import polars

    for name, start in (("1.parquet", 0), ("2.parquet", 300)):
        days = polars.Series("day", range(start, start + 1000)).cast(polars.Date)
        days.to_frame().write_parquet(tmp_path / name)
    async with open_table(tmp_path / "1.parquet") as first, open_table(tmp_path / "2.parquet") as second:
        (day,) = (await difference(first, second, exact=True)).columns
    assert day.ks == pytest.approx(0.3)
    assert day.shares[0].label.startswith("1970-01-01 … 1970-04-")
    assert (day.shares[0].before, day.shares[0].after) == (109, 0)


async def test_names_of_rows_have_no_drift(tmp_path: Path) -> None:
    before, after = ("name\n" + "".join(f"{kind}{n}\n" for n in range(200)) for kind in "ab")
    (name,) = (await compared(tmp_path, before, after)).columns
    assert (name.psi, name.ks) == (None, None)


async def test_a_sample_says_so_and_what_goes_on_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tables.table.SAMPLE", 640)
    import polars

    polars.DataFrame({"n": range(5_000)}).write_parquet(tmp_path / "n.parquet")
    async with open_table(tmp_path / "n.parquet") as first, open_table(tmp_path / "n.parquet") as second:
        found = await difference(first, second)
    assert found.is_sample
    assert (found.rows_before, found.rows_after) == (5_000, 5_000)
    assert found.compared == (640, 640)
    told: list[str] = []
    async with open_table(tmp_path / "n.parquet") as first, open_table(tmp_path / "n.parquet") as second:
        exact = await difference(first, second, lambda what, _done, _total: told.append(what), exact=True)
    assert not exact.is_sample
    assert list(dict.fromkeys(told)) == ["Reading the first table", "Reading the second table", "Comparing columns"]


@pytest.mark.parametrize(
    ("psi", "word"),
    [(None, ""), (0.0, "stable"), (0.0999, "stable"), (0.1, "moderate"), (0.25, "moderate"), (0.2501, "shift")],
)
def test_drift_in_words(psi: float | None, word: str) -> None:
    assert drift_word(psi) == word


async def test_what_to_look_at_comes_first(tmp_path: Path) -> None:
    before = "same,more,gone,kind\n" + "".join(f"{n % 7},{n},x,{n}\n" for n in range(100))
    after = "same,more,kind,new\n" + "".join(f"{n % 7},{n + 50},k{n},y\n" for n in range(100))
    columns = by_drift((await compared(tmp_path, before, after)).columns)
    assert [column.name for column in columns] == ["gone", "kind", "new", "more", "same"]
    assert ks_bound(columns[3]) == pytest.approx(0.1923, abs=1e-3)
    assert ks_bound(ColumnDifference("n", None, None)) is None
