"""Sorted and filtered views, search, and work that is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import polars
import pytest

from services.entities.tables import SortKey, TableQuery
from services.errors import NotFoundError, ServiceError
from services.expressions.parsing import ExpressionError
from services.tables.background import Background, Reporter, StoppedError
from services.tables.opening import open_table
from services.tables.table import Table
from tests.support.waiting import eventually


@pytest.fixture(params=["csv", "parquet"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A table of 40,000 rows, with gaps and many equal values."""
    rows = range(40_000)
    table = polars.DataFrame(
        {
            "n": rows,
            "group": [None if n % 5 == 4 else f"g{n % 5}" for n in rows],
            "value": [None if n % 1000 == 7 else n * 7919 % 40_000 / 2 for n in rows],
        }
    )
    path = tmp_path / f"t.{request.param}"
    table.write_csv(path) if request.param == "csv" else table.write_parquet(path, row_group_size=5_000)
    return path


async def test_a_sort_is_stable_and_has_what_is_missing_last(place: Path) -> None:
    async with open_table(place) as table:
        view = await table.view(TableQuery(sort=(SortKey("group", descending=True), SortKey("n", descending=True))))
        page = await view.page(0, 2)
        assert [row[:2] for row in page.rows] == [("39998", "g3"), ("39993", "g3")]
        assert page.numbers == (39_998, 39_993)
        assert page.total_rows == 40_000
        by_group = await table.view(TableQuery(sort=(SortKey("group"),)))
        assert (await by_group.page(7_999, 3)).numbers == (39_995, 1, 6)
        assert (await by_group.page(39_999, 5)).rows[0][:2] == ("39999", None)


async def test_a_filtered_view_is_sorted_and_paged(place: Path) -> None:
    async with open_table(place) as table:
        view = await table.view(TableQuery("group == 'g1' and value < 100", (SortKey("value"),)))
        values = [n * 7919 % 40_000 / 2 for n in range(40_000) if n % 5 == 1 and n % 1000 != 7]
        expected = sorted(value for value in values if value < 100)
        assert await view.count() == len(expected)
        page = await view.page(3, 4, ["value"])
        assert [row[0] for row in page.rows] == [repr(value) for value in expected[3:7]]
        assert (await view.page(len(expected), 4)).rows == ()
        assert (await view.page(0, 2, ["n"])).columns == ("n",)


async def test_a_search_goes_on_from_a_row_of_the_view(place: Path) -> None:
    async with open_table(place) as table:
        all_rows = await table.view(TableQuery())
        assert await all_rows.find("G3", 0) == 3
        assert await all_rows.find("g3", 4) == 8
        assert await all_rows.find("g3", 8, backwards=True) == 3
        assert await all_rows.find("39999", columns=["n"]) == 39_999
        assert await all_rows.find(".*") is None
        turned = await table.view(TableQuery(sort=(SortKey("n", descending=True),)))
        assert await turned.find("39998") == 1
        assert await turned.find("g0", 2) == 4


async def test_a_text_is_searched_once_however_often_one_steps(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    polars.DataFrame({"n": ["ab", "b", "ac", "A"]}).write_parquet(path)
    async with open_table(path) as table:
        view = await table.view(TableQuery())
        assert await view.find("a") == 0
        path.unlink()
        assert [await view.find("a", 1), await view.find("a", 3, backwards=True), await view.find("a", 4)] == [
            2,
            2,
            None,
        ]
        with pytest.raises(ServiceError):
            await view.find("b")


async def test_what_is_not_there_is_told(place: Path) -> None:
    async with open_table(place) as table:
        with pytest.raises(NotFoundError, match="no column named nobody"):
            await table.view(TableQuery(sort=(SortKey("nobody"),)))
        with pytest.raises(ExpressionError, match="no column nobody"):
            await table.view(TableQuery("nobody > 1"))
        assert await (await table.view(TableQuery("n < 2"))).count() == 2


class Gate:
    """Work that waits until it is let go, or stopped."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.stopped = 0

    def __call__(self, reporter: Reporter) -> str:
        self.begun.set()
        try:
            while not self.go.wait(0.005):
                reporter.step(1, 2)
        except StoppedError:
            self.stopped += 1
            raise
        return "done"


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Closed; opened at the end so that no thread stays."""
    gate = Gate()
    yield gate
    gate.go.set()


async def test_work_that_nobody_waits_for_stops_and_can_be_wanted_again(gate: Gate) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as executor:
        work = Background(executor, gate)
        first, second = asyncio.ensure_future(work.result()), asyncio.ensure_future(work.result())
        await eventually(gate.begun.is_set)
        first.cancel()
        await asyncio.wait({first})
        assert gate.stopped == 0
        second.cancel()
        await asyncio.wait({second})
        await eventually(lambda: gate.stopped == 1)
        assert work.value is None
        third = asyncio.ensure_future(work.result())
        gate.go.set()
        assert await third == "done"
        assert work.value == "done"


async def test_a_cancelled_call_of_a_table_ends_its_work(place: Path, gate: Gate) -> None:
    async with open_table(place) as table:
        call = asyncio.ensure_future(table.run(gate))
        await eventually(gate.begun.is_set)
        call.cancel()
        await asyncio.wait({call})
        await eventually(lambda: gate.stopped == 1)
        assert (await table.page(0, 1)).rows


async def test_closing_stops_what_is_going_on_and_leaves_nothing(place: Path, gate: Gate) -> None:
    table: Table = open_table(place)
    folder = table.folder
    await table.frame()
    call = asyncio.ensure_future(table.run(gate))
    await eventually(gate.begun.is_set)
    await table.close()
    assert gate.stopped == 1
    assert not folder.exists()
    with pytest.raises(StoppedError):
        await call


async def test_a_query_of_polars_is_stopped_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter()
    reporter.stop()
    numbers = polars.LazyFrame({"n": range(2_000)})
    crossed = numbers.join(numbers, how="cross").select(polars.col("n").sin().sum())
    with pytest.raises(StoppedError):
        await asyncio.to_thread(reporter.collect, crossed)
    assert capfd.readouterr() == ("", "")


async def test_a_packed_text_is_unpacked_once_for_all_who_read_it(tmp_path: Path) -> None:
    import gzip

    lines = "n\n" + "".join(f"{n}\n" for n in range(300_000))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(lines.encode(), 1))
    async with open_table(tmp_path / "t.csv.gz") as table:
        view, page, count = await asyncio.gather(
            table.view(TableQuery("n >= 299998")), table.page(299_999, 5), table.count()
        )
        assert (await view.count(), page.rows, count) == (2, (("299999",),), 300_000)


async def test_an_index_that_was_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.tables import plain_text, records

    monkeypatch.setattr(plain_text, "FIRST", 100)
    monkeypatch.setattr(records, "STRIDE", 200)
    (tmp_path / "t.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(60_000)), encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        for _ in range(5):
            told: list[int] = []
            counting = asyncio.ensure_future(table.count(lambda done, _: told.append(done)))  # noqa: B023 - awaited here
            await eventually(lambda: counting.done() or max(told, default=0))  # noqa: B023
            counting.cancel()
            await asyncio.wait({counting})
        assert (await table.page(59_999, 2)).rows == (("59999",),)
        assert await table.count() == 60_000


async def test_a_schema_of_what_was_looked_at(tmp_path: Path) -> None:
    polars.DataFrame({"n": [None, 1.5, float("nan")] * 1_000}).write_parquet(tmp_path / "t.parquet")
    async with open_table(tmp_path / "t.parquet") as table:
        schema = await table.schema()
        assert (schema.rows_read, schema.total_rows, schema.is_exact) == (1_000, 3_000, False)
        assert (schema.columns[0].type, schema.columns[0].nulls) == ("float64", 667)
