"""An aligned block of labels and values."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from services.text import masked, safe

Value = str | Text


class Facts(Static):
    """Labels at the left, values at the right; a value of several lines keeps them."""

    DEFAULT_CSS = "Facts { height: auto; padding: 0 1; }"

    def __init__(self, facts: Sequence[tuple[str, Value]] = (), *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._facts: tuple[tuple[str, Value], ...] = ()
        self.set_facts(facts)

    def set_facts(self, facts: Sequence[tuple[str, Value]]) -> None:
        """Draw other facts; the same ones are left alone."""
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for label, value in self._facts:
            text = value if isinstance(value, Text) else Text("\n".join(map(safe, masked(value).split("\n"))))
            table.add_row(Text(label, "dim"), text)
        self.update(table)
