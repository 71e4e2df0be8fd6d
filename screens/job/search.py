"""The search line of the tabs that show text."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input, Static

from screens.job.pane import Pane
from screens.widgets.line_input import StillInput
from screens.widgets.log_view import LogView
from screens.widgets.steady import put
from screens.widgets.text_view import TextView


class SearchLine(StillInput):
    """A line below the text, hidden until it is asked for."""

    DEFAULT_CSS = "SearchLine { display: none; height: 1; border: none; padding: 0 1; background: $boost; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Left(Message):
        """Escape: nothing is searched."""

    def action_leave(self) -> None:
        """Search nothing."""
        self.post_message(self.Left())


class SearchPane(Pane):
    """A tab with a text that is searched; it yields `search_line()` last."""

    DEFAULT_CSS = "SearchPane #found { display: none; height: 1; padding: 0 1; color: $text-muted; }"

    @property
    def searched(self) -> LogView | TextView:
        """The text."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Tell of a change in the frame in which it is drawn."""
        self.watch(self.searched, "told", self.tell_found, init=False)

    def search_line(self, placeholder: str) -> ComposeResult:
        """What was found, and the line to type into."""
        yield Static(id="found", markup=False)
        yield SearchLine(placeholder=placeholder)

    def toggle_wrap(self) -> None:
        """Break long lines, or cut them."""
        self.searched.wrap = not self.searched.wrap

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

    def tell_found(self) -> None:
        """Which match of how many, and the keys to the others."""
        found, told = self.query_one("#found", Static), self.searched.search_text
        found.display = bool(told)
        if told:
            put(found, f"/ {self.query_one(SearchLine).value}  {told}   n next  N previous  / other")

    def _close(self) -> None:
        self.query_one(SearchLine).display = False
        self.searched.focus()
