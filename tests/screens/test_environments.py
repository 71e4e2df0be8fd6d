"""Environments: the list, what one holds, and the form that registers one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.environments import EnvironmentsScreen, versions_text
from screens.places import Place
from screens.register_environment import RegisterEnvironmentScreen
from screens.show_as import ShowAs
from services.errors import ConflictError, Fault, SpecError, TransientError
from tests.support.app import ScreenApp, settle
from tests.support.asset_entities import ENVIRONMENTS
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import grid_of, make_read_only, move_to, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")

CURATED = "AzureML-sklearn-1.5"


def list_of(workspace: FakeWorkspace, filter_: str = "") -> EnvironmentsScreen:
    return EnvironmentsScreen(Place("environments", filter=filter_), environments=workspace.environments)


def form_of(workspace: FakeWorkspace, subject: str = "") -> RegisterEnvironmentScreen:
    return RegisterEnvironmentScreen(Place("register-environment", subject), environments=workspace.environments)


async def fill(pilot: Pilot[Any], **texts: str) -> RegisterEnvironmentScreen:
    """Put texts in fields and wait until the form has looked at them."""
    form = pilot.app.screen
    assert isinstance(form, RegisterEnvironmentScreen)
    for key, text in texts.items():
        form.fields[key].value = text
    form.typed()
    await settle(pilot)
    return form


async def test_full_list(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(list_of(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        await move_to(pilot, "sklearn-own")
        await screen_snapshot(pilot)


async def test_empty_list(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.environments.all = []
    async with ScreenApp(list_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("environments.list")
    async with ScreenApp(list_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "broken-env"


async def test_failures(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("environments.list", TransientError("The database is locked."))
    async with ScreenApp(list_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, "first")
        workspace.mend("environments.list")
        await pilot.press("r")
        await settle(pilot)
        workspace.fail("environments.list", TransientError("The database is locked."))
        await pilot.press("r")
        await screen_snapshot(pilot, "later")


async def test_the_filter_finds_curated_ones_and_packages(workspace: FakeWorkspace) -> None:
    async with ScreenApp(list_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"curated")
        await settle(pilot)
        assert [row.key for row in grid_of(pilot).rows] == [CURATED]
        await pilot.press("escape", "slash", *"scikit-learn")
        await settle(pilot)
        assert [row.key for row in grid_of(pilot).rows] == ["sklearn-own"]
        await pilot.press(*"zzz")
        await settle(pilot)
        assert shows(pilot, "None of the environments matches “scikit-learnzzz”.")


async def test_enter_shows_packages_conda_file_and_versions(workspace: FakeWorkspace) -> None:
    """The list holds no packages of curated ones: they are read when one is opened."""
    workspace.environments.all = [replace(e, packages=("numpy==2.0", "[b]x")) for e in ENVIRONMENTS]
    app = ScreenApp(list_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "sklearn-own")
        await pilot.press("enter")
        await eventually(lambda: isinstance(app.screen, ShowAs))
        drawer = app.screen
        assert isinstance(drawer, ShowAs)
        packages, conda, versions = (form.text for form in drawer.forms)
        assert packages == "numpy==2.0\n[b]x"
        assert conda.startswith("dependencies:")
        assert versions.splitlines()[1].split() == ["3", "ready", "conda", "file", "2026-03-10", "15:09"]


def test_versions_are_aligned() -> None:
    own = replace(ENVIRONMENTS[0], version="10", state="not built", image="x")
    assert versions_text([own, ENVIRONMENTS[2]]).splitlines() == [
        "version  state             made of             created",
        "10       not built         image + conda file  2026-03-10 15:09",
        "12       this interpreter  image",
    ]


async def test_keys(workspace: FakeWorkspace) -> None:
    app = ScreenApp(list_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "sklearn-own")
        await pilot.press("u")
        assert app.clipboard == "azureml:sklearn-own:3"
        await pilot.press("c")
        assert app.clipboard == "sklearn-own"
        await pilot.press("n", "R")
        await move_to(pilot, CURATED)
        await pilot.press("R")
        await settle(pilot)
        assert app.opened == [Place("register-environment"), Place("register-environment", "sklearn-own")]
        assert "is curated" in app.last_notice
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert "image: mcr.microsoft.com/azureml/curated/sklearn-1.5:12" in drawer.form.text


async def test_read_only_registers_nothing(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen := list_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        make_read_only(screen)
        await screen_snapshot(pilot)
        await pilot.press("n", "R")
        await settle(pilot)
        assert app.opened == []


async def test_hostile_descriptions_are_shown_not_obeyed(workspace: FakeWorkspace) -> None:
    async with ScreenApp(list_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        text = text_of(pilot)
        assert "[bold red]x[/] ␛[31m" in text
        assert "\x1b" not in text


async def test_an_empty_form(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(form_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_a_curated_name_is_refused_at_the_field_while_it_is_typed(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(form_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, image="ubuntu:22.04", name="azureML-x")
        await screen_snapshot(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert workspace.called("environments.create") == []
        form = await fill(pilot, name="x")
        assert form.fields["name"].faults == ()


async def test_it_is_registered(workspace: FakeWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = ScreenApp(form_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form = await fill(pilot, conda_file="envs/train-env.yml", image="ubuntu:22.04", tags="a=b")
        assert form.values()["name"] == "train-env"
        await pilot.press("ctrl+s")
        await eventually(lambda: app.left == 1)
        [(spec, base)] = workspace.called("environments.create")
        assert (spec.name, spec.image, spec.conda_file) == ("train-env", "ubuntu:22.04", "envs/train-env.yml")
        assert (dict(spec.tags), base) == ({"a": "b"}, tmp_path)
        assert "Registered train-env:1." in app.last_notice


async def test_the_name_of_a_conda_yml_is_that_of_its_folder(workspace: FakeWorkspace) -> None:
    async with ScreenApp(form_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form = await fill(pilot, conda_file="/somewhere/my model/conda.yml")
        assert form.values()["name"] == "my-model"


async def test_another_version_says_its_number(workspace: FakeWorkspace) -> None:
    async with ScreenApp(form_of(workspace, "sklearn-own")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form = await fill(pilot, conda_file="other.yml")
        assert form.values()["name"] == "sklearn-own"
        assert shows(pilot, "this becomes version 4")


async def test_faults_are_told_at_their_fields_and_nothing_is_lost(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(form_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form = await fill(pilot, description="stays", tags="no pair")
        await pilot.press("ctrl+s")
        await screen_snapshot(pilot)
        assert form.values()["description"] == "stays"
        assert workspace.called("environments.create") == []


@pytest.mark.parametrize(
    ("error", "field", "told"),
    [
        (SpecError([Fault("conda_file", "x.yml does not exist")]), "conda_file", "✗ x.yml does not exist"),
        (ConflictError("e has a version 1 already.", advice="Leave it out."), "version", "✗ e has a version 1 already"),
    ],
)
async def test_what_the_service_refuses_is_told_at_its_field(
    workspace: FakeWorkspace, error: SpecError | ConflictError, field: str, told: str
) -> None:
    workspace.fail("environments.create", error)
    async with ScreenApp(form_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form = await fill(pilot, conda_file="x.yml", name="e", version="1")
        await pilot.press("ctrl+s")
        await eventually(lambda: shows(pilot, told))
        assert [fault.path for fault in form.fields[field].faults] == [field]
