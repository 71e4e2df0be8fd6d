"""From one workspace to another without a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.places import Open, Place, Switch
from services.targets import AzureTarget, LocalTarget, WorkspaceTarget
from tests.support.app import settle
from tests.support.fake_connector import TEAM, FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import move_to
from tests.support.snapshots import screen_text
from tests.support.waiting import eventually
from tui.app import LapisApp
from tui.connector import AppConnector

HERE = LocalTarget(Path("here"))
THERE = AzureTarget("sub", "rg", "ws", profile="team")


class Opener:
    """Opens a workspace of its own for each target."""

    def __init__(self) -> None:
        self.opened: list[tuple[WorkspaceTarget, FakeWorkspace]] = []

    async def __call__(self, target: WorkspaceTarget) -> FakeWorkspace:
        self.opened.append((target, FakeWorkspace(empty=target == THERE)))
        return self.opened[-1][1]


@pytest.mark.usefixtures("stub_screens")
async def test_another_workspace_takes_the_place_of_this_one_and_w_goes_back() -> None:
    opener = Opener()
    app = LapisApp(opener, HERE)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        app.screen.post_message(Open(Place("job", "keen_star_4")))
        await settle(pilot)
        assert app.navigation.here == Place("job", "keen_star_4")
        app.screen.post_message(Switch(THERE))
        await settle(pilot)
        assert list(app.navigation.stack) == [Place("jobs")], "where that workspace was left: nowhere yet"
        assert [target for target, _ in opener.opened] == [HERE, THERE]
        await eventually(lambda: opener.opened[0][1].closed)
        assert str(app.frame.target) == "azure:team"
        await pilot.press("W")
        await settle(pilot)
        assert list(app.navigation.stack) == [Place("jobs"), Place("job", "keen_star_4")]
        assert "this is job/keen_star_4" in screen_text(app)
        assert str(app.frame.target) == "here"
        await eventually(lambda: opener.opened[1][1].closed)
        await pilot.press("W")
        await settle(pilot)
        assert str(app.target) == "azure:team"
        assert [target for target, _ in opener.opened] == [HERE, THERE, HERE, THERE]


@pytest.mark.usefixtures("stub_screens")
async def test_the_workspace_that_one_is_in_stays_open() -> None:
    opener = Opener()
    app = LapisApp(opener, HERE)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        app.screen.post_message(Open(Place("data")))
        await settle(pilot)
        app.screen.post_message(Switch(HERE))
        await settle(pilot)
        assert app.navigation.here == Place("jobs")
        assert len(opener.opened) == 1
        assert not opener.opened[0][1].closed


@pytest.mark.usefixtures("stub_screens")
async def test_the_same_workspace_is_opened_anew_for_somebody_else() -> None:
    opener = Opener()
    app = LapisApp(opener, THERE)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        app.screen.post_message(Switch(THERE, anew=True))
        await settle(pilot)
        assert [target for target, _ in opener.opened] == [THERE, THERE]
        await eventually(lambda: opener.opened[0][1].closed)
        await pilot.press("W")
        await settle(pilot)
        assert str(app.navigation.here) == "connect", "there is no other workspace to go to yet"


async def test_from_connect_to_a_profile_and_to_what_was_opened_before(tmp_path: Path) -> None:
    opener, connector = Opener(), FakeConnector()
    app = LapisApp(opener, LocalTarget(tmp_path), connector=connector)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("g", "x")
        await settle(pilot)
        assert "✓ Azure CLI" in screen_text(app)
        await move_to(pilot, TEAM.key)
        await pilot.press("enter")
        await settle(pilot)
        assert str(app.target) == "azure:team"
        assert app.navigation.here == Place("jobs")
        connector.seen.log.begin("Create", "ws-new")
        await eventually(lambda: "◔ 1 in work" in screen_text(app))


async def test_a_workspace_that_was_opened_is_known_even_when_nothing_was_done_there(tmp_path: Path) -> None:
    async def opener(_: WorkspaceTarget) -> FakeWorkspace:
        return FakeWorkspace()

    async with LapisApp(opener, LocalTarget(tmp_path)).run_test() as pilot:
        await settle(pilot)
    assert list(AppConnector(tmp_path / "settings.toml").known()) == [LocalTarget(tmp_path)]
