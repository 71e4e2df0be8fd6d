"""One registered model: its tabs, and what its keys do to a version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.model import ModelScreen
from screens.model_texts import spec_of
from screens.places import Place
from screens.show_as import ShowAs
from screens.widgets.frame import Frame
from screens.widgets.grid import Grid
from services.entities import ModelSignature
from services.errors import ConflictError, TransientError
from tests.support.app import ScreenApp, settle
from tests.support.asset_entities import TENSOR_SIGNATURE
from tests.support.entities import HOSTILE
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

TABS = list(ModelScreen.TABS)


def screen_of(workspace: FakeWorkspace, subject: str = "diabetes-lr", tab: str = "") -> ModelScreen:
    return ModelScreen(Place("model", subject, tab=tab), models=workspace.models)


def text_of(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app)


def signed(workspace: FakeWorkspace, signature: ModelSignature) -> None:
    """The latest version of diabetes-lr gets another signature."""
    versions = workspace.models.all_versions
    versions[0] = replace(versions[0], signature=signature)


@pytest.mark.parametrize("tab", TABS)
async def test_tabs(workspace: FakeWorkspace, tab: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, tab=tab)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


@pytest.mark.parametrize("tab", ["overview", "signature", "mlmodel"])
async def test_a_custom_model_with_hostile_text(
    workspace: FakeWorkspace, tab: str, screen_snapshot: ScreenSnapshot
) -> None:
    versions = workspace.models.all_versions
    versions[3] = replace(versions[3], tags={"[b]k[/b]": HOSTILE}, aliases=("champion",), archived=True)
    async with ScreenApp(screen_of(workspace, "rules", tab)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        assert not {"\x1b", "\x07", "\u202e"} & set(text_of(pilot))


async def test_a_tensor_signature_is_a_table_too(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    signed(workspace, TENSOR_SIGNATURE)
    async with ScreenApp(screen_of(workspace, tab="signature")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_without_a_signature_it_says_how_to_make_one(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    signed(workspace, ModelSignature())
    async with ScreenApp(screen_of(workspace, tab="signature")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("models.get")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await eventually(lambda: "Logistic" in text_of(pilot) or "Second" in text_of(pilot))


async def test_a_model_that_is_not_there(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, "nobody:7")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        await pilot.press("t", "P", "D", "A", "y", "u", "c", "J")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_a_read_that_fails_is_told_in_its_tab_and_r_tries_again(workspace: FakeWorkspace) -> None:
    workspace.fail("models.files", TransientError("The database is locked."))
    async with ScreenApp(screen_of(workspace, tab="files")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "The database is locked" in text_of(pilot)
        assert "diabetes-lr:2" in text_of(pilot)
        workspace.mend("models.files")
        await pilot.press("r")
        await eventually(lambda: "requirements.txt" in text_of(pilot))


async def test_enter_opens_another_version(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, tab="versions"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter", "down", "enter")
        await settle(pilot)
        assert app.opened == [Place("model", "diabetes-lr:1")]


async def test_the_job_behind_a_version(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "diabetes-lr:1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("J")
        await settle(pilot)
        assert app.opened == [Place("job", "old_oak_15")]
    app = ScreenApp(screen_of(workspace, "image-net"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("J")
        await settle(pilot)
        assert app.opened == []
        assert "No job made this version" in app.last_notice


async def test_another_version_is_registered_under_the_same_name(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        assert app.opened == [Place("register-model", "model:diabetes-lr")]


async def test_tags_are_edited_in_one_line(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await screen_snapshot(pilot, busy=True)
        await answer(pilot, "auc=0.848 'note=two words'")
        await settle(pilot)
        assert workspace.called("models.update") == [("diabetes-lr", "2", {"auc": "0.848", "note": "two words"}, None)]
        assert "note=two words" in text_of(pilot)


async def test_tags_that_are_no_pairs_change_nothing(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await answer(pilot, "auc=1 oops")
        await settle(pilot)
        assert "oops is no key=value" in app.last_notice
        await pilot.press("t")
        await settle(pilot, groups=frozenset())
        await pilot.press("escape")
        await settle(pilot)
        assert workspace.called("models.update") == []


async def test_an_alias_is_set_then_removed(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "diabetes-lr:1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("P")
        await answer(pilot, " champion ")
        await settle(pilot)
        assert workspace.called("models.set_alias") == [("diabetes-lr", "champion", "1")]
        assert "@champion" in text_of(pilot)
        assert "champion means version 1" in app.last_notice
        await pilot.press("P")
        await answer(pilot, "champion")
        await settle(pilot)
        assert workspace.called("models.set_alias")[-1] == ("diabetes-lr", "champion", None)
        assert "@champion" not in text_of(pilot)


async def test_a_reserved_alias_is_refused(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("P")
        await answer(pilot, "latest")
        await settle(pilot)
        assert "always means the newest" in app.last_notice
        await pilot.press("P")
        await answer(pilot, "  ")
        await settle(pilot)
        assert len(workspace.called("models.set_alias")) == 1


async def test_without_its_alias_a_version_stays_in_view(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "diabetes-lr:champion"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("P")
        await answer(pilot, "champion")
        await settle(pilot)
        assert "diabetes-lr:2" in text_of(pilot)
        assert "There is no model" not in text_of(pilot)
        assert app.moved[-1].subject == "diabetes-lr:2"


async def test_archive_and_undo_mean_the_same_version(workspace: FakeWorkspace) -> None:
    """Also where the latest version is another one once this one is archived."""
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("A")
        await settle(pilot)
        assert "archived" in text_of(pilot)
        await pilot.press("A")
        await settle(pilot)
        assert workspace.called("models.archive") == [("diabetes-lr", "2", True), ("diabetes-lr", "2", False)]


async def test_among_the_versions_the_one_under_the_cursor_is_archived(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, tab="versions")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "A")
        await settle(pilot)
        assert workspace.called("models.archive") == [("diabetes-lr", "1", True)]
        assert "1 (archived)" in text_of(pilot)
        assert pilot.app.screen.query_one(Grid).cursor_key == "1"


async def test_download_tells_files_bytes_and_place(
    workspace: FakeWorkspace, tmp_path: Path, screen_snapshot: ScreenSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("D")
        await screen_snapshot(pilot, busy=True)
        await answer(pilot, str(tmp_path))
        await settle(pilot)
        assert workspace.called("models.download") == [("diabetes-lr", "2", tmp_path)]
        assert f"3 files, 2.8 kB, in {tmp_path}/diabetes-lr" in app.last_notice


async def test_a_download_that_is_refused_says_why(workspace: FakeWorkspace, tmp_path: Path) -> None:
    workspace.fail("models.download", ConflictError("There is a folder diabetes-lr already.", advice="Name another."))
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("D")
        await answer(pilot, "~nobody-of-that-name/x")
        await settle(pilot)
        assert workspace.called("models.download")[0][2] == Path("~nobody-of-that-name/x")
        assert "There is a folder diabetes-lr already.\nName another." in app.last_notice


async def test_what_is_copied(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("c")
        assert app.clipboard == "azureml:diabetes-lr:2"
        await pilot.press("u")
        assert app.clipboard == "azureml://jobs/keen_star_4/outputs/artifacts/paths/model/"


async def test_y_shows_this_version(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "diabetes-lr:1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, ShowAs)
        assert "azureml://jobs/old_oak_15" in app.screen.form.text


async def test_read_only(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    """What is there can be read, copied and downloaded."""
    screen = screen_of(workspace)
    app = ScreenApp(screen)
    async with app.run_test(size=(120, 40)) as pilot:
        screen.show_frame(Frame("local ~/lapis", read_only=True))
        await settle(pilot)
        await pilot.press("A", "t", "P", "n")
        await settle(pilot)
        assert app.screen is screen
        assert app.opened == []
        assert workspace.called("models.archive") == []
        await screen_snapshot(pilot)


def test_a_version_as_a_spec(workspace: FakeWorkspace) -> None:
    spec = spec_of(workspace.models.all_versions[0])
    assert (spec.name, spec.version, spec.type, spec.tags) == ("diabetes-lr", "2", "mlflow_model", {"auc": "0.848"})
