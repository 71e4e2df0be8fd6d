"""Submitting to an Azure workspace: serverless, and an upload that takes its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.forms import FormScreen
from screens.places import Place
from screens.submit import SubmitScreen
from services.specs.command import CommandJob, JobResources
from tests.screens.compute.conftest import in_azure
from tests.support.app import ScreenApp, settle
from tests.support.fake_connector import FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tests.support.forms import fill, form_of
from tests.support.keys import shows
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually
from tui.registry import make_screen

pytestmark = pytest.mark.usefixtures("still_cards")


@pytest.fixture(autouse=True)
def churn(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is the same on every machine."""
    (empty_home / "churn").mkdir()
    monkeypatch.chdir(empty_home / "churn")


def screen_of(workspace: FakeWorkspace, subject: str = "", *, azure: bool = True) -> SubmitScreen:
    screen = make_screen(Place("submit", subject), workspace, FakeConnector())
    assert isinstance(screen, SubmitScreen)
    if azure:
        in_azure(screen)
    return screen


async def submitting(pilot: Pilot[Any], workspace: FakeWorkspace) -> int:
    """Press ctrl+s; the number of the operation that is its upload."""
    await settle(pilot)
    await fill(pilot, **{"command": "python train.py", "resources.instance_type": "Standard_DS3_v2"})
    workspace.slow("jobs.submit")
    await pilot.press("ctrl+s")
    await eventually(lambda: bool(workspace.called("jobs.submit")))
    return workspace.log.begin("Submit", "fresh_fern_16", total=40_000_000)


async def test_the_form(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)
        assert shows(pilot, "Instance type")


async def test_serverless_names_an_instance_type(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, **{"command": "python train.py", "resources.instance_type": "Standard_DS3_v2"})
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec, _, _)] = workspace.called("jobs.submit")
        assert isinstance(spec, CommandJob)
        assert spec.compute is None
        assert spec.resources == JobResources(instance_type="Standard_DS3_v2")


async def test_a_local_workspace_asks_for_no_instance_type(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, azure=False)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert not shows(pilot, "Instance type")


async def test_the_upload_is_told(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.log.begin("Create", "other-thing")
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        number = await submitting(pilot, workspace)
        workspace.log.progress(number, done=12_300_000, detail="3 of 8 files")
        form = form_of(pilot)
        form._seconds = 2
        form._tell_busy()
        await eventually(lambda: shows(pilot, "12 of 40 MB · 3 of 8 files 2 s"))
        await screen_snapshot(pilot, busy=True)
        workspace.log.succeed(number)
        form._tell_busy()
        await eventually(lambda: not shows(pilot, "12 of 40 MB"))
        assert not shows(pilot, "other-thing")


async def test_leaving_says_that_it_goes_on(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await submitting(pilot, workspace)
        await pilot.press("escape")
        await eventually(lambda: app.left == 1)
        assert app.last_notice.endswith("It goes on without the form; O shows how far it is.")


def test_the_forms_that_upload_are_handed_the_workspace(workspace: FakeWorkspace) -> None:
    for name in ("submit", "register-data", "register-model"):
        form = make_screen(Place(name), workspace, FakeConnector())
        assert isinstance(form, FormScreen)
        assert form.workspace is workspace
