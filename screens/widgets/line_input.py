"""A line to type in."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widgets import Input

from services.text import safe_each


class StillInput(Input):
    """An input whose cursor doesn't blink: each blink would send bytes, for as long as the field is in focus."""

    cursor_blink = reactive(False, init=False)


class LineInput(StillInput):
    """An input without a box. What came from outside is drawn safely, and kept as it is."""

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)

    @property
    def _value(self) -> Text:
        return Text(safe_each(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(safe_each(self.value[:position]))


class SecretInput(LineInput):
    """A line whose text is never drawn, copied or proposed: a dot for each character."""

    def __init__(self, *, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder)
        self.password = True

    @property
    def _value(self) -> Text:
        return Text("•" * len(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return position
