"""Text that is drawn only when it is another."""

from __future__ import annotations

from rich.text import Text
from textual.content import Content
from textual.widgets import Static


def put(static: Static, text: str | Text | Content) -> None:
    """Show a text, leaving the same alone: Static.update would lay the screen out again and send it.

    For lines that are drawn again with each look, so that a screen at rest sends nothing. Another text in a widget of a
    fixed size sends that widget alone.
    """
    if text != static.content:
        static.update(text, layout=static.styles.auto_dimensions)
