"""Questions over a screen: which keys answer them, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from screens.widgets.dialogs import Ask, Choose, Confirm, Dialog
from screens.widgets.line_input import LineInput
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

OPEN = object()
"""No answer yet: None is one."""


class Asking(Screen[None]):
    """Asks once and keeps the answer."""

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: object = OPEN

    def on_mount(self) -> None:
        self.app.push_screen(self.dialog, self.keep)

    def keep(self, answer: object) -> None:
        self.answer = answer


async def answer_to(dialog: Dialog[Any], *keys: str) -> object:
    """What keys answer; `OPEN` if the question still stands."""
    screen = Asking(dialog)
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
    return screen.answer


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("n", False), ("escape", False), ("enter", OPEN), ("space", OPEN)]
)
async def test_yes_or_no(key: str, answer: object) -> None:
    assert await answer_to(Confirm("Leave", "Leave it?"), key) is answer


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("y", "e", "s", "enter"), True),
        (("space", "y", "e", "s", "enter"), True),
        (("y",), OPEN),
        (("n",), OPEN),
        (("y", "enter"), OPEN),
        (("enter",), OPEN),
        (("y", "e", "s", "escape"), False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
async def test_what_destroys_is_typed(keys: tuple[str, ...], answer: object) -> None:
    assert await answer_to(Confirm("Delete", "All of it goes.", typed="yes"), *keys) is answer


async def test_a_wrong_text_is_told() -> None:
    async with ScreenApp(Asking(Confirm("Delete", "All of it goes.", typed="data"))).run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"dta", "enter")
        await settle(pilot)
        assert "✗ This is not data." in screen_text(pilot.app)


async def test_a_line() -> None:
    assert await answer_to(Ask("Alias", "A name"), *"new", "enter") == "new"
    assert await answer_to(Ask("Alias", "A name", "old"), *"er", "enter") == "older"
    assert await answer_to(Ask("Alias", "A name", "old"), "escape") is None


async def test_a_line_that_is_checked() -> None:
    screen = Asking(Ask("Alias", "A name", check=lambda text: "" if text.islower() else "only small letters"))
    async with ScreenApp(screen).run_test() as pilot:
        await settle(pilot)
        await pilot.press("A", "enter")
        await settle(pilot)
        assert screen.answer is OPEN
        assert "✗ only small letters" in screen_text(pilot.app)
        await pilot.press("backspace", "a", "enter")
        await eventually(lambda: screen.answer == "a")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory with job.yml and a folder jobs."""
    (tmp_path / "jobs").mkdir()
    (tmp_path / "job.yml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_a_path_is_completed(folder: Path) -> None:
    assert await answer_to(Ask("Open", "The file", path=True), *"jo", "down", "tab", "enter") == "job.yml"
    assert await answer_to(Ask("Open", "The file", path=True), *"jo", "escape") is OPEN
    assert await answer_to(Ask("Open", "The file", path=True), *"jo", "escape", "escape") is None
    assert await answer_to(Ask("Open", "The file", path=True), *"new.yml", "enter") == "new.yml"


async def test_one_of_several() -> None:
    options: list[str | tuple[str, str]] = ["one", ("two", "the second"), "three"]
    assert await answer_to(Choose("Log", options), "enter") == "one"
    assert await answer_to(Choose("Log", options, "two"), "enter") == "two"
    assert await answer_to(Choose("Log", options), "down", "down", "enter") == "three"
    assert await answer_to(Choose("Log", options), "down", "escape") is None


async def test_letters_go_to_an_option() -> None:
    options = ["Age", "Activity", "BMI", "Diabetic", "jk"]
    assert await answer_to(Choose("Target", options), *"di", "enter") == "Diabetic"
    assert await answer_to(Choose("Target", options), *"ac", "enter") == "Activity"
    assert await answer_to(Choose("Target", options), *"mi", "enter") == "BMI"
    assert await answer_to(Choose("Target", options), *"dab", "enter") == "Diabetic"
    assert await answer_to(Choose("Target", options), "j", "enter") == "jk"


async def test_many_options_scroll() -> None:
    assert await answer_to(Choose("Log", [f"option {n}" for n in range(60)]), "end", "enter") == "option 59"


async def test_hostile_texts_are_shown_not_obeyed() -> None:
    evil = "\x1b[31m[bold]x[/]"
    for dialog in (Confirm(evil, evil, evil), Ask(evil, evil, evil), Choose(evil, [(evil, evil)])):
        async with ScreenApp(Asking(dialog)).run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            text = screen_text(pilot.app)
            assert text.count("␛[31m[bold]x[/]") >= 2
            assert "\x1b" not in text


async def test_looks(folder: Path, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    dialogs: dict[str, tuple[Dialog[Any], str]] = {
        "confirm": (Confirm("Cancel job", "plucky_lake_1 is running. Cancel it?"), ""),
        "typed": (Confirm("Delete", "The datastore goes with all that is in it.", typed="workspaceblobstore"), ""),
        "ask": (Ask("Alias", "A name such as champion for diabetes:3", "champion"), ""),
        "path": (Ask("From an az ml YAML file", "The file", "", path=True), "jo"),
        "choose": (Choose("Log file", ["user_logs/std_log.txt", ("logs/lapis.log", "of the supervisor")]), ""),
    }
    for name, (dialog, typed) in dialogs.items():
        async with ScreenApp(Asking(dialog)).run_test(size=size) as pilot:
            await settle(pilot)
            await type_in(pilot, typed)
            await screen_snapshot(pilot, name)


async def type_in(pilot: Pilot[None], text: str) -> None:
    if text:
        await pilot.press(*text)
        await settle(pilot)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 5), (3, 3), (8, 2), (20, 5), (40, 3)], ids=str)
async def test_no_size_breaks_them(folder: Path, size: tuple[int, int]) -> None:
    for dialog in (
        Confirm("Cancel", "Cancel it?", "it"),
        Ask("Path", "The file", path=True),
        Choose("One", ["a", "b"]),
    ):
        async with ScreenApp(Asking(dialog)).run_test(size=size) as pilot:
            await settle(pilot)
            if not isinstance(dialog, Choose):
                dialog.query_one(LineInput).focus()
            await type_in(pilot, "jo")
            assert len(screen_text(pilot.app).splitlines()) == size[1]
