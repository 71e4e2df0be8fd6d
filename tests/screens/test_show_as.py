"""The drawer: three forms to read, copy and save."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.show_as import CLIPBOARD_LIMIT, ShowAs, Shown, forms_of, reading_forms
from services.specs.assets import ModelSpec
from services.specs.command import CommandJob, JobInput
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE
from tests.support.keys import answer, asked
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

JOB = CommandJob(
    command="python train.py --data ${{inputs.data}} --reg ${{inputs.reg}}",
    code="./src",
    display_name="Train diabetes",
    inputs={"data": JobInput(type="uri_file", path="azureml:diabetes:2"), "reg": 0.01},
    environment="azureml:AzureML-sklearn-1.5@latest",
    environment_variables={"SEED": "42", "DB_PASSWORD": "hunter2", "STORE": "https://x/y?sv=1&sig=abcdefabcdefabcd"},
    tags={"note": HOSTILE},
)


def drawer(pilot: Pilot[Any]) -> ShowAs:
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, ShowAs))


def text_of(pilot: Pilot[Any]) -> str:
    return screen_text(pilot.app)


async def save_as(pilot: Pilot[Any], path: str) -> None:
    """Press s and type the path."""
    await pilot.press("s")
    await answer(pilot, path)
    await settle(pilot)


def told(pilot: Pilot[Any]) -> str:
    return str(drawer(pilot).query_one("#told").render())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("digit", ["1", "2", "3"])
async def test_tabs(digit: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(ShowAs(JOB, "Train diabetes")).run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press(digit)
        await screen_snapshot(pilot)


async def test_a_hostile_title_is_shown_not_obeyed(screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(ShowAs(ModelSpec("m", "./m", description=HOSTILE), HOSTILE)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        assert not {"\x1b", "\x07", "\u202e"} & set(text_of(pilot))


@pytest.mark.parametrize("form", forms_of(JOB), ids=lambda form: form.label)
def test_secrets_are_in_no_form(form: Shown) -> None:
    shown = ShowAs([form]).forms[0].text
    assert "hunter2" not in shown
    assert "abcdefabcdef" not in shown
    assert form.label == "az" or shown.count("<redacted>") == 2


async def test_c_copies_the_form_in_view() -> None:
    async with ScreenApp(ShowAs(JOB)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("c")
        assert pilot.app.clipboard == drawer(pilot).forms[0].text
        assert "Copied YAML" in told(pilot)
        await pilot.press("3", "c")
        await settle(pilot)
        assert "create_or_update(job)" in pilot.app.clipboard
        assert "75 kB" not in told(pilot)


async def test_what_terminals_cut_is_said(screen_snapshot: ScreenSnapshot) -> None:
    text = "a line of twenty-odd\n" * (CLIPBOARD_LIMIT // 20)
    async with ScreenApp(ShowAs([Shown("YAML", text, "job.yml")])).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("c")
        assert "75 kB" in told(pilot)
        assert len(pilot.app.clipboard) > CLIPBOARD_LIMIT
        await screen_snapshot(pilot)


async def test_s_saves_the_form_in_view_and_says_where(folder: Path, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(ShowAs(JOB)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("2", "s")
        assert (await asked(pilot)).value == str(folder / "job.sh")
        await pilot.press("escape")
        await settle(pilot)
        assert list(folder.iterdir()) == []
        await save_as(pilot, "mine.sh")
        assert (folder / "mine.sh").read_text() == drawer(pilot).forms[1].text
        assert "Saved to" in told(pilot)
        assert "mine.sh" in told(pilot)


async def test_a_file_that_is_there_is_replaced_only_after_a_question(folder: Path) -> None:
    file = folder / "job.yml"
    file.write_text("precious")
    async with ScreenApp(ShowAs(JOB)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await asked(pilot)
        await pilot.press("enter")
        await eventually(lambda: "Replace the file" in text_of(pilot) and "8 B" in text_of(pilot))
        await pilot.press("n")
        await settle(pilot)
        assert file.read_text() == "precious"
        assert told(pilot) == "Not saved."
        await pilot.press("s")
        await asked(pilot)
        await pilot.press("enter")
        await eventually(lambda: "Replace the file" in text_of(pilot))
        await pilot.press("y")
        await eventually(lambda: file.read_text() == drawer(pilot).form.text)


async def test_a_folder_is_never_replaced(folder: Path) -> None:
    (folder / "jobs" / "job.yml").mkdir(parents=True)
    (folder / "free").mkdir()
    async with ScreenApp(ShowAs(JOB)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await save_as(pilot, str(folder / "jobs"))
        assert "is a folder" in told(pilot)
        await save_as(pilot, str(folder / "free"))
        assert "free/job.yml" in "".join(told(pilot).split("\n"))
        assert (folder / "free" / "job.yml").is_file()


@pytest.mark.parametrize("path", ["no/such/folder/job.yml", "~nobody-of-that-name/job.yml", "x" * 300])
async def test_what_can_not_be_written_is_told(folder: Path, path: str) -> None:
    async with ScreenApp(ShowAs(JOB)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await save_as(pilot, path)
        assert told(pilot).startswith("Not saved")


@pytest.mark.parametrize("key", ["escape", "y", "q"])
async def test_it_closes(key: str) -> None:
    async with ScreenApp(ShowAs(JOB)).run_test(size=(80, 24)) as pilot:
        await pilot.app.push_screen(ShowAs(JOB))
        await settle(pilot)
        assert len(pilot.app.screen_stack) == 2
        await pilot.press(key)
        await settle(pilot)
        assert len(pilot.app.screen_stack) == 1


async def test_the_keys_scroll_the_text() -> None:
    async with ScreenApp(ShowAs([Shown("YAML", "x\n" * 500, "job.yml")])).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("end")
        await eventually(lambda: "500  x" in text_of(pilot))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("compute", ("az ml compute show --name 'a b'", "--workspace-name", ".compute.get('a b')")),
        ("datastore", ("az ml datastore show", ".datastores.get(")),
        ("workspace", ("az ml workspace show", ".workspaces.get(")),
    ],
)
def test_what_has_no_yaml_is_read_by_az_and_sdk(kind: str, words: tuple[str, ...]) -> None:
    text = "".join(form.text for form in reading_forms(kind, "a b"))
    assert all(word in text for word in words)
    assert ("--workspace-name" in text) is (kind != "workspace")
