"""The search line of the tabs that show text."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from screens.job.pane import Pane
from screens.widgets.log_view import LogView
from screens.widgets.text_view import TextView


class SearchLine(Input):
    """A line below the text, hidden until it is asked for."""

    DEFAULT_CSS = "SearchLine { display: none; height: 1; border: none; padding: 0 1; background: $boost; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Left(Message):
        """Escape: nothing is searched."""

    def action_leave(self) -> None:
        """Search nothing."""
        self.post_message(self.Left())


class SearchPane(Pane):
    """A tab with a text that is searched; it yields a SearchLine as its last widget."""

    @property
    def searched(self) -> LogView | TextView:
        """The text."""
        raise NotImplementedError

    def find(self) -> None:
        """Ask what to search for."""
        if not self.searched.is_on_screen:
            self.notify("There is no text here to search.", markup=False, timeout=5)
            return
        line = self.query_one(SearchLine)
        line.display = True
        line.focus()

    def next_match(self) -> None:
        """Go to the next match."""
        self.searched.action_next_match()

    def previous_match(self) -> None:
        """Go to the match before."""
        self.searched.action_previous_match()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search, and give the keys back to the text; an empty line ends the search."""
        event.stop()
        self._close()
        self.searched.search(event.value)

    def on_search_line_left(self, event: SearchLine.Left) -> None:
        """Give the keys back to the text."""
        event.stop()
        self._close()

    def _close(self) -> None:
        self.query_one(SearchLine).display = False
        self.searched.focus()
