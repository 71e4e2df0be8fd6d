"""The form of a datastore: its fields follow the type, faults stand at them, and no secret is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.datastores.form import DatastoreFormScreen
from screens.datastores.values import SIGN_IN
from screens.places import Place
from screens.show_as import ShowAs
from services.specs.datastores import DatastoreSpec
from services.text import REDACTED
from tests.support import asset_entities
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.forms import fill, form_of, rested
from tests.support.keys import shows
from tests.support.snapshots import ScreenSnapshot

pytestmark = pytest.mark.usefixtures("quick_typing")

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def form(workspace: FakeWorkspace, name: str = "") -> DatastoreFormScreen:
    return DatastoreFormScreen(Place("datastore-form", name), datastores=workspace.datastores)


def labels(pilot: Pilot[Any]) -> list[str]:
    """The fields in view, in their order."""
    return [field.label for field in form_of(pilot).fields.values() if field.display]


def created(workspace: FakeWorkspace) -> DatastoreSpec:
    ((spec,),) = workspace.called("datastores.create")
    assert isinstance(spec, DatastoreSpec)
    return spec


async def test_a_new_one(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(form(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_the_fields_follow_type_and_credentials(workspace: FakeWorkspace) -> None:
    async with ScreenApp(form(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert labels(pilot)[2:6] == ["Account", "Container", "Signs in by", "Account key"]
        await pilot.press("down")  # azure_data_lake_gen2
        await settle(pilot)
        asked = ["Account", "File system", "Signs in by", "Tenant", "Application", "Password"]
        assert labels(pilot)[2:8] == asked
        await pilot.press("tab", "tab", "tab", "tab", "down", "down")  # to how it signs in: an identity
        await settle(pilot)
        assert labels(pilot)[2:6] == ["Account", "File system", "Signs in by", "Endpoint"]
        await pilot.press("shift+tab", "shift+tab", "shift+tab", "shift+tab", "down", "down", "down")  # a folder
        await settle(pilot)
        assert labels(pilot) == ["Type", "Name", "Folder", "Used for", "Tags"]


async def test_what_is_typed_ahead_goes_into_the_secret_that_was_chosen(workspace: FakeWorkspace) -> None:
    app = ScreenApp(form(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, DatastoreFormScreen)
        screen.fields["credentials.account_key"].focus_control()
        await settle(pilot)
        await fill(pilot, **{SIGN_IN: "sas"})
        await pilot.press("s")
        await settle(pilot)
        assert screen.fields["credentials.sas_token"].value == "s"


async def test_a_key_is_typed_as_dots_and_saved(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(form(workspace))
    async with app.run_test(size=(120, 40)) as pilot:
        await fill(pilot, name="raw", account_name="contoso", container_name="raw")
        await fill(pilot, **{"credentials.account_key": KEY})
        await screen_snapshot(pilot)
        assert not shows(pilot, KEY[:8])
        await pilot.press("ctrl+y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert f"account_key: {REDACTED}" in drawer.form.text
        await pilot.press("escape", "ctrl+s")
        await settle(pilot)
        assert created(workspace).signs_in.account_key == KEY
        assert (app.opened, app.pushed) == ([Place("datastore", "raw")], [False])


async def test_faults_stand_at_their_fields(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    """What is not typed yet is told only when it is saved."""
    async with ScreenApp(form(workspace)).run_test(size=(120, 40)) as pilot:
        await fill(pilot, name="workspaceblobstore", account_name="Contoso")
        assert "small letters" in form_of(pilot).fields["account_name"].faults[0].message
        assert shows(pilot, "There is one of that name")
        assert not form_of(pilot).fields["container_name"].faults
        await fill(pilot, sign_in="sas")
        await fill(pilot, **{"credentials.sas_token": "sv=2021-10-04&se=2020-01-01T00:00:00Z&sp=r&sig=abc"})
        await pilot.press("ctrl+s")
        await settle(pilot)
        await screen_snapshot(pilot)
        assert "this field is required" in form_of(pilot).fields["container_name"].faults[0].message
        assert workspace.called("datastores.create")
        assert "sig=abc" not in "".join(map(str, form_of(pilot).fields["credentials.sas_token"].faults))


async def test_an_edit_keeps_the_secret_that_is_left_empty(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    workspace.datastores.add(*asset_entities.OWN_DATASTORES)
    async with ScreenApp(form(workspace, "lake")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await screen_snapshot(pilot)
        await fill(pilot, description="other words")
        await pilot.press("ctrl+s")
        await settle(pilot)
        spec = created(workspace)
        assert (spec.name, spec.filesystem, spec.description) == ("lake", "raw", "other words")
        assert spec.signs_in.client_secret == REDACTED


async def test_a_certificate_is_read_from_its_file(
    workspace: FakeWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    async with ScreenApp(form(workspace)).run_test(size=(120, 40)) as pilot:
        await fill(pilot, type="azure_data_lake_gen2", name="lake", account_name="contoso", filesystem="raw")
        await fill(pilot, sign_in="certificate")
        values = {"tenant_id": "t", "client_id": "c", "thumbprint": "ab", "certificate": "gone.pem"}
        await fill(pilot, **{f"credentials.{key}": value for key, value in values.items()})
        assert shows(pilot, "gone.pem can't be read: No such file")
        await fill(pilot, **{"credentials.certificate": "app.pem"})
        await pilot.press("ctrl+s")
        await rested(pilot)
        assert created(workspace).signs_in.certificate == "-----BEGIN CERTIFICATE-----\n"


async def test_one_that_every_workspace_has_is_left_alone(workspace: FakeWorkspace) -> None:
    async with ScreenApp(form(workspace, "workspaceblobstore")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "workspaceblobstore can't be changed")
