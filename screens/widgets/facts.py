"""An aligned block of labels and values."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.widgets.cells import cut, wrap
from services.text import masked, safe

MAX_LABEL = 20
GAP = 2


class Facts(Widget):
    """Labels in a column, values beside them; a long value goes on below itself, an empty one is a dash."""

    DEFAULT_CSS = """
    Facts { height: auto; width: 1fr; }
    """

    def __init__(self, facts: Sequence[tuple[str, str]] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts = list(facts)

    def set_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show other facts; the same are left alone. Values are plain text; a newline in one begins a line."""
        new = list(facts)
        if new == self._facts:
            return
        width = self.size.width
        moved = not width or len(self._lines(self._facts, width)) != len(self._lines(new, width))
        self._facts = new
        self.refresh(layout=moved)

    @staticmethod
    def _lines(facts: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
        """Pairs of a padded label and a piece of the value."""
        if not facts:
            return []
        left = min(max(cell_len(safe(label)) for label, _ in facts), MAX_LABEL, max(4, width // 2))
        lines: list[tuple[str, str]] = []
        for label, value in facts:
            head = cut(safe(label), left)
            for part in masked(value).rstrip("\n").split("\n") if value else ["–"]:
                for piece in wrap(safe(part), width - left - GAP):
                    lines.append((head + " " * (left + GAP - cell_len(head)), piece))
                    head = ""
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line for each piece."""
        return len(self._lines(self._facts, width))

    def render(self) -> Content:
        """All lines."""
        lines = self._lines(self._facts, self.size.width)
        return Content("\n").join(Content.assemble((label, "$foreground-muted"), value) for label, value in lines)
