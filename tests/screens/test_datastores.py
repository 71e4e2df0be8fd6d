"""Datastores: the four of every workspace and own ones, their folders and files, and the URIs of what is in them."""

from __future__ import annotations

import pytest

from screens.datastores.file import DatastoreFileScreen
from screens.datastores.folder import DatastoreScreen
from screens.datastores.screen import DatastoresScreen
from screens.places import Place
from screens.show_as import ShowAs
from screens.widgets.frame import Frame
from screens.widgets.picture import Picture
from services.entities import FileEntry
from services.errors import AccessError, NotFoundError, TransientError, Who
from services.targets import AzureTarget
from tests.support import asset_entities
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer, copy_uri, grid_of, make_read_only, move_to, shows, text_of
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


async def test_keys_open_the_file_under_the_cursor(workspace: FakeWorkspace) -> None:
    """A picture is shown as one; every other file is asked whether it is a table."""
    app = ScreenApp(folder_of(workspace, f"{STORE}/LocalUpload/ab12"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "LocalUpload/ab12/diabetes.csv")
        await pilot.press("enter", "p", "f", "w")
        await move_to(pilot, "LocalUpload/ab12/roc.png")
        await pilot.press("enter")
        await settle(pilot)
        uri = f"azureml://datastores/{STORE}/paths/LocalUpload/ab12/diabetes.csv"
        tables = [Place(screen, uri) for screen in ("table", "table", "profile", "wrangle")]
        assert app.opened == [*tables, Place("datastore-file", f"{STORE}/LocalUpload/ab12/roc.png")]


async def test_a_picture(workspace: FakeWorkspace) -> None:
    place = Place("datastore-file", f"{STORE}/LocalUpload/ab12/roc.png")
    screen = DatastoreFileScreen(place, datastores=workspace.datastores, workspace=workspace)
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert screen.query_one(Picture).is_on_screen
        workspace.fail("datastores.read", NotFoundError(f"{STORE} has no file roc.png."))
        await pilot.press("r")
        await settle(pilot)
        assert shows(pilot, "has no file roc.png")
        assert not screen.query_one(Picture).is_on_screen


async def test_a_folder_of_very_many_entries_is_read_in_parts(workspace: FakeWorkspace) -> None:
    many = tuple(FileEntry(f"models/{number:05}.csv", False, 1) for number in range(2_500))
    workspace.datastores.folders["models"] = many
    async with ScreenApp(folder_of(workspace, f"{STORE}/models")).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert shows(pilot, "2,000 entries  the first 2,000 entries: m reads more")
        await pilot.press("m")
        await settle(pilot)
        assert shows(pilot, "2,500 entries")
        assert not shows(pilot, "m reads more")


async def test_a_refused_key_is_told_with_the_key_that_mends_it(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    error = AccessError(
        "Server failed to authenticate the request. (AuthenticationFailed)", title="The account key was refused",
        advice="e edits the datastore: give a key that is in force (portal, Access keys).", who=Who.YOU,
        request_id="0f3d",
    )  # fmt: skip
    workspace.fail("datastores.browse", error)
    app = ScreenApp(folder_of(workspace, "lake"))
    async with app.run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        await pilot.press("e")
        await settle(pilot)
        assert app.opened == [Place("datastore-form", "lake")]


async def test_own_datastores(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    """How each signs in; a signature that has expired, and one that soon will."""
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    async with ScreenApp(list_of(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        await move_to(pilot, "old-partners")
        await screen_snapshot(pilot)


async def test_a_datastore_is_forgotten_once_its_name_is_typed(workspace: FakeWorkspace) -> None:
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    async with ScreenApp(list_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "usb")
        await pilot.press("ctrl+x")
        await answer(pilot, "usb")
        await settle(pilot)
        assert workspace.called("datastores.delete") == [("usb",)]
        assert not shows(pilot, "/mnt/usb")
        await pilot.press("home", "ctrl+x")
        await answer(pilot, STORE)
        await settle(pilot)
        assert "The default stays" in pilot.app.last_notice  # type: ignore[attr-defined]


async def test_a_star_makes_another_one_the_default(workspace: FakeWorkspace) -> None:
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    screen = list_of(workspace)
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "usb")
        await pilot.press("asterisk")
        await eventually(lambda: shows(pilot, "Set the default"))
        await pilot.press("y")
        await eventually(lambda: shows(pilot, "★ usb"))
        screen.show_frame(Frame("azure ws", target=AzureTarget("s", "g", "ws")))
        await pilot.press("asterisk")
        await settle(pilot)
        assert len(workspace.called("datastores.set_default")) == 1


async def test_n_and_e_open_the_form(workspace: FakeWorkspace) -> None:
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    app = ScreenApp(list_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n", "e")
        await move_to(pilot, "lake")
        await pilot.press("e")
        await settle(pilot)
        assert app.opened == [Place("datastore-form"), Place("datastore-form", "lake")]
        assert "stays as it is" in app.last_notice


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


async def test_y_shows_how_it_is_made_or_read(workspace: FakeWorkspace) -> None:
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    app = ScreenApp(list_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert f"az ml datastore show --name {STORE}" in drawer.form.text
        await pilot.press("escape")
        await move_to(pilot, "lake")
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert "filesystem: raw\ncredentials:" in drawer.form.text
        assert "client_secret: <redacted>" in drawer.form.text


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


async def test_u_copies_what_storage_calls_it_in_each_form(workspace: FakeWorkspace) -> None:
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    app = ScreenApp(list_of(workspace))
    for downs, uri in enumerate(("https://contoso.blob", "wasbs://drop@contoso.blob")):
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            await move_to(pilot, "partners")
            await copy_uri(pilot, 2 + downs)
            assert app.clipboard.startswith(f"{uri}.core.windows.net/")
        app = ScreenApp(list_of(workspace))
