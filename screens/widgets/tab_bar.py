"""Tabs in one line; digits switch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget


class TabBar(Widget):
    """`1 Overview  2 Params  ...`; where that is too wide, only the active one is written out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-bar--tab", "tab-bar--active", "tab-bar--key"}
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    TabBar { height: 1; background: $surface; }
    TabBar > .tab-bar--tab { color: $text-muted; }
    TabBar > .tab-bar--key { color: $text-accent; }
    TabBar > .tab-bar--active { color: $text; background: $primary 60%; text-style: bold; }
    """
    active: reactive[int] = reactive(0)

    class Switched(Message):
        """Another tab was chosen by a digit or a click."""

        def __init__(self, bar: TabBar, index: int) -> None:
            super().__init__()
            self.bar = bar
            self.index = index

        @property
        def control(self) -> TabBar:
            """The bar."""
            return self.bar

    def __init__(self, labels: Sequence[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.labels = tuple(labels)

    def on_mount(self) -> None:
        """Digits belong to the screen that holds the bar, whatever has the focus."""
        for index in range(min(9, len(self.labels))):
            self.screen._bindings.bind(str(index + 1), f"switch_tab({index})", self.labels[index], show=False)
        if not hasattr(self.screen, "action_switch_tab"):
            self.screen.action_switch_tab = self.switch  # type: ignore[attr-defined]

    def switch(self, index: int) -> None:
        """Choose a tab."""
        if 0 <= index < len(self.labels):
            self.active = index
            self.post_message(self.Switched(self, index))

    def _parts(self) -> list[tuple[str, str]]:
        """Key and label of each tab as they are written."""
        full = [(str(index + 1), label) for index, label in enumerate(self.labels)]
        if sum(cell_len(label) + 4 for _, label in full) <= self.size.width:
            return full
        return [(key, label if index == self.active else label[:3]) for index, (key, label) in enumerate(full)]

    def render_line(self, y: int) -> Strip:
        """The tabs."""
        plain = self.get_component_rich_style("tab-bar--tab")
        key_style = self.get_component_rich_style("tab-bar--key")
        active = self.get_component_rich_style("tab-bar--active")
        segments = []
        for index, (key, label) in enumerate(self._parts()):
            here = index == self.active
            segments += [Segment(f" {key} ", active if here else key_style), Segment(f"{label} ", active if here else plain)]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """The tab under the mouse."""
        x = 0
        for index, (_, label) in enumerate(self._parts()):
            x += cell_len(label) + 4
            if event.x < x:
                self.switch(index)
                return


