"""What an app that is tested sends to its terminal, beside what Textual means to be there."""

from __future__ import annotations

from itertools import product
from typing import Any

import pyte
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver


class PaintedDriver(HeadlessDriver):
    """Draws what is sent into a terminal in memory; run the app with `headless=False`.

    Attributes:
        terminal: pyte's screen; None before the first text.
        sent: how many characters were sent.
    """

    terminal: pyte.Screen | None = None
    sent = 0

    @property
    def is_headless(self) -> bool:
        """No: the app is to draw."""
        return False

    def write(self, data: str) -> None:
        """Draw."""
        width, height = self._get_terminal_size()
        if self.terminal is None:
            self.terminal = pyte.Screen(width, height)
            self._stream = pyte.Stream(self.terminal)
        if (self.terminal.columns, self.terminal.lines) != (width, height):
            self.terminal.resize(height, width)
        self.sent += len(data)
        self._stream.feed(data)


def faults(app: App[Any]) -> list[str]:
    """The cells of the terminal that differ from those that Textual draws when it draws all anew."""
    driver = app._driver
    assert isinstance(driver, PaintedDriver)
    assert driver.terminal is not None
    width, height = app.size
    anew = pyte.Screen(width, height)
    compositor = app.screen._compositor
    dirty = compositor._dirty_regions.copy()
    update = compositor.render_update(full=True, screen_stack=app._background_screens)
    compositor._dirty_regions |= dirty
    assert isinstance(update, LayoutUpdate)
    pyte.Stream(anew).feed(update.render_segments(app.console))
    cells = (
        (x, y, driver.terminal.buffer[y][x], anew.buffer[y][x])
        for y, x in product(range(height), range(width))
        if driver.terminal.buffer[y][x] != anew.buffer[y][x]
    )
    return [f"at {x},{y} is {look(now)}, meant {look(meant)}" for x, y, now, meant in cells if look(now) != look(meant)]


def look(cell: Any) -> str:
    """A cell as it looks: of a space on which nothing is drawn, the background."""
    lines = [name for name in ("underscore", "reverse", "strikethrough") if getattr(cell, name)]
    if cell.data == " " and not lines:
        return f"blank on {cell.bg}"
    weight = [name for name in ("bold", "italics") if getattr(cell, name)]
    return " ".join((repr(cell.data), cell.fg, "on", cell.bg, *lines, *weight))
