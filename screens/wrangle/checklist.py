"""Several of many, such as the columns of a step: space takes one, letters go to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.grid import Grid, GridColumn, GridRow
from services.text import safe

LINES = 5
"""Options in view; more are scrolled to."""


class Checklist(Grid, inherit_bindings=False):
    """A line for each option: what was taken is numbered in its order, which is that of the value."""

    DEFAULT_CSS = f"""
    Checklist {{ height: auto; max-height: {LINES}; background: $surface; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "cursor_down", show=False),
        Binding("up", "cursor_up", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home", "top", show=False),
        Binding("end", "bottom", show=False),
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
        self._typed = ""
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
        self._typed = ""
        self._draw()
        self.post_message(self.Changed(self))

    def on_key(self, event: events.Key) -> None:
        """Letters go to the next option that begins with what was typed so far, or holds it."""
        letter = event.character or ""
        if not letter.isprintable() or not letter.strip():
            return
        event.stop()
        names = [(name, name.casefold()) for name, _ in self.options]
        for typed in (self._typed + letter.casefold(), letter.casefold()):
            found = [name for name, folded in names if folded.startswith(typed)]
            if found := found or [name for name, folded in names if typed in folded]:
                self._typed = typed
                self.move_to(found[0])
                return

    def on_blur(self) -> None:
        """What was typed so far is over."""
        self._typed = ""
