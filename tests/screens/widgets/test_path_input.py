"""Paths that are completed: what is proposed, and in the forms that ask for paths."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from screens.places import Place
from screens.register_data import RegisterDataScreen
from screens.register_model import RegisterModelScreen
from screens.submit.screen import SubmitScreen
from screens.widgets import path_input
from screens.widgets.dialogs import Confirm
from screens.widgets.path_input import PathInput, complete_path
from screens.widgets.proposals import Proposals
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: folders, files, hidden ones."""
    base = tmp_path / "project"
    for name in ("src/pack", "data", ".git", "scripts"):
        (base / name).mkdir(parents=True)
    for name in ("setup.py", "data/diabetes.csv", "data/.secret", "data/titanic.csv", ".amlignore", "Zebra.txt"):
        (base / name).write_text("x")
    monkeypatch.chdir(base)
    return base


def texts(text: str, base: Path, *, folders: bool = False) -> list[str]:
    return [whole for whole, _ in complete_path(text, base, folders=folders)]


def test_folders_come_first_and_end_with_a_slash(folder: Path) -> None:
    assert texts("", folder) == ["data/", "scripts/", "src/", "Zebra.txt", "setup.py"]
    assert texts("s", folder) == ["scripts/", "src/", "setup.py"]
    assert texts("s", folder, folders=True) == ["scripts/", "src/"]
    assert texts("src/", folder) == ["src/pack/"]
    assert texts("./d", folder) == ["./data/"]
    assert texts("../pro", folder) == ["../project/"]
    assert texts(f"{folder}/da", Path("/")) == [f"{folder}/data/"]


def test_hidden_ones_come_only_after_a_dot(folder: Path) -> None:
    assert texts("data/", folder) == ["data/diabetes.csv", "data/titanic.csv"]
    assert texts("data/.", folder) == ["data/.secret"]
    assert texts(".", folder) == [".git/", ".amlignore"]


def test_the_home(folder: Path, empty_home: Path) -> None:
    (empty_home / "models").mkdir()
    assert texts("~", folder) == ["~/"]
    assert texts("~/mo", folder) == ["~/models/"]
    assert texts("~nobody-of-that-name", folder) == []
    assert texts("~nobody-of-that-name/x", folder) == []


@pytest.mark.parametrize("text", ["gone/", "setup.py/", "gone/deeper/x", "nul\0/", "x" * 5000 + "/", "data\udcff/"])
def test_what_can_not_be_read_has_no_proposals(folder: Path, text: str) -> None:
    assert texts(text, folder) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_forbidden_folder_has_no_proposals(folder: Path) -> None:
    (folder / "src").chmod(0)
    assert texts("src/", folder) == []
    (folder / "src").chmod(0o700)


def test_a_link_to_itself_hides_nothing_else(folder: Path) -> None:
    (folder / "data/loop").symlink_to("loop")
    (folder / "data/home").symlink_to("../src")
    (folder / "data/gone").symlink_to("nowhere")
    assert texts("data/", folder) == [
        "data/home/",
        "data/diabetes.csv",
        "data/gone",
        "data/loop",
        "data/titanic.csv",
    ]


def test_a_huge_folder_is_read_and_proposed_in_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(120):
        (folder / "data" / f"part-{n:03}").touch()
    assert len(texts("data/", folder)) == path_input.MOST_PROPOSED
    monkeypatch.setattr(path_input, "MOST_READ", 10)
    assert len(texts("data/", folder)) <= 10


def submit(workspace: FakeWorkspace) -> Screen[None]:
    return SubmitScreen(
        Place("submit"),
        jobs=workspace.jobs,
        data=workspace.data,
        environments=workspace.environments,
        compute=workspace.compute,
        workspace=workspace,
    )


def register_data(workspace: FakeWorkspace) -> Screen[None]:
    return RegisterDataScreen(
        Place("register-data"), data=workspace.data, datastores=workspace.datastores, workspace=workspace
    )


def register_model(workspace: FakeWorkspace) -> Screen[None]:
    return RegisterModelScreen(Place("register-model"), models=workspace.models, workspace=workspace)


def line(pilot: Pilot[None]) -> Input:
    focused = pilot.app.screen.focused
    assert isinstance(focused, Input)
    return focused


def is_open(pilot: Pilot[None]) -> bool:
    return any(found.display for found in pilot.app.screen.query(Proposals))


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


@pytest.mark.parametrize("make", [submit, register_data, register_model])
async def test_tab_goes_into_folders_and_then_on(
    workspace: FakeWorkspace, folder: Path, make: Callable[[FakeWorkspace], Screen[None]]
) -> None:
    async with ScreenApp(make(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        path = line(pilot)
        assert isinstance(path, PathInput)
        assert not is_open(pilot)
        await press(pilot, *"sr")
        await press(pilot, "tab")
        assert path.value == "src/"
        assert pilot.app.focused is path
        assert "  pack/" in screen_text(pilot.app)
        await press(pilot, "p")
        await press(pilot, "tab")
        assert path.value == "src/pack/"
        await press(pilot, "tab")
        assert pilot.app.focused is not path
        assert not is_open(pilot)
        await press(pilot, "shift+tab")
        assert pilot.app.focused is path
        assert path.value == "src/pack/"


async def test_escape_closes_the_list_before_it_leaves_the_form(workspace: FakeWorkspace, folder: Path) -> None:
    app = ScreenApp(register_data(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"data/")
        assert is_open(pilot)
        await press(pilot, "escape")
        assert not is_open(pilot)
        assert (app.left, app.screen) == (0, app.first)
        await pilot.press("escape")
        await eventually(lambda: isinstance(app.screen, Confirm))


async def test_a_file_is_taken_and_the_form_follows(workspace: FakeWorkspace, folder: Path) -> None:
    app = ScreenApp(register_data(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"data/")
        await press(pilot, "down", "down", "enter")
        assert line(pilot).value == "data/titanic.csv"
        assert not is_open(pilot)


async def test_environments_and_computes_of_the_workspace(workspace: FakeWorkspace, folder: Path) -> None:
    async with ScreenApp(submit(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app = pilot.app
        app.screen.query_one("#field-environment Input").focus()
        await press(pilot, "down")
        assert is_open(pilot)
        first = (await workspace.environments.list())[0]
        await press(pilot, "down", "tab")
        assert line(pilot).value == f"azureml:{first.name}@latest"
        await press(pilot, "tab")
        assert line(pilot) is app.screen.query_one("#field-compute Input")


async def test_an_input_takes_an_asset_or_a_path(workspace: FakeWorkspace, folder: Path) -> None:
    async with ScreenApp(submit(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+n")
        await press(pilot, *"table", "tab", "tab")
        await press(pilot, *"azureml:")
        assert is_open(pilot)
        await press(pilot, "tab")
        asset = (await workspace.data.list())[0]
        assert line(pilot).value == f"azureml:{asset.name}:{asset.version}"
        await press(pilot, "ctrl+u", *"data/di")
        await press(pilot, "right")
        assert line(pilot).value == "data/diabetes.csv"


async def test_hostile_names_are_shown_safely_and_taken_as_they_are(workspace: FakeWorkspace, folder: Path) -> None:
    hostile = "data/\x1b]0;owned\x07[bold]\u202e.csv"
    (folder / hostile).touch()
    os.close(os.open(os.fsencode(folder) + b"/data/\xff\xfe.csv", os.O_CREAT))
    async with ScreenApp(register_data(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"data/")
        text = screen_text(pilot.app)
        assert "␛]0;owned␇[bold]‹U+202E›.csv" in text
        assert "‹U+DCFF›‹U+DCFE›.csv" in text
        await press(pilot, "down", "enter")
        assert line(pilot).value == hostile
        text = screen_text(pilot.app)
        assert "␛]0;owned␇[bold]�.csv" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


async def test_the_list_over_a_form(
    workspace: FakeWorkspace, folder: Path, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(register_data(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *"./s")
        await screen_snapshot(pilot)
