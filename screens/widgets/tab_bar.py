"""A line of tabs that digits switch."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from screens.widgets.cells import cut
from services.text import safe


class TabBar(Widget):
    """Labels with their digits in one line; the tenth has 0. The keys work wherever the focus is on the screen.

    Narrow, the labels of the others are cut, then only their digits stay.
    """

    DEFAULT_CSS = """
    TabBar { height: 1; width: 1fr; padding: 0 1; }
    """
    can_focus = False

    class Switched(Message):
        """Another tab was asked for; the bar shows it already."""

        def __init__(self, bar: TabBar, index: int) -> None:
            super().__init__()
            self.bar = bar
            self.index = index

        @property
        def control(self) -> TabBar:
            """The bar."""
            return self.bar

    active: reactive[int] = reactive(0)

    def __init__(self, labels: Sequence[str], active: int = 0, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.labels = tuple(safe(label) for label in labels)
        self.set_reactive(TabBar.active, active)
        self._spans: list[tuple[int, int, int]] = []

    def on_mount(self) -> None:
        """Take the digits of the screen: a bar is never focused, so that its own bindings would not be asked."""
        if not hasattr(self.screen, "action_switch_tab"):
            setattr(self.screen, "action_switch_tab", self.switch)  # noqa: B010 # of this one screen
        self._bind(0)

    def _bind(self, first: int) -> None:
        """The digits of the labels from the first on."""
        for at, label in list(enumerate(self.labels[:10]))[first:]:
            self.screen._bindings.bind(str((at + 1) % 10), f"switch_tab({at})", label, show=False)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Labels that go on from those that there are, or end before."""
        new = tuple(safe(label) for label in labels)
        if new != self.labels:
            known, self.labels = len(self.labels), new
            self._bind(known)
            self.refresh()

    def switch(self, index: int) -> None:
        """Go to a tab."""
        if 0 <= index < len(self.labels) and index != self.active:
            self.active = index
            self.post_message(self.Switched(self, index))

    def _texts(self, width: int) -> list[str]:
        """The labels as far as there is room."""
        texts = [f"{number % 10} {label}" for number, label in enumerate(self.labels, start=1)]
        room = width - 2 * (len(texts) - 1)
        for longest in (99, 12, 8, 6, 4, 0):
            short = [
                text if at == self.active else cut(text, 2 + longest) if longest else text[0]
                for at, text in enumerate(texts)
            ]
            if sum(map(cell_len, short)) <= room:
                break
        return short

    def render(self) -> Content:
        """Digit and label; the active one is bold and underlined, which needs no colour."""
        parts: list[Content | str | tuple[str, str]] = []
        self._spans = []
        x = 0
        for at, text in enumerate(self._texts(self.size.width)):
            if at:
                parts.append("  ")
                x += 2
            parts.append((text, "bold underline $text-primary" if at == self.active else "$foreground-muted"))
            self._spans.append((x, x + cell_len(text), at))
            x += cell_len(text)
        return Content.assemble(*parts).truncate(self.size.width)

    def on_click(self, event: events.Click) -> None:
        """A click on a label."""
        offset = event.get_content_offset(self)
        for start, end, at in self._spans:
            if offset is not None and start <= offset.x < end:
                self.switch(at)
