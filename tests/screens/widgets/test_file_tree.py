"""A tree of files: what opens, closes and stays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from screens.widgets.file_tree import OPEN_UP_TO, Entry, FileTree
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import ScreenSnapshot, screen_text

OUTPUTS: list[Entry] = [
    ("model/MLmodel", False, 500, ""),
    ("model/data/model.skops", False, 12_000, "the model"),
    ("model/data/input.json", False, None, ""),
    ("plots/roc.png", False, 30_000, ""),
    ("empty", True, None, ""),
    ("report.html", False, 1_000, ""),
    ("Z.txt", False, 0, ""),
]


class Stage(Screen[None]):
    """A tree in focus; what it tells is kept."""

    AUTO_FOCUS = "FileTree"

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self.entries = entries
        self.opened: list[str] = []
        self.highlighted: list[tuple[str, bool]] = []

    def compose(self) -> ComposeResult:
        yield FileTree(empty="No files.")

    def on_mount(self) -> None:
        self.query_one(FileTree).set_entries(self.entries)

    def on_file_tree_opened(self, event: FileTree.Opened) -> None:
        self.opened.append(event.path)

    def on_file_tree_highlighted(self, event: FileTree.Highlighted) -> None:
        self.highlighted.append((event.path, event.is_folder))


def tree(pilot: Pilot[None]) -> FileTree:
    return pilot.app.screen.query_one(FileTree)


def lines(pilot: Pilot[None]) -> list[str]:
    return [line for line in screen_text(pilot.app).splitlines() if line]


def shows(pilot: Pilot[None]) -> list[str]:
    """The first words of the lines, marks aside."""
    return [line[2:].replace("▾", "").replace("▸", "").split()[0] for line in lines(pilot)]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


async def test_folders_come_first_and_a_small_tree_is_open() -> None:
    async with ScreenApp(Stage(OUTPUTS)).run_test() as pilot:
        await settle(pilot)
        assert shows(pilot) == [
            "empty/", "model/", "data/", "input.json", "model.skops", "MLmodel", "plots/", "roc.png", "Z.txt",
            "report.html",
        ]  # fmt: skip
        assert tree(pilot).cursor_path == "empty"


async def test_a_large_tree_begins_closed() -> None:
    entries: list[Entry] = [(f"folder/file-{n:03}", False, 1, "") for n in range(OPEN_UP_TO + 1)]
    async with ScreenApp(Stage(entries)).run_test() as pilot:
        await settle(pilot)
        assert shows(pilot) == ["folder/"]
        await press(pilot, "enter")
        assert shows(pilot)[:2] == ["folder/", "file-000"]


async def test_a_folder_has_the_size_of_all_that_is_known_in_it() -> None:
    async with ScreenApp(Stage(OUTPUTS)).run_test() as pilot:
        await settle(pilot)
        sizes = {line[2:].replace("▾", "").split()[0]: line for line in lines(pilot)}
        assert "12 kB" in sizes["model/"]
        assert "12 kB" in sizes["data/"]
        assert "the model" in sizes["model.skops"]
        assert sizes["input.json"].rstrip().endswith("input.json")


async def test_enter_opens_files_and_opens_and_closes_folders() -> None:
    stage = Stage(OUTPUTS)
    async with ScreenApp(stage).run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "enter")
        assert shows(pilot)[:3] == ["empty/", "model/", "plots/"]
        assert stage.opened == []
        await press(pilot, "enter", "down", "down", "enter")
        assert stage.opened == ["model/data/input.json"]


async def test_right_opens_and_goes_in_and_left_goes_up_and_closes() -> None:
    async with ScreenApp(Stage(OUTPUTS)).run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "right", "right")
        assert tree(pilot).cursor_path == "model/data/input.json"
        await press(pilot, "right")
        assert tree(pilot).cursor_path == "model/data/input.json"
        await press(pilot, "left")
        assert tree(pilot).cursor_path == "model/data"
        await press(pilot, "left")
        assert "input.json" not in shows(pilot)
        assert tree(pilot).cursor_path == "model/data"
        await press(pilot, "left", "left")
        assert tree(pilot).cursor_path == "model"
        assert shows(pilot) == ["empty/", "model/", "plots/", "roc.png", "Z.txt", "report.html"]
        await press(pilot, "right")
        assert shows(pilot)[2:4] == ["data/", "MLmodel"]
        await press(pilot, "home", "right", "left", "left")
        assert tree(pilot).cursor_path == "empty"


async def test_what_is_under_the_cursor_is_told() -> None:
    stage = Stage(OUTPUTS)
    async with ScreenApp(stage).run_test() as pilot:
        await settle(pilot)
        await press(pilot, "end")
        await press(pilot, "up", "up")
        assert stage.highlighted[0] == ("empty", True)
        assert ("report.html", False) in stage.highlighted
        assert stage.highlighted[-1] == ("plots/roc.png", False)


async def test_new_entries_keep_the_cursor_and_what_is_open() -> None:
    async with ScreenApp(Stage(OUTPUTS)).run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "down", "left", "end", "up", "up")
        assert tree(pilot).cursor_path == "plots/roc.png"
        tree(pilot).set_entries([("a/new.txt", False, 1, ""), *OUTPUTS])
        await settle(pilot)
        assert tree(pilot).cursor_path == "plots/roc.png"
        assert shows(pilot)[:5] == ["a/", "empty/", "model/", "data/", "MLmodel"]


async def test_other_files_begin_anew() -> None:
    async with ScreenApp(Stage(OUTPUTS)).run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "enter")
        tree(pilot).set_entries([("other/file", False, 1, "")])
        await settle(pilot)
        assert shows(pilot) == ["other/", "file"]
        tree(pilot).set_entries([])
        await settle(pilot)
        assert lines(pilot) == ["  No files."]
        assert tree(pilot).cursor_path is None
        await press(pilot, "enter", "left", "right")


@pytest.mark.parametrize("path", ["/a/b", "a/b/"])
async def test_odd_paths_are_one_file_in_one_folder(path: str) -> None:
    stage = Stage([(path, False, 1, "")])
    async with ScreenApp(stage).run_test() as pilot:
        await settle(pilot)
        assert shows(pilot) == ["a/", "b"]
        await press(pilot, "end", "enter")
        assert stage.opened == [path.strip("/")]


async def test_hostile_names_are_shown_not_obeyed() -> None:
    stage = Stage([("d\x1b[31m/[bold]x\u202e.csv", False, 1, "no\x07te")])
    async with ScreenApp(stage).run_test() as pilot:
        await settle(pilot)
        text = screen_text(pilot.app)
        assert "d␛[31m/" in text
        assert "[bold]x‹U+202E›.csv" in text
        assert "no␇te" in text
        assert "\x1b" not in text
        await press(pilot, "down", "enter")
        assert stage.opened == ["d\x1b[31m/[bold]x\u202e.csv"]


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (3, 3), (8, 2), (20, 5)], ids=str)
async def test_no_size_breaks_it(size: tuple[int, int]) -> None:
    async with ScreenApp(Stage(OUTPUTS)).run_test(size=size) as pilot:
        await press(pilot, "down", "enter", "enter", "right", "left", "end")
        assert tree(pilot).cursor_path == "report.html"


async def test_looks(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(Stage(OUTPUTS)).run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "down", "down", "enter")
        await screen_snapshot(pilot)
