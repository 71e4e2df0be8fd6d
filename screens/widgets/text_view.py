"""Text to read: code, YAML, logs that are done."""

from __future__ import annotations

from textual.scroll_view import ScrollView


class TextView(ScrollView, can_focus=True):
    """Read-only text with line numbers, highlighted by the kind of file."""

    DEFAULT_CSS = """
    TextView { height: 1fr; width: 1fr; }
    """
    text: str = ""

    def set_text(self, text: str, file_name: str = "") -> None:
        """Show another text from its beginning; the same is left alone. The file's name chooses the highlighting."""
        self.text = text

    def search(self, text: str) -> None:
        """Find a text, case aside unless it has capitals; the first match after the top of the view is shown."""

    def action_next_match(self) -> None:
        """Go to the next match."""

    def action_previous_match(self) -> None:
        """Go to the match before."""
