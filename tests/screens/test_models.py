"""The registry's list: states, filter, archive, what its keys open."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from screens.models import ModelsScreen
from screens.places import Place
from screens.show_as import ShowAs
from screens.widgets.frame import Frame
from screens.widgets.grid import Grid
from services.errors import TransientError
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import opened_by
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually


def screen_of(workspace: FakeWorkspace, filter_: str = "") -> ModelsScreen:
    return ModelsScreen(Place("models", filter=filter_), models=workspace.models)


def grid(pilot: Pilot[None]) -> Grid:
    return pilot.app.screen.query_one(Grid)


def text_of(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app)


async def test_full_list(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_with_archived_ones(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("a", "down", "down")
        await screen_snapshot(pilot)


async def test_hostile_text_is_shown_not_obeyed(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("end")
        await screen_snapshot(pilot)
        assert not {"\x1b", "\x07", "\u202e"} & set(text_of(pilot))


async def test_empty(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(FakeWorkspace(empty=True))).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("models.list")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await eventually(lambda: grid(pilot).cursor_key == "diabetes-lr")


async def test_the_first_look_fails_and_r_tries_again(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    workspace.fail("models.list", TransientError("The database is locked."))
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        workspace.mend("models.list")
        await pilot.press("r")
        await eventually(lambda: grid(pilot).cursor_key == "diabetes-lr")


async def test_the_filter_looks_in_aliases_and_tags(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"champion stage=test", "enter")
        await settle(pilot)
        assert "1 of 3 models" in text_of(pilot)
        assert "image-net" not in text_of(pilot)
        assert app.moved[-1] == Place("models", filter="champion stage=test")


@pytest.mark.parametrize(
    ("key", "place"),
    [("enter", Place("model", "diabetes-lr")), ("n", Place("register-model")), ("R", Place("register-model"))],
)
async def test_keys_open_places(workspace: FakeWorkspace, key: str, place: Place) -> None:
    assert await opened_by(screen_of(workspace), key) == [place]


async def test_archive_hides_all_versions_and_restores_them(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("A")
        await settle(pilot)
        assert workspace.called("models.archive") == [("diabetes-lr", None, True)]
        assert grid(pilot).cursor_key == "image-net"
        assert "A restores" in app.last_notice
        await pilot.press("a", "home", "A")
        await settle(pilot)
        assert workspace.called("models.archive")[-1] == ("diabetes-lr", None, False)


async def test_an_archive_that_fails_leaves_the_row_and_is_told(workspace: FakeWorkspace) -> None:
    workspace.fail("models.archive", TransientError("The database is locked."))
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("A")
        await settle(pilot)
        assert "The database is locked" in app.last_notice
        assert grid(pilot).cursor_key == "diabetes-lr"


async def test_y_shows_the_latest_version(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, ShowAs)
        assert "version: '2'" in app.screen.form.text


async def test_read_only(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        screen_of_app = app.screen
        assert isinstance(screen_of_app, ModelsScreen)
        screen_of_app.show_frame(Frame("local ~/lapis", read_only=True))
        await settle(pilot)
        await pilot.press("A", "n")
        await settle(pilot)
        assert workspace.called("models.archive") == []
        assert app.opened == []
        await screen_snapshot(pilot)
