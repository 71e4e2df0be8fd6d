"""Reading a screen and moving in its grid, for tests of screens."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from screens.base import LapisScreen
from screens.widgets.frame import Frame
from screens.widgets.grid import Grid
from tests.support.snapshots import screen_text


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


def make_read_only(screen: LapisScreen) -> None:
    """What the app does in read-only mode."""
    screen.show_frame(Frame("local ~/lapis", read_only=True))
