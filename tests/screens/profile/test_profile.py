"""The profile of a table: a sample first, all rows when asked, each column in full."""

from __future__ import annotations

import asyncio
from pathlib import Path

import polars
import pytest

from screens.places import Place
from screens.profile.screen import ProfileScreen
from screens.profile.texts import bar, flags, number, share, spark
from screens.wrangle import drafts
from services.entities.tables import ColumnProfile, HistogramBin
from services.errors import AccessError
from services.tables import table as tables
from services.wrangling.steps import Drop
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import grid_of, move_to, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

SOURCE = "azureml:people:1"


@pytest.fixture
def people(workspace: FakeWorkspace, tmp_path: Path) -> Path:
    """Two hundred rows: a name of rows, a number, gaps, a constant, a rare class, what goes with the number."""
    rows = (
        f"{1000 + n % 198},{20 + n * 7 % 41},{'' if n % 8 == 3 else ('London', 'Paris', 'Rome')[n % 3]},"
        f"{2.5 * (n * 7 % 41):.1f},EUR,{'yes' if n % 20 == 7 else 'no'}"
        for n in range(200)
    )
    return workspace.tables.put(SOURCE, tmp_path / "people.csv", "id,age,city,income,currency,churned", *rows)


@pytest.fixture
def sampled(workspace: FakeWorkspace, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table as Parquet, of which 64 rows are a sample."""
    monkeypatch.setattr(tables, "SAMPLE", 64)
    workspace.tables.files[SOURCE] = people.with_suffix(".parquet")
    polars.read_csv(people).write_parquet(people.with_suffix(".parquet"))


def screen_of(workspace: FakeWorkspace, source: str = SOURCE, tab: str = "") -> ProfileScreen:
    return ProfileScreen(Place("profile", source, tab=tab), tables=workspace.tables)


async def test_columns_with_their_remarks_and_one_in_full(
    workspace: FakeWorkspace, people: Path, screen_snapshot: ScreenSnapshot, size: tuple[int, int]
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert shows(pilot, "! id-like 99 % distinct")
        assert shows(pilot, "! constant")
        await screen_snapshot(pilot, "id")
        await move_to(pilot, "age")
        await settle(pilot)
        await screen_snapshot(pilot, "number")
        await move_to(pilot, "churned")
        await settle(pilot)
        assert shows(pilot, "! imbalanced 5 %")
        await screen_snapshot(pilot, "class")


async def test_correlations_have_a_tab_that_the_filter_holds_for_too(
    workspace: FakeWorkspace, people: Path, screen_snapshot: ScreenSnapshot, size: tuple[int, int]
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("2")
        await settle(pilot)
        await screen_snapshot(pilot, "correlations")
        assert app.moved[-1].tab == "correlations"
        assert grid_of(pilot).rows[0].cells[:3] == ("age", "income", "+1.0000")
        await pilot.press("slash", *"inc id", "enter")
        await settle(pilot)
        assert [row.cells[:2] for row in grid_of(pilot).rows] == [("id", "income")]
        await pilot.press("escape", "1")
        await settle(pilot)
        assert grid_of(pilot).row_count == 6


async def test_a_sample_first_and_all_rows_when_asked(
    workspace: FakeWorkspace, sampled: None, screen_snapshot: ScreenSnapshot
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "a sample of 64 of 200 rows")
        await screen_snapshot(pilot, "sample")
        await pilot.press("e")
        await settle(pilot)
        assert shows(pilot, "all 200 rows")
        await pilot.press("e")  # there is no more to see
        await settle(pilot)
        assert len(workspace.called("tables.open")) == 1


async def test_esc_stops_a_look_at_all_rows_and_keys_stay_alive(
    workspace: FakeWorkspace, sampled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = screen_of(workspace)
    app = ScreenApp(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        ended = asyncio.Event()

        async def endless(*_: object, progress: object, **__: object) -> None:
            assert callable(progress)
            progress(43, 100)
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        assert screen.table is not None
        monkeypatch.setattr(screen.table, "profile", endless)
        await pilot.press("e")
        await eventually(lambda: shows(pilot, "43 %, esc stops"))
        await pilot.press("down")
        assert grid_of(pilot).cursor_key == "age"
        await pilot.press("escape")
        await eventually(ended.is_set)
        await settle(pilot)
        assert shows(pilot, "a sample of 64 of 200 rows")
        assert not app.left


async def test_keys_lead_to_the_table_the_recipe_the_scores_and_drop_a_column(
    workspace: FakeWorkspace, people: Path
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("p", "w", "f", "P", "x")
        await settle(pilot)
        assert app.opened == [Place(name, SOURCE) for name in ("table", "wrangle", "features", "privacy", "wrangle")]
        assert (await drafts.of(workspace.tables, SOURCE)).recipe.steps[-1] == Drop(["id"])


async def test_while_it_reads_and_when_it_can_not(
    workspace: FakeWorkspace,
    people: Path,
    screen_snapshot: ScreenSnapshot,
    size: tuple[int, int],
    still_cards: None,
) -> None:
    gate = workspace.slow("tables.open")
    workspace.fail("tables.open", AccessError("The key of workspaceblobstore was refused.", advice="Ask for access."))
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await eventually(lambda: shows(pilot, "Reading the columns"))
        await screen_snapshot(pilot, "loading", busy=True)
        gate.set()
        await settle(pilot)
        await screen_snapshot(pilot, "error")


async def test_an_empty_table_and_names_that_are_no_markup(workspace: FakeWorkspace, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("[red]a,\x1b[31mb\n", encoding="utf-8")
    app = ScreenApp(screen_of(workspace, str(path)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "[red]a")
        assert "\x1b[31mb" not in text_of(pilot)


def test_numbers_and_bars_in_words() -> None:
    assert [share(part) for part in (0.9956, 0.5, 0.00001, 0.99999, 0)] == [
        "99.6 %",
        "50 %",
        "<0.1 %",
        ">99.9 %",
        "0 %",
    ]
    assert [number(value) for value in (None, 30.1341, 1_234_567.0, 0.000012345)] == [
        "",
        "30.134",
        "1,234,567",
        "1.2345e-05",
    ]
    assert [bar(part, 4) for part in (0, 0.001, 0.5, 1)] == ["", "▏", "██", "████"]
    assert spark([HistogramBin(n, n + 1, count) for n, count in enumerate((0, 4, 8))]) == " ▅█"
    assert flags(ColumnProfile("x", "text", 3, 3, 0, is_constant=True)) == ["empty"]
