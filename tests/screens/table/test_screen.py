"""How a table looks, in each of its states."""

from __future__ import annotations

import json
from pathlib import Path

import polars
import pytest
from textual.events import AppBlur, AppFocus

from screens.places import Place
from screens.show_as import ShowAs
from screens.wrangle import drafts
from services.errors import AccessError, TransientError
from services.wrangling.steps import Drop, Filter, Sort
from tests.screens.table.conftest import screen_of
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import asked, grid_of, opened_by, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")


async def test_rows_types_and_missing_values(
    workspace: FakeWorkspace, passengers: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace, passengers)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_loading_then_an_error_then_again(
    workspace: FakeWorkspace, passengers: str, screen_snapshot: ScreenSnapshot
) -> None:
    gate = workspace.slow("tables.open")
    workspace.fail("tables.open", AccessError("The key of datastore raw was refused.", request_id="r-1"))
    async with ScreenApp(screen_of(workspace, passengers)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, "loading", busy=True)
        gate.set()
        await screen_snapshot(pilot, "error")
        workspace.mend("tables.open")
        await pilot.press("r")
        await settle(pilot)
        assert grid_of(pilot).row_count == 7


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "is empty"),
        ("cut.parquet", b"PAR1 and no more", "can't be read"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0", "PNG image, 10 bytes"),
        ("header.csv", b"a,b\n", "0 rows"),
        ("folder", None, "without an MLTable file"),
        ("gone.csv", None, "There is no table"),
    ],
)
async def test_what_is_no_table_says_so_and_keys_go_on(
    workspace: FakeWorkspace, tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif name == "folder":
        path.mkdir()
    app = ScreenApp(screen_of(workspace, str(path)))
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        assert told in text_of(pilot)
        await pilot.press("s", "ampersand", "enter", "R", "c", "n")
        await settle(pilot)
        assert not app.last_notice


async def test_a_text_is_shown_and_read_as_a_table_by_hand(
    workspace: FakeWorkspace, tmp_path: Path, screen_snapshot: ScreenSnapshot
) -> None:
    path = tmp_path / "config.txt"
    path.write_text("name: x\nsizes: 1 2\n", encoding="utf-8")
    async with ScreenApp(screen_of(workspace, str(path))).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        path.write_text("a|b\n1|2\n", encoding="utf-8")
        await pilot.press("D")
        await asked(pilot)
        await pilot.press(*"pipe", "enter")
        await eventually(lambda: shows(pilot, "separated by"))
        assert grid_of(pilot).row_count == 1


async def test_json_that_is_no_table_is_a_tree_and_a_text(
    workspace: FakeWorkspace, tmp_path: Path, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    path = tmp_path / "device.json"
    document = {
        "deviceId": 29482,
        "location": {"name": "[b]Home\x1b[0m", "rooms": ["hall", None, {"lamps": 2.5}]},
        "on": True,
        "notes": "x" * 300,
        "readings": list(range(2_500)),
        "none": [],
    }
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    app = ScreenApp(screen_of(workspace, str(path)))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("down", "right", "right", "down", "enter", "down", "down", "down", "right")
        await screen_snapshot(pilot)
        await pilot.press(*["left"] * 5)
        assert not shows(pilot, "rooms")
        for _ in range(3):
            await pilot.press("down")
        await pilot.press("right", "end", "up")
        assert shows(pilot, "2,000 to 2,499")
        await pilot.press("right", "end", "up", "up", "enter")
        await settle(pilot)
        assert shows(pilot, "2,498 · 4 characters")
        await pilot.press("escape", "v")
        await settle(pilot)
        assert shows(pilot, '"deviceId": 29482')
        await pilot.press("slash", *"lamps", "enter")
        await settle(pilot)
        await screen_snapshot(pilot, "text")
        await pilot.press("v")
        await settle(pilot)
        assert not shows(pilot, '"deviceId": 29482')


async def test_how_it_is_read_is_chosen_and_faults_are_told(
    workspace: FakeWorkspace, passengers: str, screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace, passengers)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("D")
        await asked(pilot)
        await pilot.press(*"::", "enter")
        await eventually(lambda: shows(pilot, "one character"))
        await screen_snapshot(pilot, busy=True)
        await pilot.press("backspace", "backspace", "tab", "tab", "ctrl+u", *"no", "enter")
        await eventually(lambda: shows(pilot, "no header"))
        assert [c.label for c in grid_of(pilot).columns][:2] == ["Column1", "Column2"]
        assert grid_of(pilot).row_count == 8


async def test_a_cell_and_a_row_in_full(
    workspace: FakeWorkspace, passengers: str, screen_snapshot: ScreenSnapshot
) -> None:
    app = ScreenApp(screen_of(workspace, passengers))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "right", "right", "enter")
        await screen_snapshot(pilot, "cell")
        await pilot.press("escape", "R")
        await screen_snapshot(pilot, "row")
        await pilot.press("end", "enter")
        await eventually(lambda: shows(pilot, "Note, row 2"))
        await pilot.press("escape", "escape", "c")
        await settle(pilot)
        assert app.clipboard == "Cumings, Mrs. John Bradley (Florence Briggs Thayer)"
        await pilot.press("C")
        assert app.clipboard == "Name"
        await pilot.press("right", "down", "down", "down", "down", "enter")
        await settle(pilot)
        assert "Age is missing in row 6" in app.last_notice


async def test_a_cell_of_any_length_comes_in_parts(workspace: FakeWorkspace, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n1," + "x" * 2_500_000 + "end\n", encoding="utf-8")
    async with ScreenApp(screen_of(workspace, str(path))).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("right", "enter")
        await eventually(lambda: shows(pilot, "part 1 of 3"))
        await pilot.press("n", "n", "n", "end")
        await eventually(lambda: shows(pilot, "part 3 of 3") and shows(pilot, "xend"))


async def test_other_screens_get_the_source(workspace: FakeWorkspace, passengers: str) -> None:
    assert await opened_by(screen_of(workspace, passengers), "f") == [Place("profile", passengers)]
    assert await opened_by(screen_of(workspace, passengers), "w") == [Place("wrangle", passengers)]


async def test_the_rows_that_are_shown_go_on_as_steps_once(
    workspace: FakeWorkspace, passengers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "DRAFTS", {})
    draft = await drafts.add(workspace.tables, passengers, Drop(["Note"]))
    app = ScreenApp(screen_of(workspace, passengers, filter_="Age > 25"))
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        await pilot.press("right", "S")
        await settle(pilot)
        await pilot.press("w")
        await settle(pilot)
        shown = (Filter("Age > 25"), Sort(["Survived"], descending=True))
        assert draft.recipe.steps == (Drop(["Note"]), *shown)
        assert "Added to the recipe: keep where Age > 25, then sort by Survived ↓" in app.last_notice
        await pilot.press("w")
        await settle(pilot)
        assert draft.recipe.steps == (Drop(["Note"]), *shown), "they are its last steps already"
        assert app.opened == [Place("wrangle", passengers)] * 2
        draft.undo()
        assert list(draft.recipe.steps) == [Drop(["Note"])], "one change"


async def test_show_as_is_code_that_reads_it(workspace: FakeWorkspace, passengers: str) -> None:
    app = ScreenApp(screen_of(workspace, passengers))
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await eventually(lambda: isinstance(app.screen, ShowAs))
        assert f"pd.read_csv('{passengers}')" in app.screen.form.text  # type: ignore[attr-defined]
        await pilot.press("escape", "u")
        await settle(pilot)
        assert app.clipboard == passengers


async def test_a_file_that_changes_is_told_and_opened_again(
    workspace: FakeWorkspace, large: str, tmp_path: Path
) -> None:
    path = tmp_path / "grows.csv"
    path.write_bytes(Path(large).read_bytes())
    async with ScreenApp(screen_of(workspace, str(path))).run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        with path.open("a", encoding="utf-8") as file:
            file.write("30000,new\n")
        await pilot.press("ctrl+end")
        await settle(pilot)
        assert shows(pilot, "! the file has grown by 10 bytes")
        await pilot.press("r")
        await settle(pilot)
        assert not shows(pilot, "! the file")
        assert shows(pilot, "30,001 rows")
        path.unlink()
        pilot.app.post_message(AppBlur())
        pilot.app.post_message(AppFocus())
        await settle(pilot)
        assert shows(pilot, "! the file was deleted")
        workspace.fail("tables.open", TransientError("The file is gone."))
        await pilot.press("r")
        await settle(pilot)
        assert shows(pilot, "The file is gone.")
        assert grid_of(pilot).row_count == 30_001


async def test_a_change_of_a_binary_file_is_told_when_what_lay_above_is_gone(
    workspace: FakeWorkspace, tmp_path: Path
) -> None:
    path = tmp_path / "t.parquet"
    polars.DataFrame({"n": [1, 2]}).write_parquet(path)
    async with ScreenApp(screen_of(workspace, str(path))).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("R")
        await settle(pilot)
        polars.DataFrame({"n": [1, 2, 3]}).write_parquet(tmp_path / "new")
        (tmp_path / "new").replace(path)
        assert not shows(pilot, "! the file")
        await pilot.press("escape")
        await settle(pilot)
        assert shows(pilot, "! the file was replaced by another")
