"""What the screens about a table share whose work takes long: it tells how far it is, esc stops it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from rich.text import Text
from textual.widgets import Static

from screens.actions import Action
from screens.base import LapisScreen
from screens.table.pages import table_title
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from services.entities.tables import Progress
from services.text import masked, safe


def stop_action(screen: str, work: str) -> Action:
    """The declaration that such a screen has before that of another use of escape."""
    return Action(f"{screen}.stop", ("escape",), "Stop", f"Stop {work}; what was there stays", footer=1)


class LongWork(LapisScreen):
    """A screen about a table, with a line `#about` in whose place stands how far the work is. One work at a time.

    Where there is another base class too, that comes first: Textual takes the style sheet of the first one alone.

    Attributes:
        working: what is being done; empty at rest.
    """

    working = ""

    @property
    def crumbs(self) -> str:
        """`Profile › titanic.csv`."""
        return f"{self.CRUMB} › {table_title(self.place.subject)}"

    def work(self, what: str, call: Callable[[Progress], Awaitable[None]]) -> None:
        """Do it in a worker; it is handed what tells how far it is."""

        async def run() -> None:
            self.working = what
            self.refresh_bindings()
            self.tell_progress(0, 0)
            try:
                await call(self.tell_progress)
            finally:
                self.working = ""
                if self.is_mounted:
                    self.refresh_bindings()
                    self.rest()

        self.load(run, group="work")

    def tell_progress(self, done: int, total: int) -> None:
        """Show how far the work is."""
        if self.working:
            far = f" {done * 100 // total} %" if total else " ..."
            put(self.query_one("#about", Static), Text(safe(masked(f"{self.working}{far}, esc stops"))))

    def tell_reading(self, done: int, total: int) -> None:
        """Show on the card that stands in place of content how far the first look is."""
        for card in self.query(StateCard):
            if card.display:
                card.reading(f"Reading {table_title(self.place.subject)}: {done * 100 // max(1, total)} %")

    def rest(self) -> None:
        """The work has ended, was stopped or has failed: draw what there is."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape stops work as long as there is some."""
        if action == "stop":
            return bool(self.working)
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """What was there stays."""
        self.workers.cancel_group(self, "work")
