"""Several of many, such as the columns of a step: space takes one, letters go to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.grid import GridColumn, GridRow
from screens.widgets.letter_grid import LetterGrid
from services.text import safe

LINES = 5
"""Options in view; more are scrolled to."""


class Checklist(LetterGrid):
    """A line for each option: what was taken is numbered in its order, which is that of the value."""

    DEFAULT_CSS = f"""
    Checklist {{ height: auto; max-height: {LINES}; background: $surface; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "take", show=False),
        Binding("ctrl+a", "take_all", show=False),
    ]

    class Changed(Message):
        """Another choice."""

        def __init__(self, checklist: Checklist) -> None:
            super().__init__()
            self.checklist = checklist

        @property
        def control(self) -> Checklist:
            """The widget that was changed."""
            return self.checklist

    def __init__(self, options: Sequence[tuple[str, str]], chosen: Sequence[str] = ()) -> None:
        columns = [GridColumn("mark", "", width=4), GridColumn("name", ""), GridColumn("note", "", priority=1)]
        super().__init__(columns, header=False)
        self.options = tuple(options)
        self.chosen = list(chosen)
        gone = [name for name in chosen if name not in dict(options)]
        self.options += tuple((name, "not in the table") for name in gone)
        self._draw()
        self.move_to(self.chosen[0] if self.chosen else "")

    def _draw(self) -> None:
        places = {name: f"[{at}]" for at, name in enumerate(self.chosen, 1)}
        self.set_rows(GridRow(name, (places.get(name, "[ ]"), safe(name), note)) for name, note in self.options)

    def action_take(self) -> None:
        """Take the option under the cursor, or give it back."""
        if (name := self.cursor_key) is None:
            return
        self._choose([each for each in self.chosen if each != name] if name in self.chosen else [*self.chosen, name])
        self.action_cursor_down()

    def action_take_all(self) -> None:
        """Take all, or none."""
        names = [name for name, _ in self.options]
        self._choose([] if len(self.chosen) == len(names) else names)

    def _choose(self, names: list[str]) -> None:
        self.chosen = names
        self.typed = ""
        self._draw()
        self.post_message(self.Changed(self))
