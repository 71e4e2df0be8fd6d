"""A list to choose from, in which letters go to a row by its name."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from screens.widgets.grid import Grid


class LetterGrid(Grid, inherit_bindings=False):
    """Letters go to the row whose key begins with what was typed, or holds it; so `j` and `k` are letters here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "cursor_down", show=False),
        Binding("up", "cursor_up", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home", "top", show=False),
        Binding("end", "bottom", show=False),
    ]
    typed = ""
    """What was typed since the list was entered or an option taken."""

    def on_key(self, event: events.Key) -> None:
        """Go on with what was typed; a letter that doesn't go on with it begins anew."""
        letter = (event.character or "").casefold()
        if not letter.isprintable() or not letter.strip():
            return
        event.stop()
        names = [(row.key, row.key.casefold()) for row in self.rows]
        for typed in (self.typed + letter, letter):
            found = [key for key, name in names if name.startswith(typed)]
            if found := found or [key for key, name in names if typed in name]:
                self.typed = typed
                self.move_to(found[0])
                return

    def on_blur(self) -> None:
        """What was typed so far is over."""
        self.typed = ""
