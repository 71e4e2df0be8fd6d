"""The workspace: its facts, its four resources, what it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.places import Place
from screens.show_as import ShowAs
from screens.workspace import WorkspaceScreen, workspace_facts
from services.entities import Resource
from services.errors import TransientError, WorkspaceError
from tests.support import asset_entities
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE
from tests.support.fake_connector import FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")


def screen_of(workspace: FakeWorkspace) -> WorkspaceScreen:
    return WorkspaceScreen(Place("workspace"), workspace=workspace, connector=FakeConnector())


async def test_facts(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_read_only(screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(FakeWorkspace(read_only=True))).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("info")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await settle(pilot)
        assert shows(pilot, "workspaceblobstore (default)")


async def test_first_read_fails(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("info", WorkspaceError("lapis.db is damaged.", advice="Restore it from a backup."))
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        workspace.mend("info")
        await pilot.press("r")
        await settle(pilot)
        assert shows(pilot, "/home/ada/lapis")


async def test_a_later_failure_keeps_the_facts(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        workspace.fail("info", TransientError("The database is locked."))
        await pilot.press("r")
        await settle(pilot)
        assert "The database is locked." in app.last_notice
        assert shows(pilot, "Container registry")


async def test_counts_are_read_again(workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        monkeypatch.setattr(asset_entities, "INFO", replace(asset_entities.INFO, counts={"jobs": 1_234}))
        await pilot.press("r")
        await eventually(lambda: shows(pilot, "1,234  jobs"))


async def test_keys(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("c")
        assert app.clipboard == "lapis"
        await pilot.press("u")
        assert app.clipboard == "sqlite:////home/ada/lapis/mlflow.db"
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert [form.label for form in drawer.forms] == ["az", "Python SDK", "MLflow"]
        assert 'mlflow.set_tracking_uri("sqlite:////home/ada/lapis/mlflow.db")' in drawer.forms[2].text


def test_an_azure_workspace_shows_the_tail_of_its_subscription() -> None:
    info = replace(
        asset_entities.INFO,
        kind="azure",
        location="westeurope",
        subscription_id="12345678-1234-1234-1234-123456789abc",
        resource_group="rg",
        studio_url="https://ml.azure.com/?wsid=x",
    )
    facts = dict(workspace_facts(info))
    assert facts["Subscription"] == "…123456789abc"
    assert facts["Region"] == "westeurope"
    assert facts["Studio"] == "https://ml.azure.com/?wsid=x"


async def test_hostile_names_are_shown_not_obeyed(workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    info = replace(asset_entities.INFO, name=HOSTILE, resources=(Resource("Key vault", HOSTILE, HOSTILE),))
    monkeypatch.setattr(asset_entities, "INFO", info)
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        text = text_of(pilot)
        assert "[bold red]x[/] ␛[31m" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
