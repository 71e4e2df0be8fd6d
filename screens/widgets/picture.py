"""A picture in half blocks: two pixels in a cell."""

from __future__ import annotations

from textual.widget import Widget


class Picture(Widget):
    """Shows an image as large as fits; what can't be decoded is told by type and size."""

    DEFAULT_CSS = """
    Picture { height: 1fr; width: 1fr; }
    """
    can_focus = False

    def set_image(self, data: bytes, name: str) -> None:
        """Decode an image in a thread and show it in place of the one before."""
