"""Typing into forms."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from screens.forms import FormScreen
from tests.support.app import settle

QUICK_REST = 0.001
"""Seconds that typing rests in tests before what depends on it is read."""


def form_of(pilot: Pilot[Any]) -> FormScreen:
    """The form, also below a question."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, FormScreen)
    return screen


async def fill(pilot: Pilot[Any], **values: str) -> None:
    """Fill fields in, and wait until what depends on them is read."""
    fields = form_of(pilot).fields
    for key, value in values.items():
        fields[key].value = value
    await rested(pilot)


async def rested(pilot: Pilot[Any]) -> None:
    """Wait until what depends on the typing is read."""
    await pilot.pause()
    await pilot.pause(QUICK_REST * 10)
    await settle(pilot)
