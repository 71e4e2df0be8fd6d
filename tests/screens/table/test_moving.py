"""Far rows, the end, filters, sorts, searches and columns of a table: by keys, and what is on the screen then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.places import Place
from services.tables.table import Table
from services.tables.text_table import TextTable
from tests.screens.table.conftest import ROWS, screen_of
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import grid_of, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually


def names_of(pilot: Pilot[Any]) -> list[str]:
    """The columns in view order."""
    return [column.label for column in grid_of(pilot).columns]


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text lies elsewhere: nothing is counted before it is asked for."""
    monkeypatch.setattr(Table, "is_remote", property(lambda self: True))


async def type_line(pilot: Pilot[Any], key: str, text: str) -> None:
    """Answer the line below the table."""
    await pilot.press(key, *text, "enter")
    await settle(pilot)


async def test_any_row_by_its_number_and_none_beyond_the_last(workspace: FakeWorkspace, large: str) -> None:
    async with ScreenApp(screen_of(workspace, large)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, f"{ROWS:,} rows")
        await type_line(pilot, "number_sign", "25,000")
        assert grid_of(pilot).cursor_key == "24999"
        assert shows(pilot, "person 5053")
        await type_line(pilot, "number_sign", "30001")
        assert shows(pilot, "There is no row 30,001: the last is 30,000.")
        await pilot.press("escape", "ctrl+end")
        await settle(pilot)
        assert shows(pilot, f"person {(ROWS - 1) % 9973}")
        await pilot.press("ctrl+home")
        await settle(pilot)
        assert shows(pilot, "person 0")


@pytest.mark.usefixtures("far")
async def test_an_end_that_is_not_known_is_come_to(workspace: FakeWorkspace, large: str) -> None:
    async with ScreenApp(screen_of(workspace, large)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "rows and more")
        known = grid_of(pilot).row_count
        assert known < ROWS
        await type_line(pilot, "number_sign", str(known))
        assert grid_of(pilot).row_count > known, "it reads on where its known end comes near"
        await pilot.press("ctrl+end")
        await settle(pilot)
        assert grid_of(pilot).cursor_key == str(ROWS - 1)
        assert shows(pilot, f"{ROWS:,} rows")
        assert shows(pilot, f"person {(ROWS - 1) % 9973}")


@pytest.mark.usefixtures("far")
async def test_a_row_beyond_an_unknown_end(workspace: FakeWorkspace, large: str) -> None:
    async with ScreenApp(screen_of(workspace, large)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_line(pilot, "number_sign", "5000000")
        assert shows(pilot, "There is no row 5,000,000: the last is 30,000.")
        assert grid_of(pilot).cursor_key == "0"


async def test_rows_that_have_not_come_are_dots_and_keys_go_on(
    workspace: FakeWorkspace, large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    page = TextTable.page

    async def slow(self: TextTable, offset: int, *args: Any) -> Any:
        if offset:
            await gate.wait()
        return await page(self, offset, *args)

    monkeypatch.setattr(TextTable, "page", slow)
    async with ScreenApp(screen_of(workspace, large)).run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "person 1"))
        await pilot.press("ctrl+end", "up", "up")
        await eventually(lambda: "› 29,998" in text_of(pilot))
        assert "·" in text_of(pilot)
        assert not shows(pilot, "person")
        gate.set()
        await settle(pilot)
        assert shows(pilot, f"person {(ROWS - 3) % 9973}")


async def test_a_filter_is_kept_in_the_place_and_taken_away(
    workspace: FakeWorkspace, passengers: str, screen_snapshot: ScreenSnapshot
) -> None:
    app = ScreenApp(screen_of(workspace, passengers))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ampersand", *"Age > 25 and Sur")
        await settle(pilot)
        await pilot.press("tab", *" ==")
        await pilot.press("enter")
        await screen_snapshot(pilot, "fault")
        await pilot.press(*" 1", "enter")
        await settle(pilot)
        await screen_snapshot(pilot, "filtered")
        assert app.moved[-1] == Place("table", passengers, filter="Age > 25 and Survived == 1")
        await pilot.press("R")
        await eventually(lambda: shows(pilot, "Row 1, row 2 of the file"))
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert app.moved[-1] == Place("table", passengers)
        assert grid_of(pilot).row_count == 7


async def test_a_filter_of_no_row_and_of_no_column(workspace: FakeWorkspace, passengers: str) -> None:
    async with ScreenApp(screen_of(workspace, passengers)).run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        await type_line(pilot, "ampersand", "Age > 99")
        assert shows(pilot, "0 of 7 rows")
        assert shows(pilot, "esc shows all")
        await pilot.press("ampersand", "ctrl+u", *"Agee > 1", "enter")
        await settle(pilot)
        assert shows(pilot, "Agee")
        assert shows(pilot, "0 of 7 rows"), "the rows of before stay"
        await pilot.press("ampersand", "ctrl+u", *"__import__('os')", "enter")
        await settle(pilot)
        assert shows(pilot, "__import__")
        assert shows(pilot, "^")


async def test_a_place_opens_with_its_filter_and_row(workspace: FakeWorkspace, passengers: str) -> None:
    screen = screen_of(workspace, passengers, tab="2", filter_="Survived == 0")
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "4 of 7 rows: Survived == 0")
        assert grid_of(pilot).cursor_key == "2"


async def test_sorts_add_up_turn_and_go(workspace: FakeWorkspace, passengers: str) -> None:
    async with ScreenApp(screen_of(workspace, passengers)).run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        await pilot.press("right", "S")
        await settle(pilot)
        assert shows(pilot, "sorted by Survived descending")
        await pilot.press("right", "right", "a")
        await settle(pilot)
        assert names_of(pilot)[1] == "Survived ↓1"
        assert names_of(pilot)[3] == "Age ↑2"
        assert grid_of(pilot).cursor_column == 3
        await pilot.press("home")
        assert grid_of(pilot).cursor_cell == "3"
        await pilot.press("right", "right", "right", "a")
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert shows(pilot, "sorted by Survived descending\n"), "again: the other way, then not"
        await pilot.press("o")
        await settle(pilot)
        assert not shows(pilot, "sorted")
        await pilot.press("home")
        assert grid_of(pilot).cursor_cell == "1"


async def test_a_search_goes_from_row_to_row_and_round(workspace: FakeWorkspace, passengers: str) -> None:
    async with ScreenApp(screen_of(workspace, passengers)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await type_line(pilot, "slash", "mrs.")
        assert grid_of(pilot).cursor_key == "1"
        assert grid_of(pilot).cursor_cell.startswith("Cumings")
        await pilot.press("n")
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "3"
        await pilot.press("n")
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "1"
        assert shows(pilot, "from the beginning again")
        await pilot.press("N")
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "3"
        await type_line(pilot, "slash", "nobody")
        assert shows(pilot, "No row holds “nobody”.")


async def test_what_takes_long_tells_how_far_it_is_and_stops(
    workspace: FakeWorkspace, large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = asyncio.Event()

    async def endless(self: TextTable, query: object, progress: Any = None) -> None:
        progress(1, 4)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with ScreenApp(screen_of(workspace, large)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        monkeypatch.setattr(TextTable, "view", endless)
        await pilot.press("s")
        await eventually(lambda: shows(pilot, "Sorting 25 %, esc stops"))
        await pilot.press("down")
        assert grid_of(pilot).cursor_key == "1"
        await pilot.press("escape")
        await eventually(stopped.is_set)
        await settle(pilot)
        assert shows(pilot, "Stopped.")
        assert grid_of(pilot).row_count == ROWS


async def test_columns_are_hidden_pinned_widened_and_found(workspace: FakeWorkspace, passengers: str) -> None:
    app = ScreenApp(screen_of(workspace, passengers))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("right", "h")
        assert names_of(pilot)[:2] == ["PassengerId", "Name"]
        assert shows(pilot, "5 of 6 columns")
        await type_line(pilot, "t", "cab")
        await pilot.press("p")
        assert names_of(pilot)[0] == "Cabin"
        await type_line(pilot, "t", "Note")
        assert shows(pilot, "C123"), "a pinned column stays in view"
        await type_line(pilot, "t", "surv")
        assert grid_of(pilot).columns[grid_of(pilot).cursor_column].label == "Survived", "a hidden one comes back"
        width = grid_of(pilot).columns[2].width
        await pilot.press("plus")
        assert grid_of(pilot).columns[2].width == width + 4
        await pilot.press("minus", "minus")
        assert grid_of(pilot).columns[2].width == width - 4
        await type_line(pilot, "t", "Name")
        await pilot.press("equals_sign")
        assert shows(pilot, "(Florence Briggs Thayer)")
        await pilot.press("t", *"nothing", "enter")
        assert shows(pilot, "No column is named nothing.")
        await pilot.press("escape", "H")
        assert len(names_of(pilot)) == 6


async def test_of_three_thousand_columns_read_only_those_in_view(
    workspace: FakeWorkspace, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wide.csv"
    row = ",".join(str(at) for at in range(3_000))
    path.write_text(",".join(f"c{at}" for at in range(3_000)) + f"\n{row}\n{row}\n", encoding="utf-8")
    asked: list[int] = []
    page = TextTable.page

    async def noted(self: TextTable, offset: int, limit: int, columns: Any = None) -> Any:
        asked.append(len(columns))
        return await page(self, offset, limit, columns)

    monkeypatch.setattr(TextTable, "page", noted)
    async with ScreenApp(screen_of(workspace, str(path))).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("end")
        await settle(pilot)
        assert shows(pilot, "c2999")
        assert grid_of(pilot).cursor_cell == "2999"
        await type_line(pilot, "t", "c1500")
        assert grid_of(pilot).cursor_cell == "1500"
        assert sum(asked) < 500
