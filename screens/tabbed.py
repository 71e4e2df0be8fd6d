"""What the screens with tabs share: a line about the thing, the tabs, and panes that are made when first shown."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Static

from screens.base import LapisScreen
from screens.places import Place
from screens.widgets.states import StateCard
from screens.widgets.tab_bar import TabBar
from services.errors import ServiceError


class Pane(Vertical):
    """A tab: its card for loading, empty and error, or its content."""

    DEFAULT_CSS = "Pane { height: 1fr; } Pane > .content { height: 1fr; }"

    def __init__(self, content: Widget) -> None:
        super().__init__()
        self.content = content
        self.is_filled = False
        content.add_class("content")

    def compose(self) -> ComposeResult:
        """A card; the content."""
        yield StateCard()
        yield self.content

    @property
    def card(self) -> StateCard:
        """The place of the pane's states."""
        return self.query_one(StateCard)

    def show_content(self) -> None:
        """There is something to show."""
        self.is_filled = True
        self.card.hide()
        self.content.display = True

    def busy(self, text: str) -> None:
        """What is being read; content that is there stays."""
        if not self.is_filled:
            self.content.display = False
            self.card.reading(text)

    def empty(self, text: str) -> None:
        """Why there is nothing, and the key that helps."""
        self.is_filled = False
        self.content.display = False
        self.card.empty(text)

    def error(self, error: ServiceError) -> None:
        """What went wrong in this tab; content that is there stays below it."""
        self.content.display = self.is_filled
        self.card.error(error, error.advice or "r tries again.")

    def focus_content(self) -> None:
        """Give the keys to the content."""
        for widget in (self.content, *self.content.query("*")):
            if widget.focusable and widget.display:
                widget.focus()
                return


class TabbedScreen(LapisScreen):
    """A subclass says which tabs there are, makes the content of one, and fills it when it is shown."""

    TABS: ClassVar[Mapping[str, str]] = {}
    DEFAULT_CSS = """
    TabbedScreen #head { height: 1; padding: 0 1; }
    TabbedScreen #panes { height: 1fr; }
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.tab = ""
        self._panes: dict[str, Pane] = {}

    def compose_body(self) -> ComposeResult:
        """The line about the thing, the tabs, the tab in view."""
        yield Static(id="head", markup=False)
        yield TabBar(tuple(self.TABS.values()))
        yield Container(id="panes")

    @abstractmethod
    def make_content(self, tab: str) -> Widget:
        """The content of a tab, empty."""

    @abstractmethod
    async def fill(self, tab: str, pane: Pane) -> None:
        """Read what the tab shows and show it."""

    def on_mount(self) -> None:
        """Open the tab of the place."""
        self.show_tab(self.place.tab if self.place.tab in self.TABS else next(iter(self.TABS)))

    def head(self, text: Text) -> None:
        """What the thing is, in one line."""
        self.query_one("#head", Static).update(text)

    @property
    def pane(self) -> Pane:
        """The tab in view."""
        return self._panes[self.tab]

    def pane_of(self, tab: str) -> Pane | None:
        """A tab that has been shown."""
        return self._panes.get(tab)

    def on_tab_bar_switched(self, event: TabBar.Switched) -> None:
        """A digit was pressed or a tab clicked."""
        event.stop()
        self.show_tab(list(self.TABS)[event.index])

    def show_tab(self, tab: str) -> None:
        """Show a tab, made when it is first asked for."""
        if tab == self.tab:
            return

        async def show() -> None:
            if self.tab:
                self.pane.display = False
            self.tab = tab
            if tab not in self._panes:
                self._panes[tab] = Pane(self.make_content(tab))
                await self.query_one("#panes").mount(self._panes[tab])
            self.pane.display = True
            self.query_one(TabBar).active = list(self.TABS).index(tab)
            self.refresh_bindings()
            if self.place.tab != tab:
                self.moved(replace(self.place, tab=tab))
            self.pane.focus_content()
            self.refill()

        self.load(show, group="tab")

    def refill(self) -> None:
        """Read again what the tab in view shows."""
        if self.tab not in self._panes:
            return
        tab, pane = self.tab, self.pane
        pane.busy("Reading ...")
        self._guard(lambda: self.fill(tab, pane), pane)

    def _guard(self, call: Callable[[], Awaitable[None]], pane: Pane) -> None:
        async def fill() -> None:
            try:
                await call()
            except ServiceError as error:
                pane.error(error)
            else:
                if self.pane is pane and (self.focused is None or not self.focused.is_on_screen):
                    pane.focus_content()

        self.load(fill, group=f"fill-{self.tab}")

    def action_refresh(self) -> None:
        """Read again."""
        self.refill()
