"""Two tables beside each other: what changed in their columns, and how far the values of each have drifted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widgets import Static

from screens.actions import Action
from screens.drift_texts import (
    COLUMNS,
    SIDES,
    as_csv,
    cells_of,
    change_text,
    drift_text,
    facts_of,
    short_name,
    sources_of,
    spread_text,
    subject_of,
)
from screens.lists import ListScreen, shown
from screens.long_work import LongWork, stop_action
from screens.places import Open, Place
from screens.saving import save_text
from screens.widgets.dialogs import Choose
from screens.widgets.facts import Facts
from screens.widgets.grid import Grid
from screens.widgets.line_input import StillInput
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from services.drift import by_drift
from services.entities.tables import ColumnDifference, Progress, TableDifference
from services.errors import UserError
from services.workspace import TableService

if TYPE_CHECKING:
    from services.tables.table import Table

NEED_BOTH = frozenset({"exact", "swap", "open", "export", "filter"})
"""The actions on what is compared."""


class DataDiffScreen(ListScreen[ColumnDifference], LongWork):
    """The subject is two sources of tables, before and after, parted by a space."""

    CRUMB = "Data › Changes"
    NOUNS = ("column", "columns")
    COLUMNS = COLUMNS
    FILTER_HINT = "words that the column's name or its changes must hold"
    ACTIONS: ClassVar = (
        Action("data-diff.exact", ("e",), "All rows", "Compare all rows in place of a sample; esc stops it", footer=1),
        stop_action("data-diff", "comparing"),
        Action("data-diff.swap", ("x",), "Swap", "Swap before and after", footer=1),
        Action("data-diff.open", ("enter",), "Open", "Open one of the two tables", footer=2),
        Action("data-diff.filter", ("slash",), "Filter", "Show only columns that hold each word you type", footer=3),
        Action("data-diff.unfilter", ("escape",), "No filter", "Show all columns again", footer=2),
        Action("data-diff.export", ("E",), "Export", "Save the rows that are shown as CSV", footer=4),
        Action("data-diff.copy-name", ("c",), "Copy name", "Copy the name of the column to the clipboard", footer=6),
        Action("data-diff.again", ("r",), "Again", "Read both tables again and compare them", footer=0),
    )
    DEFAULT_CSS = """
    DataDiffScreen #change { display: none; height: 1; padding: 0 1; text-style: bold; }
    DataDiffScreen #body { layout: vertical; }
    DataDiffScreen #body > Grid { height: 1fr; }
    DataDiffScreen #detail {
        display: block; width: 1fr; height: 50%; border-left: none; border-top: solid $panel;
        scrollbar-size-vertical: 1;
    }
    DataDiffScreen.-wide #body { layout: horizontal; }
    DataDiffScreen.-wide #detail { width: 58; height: 1fr; border-top: none; border-left: solid $panel; }
    DataDiffScreen #spread { height: auto; }
    """

    def __init__(self, place: Place, *, tables: TableService) -> None:
        super().__init__(place)
        self.tables = tables
        self.found: TableDifference | None = None
        self._opened: list[Table] = []

    @property
    def crumbs(self) -> str:
        """`Data › Changes › diabetes:1 → diabetes:2`."""
        try:
            return f"{self.CRUMB} › {' → '.join(map(short_name, sources_of(self.place.subject)))}"
        except UserError:
            return self.CRUMB

    def compose_body(self) -> ComposeResult:
        """What changed as a whole, how much drifts, the filter, the columns, and one of them in full."""
        yield Static(id="change", markup=False)
        yield Static(id="about", markup=False)
        yield StillInput(self.place.filter, placeholder=self.FILTER_HINT, id="filter")
        yield StateCard()
        with Horizontal(id="body"):
            yield Grid(self.COLUMNS)
            with VerticalScroll(id="detail"):
                yield Static(id="spread", markup=False)
                yield Facts()

    def on_resize(self, event: Resize) -> None:
        """The bars have another width."""
        self.call_after_refresh(self._show_spread)

    async def on_unmount(self) -> None:
        """Let go of both tables."""
        await self._close()

    async def _close(self) -> None:
        opened, self._opened = self._opened, []
        await asyncio.gather(*(table.close() for table in opened))

    # looking

    def action_refresh(self) -> None:
        """Compare, unless that is done or going on: coming into view again is no reason."""
        if self.found is None and (self._looking is None or self._looking.is_finished):
            self._looking = self.load(self._look, group="read")

    def action_again(self) -> None:
        """Read both anew: files may have changed."""

        async def again(_: Progress) -> None:
            await self._close()
            await self._compare(exact=False)

        if self.found is None:
            self.action_refresh()
        else:
            self.work("Reading", again)

    async def read(self) -> Sequence[ColumnDifference]:
        """A sample of both tables, compared. Raises UserError unless there are two."""
        await self._compare(exact=False)
        return self.items

    async def _compare(self, *, exact: bool) -> None:
        from services.tables.differences import difference

        for source in sources_of(self.place.subject)[len(self._opened) :]:
            self._told(f"Opening {short_name(source)}", 0, 0)
            self._opened.append(await self.tables.open(source))
        before, after = self._opened
        self.found = await difference(before, after, self._told, exact=exact)
        self.items = tuple(by_drift(self.found.columns))

    def _told(self, what: str, done: int, total: int) -> None:
        """In the card while there is nothing else, later in the line above the rows."""
        if self.working:
            self.working = what
            self.tell_progress(done, total)
        elif self.is_attached:
            far = f" {done * 100 // total} %" if total else " ..."
            self.query_one(StateCard).reading(f"{what}{far}")

    def rest(self) -> None:
        """Compared, or stopped: what there is stays."""
        self.show_rows()

    def show_rows(self) -> None:
        """Draw what changed as a whole, and the columns."""
        super().show_rows()
        change = self.query_one("#change", Static)
        change.display = self.found is not None
        if self.found:
            put(change, change_text(self.found))
        self.refresh_bindings()

    # what a list says

    def key_of(self, item: ColumnDifference) -> str:
        """The name: one row a column."""
        return item.name

    def cells_of(self, item: ColumnDifference) -> tuple[str | Text, ...]:
        """The row."""
        return cells_of(item)

    def hay_of(self, item: ColumnDifference) -> str:
        """Name and changes."""
        return " ".join((item.name, *item.changes, *map(str, cells_of(item)[1:2])))

    def facts_of(self, item: ColumnDifference) -> list[tuple[str, str]]:
        """The column in both tables."""
        return facts_of(item)

    def about_parts(self) -> list[str]:
        """What goes on; else how much drifts."""
        words = f"{len(self.rows):,} shown with “{self.place.filter}”" if self.place.filter else ""
        return [words, drift_text(self.found) if self.found else ""]

    def empty_text(self) -> str:
        """Tables without columns."""
        return "Neither table has columns."

    def _show_detail(self) -> None:
        super()._show_detail()
        self._show_spread()

    def _show_spread(self) -> None:
        item, spread = self.chosen, self.query_one("#spread", Static)
        width = spread.size.width or self.query_one("#detail").size.width - 2
        put(spread, spread_text(item.name, item.shares, width) if item and width > 0 else "")

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Until both are compared there is nothing to do anything with, and all rows are compared once."""
        if action in NEED_BOTH and self.found is None:
            return False
        if action == "exact" and self.found and (self.working or not self.found.is_sample):
            return False
        return super().check_action(action, parameters)

    def action_exact(self) -> None:
        """Compare all rows."""
        self.work("Comparing all rows", lambda _: self._compare(exact=True))

    def action_swap(self) -> None:
        """The other way round, as exactly as before."""
        exact = self.found is not None and not self.found.is_sample
        self._opened.reverse()
        before, after = sources_of(self.place.subject)
        self.moved(replace(self.place, subject=subject_of(after, before)))
        self.work("Comparing", lambda _: self._compare(exact=exact))

    def action_open(self) -> None:
        """Ask which of the two."""

        async def choose() -> None:
            sources = dict(zip(SIDES, sources_of(self.place.subject), strict=True))
            options = [(side, shown(source)) for side, source in sources.items()]
            if side := await self.app.push_screen_wait(Choose("Open which table", options)):
                self.post_message(Open(Place("table", sources[side])))

        self.load(choose, group="open")

    def action_export(self) -> None:
        """Save the rows that are shown."""

        async def export() -> None:
            names = "-".join(short_name(source).replace(":", "-") for source in sources_of(self.place.subject))
            if told := await save_text(self.app, "comparison", f"changes-{names}.csv", as_csv(self.rows)):
                self.tell(told)

        self.load(export, group="export")
