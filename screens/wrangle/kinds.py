"""The list of all kinds of steps, found by a word."""

from __future__ import annotations

import inspect
import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from screens.widgets.dialogs import Dialog
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.line_input import LineInput
from services.wrangling.steps import KINDS


def meaning(kind: str) -> str:
    """What a kind of step does, in the first words of its documentation."""
    return re.split(r"[.:;](?:\s|$)", inspect.getdoc(KINDS[kind]) or "", maxsplit=1)[0].replace("`", "")


class KindPicker(Dialog[str | None]):
    """All kinds of steps; what is typed leaves those that hold each word."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]
    KEYS = "type to find · ↑ ↓ enter choose · esc leave"

    def __init__(self) -> None:
        super().__init__("Add a step")

    def compose_box(self) -> ComposeResult:
        """A line to type in, and the kinds."""
        yield LineInput(placeholder="a word of what it does")
        yield Grid([GridColumn("kind", ""), GridColumn("does", "")], header=False, empty="No step does that")

    def on_mount(self) -> None:
        """All of them; the keys go to the line."""
        self._show("")
        self.query_one(LineInput).focus()

    def _show(self, text: str) -> None:
        words = text.casefold().split()
        found = [
            kind
            for kind in KINDS
            if all(word in f"{kind} {meaning(kind)}".casefold().replace("_", " ") for word in words)
        ]
        found.sort(key=lambda kind: not kind.startswith("_".join(words)))
        grid = self.query_one(Grid)
        grid.set_rows([GridRow(kind, (kind.replace("_", " "), meaning(kind))) for kind in found])
        grid.move(0)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find."""
        event.stop()
        self._show(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the one under the cursor."""
        event.stop()
        if key := self.query_one(Grid).cursor_key:
            self.dismiss(key)

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Take it."""
        event.stop()
        self.dismiss(event.key)

    def action_move(self, by: int) -> None:
        """To a neighbour, while the line has the keys."""
        grid = self.query_one(Grid)
        grid.move(grid.cursor_row + by)
