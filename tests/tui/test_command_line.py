"""`:`, ctrl+p, `?` and T in the app."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList, Static

from screens.help import HelpScreen
from screens.places import Place
from tests.support.app import settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually
from tests.tui.conftest import JobsList, MakeApp
from tui.app import LapisApp
from tui.command_line import CommandLine
from tui.theme_picker import ThemePicker


def hints(app: LapisApp) -> str:
    """The line above the command line."""
    return str(app.screen.query_one(CommandLine).query_one("#hints", Static).render())


async def test_typing_a_command(make_app: MakeApp, screen_snapshot: ScreenSnapshot, size: tuple[int, int]) -> None:
    """The line lies above the footer, tells what could be typed, and enter goes there."""
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("colon")
        await screen_snapshot(pilot, "empty")
        await pilot.press(*"job", "space", *"ke")
        await eventually(lambda: "keen_star_4" in hints(app))
        await screen_snapshot(pilot, "names")
        await pilot.press("tab", "enter")
        await settle(pilot)
        assert app.navigation.stack == (Place("jobs"), Place("job", "keen_star_4"))


async def test_a_line_that_arrives_in_one_piece(make_app: MakeApp) -> None:
    """As when it is pasted, or typed over a slow connection: no letter of it is lost."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        for character in ":data\r":
            app.simulate_key({":": "colon", "\r": "enter"}.get(character, character))
        await eventually(lambda: app.navigation.here == Place("data"))


async def test_proposals_that_come_while_the_line_is_being_closed(make_app: MakeApp) -> None:
    """Enter comes before them where a line arrives in one piece."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon")
        line = app.screen.query_one(CommandLine)
        await line.query_one("#hints").remove()
        line.show_candidates("", [("jobs", "")])
        assert not line.query("#hints")


async def test_a_mistake_is_shown_in_place(make_app: MakeApp) -> None:
    """The text is kept, says what is wrong, and can be mended."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", *"modles", "enter")
        await settle(pilot)
        assert "did you mean :models?" in hints(app)
        line = app.screen.query_one(CommandLine).query_one(Input)
        assert line.value == "modles"
        await pilot.press("ctrl+u", *"theme", "space", *"nope", "enter")
        await settle(pilot)
        assert "there is no theme nope" in hints(app)
        await pilot.press("escape")
        await settle(pilot)
        assert not app.screen.query(CommandLine)


async def test_tab_goes_round(make_app: MakeApp) -> None:
    """Tab takes one candidate after the other, shift+tab goes back."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", *"jo")
        await eventually(lambda: hints(app).split() == ["jobs", "job"])
        line = app.screen.query_one(CommandLine).query_one(Input)
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab"):
            await pilot.press(key)
            await settle(pilot)
            seen.append(line.value)
        assert seen == ["jobs", "job", "jobs", "job"]


async def test_history_of_commands(make_app: MakeApp) -> None:
    """Up recalls what was typed, also after a new start; the focus goes back where it was."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("colon", *"theme", "space", *"nord", "enter")
        await settle(pilot)
        assert app.theme == "nord"
        await pilot.press("colon", *"jobs", "enter")
        await settle(pilot)
        assert isinstance(app.screen, JobsList)
    again = make_app()
    async with again.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", "up", "up")
        assert again.screen.query_one(CommandLine).query_one(Input).value == "theme nord"
        await pilot.press("down", "down", "backspace")
        await settle(pilot)
        assert not again.screen.query(CommandLine)


async def test_an_action_by_its_name(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    """What has a key can be typed as well; in read-only mode a dangerous one is no command."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", *"cancel", "enter")
        await settle(pilot)
        assert workspace.called("jobs.cancel") == [("plucky_lake_1",)]
    again = make_app(read_only=True)
    async with again.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", *"cancel", "enter")
        await settle(pilot)
        assert "there is no command cancel" in hints(again)
        assert len(workspace.called("jobs.cancel")) == 1


async def test_quit(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    """:q leaves with 0."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", "q", "enter")
        await eventually(lambda: app._exit)
    assert app.return_code == 0


async def test_names_from_outside_are_shown_not_obeyed(make_app: MakeApp) -> None:
    """A display name with markup and escapes is text in the hints."""
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("colon", *"job", "space", *"evil")
        await eventually(lambda: "evil_name_9" in hints(app))
        assert "[bold red]x[/]" in hints(app)
        assert "\x1b" not in hints(app)
        assert "\u202e" not in hints(app)


async def test_palette(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    """Actions of the screen and places are found by parts of their names."""
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await eventually(lambda: "Go to models" in screen_text(app))
        await pilot.press(*"cancel")
        await eventually(lambda: "Cancel the first job" in screen_text(app) and "Go to models" not in screen_text(app))
        await pilot.press("enter")
        await eventually(lambda: workspace.called("jobs.cancel"))
        await pilot.press("ctrl+p", *"models")
        await eventually(lambda: "Go to models" in screen_text(app) and "Cancel the first" not in screen_text(app))
        await pilot.press("enter")
        await eventually(lambda: app.navigation.here == Place("models"))


async def test_help(make_app: MakeApp, screen_snapshot: ScreenSnapshot, size: tuple[int, int]) -> None:
    """Every key that works here, under the user's own keymap; esc closes."""
    app = make_app(keymap={"list.cancel": "ctrl+k,K"})
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await screen_snapshot(pilot)
        assert isinstance(app.screen, HelpScreen)
        assert "ctrl+k K" in screen_text(app)
        await pilot.press("end")
        await settle(pilot)
        assert "Leave Lapis" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, JobsList)


async def test_keys_of_ones_own(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    """The user's key does it, the built-in one no longer does."""
    app = make_app(keymap={"list.cancel": "ctrl+k", "app.goto": "G"})
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        assert "^k cancel" in screen_text(app)
        await pilot.press("ctrl+x")
        assert workspace.called("jobs.cancel") == []
        await pilot.press("ctrl+k")
        await settle(pilot)
        assert len(workspace.called("jobs.cancel")) == 1
        await pilot.press("g", "d")
        assert app.navigation.here == Place("jobs")
        await pilot.press("G", "d")
        await settle(pilot)
        assert app.navigation.here == Place("data")


async def test_theme(make_app: MakeApp, tmp_path: Path) -> None:
    """Under the cursor it is tried on, esc takes it back, enter keeps it in the settings."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("T")
        await settle(pilot)
        assert isinstance(app.screen, ThemePicker)
        await pilot.press("down")
        await settle(pilot)
        assert app.theme == "lapis-light"
        await pilot.press("escape")
        await settle(pilot)
        assert app.theme == "lapis"
        assert not (tmp_path / "settings.toml").exists()
        await pilot.press("T", "down", "enter")
        await settle(pilot)
        assert app.theme == "lapis-light"
        assert (tmp_path / "settings.toml").read_text() == 'theme = "lapis-light"\n'


@pytest.mark.parametrize("theme", ["lapis", "lapis-light", "ansi-dark", "ansi-light"])
async def test_themes_are_readable(make_app: MakeApp, theme: str) -> None:
    """A screen, the palette and the help can be drawn in our themes and in 16 colours."""
    app = make_app(theme=theme)
    async with app.run_test() as pilot:
        await settle(pilot)
        for key in ("question_mark", "escape", "ctrl+p", "escape", "T"):
            await pilot.press(key)
            await settle(pilot)
        assert app.theme == theme
        assert app.screen.query_one(OptionList).option_count > 10
        assert not isinstance(app.screen, CommandPalette)


async def test_files_are_named_from_everywhere(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path is of this folder also at the next start; a URI stays as it is."""
    monkeypatch.chdir(tmp_path)
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", *"submit", "space", *"job.yml", "enter")
        await settle(pilot)
        assert app.navigation.here == Place("submit", f"file:{tmp_path}/job.yml")
        uri = "azureml://datastores/x/paths/y"
        await pilot.press("colon", *f"register-data {uri}", "enter")
        await settle(pilot)
        assert app.navigation.here == Place("register-data", f"path:{uri}")
