"""The profile of a table: each column in a line, one of them in full, and which of them go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widgets import Input, Static

from screens.actions import Action
from screens.lists import ListScreen, list_actions
from screens.long_work import LongWork, stop_action
from screens.places import Open, Place
from screens.profile.texts import (
    COLUMNS,
    CORRELATION_COLUMNS,
    column_facts,
    column_row,
    correlation_row,
    rows_text,
)
from screens.widgets.facts import Facts
from screens.widgets.grid import Grid
from screens.widgets.line_input import StillInput
from screens.widgets.states import StateCard
from screens.widgets.tab_bar import TabBar
from services.entities.tables import ColumnProfile, Progress, TableProfile
from services.workspace import TableService

if TYPE_CHECKING:
    from services.tables.table import Table

TABS = {"columns": "Columns", "correlations": "Correlations"}


class ProfileScreen(ListScreen[ColumnProfile], LongWork):
    """The subject is the source of a table. A sample first; all rows when they are asked for."""

    CRUMB = "Profile"
    COLUMNS = COLUMNS
    NOUNS = ("column", "columns")
    EMPTY = "The table has no columns."
    FILTER_HINT = "words that the name, the type or the remarks must hold"
    IS_SHORT = True
    ACTIONS: ClassVar = (
        Action("profile.exact", ("e",), "All rows", "Look at all rows in place of a sample; esc stops it", footer=1),
        stop_action("profile", "looking at all rows"),
        Action("profile.table", ("p",), "Table", "Show the rows of the table", footer=2),
        Action("profile.wrangle", ("w",), "Wrangle", "Wrangle the table by a recipe", footer=2),
        Action("profile.features", ("f",), "Features", "Score the columns against a target", footer=3),
        Action("profile.privacy", ("P",), "Privacy", "Ask the table under differential privacy", footer=7),
        Action("profile.drop", ("x",), "Drop", "Drop the column under the cursor, by a step of the recipe", footer=4),
        *list_actions("profile", "columns"),
    )
    DEFAULT_CSS = """
    ProfileScreen #detail { width: 46; scrollbar-size-vertical: 1; }
    ProfileScreen #body { layout: horizontal; }
    ProfileScreen #correlations { display: none; }
    ProfileScreen.-correlations #correlations { display: block; }
    ProfileScreen.-correlations #columns, ProfileScreen.-correlations #detail { display: none; }
    """

    def __init__(self, place: Place, *, tables: TableService) -> None:
        super().__init__(place)
        self.tables = tables
        self.table: Table | None = None
        self.profile: TableProfile | None = None

    def compose_body(self) -> ComposeResult:
        """The tabs; what the table is, the filter; the columns and one of them in full, or the correlations."""
        yield TabBar(tuple(TABS.values()), list(TABS).index(self.tab))
        yield Static(id="about", markup=False)
        yield StillInput(self.place.filter, placeholder=self.FILTER_HINT, id="filter")
        yield StateCard()
        with Container(id="body"):
            yield Grid(self.COLUMNS, id="columns")
            with VerticalScroll(id="detail"):
                yield Facts()
            yield Grid(CORRELATION_COLUMNS, id="correlations", empty="No two columns of numbers match.")

    async def on_unmount(self) -> None:
        """Stop what is going on and let go of the table."""
        if self.table is not None:
            await self.table.close()

    @property
    def tab(self) -> str:
        """The tab in view."""
        return self.place.tab if self.place.tab in TABS else "columns"

    # looking

    def on_screen_resume(self) -> None:
        """Look once: what was found stays while other screens lie above."""
        if self.profile is None:
            super().action_refresh()

    def action_refresh(self) -> None:
        """Open the table anew: it may be another one by now."""
        self.profile = None
        super().action_refresh()

    async def read(self) -> Sequence[ColumnProfile]:
        """The profile of a sample."""
        if self.profile is None:
            if self.table is not None:
                table, self.table = self.table, None
                await table.close()
            self.table = await self.tables.open(self.place.subject)
            self.profile = await self.table.profile(progress=self.tell_reading)
        return self.profile.columns

    def rest(self) -> None:
        """The columns as they are known."""
        self.show_rows()

    def show_rows(self) -> None:
        """Both lists, of which the tab in view shows."""
        super().show_rows()
        grid = self.query_one("#correlations", Grid)
        pairs = self.profile.correlations if self.profile else ()
        words = self.place.filter.casefold().split()
        found = [pair for pair in pairs if all(word in f"{pair.left} {pair.right}".casefold() for word in words)]
        grid.set_rows([correlation_row(pair) for pair in found])
        self._show_tab()

    def _show_tab(self) -> None:
        is_second = self.tab == "correlations" and bool(self.profile)
        self.set_class(is_second, "-correlations")
        if is_second:
            self.query_one("#body").display = True
            self.query_one(StateCard).hide()
        if not isinstance(self.focused, Input):
            self.query_one("#correlations" if is_second else "#columns").focus()
        self.refresh_bindings()

    def on_tab_bar_switched(self, event: TabBar.Switched) -> None:
        """A digit was pressed or a tab clicked."""
        self.moved(replace(self.place, tab=list(TABS)[event.index]))
        self.show_rows() if self.profile else self._show_tab()

    # what a list says

    def key_of(self, item: ColumnProfile) -> str:
        """The column's name."""
        return item.name

    def cells_of(self, item: ColumnProfile) -> tuple[str | Text, ...]:
        """The row."""
        return column_row(item).cells

    def hay_of(self, item: ColumnProfile) -> str:
        """Name, type and remarks."""
        return " ".join(map(str, (item.name, item.type, column_row(item).cells[-1])))

    def facts_of(self, item: ColumnProfile) -> list[tuple[str, str]]:
        """The column in full."""
        return column_facts(item, self.profile) if self.profile else []

    def about_parts(self) -> list[str]:
        """Which table, and how many of its rows were looked at."""
        if self.profile is None or self.table is None:
            return []
        hint = "e looks at all" if self.profile.is_sample else ""
        return [self.table.name, self.table.format, *super().about_parts(), rows_text(self.profile), hint]

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is exact already needs no other look."""
        if action == "exact":
            return self.profile is not None and self.profile.is_sample and not self.working
        if action == "drop":
            return bool(self.items) and self.tab == "columns"
        return super().check_action(action, parameters)

    def action_exact(self) -> None:
        """Look at all rows; the sample stays in view until that is done."""
        if (table := self.table) is None:
            return

        async def look(progress: Progress) -> None:
            self.profile = await table.profile(exact=True, progress=progress)
            self.items = self.profile.columns

        self.work(f"Reading all rows of {table.name}", look)

    def action_table(self) -> None:
        """The rows."""
        self.post_message(Open(Place("table", self.place.subject)))

    def action_wrangle(self) -> None:
        """The recipe."""
        self.post_message(Open(Place("wrangle", self.place.subject)))

    def action_features(self) -> None:
        """The scores."""
        self.post_message(Open(Place("features", self.place.subject)))

    def action_privacy(self) -> None:
        """Private answers."""
        self.post_message(Open(Place("privacy", self.place.subject)))

    def action_drop(self) -> None:
        """A step that drops the column, and the recipe to see what it does."""
        if (column := self.chosen) is None:
            return

        async def drop() -> None:
            from screens.wrangle import drafts
            from services.wrangling.steps import Drop

            await drafts.add(self.tables, self.place.subject, Drop([column.name]))
            self.action_wrangle()

        self.load(drop, group="drop")
