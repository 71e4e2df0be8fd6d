"""Reading a screen and moving in its grid, for tests of screens."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from screens.base import LapisScreen
from screens.places import Place
from screens.widgets.frame import Frame
from screens.widgets.grid import Grid
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import screen_text
from tests.support.waiting import eventually


def text_of(pilot: Pilot[Any]) -> str:
    """The screen as plain text."""
    return screen_text(pilot.app)


def shows(pilot: Pilot[Any], text: str) -> bool:
    """Whether a text can be read on the screen."""
    return text in text_of(pilot)


def grid_of(pilot: Pilot[Any]) -> Grid:
    """The grid in view."""
    return next(grid for grid in pilot.app.screen.query(Grid) if grid.is_on_screen)


async def move_to(pilot: Pilot[Any], key: str) -> None:
    """Put the cursor on a row by the keys."""
    await pilot.press("home")
    for _ in range(50):
        if grid_of(pilot).cursor_key == key:
            return
        await pilot.press("down")
    raise AssertionError(f"{key} is not in the list")


async def opened_by(screen: LapisScreen, *keys: str) -> list[Place]:
    """The places that a screen asks for when keys are pressed."""
    app = ScreenApp(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
        return app.opened


async def choose(pilot: Pilot[Any], key: str, *keys: str) -> None:
    """Open a list of options by a key, and choose one."""
    first = pilot.app.screen
    await pilot.press(key)
    await eventually(lambda: pilot.app.screen is not first)
    await pilot.press(*keys, "enter")
    await settle(pilot)


async def copy_uri(pilot: Pilot[Any], downs: int) -> None:
    """Have one of the URIs copied that `u` offers."""
    await settle(pilot)
    first = pilot.app.screen
    await pilot.press("u")
    await eventually(lambda: pilot.app.screen is not first and shows(pilot, "Outside Azure ML only"))
    await pilot.press(*["down"] * downs, "enter")
    await settle(pilot)


def make_read_only(screen: LapisScreen) -> None:
    """What the app does in read-only mode."""
    screen.show_frame(Frame("local ~/lapis", read_only=True))


async def asked(pilot: Pilot[Any]) -> Input:
    """Wait for a question; its field has the focus."""

    def focused() -> bool:
        return isinstance(pilot.app.screen, ModalScreen) and isinstance(pilot.app.focused, Input)

    await eventually(focused, what="no question was asked")
    return pilot.app.screen.query_one(Input)


async def answer(pilot: Pilot[Any], text: str) -> None:
    """Wait for a question, type into its field and press enter."""
    (await asked(pilot)).value = text
    await pilot.press("enter")
