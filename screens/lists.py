"""What the list screens share: a line about the list, a filter, the grid, its states, and a detail beside it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widgets import Input, Static
from textual.worker import Worker

from screens import clock
from screens.actions import Action
from screens.base import LapisScreen
from screens.places import Place
from screens.widgets.facts import Facts
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.line_input import StillInput
from screens.widgets.states import StateCard
from screens.widgets.status import age_text
from screens.widgets.steady import put
from services.errors import ServiceError
from services.text import masked, safe

Item = TypeVar("Item")

WIDE = 120
"""Columns from which on the detail has room."""


def shown(text: str) -> str:
    """Text from outside as one safe line without secrets."""
    return safe(masked(text))


def counted(count: int, noun: str, nouns: str) -> str:
    """`1 model`, `1,204 models`."""
    return f"{count:,} {noun if count == 1 else nouns}"


def tags_text(tags: object) -> str:
    """Tags in one line: `stage=test  owner=ada`."""
    pairs = dict(tags).items() if tags else ()  # type: ignore[call-overload]
    return "  ".join(shown(f"{key}={value}" if value not in ("", None) else str(key)) for key, value in pairs)


def dimmed(cells: Sequence[str | Text], dim: bool) -> tuple[str | Text, ...]:
    """The cells of a row, dim when what it shows is archived."""
    return tuple(Text(cell, "dim") if dim and isinstance(cell, str) else cell for cell in cells)


def list_actions(screen: str, noun: str, *, archive: bool = False) -> tuple[Action, ...]:
    """The declarations that every list has."""
    return (
        Action(
            f"{screen}.filter", ("slash",), "Filter", f"Show only the {noun} that hold each word you type", footer=2
        ),
        Action(f"{screen}.unfilter", ("escape",), "All", "Show all again", footer=2),
        *(
            (Action(f"{screen}.archived", ("a",), "Archived", "Show archived ones too, or hide them", footer=7),)
            if archive
            else ()
        ),
        Action(f"{screen}.copy-name", ("c",), "Copy name", "Copy the name to the clipboard", footer=8),
        Action(f"{screen}.refresh", ("r",), "Refresh", "Look again now", footer=0),
    )


class ListScreen(LapisScreen, Generic[Item]):
    """A list that is read whole and filtered here.

    A subclass says what is listed (`read`, `key_of`, `cells_of`, `hay_of`), how one is told in full (`facts_of`) and
    what to say when there is none. Old rows stay while new ones are read.
    """

    COLUMNS: ClassVar[tuple[GridColumn, ...]] = ()
    NOUNS: ClassVar[tuple[str, str]] = ("item", "items")
    EMPTY: ClassVar[str] = "Nothing here."
    """Why there is nothing, then the key that helps, which a read-only workspace has not."""
    EVERY: ClassVar[float] = 0.0
    """Seconds between two looks; 0 looks when the screen comes into view and at `r`."""
    FILTER_HINT: ClassVar[str] = "words that name, type or tags must hold"
    IS_SHORT: ClassVar[bool] = False
    """A list of a few items: on narrow screens the detail has room below it."""
    DEFAULT_CSS = """
    ListScreen #about { height: 1; padding: 0 1; color: $text-muted; }
    ListScreen #filter { display: none; height: 1; border: none; padding: 0 1; background: $boost; }
    ListScreen #body { height: 1fr; }
    ListScreen #body > Grid { width: 1fr; }
    ListScreen #detail { display: none; width: 46; border-left: solid $panel; padding: 0 1; }
    ListScreen.-wide #detail { display: block; }
    ListScreen.-below #body { layout: vertical; }
    ListScreen.-below #body > Grid { height: 2fr; }
    ListScreen.-below #detail {
        display: block; width: 1fr; height: 3fr; border-left: none; border-top: solid $panel;
    }
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.items: tuple[Item, ...] = ()
        self.rows: tuple[Item, ...] = ()
        self.archived = False
        self._read_at: datetime | None = None
        self._looking: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """What is listed, the filter, the list and the detail."""
        yield Static(id="about", markup=False)
        yield StillInput(self.place.filter, placeholder=self.FILTER_HINT, id="filter")
        yield StateCard()
        with Horizontal(id="body"):
            yield Grid(self.COLUMNS)
            with VerticalScroll(id="detail", can_focus=False):
                yield Facts()

    def on_mount(self) -> None:
        """A filter that came with the place holds from the start."""
        self.query_one("#filter").display = bool(self.place.filter)
        self.query_one("#body").display = False
        self.query_one(StateCard).reading(f"Reading the {self.NOUNS[1]} ...")
        if self.EVERY:
            self.set_interval(self.EVERY, self._tick)

    def on_screen_resume(self) -> None:
        """Look again whenever the screen comes into view."""
        self.action_refresh()

    def on_resize(self, event: Resize) -> None:
        """The detail has room on wide screens, and below a short list."""
        is_wide = event.size.width >= WIDE
        self.set_class(is_wide, "-wide")
        self.set_class(self.IS_SHORT and not is_wide, "-below")

    # what a subclass says

    @abstractmethod
    async def read(self) -> Sequence[Item]:
        """All items, in order; archived ones too when `self.archived`."""

    @abstractmethod
    def key_of(self, item: Item) -> str:
        """What tells it from all others."""

    @abstractmethod
    def cells_of(self, item: Item) -> tuple[str | Text, ...]:
        """A cell for each of COLUMNS."""

    def hay_of(self, item: Item) -> str:
        """The text that the filter looks in."""
        return self.key_of(item)

    def matches(self, item: Item, text: str) -> bool:
        """Whether the filter means the item: each word must occur."""
        hay = self.hay_of(item).casefold()
        return all(word in hay for word in text.casefold().split())

    def facts_of(self, item: Item) -> list[tuple[str, str]]:
        """Labels and values for the detail."""
        return []

    def about_parts(self) -> list[str]:
        """What the line above the list tells of it; empty ones are left out."""
        count = counted(len(self.items), *self.NOUNS)
        if self.place.filter:
            count = f"{len(self.rows):,} of {count} with “{self.place.filter}”"
        return [count, "with archived ones" if self.archived else ""]

    def empty_text(self) -> str:
        """Why there is nothing, and the key that helps."""
        why, _, key = self.EMPTY.partition(". ")
        return f"{why}." if key and self.frame.read_only else self.EMPTY

    # looking

    def _tick(self) -> None:
        if self.is_current and (self._looking is None or self._looking.is_finished):
            self._looking = self.load(self._look, group="poll")

    def action_refresh(self) -> None:
        """Look again now."""
        self.load(self._look, group="read")

    async def _look(self) -> None:
        try:
            await self._read()
        except ServiceError as error:
            self._failed(error)

    async def _read(self) -> None:
        self.items = tuple(await self.read())
        self._read_at = clock.now()
        self.show_rows()

    def _failed(self, error: ServiceError) -> None:
        """A card while there is nothing to show; later a line above the rows, which stay."""
        if self._read_at is not None:
            self._about(error)
            return
        self.query_one("#body").display = False
        self.query_one(StateCard).error(error, error.advice or "r tries again.")

    def show_rows(self) -> None:
        """Draw the items that match the filter."""
        self.rows = tuple(item for item in self.items if self.matches(item, self.place.filter))
        body, card, grid = self.query_one("#body"), self.query_one(StateCard), self.query_one(Grid)
        had_focus = self.focused is None or self.focused is grid
        body.display = bool(self.rows)
        grid.set_rows([GridRow(self.key_of(item), self.cells_of(item)) for item in self.rows])
        if self.rows:
            card.hide()
            if had_focus and self.focused is not grid:  # focus() draws the grid again
                grid.focus()
        elif self.items:
            keys = "esc shows all, / changes the filter."
            card.empty(f"None of the {self.NOUNS[1]} matches “{self.place.filter}”. {keys}")
        else:
            card.empty(self.empty_text())
        self._about()
        self._show_detail()

    def _about(self, error: ServiceError | None = None) -> None:
        parts = self.about_parts()
        if error:
            parts += [f"as of {age_text(self._read_at, clock.now())} ago", f"! {error.title}: {error.detail}"]
        put(self.query_one("#about", Static), Text(shown("  ".join(part for part in parts if part))))

    # the cursor

    @property
    def chosen(self) -> Item | None:
        """The item under the cursor."""
        key = self.query_one(Grid).cursor_key
        return next((item for item in self.rows if self.key_of(item) == key), None)

    def on_grid_highlighted(self, event: Grid.Highlighted) -> None:
        """The detail follows."""
        self._show_detail()

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """What enter does."""
        self.action_open()

    def action_open(self) -> None:
        """Open the item under the cursor."""

    def _show_detail(self) -> None:
        item = self.chosen
        self.query_one("#detail Facts", Facts).set_facts([f for f in self.facts_of(item) if f[1]] if item else [])

    def action_copy_name(self) -> None:
        """Copy the name by OSC 52."""
        self.copy_name("" if (item := self.chosen) is None else self.key_of(item))

    # the filter

    def action_filter(self) -> None:
        """Type the filter; the list follows."""
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The list follows the typing."""
        words = " ".join(event.value.split())
        if words != self.place.filter:
            self.moved(replace(self.place, filter=words))
            if self._read_at is not None:
                self.show_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter, and back to the list."""
        self.query_one("#filter").display = bool(event.value.strip())
        self.query_one(Grid).focus()

    def action_unfilter(self) -> None:
        """Show all, and back to the list."""
        line = self.query_one("#filter", Input)
        line.value = ""
        line.display = False
        self.query_one(Grid).focus()

    def action_archived(self) -> None:
        """With archived ones, or without."""
        self.archived = not self.archived
        self.action_refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape goes back, unless there is a filter to leave."""
        if action == "unfilter" and self.is_mounted and not self.query_one("#filter").display:
            return False
        return super().check_action(action, parameters)
