"""The form that creates a workspace in Azure."""

from __future__ import annotations

import pytest

from screens.connect.new_workspace import NewWorkspaceScreen
from screens.places import Place
from screens.show_as import ShowAs
from screens.widgets.frame import Frame
from services.errors import AccessError
from services.targets import AzureTarget
from tests.support.app import ScreenApp, settle
from tests.support.fake_connector import SUB_1, SUB_2, TEAM, FakeConnector
from tests.support.forms import fill, form_of
from tests.support.keys import shows
from tests.support.snapshots import ScreenSnapshot


@pytest.fixture
def connector() -> FakeConnector:
    """Somebody is signed in."""
    return FakeConnector.signed_in()


def screen_of(connector: FakeConnector, target: AzureTarget | None = TEAM) -> NewWorkspaceScreen:
    screen = NewWorkspaceScreen(Place("new-workspace"), connector=connector)
    screen.show_frame(Frame("azure ws-team·rg-team", target=target))
    return screen


async def test_the_form(connector: FakeConnector, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    """Subscription, group and region are those of the workspace that is open."""
    async with ScreenApp(screen_of(connector)).run_test(size=size) as pilot:
        await settle(pilot)
        await fill(pilot, name="ws-new")
        await screen_snapshot(pilot)


async def test_faults_stand_at_their_fields(connector: FakeConnector, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(connector)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, name="a b", subscription="Nowhere", resource_group="rg-none", location="", tags="team")
        await pilot.press("ctrl+s")
        await screen_snapshot(pilot)
        assert connector.seen.created == []


async def test_it_is_created(connector: FakeConnector) -> None:
    app = ScreenApp(screen_of(connector, None))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert form_of(pilot).values()["subscription"] == "Data science", "the first that is enabled"
        await fill(pilot, name="ws-new", subscription="Vision", description="to see", tags="team=eyes")
        await fill(pilot, resource_group="rg-vision")
        assert form_of(pilot).values()["location"] == "eastus", "where the group is"
        await pilot.press("ctrl+s")
        await settle(pilot)
        (new,) = connector.seen.created
        assert new.target == AzureTarget(SUB_2, "rg-vision", "ws-new")
        assert (new.location, new.description, dict(new.tags)) == ("eastus", "to see", {"team": "eyes"})
        assert app.left == 1
        assert "ws-new is being created" in app.last_notice


async def test_a_name_that_is_taken_is_told_at_the_name(connector: FakeConnector) -> None:
    app = ScreenApp(screen_of(connector))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await fill(pilot, name="ws-team")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert shows(pilot, "There is a workspace named ws-team; Take another name.")
        assert app.left == 0


async def test_without_the_right_to_read_groups_the_form_works(connector: FakeConnector) -> None:
    connector.seen.failing["resource_groups"] = AccessError("You may not read groups.", title="Refused")
    async with ScreenApp(screen_of(connector)).run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await fill(pilot, name="ws-new", resource_group="rg-any", location="westeurope")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert [new.target for new in connector.seen.created] == [AzureTarget(SUB_1, "rg-any", "ws-new")]


async def test_groups_are_proposed(connector: FakeConnector) -> None:
    async with ScreenApp(screen_of(connector, None)).run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        form_of(pilot).fields["resource_group"].focus_control()
        await pilot.press(*"lab")
        await settle(pilot)
        assert shows(pilot, "northeurope")
        await pilot.press("down", "enter")
        await settle(pilot)
        assert form_of(pilot).values()["resource_group"] == "rg-lab"


async def test_show_as_names_the_group_and_no_workspace(connector: FakeConnector) -> None:
    async with ScreenApp(screen_of(connector)).run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await fill(pilot, name="ws-new")
        await pilot.press("ctrl+y")
        await settle(pilot)
        drawer = pilot.app.screen
        assert isinstance(drawer, ShowAs)
        yaml, az, sdk = (form.text for form in drawer.forms)
        assert "name: ws-new" in yaml
        assert f"az ml workspace create --file workspace.yml --subscription {SUB_1} --resource-group rg-team\n" in az
        assert "begin_create(workspace)" in sdk
        assert "ws-team" not in sdk
