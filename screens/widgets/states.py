"""The card that stands in for content: loading, empty, error."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from services.errors import Who
from services.text import masked, safe


class StateCard(Static):
    """One sentence and what helps. Hidden until it is told something."""

    DEFAULT_CSS = """
    StateCard { display: none; padding: 1 2; height: auto; }
    StateCard.-error { border-left: thick $error; margin: 1 1; padding: 0 2; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def loading(self, text: str) -> None:
        """What is being read."""
        self._show(Text(text, "dim"), is_error=False)

    def empty(self, text: str) -> None:
        """Why there is nothing, and the key that helps."""
        self._show(Text(safe(text)), is_error=False)

    def error(self, title: str, detail: str, advice: str = "", who: Who | str = "") -> None:
        """What happened, what to do and who can do it."""
        text = Text.assemble(("✗ ", "bold red"), (safe(title), "bold"))
        for line in masked(detail).splitlines():
            text.append(f"\n{safe(line)}")
        if advice:
            text.append(f"\n→ {safe(masked(advice))}", "bold")
        if who and str(who) != Who.YOU.value:
            text.append(f"\n  {safe(str(who))} can mend it", "dim")
        self._show(text, is_error=True)

    def hide(self) -> None:
        """There is content again."""
        self.display = False

    def _show(self, text: Text, *, is_error: bool) -> None:
        self.set_class(is_error, "-error")
        self.update(text)
        self.display = True
