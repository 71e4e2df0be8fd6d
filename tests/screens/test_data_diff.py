"""Two tables compared: what changed first, drift in words, a sample before all rows."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from screens.data_diff import DataDiffScreen
from screens.drift_texts import short_name, sources_of, subject_of
from screens.places import Place
from services.errors import TransientError
from services.tables.table import Table
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer, grid_of, move_to, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")

OLD, NEW = "azureml:patients:1", "azureml:patients:2"


@pytest.fixture
def workspace(tmp_path: Path) -> FakeWorkspace:
    """Two versions of a table: a column gone, one new, one of another type, some that drift."""
    workspace = FakeWorkspace()
    rows = range(400)
    tables = {
        OLD: "id,Age,BMI,City,Notes,Weight\n"
        + "".join(f"{n},{21 + n % 50},{20 + n % 13}.5,c{n % 4},x,{60 + n % 9}\n" for n in rows),
        NEW: "id,Age,BMI,City,Weight,Site\n"
        + "".join(
            f"{n},{31 + n % 50},{20 + n % 13}.5,c{n % 3},{60 + n % 9}.0,{'' if n % 5 else 'ward'}\n" for n in rows
        ),
    }
    for source, text in tables.items():
        path = tmp_path / f"{source.rpartition(':')[2]}.csv"
        path.write_text(text, encoding="utf-8")
        workspace.tables.files[source] = path
    return workspace


def screen_of(workspace: FakeWorkspace, *sources: str) -> DataDiffScreen:
    return DataDiffScreen(Place("data-diff", " ".join(sources or (OLD, NEW))), tables=workspace.tables)


async def test_what_changed(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        assert [row.key for row in grid_of(pilot).rows] == ["Notes", "Weight", "Site", "City", "Age", "id", "BMI"]
        await move_to(pilot, "Age")
        await screen_snapshot(pilot)


async def test_while_they_are_read(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("tables.open")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await settle(pilot)
        assert shows(pilot, "+0 rows (400 → 400), +0 columns (6 → 6)")


async def test_one_that_can_t_be_read(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("tables.open", TransientError("The storage does not answer."))
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        workspace.mend("tables.open")
        await pilot.press("r")
        await settle(pilot)
        assert shows(pilot, "+0 rows")


async def test_one_table_alone_is_not_compared(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, OLD)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "A comparison needs two tables: azureml:patients:1.")


async def test_a_sample_first_then_all_rows_on_request(
    workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen_snapshot: ScreenSnapshot
) -> None:
    import polars

    monkeypatch.setattr("services.tables.table.SAMPLE", 640)
    for source in (OLD, NEW):
        path = tmp_path / f"{source[-1]}.parquet"
        polars.DataFrame({"n": range(2_000 * int(source[-1]))}).write_parquet(path)
        workspace.tables.files[source] = path
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "in a sample of 640 rows"))
        await screen_snapshot(pilot)
        await pilot.press("e")
        await settle(pilot)
        assert shows(pilot, "all rows compared")
        assert shows(pilot, "0 … 333.2")
        await pilot.press("x")
        await settle(pilot)
        assert app.moved[-1].subject == f"{NEW} {OLD}"
        assert shows(pilot, "-2,000 rows (4,000 → 2,000)")
        assert shows(pilot, "all rows compared")
        assert len(workspace.called("tables.open")) == 2, "each table is opened once"


async def test_comparing_stops_at_the_key(workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from services.tables import differences

    screen = screen_of(workspace)
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        ended: list[bool] = []

        async def endless(*args: object, **more: object) -> None:
            args[2]("Reading the first table", 1, 4)  # type: ignore[operator]
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        monkeypatch.setattr(differences, "difference", endless)
        await pilot.press("x")
        await eventually(lambda: shows(pilot, "Reading the first table 25 %, esc stops"))
        assert shows(pilot, "Weight"), "what is known stays"
        await pilot.press("escape")
        await settle(pilot)
        assert ended == [True]
        assert not shows(pilot, "Reading the first table")
        assert shows(pilot, "3 schema changes")


async def test_both_tables_are_closed_when_it_is_left(
    workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    close = Table.close

    async def noted(table: Table) -> None:
        closed.append(table.name)
        await close(table)

    monkeypatch.setattr(Table, "close", noted)
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert sorted(closed) == ["1.csv", "2.csv"], "read again, they are opened anew"
    assert sorted(closed) == ["1.csv", "1.csv", "2.csv", "2.csv"]


async def test_keys(workspace: FakeWorkspace, tmp_path: Path) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await eventually(lambda: app.screen is not app.first and shows(pilot, "Open which table"))
        await pilot.press("down", "enter")
        await eventually(lambda: app.opened == [Place("table", NEW)])
        await pilot.press("slash", *"shift", "enter")
        await settle(pilot)
        assert [row.key for row in grid_of(pilot).rows] == ["City", "Age"]
        await pilot.press("E")
        await answer(pilot, str(tmp_path / "out.csv"))
        await settle(pilot)
        rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
        assert [(row["column"], row["drift"]) for row in rows] == [("City", "shift"), ("Age", "shift")]


async def test_hostile_names_are_shown_not_obeyed(workspace: FakeWorkspace, tmp_path: Path) -> None:
    name = HOSTILE.replace('"', "").replace("\n", " ")
    workspace.tables.files[OLD].write_text(f'"{name}",b\n1,2\n', encoding="utf-8")
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "[bold red]x[/]" in text_of(pilot)
        assert "\x1b" not in text_of(pilot)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("azureml:d:1", "d:1"),
        ("azureml://datastores/s/paths/a/b.csv", "b.csv"),
        ("/data/my table.csv", "my table.csv"),
        ("https://h/x.csv?sig=secret", "x.csv"),
    ],
)
def test_names_of_sources(source: str, name: str) -> None:
    assert short_name(source) == name
    assert sources_of(subject_of(source, "azureml:d@latest")) == (source, "azureml:d@latest")
