"""A log that is read as far as it is looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from services.entities import LogChunk


class LogView(ScrollView, can_focus=True):
    """A log of any length: follows its end, wraps, searches; keeps only what is near the view in memory."""

    DEFAULT_CSS = """
    LogView { height: 1fr; width: 1fr; }
    """

    class Changed(Message):
        """follow, wrap, the search or the number of lines changed: for a status line."""

    follow: reactive[bool] = reactive(True)
    wrap: reactive[bool] = reactive(False)

    @property
    def line_count(self) -> int | None:
        """Lines so far; None until the whole log is indexed."""
        return None

    @property
    def search_text(self) -> str:
        """What is told of the search: `3/17`, `searching 40%`, `no match`; empty without one."""
        return ""

    def open(self, read: Callable[[int, int], Awaitable[LogChunk]], size: int) -> None:
        """Show another log of `size` bytes from its end; `read(offset, limit)` reads a part of it."""

    def grow(self, size: int) -> None:
        """The log is `size` bytes long now; shorter than before: it began anew."""

    def search(self, text: str) -> None:
        """Find a text in the whole log, case aside unless it has capitals; empty ends the search."""

    def action_next_match(self) -> None:
        """Go to the next match."""

    def action_previous_match(self) -> None:
        """Go to the match before."""

    @property
    def cursor_text(self) -> str:
        """The line to copy: that of the match, else the one at the top of the view."""
        return ""
