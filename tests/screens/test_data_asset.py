"""One data asset: its tabs, its files as tables, versions and their changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from screens.data_asset import DataAssetScreen
from screens.places import Place
from screens.show_as import ShowAs
from services.errors import TransientError
from services.local import mlflow_store
from services.local.workspace import LocalWorkspace
from services.specs.assets import DataSpec
from services.workspace import Workspace
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer, make_read_only, move_to, opened_by, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")


def screen_of(workspace: Workspace, subject: str = "diabetes", tab: str = "") -> DataAssetScreen:
    return DataAssetScreen(Place("data-asset", subject, tab), data=workspace.data, workspace=workspace)


@pytest.fixture
async def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalWorkspace]:
    """A real workspace; data needs no MLflow store, which takes seconds to make."""
    monkeypatch.setattr(mlflow_store, "begin_store", lambda layout: None)
    opened = await LocalWorkspace.open(tmp_path / "ws")
    yield opened
    await opened.close()


@pytest.mark.parametrize("tab", ["versions", "overview"])
async def test_tabs(workspace: FakeWorkspace, tab: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, tab=tab)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_files(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, "titanic-folder", "files")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_yaml(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4")
        await eventually(lambda: "type: uri_file" in text_of(pilot))


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("data.get")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await settle(pilot)
        assert shows(pilot, "uri_file")


async def test_an_asset_that_is_not_there(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, "nothing")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_later_failure_keeps_what_is_known(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        workspace.fail("data.get", TransientError("The disk does not answer."))
        await pilot.press("r")
        await screen_snapshot(pilot)
        workspace.mend("data.get")
        await pilot.press("r")
        await settle(pilot)
        assert not shows(pilot, "The disk does not answer.")
        assert shows(pilot, "azureml:diabetes:2")


async def test_an_empty_folder(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, "empty-folder")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        assert shows(pilot, "The asset holds no files.")


async def test_a_file_opens_as_a_table(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "titanic-folder", "files"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "notes.txt")
        await pilot.press("enter")
        await settle(pilot)
        folder = "azureml://datastores/workspaceblobstore/paths/LocalUpload/cd34/titanic"
        assert app.opened == [Place("table", f"{folder}/notes.txt")]
    assert await opened_by(screen_of(workspace, "diabetes", "files"), "enter") == [Place("table", "azureml:diabetes:2")]


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("n", Place("submit", "data:diabetes:2")),
        ("R", Place("register-data", "asset:diabetes")),
        ("p", Place("table", "azureml:diabetes:2")),
        ("f", Place("profile", "azureml:diabetes:2")),
        ("w", Place("wrangle", "azureml:diabetes:2")),
    ],
)
async def test_keys_open_places(workspace: FakeWorkspace, key: str, place: Place) -> None:
    assert await opened_by(screen_of(workspace), key) == [place]


async def test_copy_and_show_as(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "diabetes:1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "not the latest version")
        await pilot.press("c")
        assert app.clipboard == "azureml:diabetes:1"
        await pilot.press("u")
        await eventually(lambda: app.screen is not app.first and shows(pilot, "From any workspace"))
        await pilot.press("enter")
        await settle(pilot)
        assert app.clipboard == "azureml://datastores/workspaceblobstore/paths/LocalUpload/aa00/diabetes.csv"
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, ShowAs)


async def test_a_uri_of_the_web_is_copied_at_once(workspace: FakeWorkspace) -> None:
    workspace.data.all[0] = replace(workspace.data.all[0], path="https://example.org/d.csv")
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("u")
        await settle(pilot)
        assert app.clipboard == "https://example.org/d.csv"


async def test_versions_open_and_are_archived(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, tab="versions"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await move_to(pilot, "1")
        await pilot.press("A")
        await settle(pilot)
        assert workspace.called("data.archive") == [("diabetes", "1", True)]
        assert shows(pilot, "1 (archived)")
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == [Place("data-asset", "diabetes:1")]


@pytest.mark.parametrize(
    ("subject", "tab", "keys", "subject_of_diff"),
    [
        ("diabetes", "versions", ("v",), "azureml:diabetes:1 azureml:diabetes:2"),
        ("diabetes", "versions", ("down", "v"), "azureml:diabetes:1 azureml:diabetes:2"),
        ("diabetes", "versions", ("space", "down", "space", "v"), "azureml:diabetes:1 azureml:diabetes:2"),
        ("diabetes:1", "overview", ("v",), "azureml:diabetes:1 azureml:diabetes:2"),
    ],
)
async def test_versions_are_compared(
    workspace: FakeWorkspace, subject: str, tab: str, keys: tuple[str, ...], subject_of_diff: str
) -> None:
    assert await opened_by(screen_of(workspace, subject, tab), *keys) == [Place("data-diff", subject_of_diff)]


async def test_one_version_alone_is_not_compared(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "titanic-folder", "versions"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        assert "Mark two versions" in app.last_notice
        assert app.opened == []


async def test_tags_and_description_are_edited_and_files_downloaded(workspace: FakeWorkspace, tmp_path: Path) -> None:
    app = ScreenApp(screen_of(workspace, tab="overview"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await answer(pilot, "source=course 'checked by=ada b'")
        await settle(pilot)
        assert workspace.called("data.update") == [
            ("diabetes", "2", {"source": "course", "checked by": "ada b"}, None),
        ]
        assert shows(pilot, "checked by=ada b")
        await pilot.press("t")
        await answer(pilot, "nonsense")
        await settle(pilot)
        assert "nonsense is no key=value." in app.last_notice
        await pilot.press("e")
        await answer(pilot, "Cleaned")
        await settle(pilot)
        assert shows(pilot, "Cleaned")
        await pilot.press("D")
        await answer(pilot, str(tmp_path))
        await settle(pilot)
        assert workspace.called("data.download") == [("diabetes", "2", tmp_path)]
        assert f"1 file, 518 kB, in {tmp_path / 'diabetes'}" in app.last_notice.replace("\n", " ")


async def test_what_a_job_made_leads_to_job_and_table(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    made = {"lapis.job": "keen_star_4", "lapis.recipe": "clean", "lapis.table": "azureml:raw:1"}
    workspace.data.all[0] = replace(workspace.data.all[0], properties=made)
    app = ScreenApp(screen_of(workspace, tab="overview"))
    async with app.run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        assert shows(pilot, "job keen_star_4 with recipe clean from azureml:raw:1")
        await pilot.press("J", "I")
        await settle(pilot)
        assert app.opened == [Place("job", "keen_star_4"), Place("table", "azureml:raw:1")]
    app = ScreenApp(screen_of(workspace, "diabetes:1", "overview"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("J")
        assert "No job made this version" in app.last_notice
        await pilot.press("I")
        assert "No recipe made this version" in app.last_notice
        assert app.opened == []


async def test_read_only_offers_nothing_that_writes(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen := screen_of(workspace))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        make_read_only(screen)
        await settle(pilot)
        assert not shows(pilot, "New version")
        await pilot.press("n", "R", "A", "t", "e")
        await settle(pilot)
        assert app.opened == []
        assert app.screen is screen
        assert workspace.called("data.archive") == []


async def registered(local: LocalWorkspace, path: Path, **more: object) -> str:
    fields = {"type": "uri_folder" if path.is_dir() else "uri_file", **more}
    made = await local.data.create(DataSpec("d", str(path), **fields), base=path.parent)  # type: ignore[arg-type]
    return f"{made.name}:{made.version}"


async def test_a_file_is_wrapped_once_its_mltable_was_seen(
    local: LocalWorkspace, tmp_path: Path, screen_snapshot: ScreenSnapshot
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name;age\nAda;36\n", encoding="utf-8")
    app = ScreenApp(screen_of(local, await registered(local, path), "versions"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for last in ("n", "y"):
            await pilot.press("M")
            await answer(pilot, "people-table")
            await eventually(lambda: shows(pilot, "delimiter: ;"))
            if last == "n":
                await screen_snapshot(pilot, busy=True)
            await pilot.press(last)
            await settle(pilot)
            assert [asset.name for asset in await local.data.list()] == (
                ["d"] if last == "n" else ["d", "people-table"]
            )
        assert app.opened == [Place("data-asset", "people-table:1")]
    made = await local.data.get("people-table")
    assert made.type == "mltable"
    assert [file.path for file in await local.data.files("people-table")] == ["MLTable", "people.csv"]


async def test_a_folder_is_not_wrapped(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "titanic-folder", "versions"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("M")
        await answer(pilot, "x")
        await settle(pilot)
        assert "only a file (uri_file) is wrapped" in app.last_notice
