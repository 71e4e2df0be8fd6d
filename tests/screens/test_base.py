"""What all screens share: a screen that nobody sees sends nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from screens.base import LapisScreen
from screens.places import Place
from screens.widgets.dialogs import Confirm
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import screen_text


class WatchedApp(ScreenApp):
    """Counts what would be sent to a terminal."""

    drawn = 0

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.drawn += renderable is not None
        super()._display(screen, renderable)


class Ticking(LapisScreen):
    """A text that changes."""

    def compose_body(self) -> ComposeResult:
        yield Static("before", id="text")

    def change(self, text: str) -> None:
        self.query_one("#text", Static).update(text)


async def test_a_covered_screen_sends_nothing_and_comes_back_as_it_is_then() -> None:
    screen = Ticking(Place("jobs"))
    app = WatchedApp(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Screen())
        await settle(pilot)
        drawn = app.drawn
        screen.change("after")
        await settle(pilot)
        assert app.drawn == drawn
        app.pop_screen()
        await settle(pilot)
        assert "after" in screen_text(app)


async def test_below_a_question_it_goes_on() -> None:
    screen = Ticking(Place("jobs"))
    app = WatchedApp(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Confirm("Cancel", "Cancel it?"))
        await settle(pilot)
        screen.change("after")
        await settle(pilot)
        assert "after" in screen_text(app)
        assert "Cancel it?" in screen_text(app)


async def test_a_bug_beside_the_keys_is_told_and_ends_nothing(empty_home: Path) -> None:
    screen = Ticking(Place("jobs", "keen_star_1"))

    async def fail() -> None:
        raise KeyError("status")

    app = ScreenApp(screen)
    async with app.run_test(size=(120, 24)) as pilot:
        screen.load(fail, group="read")
        await settle(pilot)
        (report,) = (empty_home / ".local/state/lapis/crashes").iterdir()
        assert "KeyError: 'status'" in report.read_text()
        assert "place     jobs/keen_star_1" in report.read_text()
        assert "An error of Lapis's own" in app.last_notice
        assert "KeyError" in app.last_notice
        assert str(report) in app.last_notice
