"""The list of data assets: states, filter, copying URIs, archiving."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.data import DataScreen
from screens.places import Place
from screens.show_as import ShowAs
from services.errors import AccessError, ConflictError, TransientError
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer, copy_uri, grid_of, make_read_only, move_to, opened_by, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")

LOCKED = TransientError("The database is locked.", advice="r tries again.")
PATH = "LocalUpload/ab12/diabetes.csv"


def screen_of(workspace: FakeWorkspace, filter_: str = "") -> DataScreen:
    return DataScreen(Place("data", filter=filter_), data=workspace.data, workspace=workspace)


async def test_full_list(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_empty_list_names_the_key_that_registers(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(FakeWorkspace(empty=True))).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("data.list")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "diabetes"


async def test_first_read_fails(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("data.list", LOCKED)
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        workspace.mend("data.list")
        await pilot.press("r")
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "diabetes"


async def test_a_later_failure_keeps_the_rows(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        workspace.fail("data.list", LOCKED)
        await pilot.press("r")
        await screen_snapshot(pilot)
        workspace.mend("data.list")
        await pilot.press("r")
        await settle(pilot)
        assert not shows(pilot, "locked")


async def test_a_filter_that_matches_nothing(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"course")
        await settle(pilot)
        assert "1 of 3 data assets" in text_of(pilot)
        assert grid_of(pilot).cursor_key == "diabetes"
        await pilot.press(*"x")
        await screen_snapshot(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert shows(pilot, "titanic-folder")
        assert app.moved[-1] == Place("data")


async def test_read_only_offers_nothing_that_writes(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen := screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        make_read_only(screen)
        await screen_snapshot(pilot)
        await pilot.press("n", "R", "A")
        await settle(pilot)
        assert app.opened == []
        assert workspace.called("data.archive") == []


async def test_an_empty_list_offers_no_key_in_read_only_mode() -> None:
    async with ScreenApp(screen := screen_of(FakeWorkspace(empty=True))).run_test(size=(80, 24)) as pilot:
        make_read_only(screen)
        await pilot.press("r")
        await settle(pilot)
        assert shows(pilot, "No data assets yet.")
        assert not shows(pilot, "registers")


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("enter", Place("data-asset", "diabetes")),
        ("p", Place("table", "azureml:diabetes:2")),
        ("f", Place("profile", "azureml:diabetes:2")),
        ("w", Place("wrangle", "azureml:diabetes:2")),
        ("v", Place("data-diff", "azureml:diabetes:1 azureml:diabetes:2")),
        ("n", Place("register-data")),
        ("R", Place("register-data")),
    ],
)
async def test_keys_open_places(workspace: FakeWorkspace, key: str, place: Place) -> None:
    assert await opened_by(screen_of(workspace), key) == [place]


@pytest.mark.parametrize(
    ("downs", "uri"),
    [
        (0, f"azureml://datastores/workspaceblobstore/paths/{PATH}"),
        (
            1,
            "azureml://subscriptions/<subscription>/resourcegroups/<resource-group>/workspaces/lapis/datastores/"
            f"workspaceblobstore/paths/{PATH}",
        ),
        (2, f"file:///home/ada/lapis/datastores/workspaceblobstore/{PATH}"),
    ],
)
async def test_u_copies_one_of_three_uris(workspace: FakeWorkspace, downs: int, uri: str) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await copy_uri(pilot, downs)
        assert app.clipboard == uri
        assert uri in app.last_notice


async def test_c_copies_the_name(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "titanic-folder")
        await pilot.press("c")
        assert app.clipboard == "titanic-folder"


async def test_y_shows_the_spec_of_the_asset(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert "name: diabetes\n" in drawer.form.text
        assert f"paths/{PATH}" in drawer.form.text


async def test_archive_hides_and_the_archive_restores(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "empty-folder")
        await pilot.press("A")
        await settle(pilot)
        assert "2 data assets" in text_of(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert "4 data assets  with archived ones" in text_of(pilot)
        await move_to(pilot, "empty-folder")
        assert "empty-folder (archived)" in text_of(pilot)
        await pilot.press("A")
        await settle(pilot)
        assert workspace.called("data.archive") == [("empty-folder", "1", True), ("empty-folder", "1", False)]
        assert "empty-folder (archived)" not in text_of(pilot)


async def test_what_could_not_be_archived_is_told_with_its_advice(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        workspace.fail("data.archive", AccessError("The folder is not yours.", advice="Ask ada."))
        await pilot.press("A")
        await settle(pilot)
        assert "Access was refused" in app.last_notice
        assert "Ask ada." in app.last_notice
        assert shows(pilot, "diabetes")


async def test_hostile_tags_are_shown_not_obeyed(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await move_to(pilot, "titanic-folder")
        await settle(pilot)
        text = text_of(pilot)
        assert "[bold red]x" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


async def test_two_marked_assets_are_compared_and_one_alone_is_not(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "titanic-folder")
        await pilot.press("v")
        await settle(pilot)
        assert "Mark two assets" in app.last_notice
        await pilot.press("space", "home", "space", "v")
        await settle(pilot)
        assert app.opened == [Place("data-diff", "azureml:diabetes:2 azureml:titanic-folder:1")]


async def test_files_are_downloaded(workspace: FakeWorkspace, tmp_path: Path) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("D")
        await answer(pilot, str(tmp_path))
        await settle(pilot)
        assert workspace.called("data.download") == [("diabetes", "2", tmp_path)]
        workspace.fail("data.download", ConflictError("diabetes.csv is there already; nothing was copied."))
        await pilot.press("D")
        await answer(pilot, str(tmp_path))
        await settle(pilot)
        assert "is there already" in app.last_notice


async def test_any_file_is_opened_as_a_table(workspace: FakeWorkspace, tmp_path: Path) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for source in (str(tmp_path / "a.csv"), "https://example.org/a.csv", "a.csv"):
            await pilot.press("o")
            await answer(pilot, source)
            await eventually(lambda: app.screen is app.first)
        await settle(pilot)
        assert [place.subject for place in app.opened] == [
            str(tmp_path / "a.csv"),
            "https://example.org/a.csv",
            str(Path.cwd() / "a.csv"),
        ]
