"""Datastores: the four of every workspace, their folders, and the URIs of what is in them."""

from __future__ import annotations

import pytest

from screens.datastores import DatastoreScreen, DatastoresScreen
from screens.places import Place
from screens.show_as import ShowAs
from services.errors import TransientError
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import copy_uri, grid_of, make_read_only, move_to, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")

STORE = "workspaceblobstore"


def list_of(workspace: FakeWorkspace, filter_: str = "") -> DatastoresScreen:
    return DatastoresScreen(Place("datastores", filter=filter_), datastores=workspace.datastores, workspace=workspace)


def folder_of(workspace: FakeWorkspace, subject: str = STORE) -> DatastoreScreen:
    return DatastoreScreen(Place("datastore", subject), datastores=workspace.datastores, workspace=workspace)


async def test_the_four_datastores(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(list_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)
        assert [row.key for row in grid_of(pilot).rows if str(row.cells[0]).startswith("★")] == [STORE]


async def test_a_folder(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(folder_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_an_empty_folder(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(folder_of(workspace, f"{STORE}/models")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("datastores.list")
    async with ScreenApp(list_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await settle(pilot)
        assert grid_of(pilot).cursor_key == STORE


async def test_an_unknown_datastore(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(folder_of(workspace, "nowhere")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_later_failure_keeps_the_entries(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(folder_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        workspace.fail("datastores.browse", TransientError("The share does not answer."))
        await pilot.press("r")
        await screen_snapshot(pilot)


async def test_a_filter_that_matches_nothing(workspace: FakeWorkspace) -> None:
    async with ScreenApp(list_of(workspace, "zzz")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "None of the datastores matches “zzz”.")
        await pilot.press("escape", "slash", *"notebooks")
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "workspaceworkingdirectory"


async def test_enter_walks_through_the_folders(workspace: FakeWorkspace) -> None:
    app = ScreenApp(list_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == [Place("datastore", STORE)]
    app = ScreenApp(folder_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == [Place("datastore", f"{STORE}/LocalUpload")]


async def test_enter_on_a_file_tells_what_can_be_done(workspace: FakeWorkspace) -> None:
    app = ScreenApp(folder_of(workspace, f"{STORE}/LocalUpload/ab12"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == []
        assert "n registers it as a data asset" in app.last_notice


@pytest.mark.parametrize(
    ("downs", "uri"),
    [
        (0, f"azureml://datastores/{STORE}/paths/"),
        (
            1,
            "azureml://subscriptions/<subscription>/resourcegroups/<resource-group>/workspaces/lapis/datastores/"
            f"{STORE}/paths/",
        ),
        (2, f"file:///home/ada/lapis/datastores/{STORE}"),
    ],
)
async def test_u_copies_one_of_three_uris_of_a_datastore(workspace: FakeWorkspace, downs: int, uri: str) -> None:
    app = ScreenApp(list_of(workspace))
    async with app.run_test(size=(120, 40)) as pilot:
        await copy_uri(pilot, downs)
        assert app.clipboard == uri


async def test_u_c_and_n_take_the_entry_under_the_cursor(workspace: FakeWorkspace) -> None:
    app = ScreenApp(folder_of(workspace, f"{STORE}/LocalUpload"))
    uri = f"azureml://datastores/{STORE}/paths/LocalUpload/ab12/"
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("u")
        await eventually(lambda: app.screen is not app.first and shows(pilot, "In this workspace"))
        await pilot.press("enter")
        await settle(pilot)
        assert app.clipboard == uri
        await pilot.press("c")
        assert app.clipboard == f"/home/ada/lapis/datastores/{STORE}/LocalUpload/ab12"
        await pilot.press("n")
        await settle(pilot)
        assert app.opened == [Place("register-data", f"path:{uri}")]


async def test_y_shows_how_it_is_read(workspace: FakeWorkspace) -> None:
    app = ScreenApp(list_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert f"az ml datastore show --name {STORE}" in drawer.form.text


async def test_read_only_registers_nothing(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen := folder_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        make_read_only(screen)
        await screen_snapshot(pilot)
        await pilot.press("n", "R")
        await settle(pilot)
        assert app.opened == []


async def test_hostile_names_are_shown_not_obeyed(workspace: FakeWorkspace) -> None:
    async with ScreenApp(folder_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await move_to(pilot, "[b]readme[b] \u202etxt.md")
        await settle(pilot)
        text = text_of(pilot)
        assert "[b]readme[b] ‹U+202E›txt.md" in text
        assert "\u202e" not in text
