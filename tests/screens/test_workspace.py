"""The workspace: its facts, its four resources, what it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.places import Place
from screens.show_as import ShowAs
from screens.widgets.frame import Frame
from screens.workspace import WorkspaceScreen, workspace_facts
from services.entities import Resource
from services.errors import Fault, TransientError, WorkspaceError
from tests.support import asset_entities
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE
from tests.support.fake_connector import TEAM, FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")


def screen_of(workspace: FakeWorkspace) -> WorkspaceScreen:
    return WorkspaceScreen(Place("workspace"), workspace=workspace, connector=FakeConnector.signed_in())


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
        drawer = app.screen
        assert isinstance(drawer, ShowAs)
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


# an Azure workspace

AZURE_INFO = replace(
    asset_entities.INFO,
    name="ws-team",
    kind="azure",
    location="westeurope",
    resource_group="rg-team",
    subscription_id=TEAM.subscription_id,
    identity="ada@example.test (Azure CLI)",
    description="Churn and fraud",
    tags={"team": "ds"},
    resources=(
        Resource("Storage account", "wsteamstorage", "ready"),
        Resource("Key vault", "wsteam-kv", "missing: it was deleted"),
        Resource("Application Insights", "wsteam-ai", "not visible to this identity"),
        Resource("Container registry", "none", "not created yet"),
    ),
    mlflow_tracking_uri="azureml://westeurope.api.azureml.ms/mlflow/v1.0" + TEAM.resource_id,
    studio_url=TEAM.studio_url,
)


@pytest.fixture
def azure(workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> tuple[WorkspaceScreen, FakeConnector]:
    """The screen of an Azure workspace."""
    monkeypatch.setattr(asset_entities, "INFO", AZURE_INFO)
    connector = FakeConnector.signed_in()
    screen = WorkspaceScreen(Place("workspace"), workspace=workspace, connector=connector)
    screen.show_frame(Frame("azure ws-team·rg-team", target=TEAM))
    return screen, connector


Azure = tuple[WorkspaceScreen, FakeConnector]


async def test_azure_facts(azure: Azure, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    """Region, group, tail of the subscription, identity, resources with their state."""
    async with ScreenApp(azure[0]).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_diagnosis(azure: Azure, workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    """Faults worst first, above what it holds; that nothing is wrong is said too."""
    workspace.faults = (
        Fault("storageAccount", "The storage account was deleted"),
        Fault("network", "The workspace has no private endpoint", "warning"),
    )
    async with ScreenApp(azure[0]).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        gate = workspace.slow("diagnose")
        await pilot.press("G")
        await eventually(lambda: shows(pilot, "◔ looking ..."))
        gate.set()
        await screen_snapshot(pilot)
        workspace.faults = ()
        await pilot.press("G")
        await settle(pilot)
        assert shows(pilot, "✓ Nothing is wrong.")
        workspace.fail("diagnose", TransientError("Azure did not answer in time."))
        await pilot.press("G")
        await settle(pilot)
        assert not shows(pilot, "Diagnosis")


async def test_what_makes_an_azure_workspace_and_how_it_is_reached(azure: Azure) -> None:
    async with ScreenApp(azure[0]).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        drawer = pilot.app.screen
        assert isinstance(drawer, ShowAs)
        yaml, az, sdk, mlflow = (form.text for form in drawer.forms)
        assert "name: ws-team" in yaml
        assert "location: westeurope" in yaml
        subscription = TEAM.subscription_id
        assert az == (f"az ml workspace show --name ws-team --subscription {subscription} --resource-group rg-team\n")
        assert f"    DefaultAzureCredential(),\n    '{subscription}',\n    'rg-team',\n    'ws-team',\n" in sdk
        assert AZURE_INFO.mlflow_tracking_uri in mlflow


async def test_studio_is_copied(azure: Azure) -> None:
    async with ScreenApp(azure[0]).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("U")
        assert pilot.app.clipboard == TEAM.studio_url


async def test_delete_needs_the_name_and_leads_to_connect(azure: Azure) -> None:
    screen, connector = azure
    app = ScreenApp(screen)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("D")
        await answer(pilot, "ws")
        assert connector.seen.deleted == []
        await answer(pilot, "ws-team")
        await settle(pilot)
        assert [target.key for target in connector.seen.deleted] == [TEAM.key]
        assert (app.opened, app.pushed) == ([Place("connect")], [False])


async def test_a_local_workspace_is_not_deleted_by_a_key(workspace: FakeWorkspace) -> None:
    screen = screen_of(workspace)
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("D")
        await settle(pilot)
        assert pilot.app.screen is screen


async def test_n_opens_the_form(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await pilot.pause()
        assert app.opened == [Place("new-workspace")]
