"""A tree of files."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message
from textual.scroll_view import ScrollView


class FileTree(ScrollView, can_focus=True):
    """Folders that open and close, sizes and notes."""

    DEFAULT_CSS = """
    FileTree { height: 1fr; width: 1fr; }
    """

    class Opened(Message):
        """Enter on a file, or a double click."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Highlighted(Message):
        """The cursor is on another entry."""

        def __init__(self, path: str, is_folder: bool) -> None:
            super().__init__()
            self.path = path
            self.is_folder = is_folder

    @property
    def cursor_path(self) -> str | None:
        """The path under the cursor; None when the tree is empty."""
        return None

    def set_entries(self, entries: Sequence[tuple[str, bool, int | None, str]]) -> None:
        """Show entries (path with `/`, is it a folder, bytes, note); what is open and the cursor stay by path."""
