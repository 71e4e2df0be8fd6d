"""What the screens about a table share whose work takes long: it tells how far it is, esc stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from rich.text import Text
from textual.widgets import Static

from screens.actions import Action
from screens.base import LapisScreen
from screens.sources import table_title
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from services.entities.tables import Progress
from services.text import masked, safe


def stop_action(screen: str, work: str) -> Action:
    """The declaration that such a screen has before that of another use of escape."""
    return Action(f"{screen}.stop", ("escape",), "Stop", f"Stop {work}; what was there stays", footer=1)


class LongWork(LapisScreen):
    """A screen about a table, with a line `#about`. One work at a time: a later one takes the place of the one before.

    Where there is another base class too, that comes first: Textual takes the style sheet of the first one alone.

    Attributes:
        working: what is being done; empty at rest.
    """

    working = ""
    _begun = 0

    @property
    def crumbs(self) -> str:
        """`Profile › titanic.csv`."""
        return f"{self.CRUMB} › {table_title(self.place.subject)}"

    def work(self, what: str, call: Callable[[Progress], Awaitable[None]]) -> None:
        """Do it in a worker; it is handed what tells how far it is."""

        async def run() -> None:
            self._begun += 1
            begun, self.working = self._begun, what
            self.refresh_bindings()
            self.tell_progress(0, 0)
            ended = self.rest

            def progress(done: int, total: int) -> None:
                if begun == self._begun:
                    self.tell_progress(done, total)

            try:
                await call(progress)
            except asyncio.CancelledError:
                ended = self.stopped
                raise
            finally:
                if begun == self._begun:
                    self.working = ""
                    if self.is_attached:
                        self.refresh_bindings()
                        ended()

        self.load(run, group="work")

    def tell_progress(self, done: int, total: int) -> None:
        """Show how far the work is."""
        if self.working:
            far = f" {done * 100 // total} %" if total else " ..."
            self.tell_work(f"{self.working}{far}, esc stops")

    def tell_work(self, text: str) -> None:
        """Say in the line of the screen how far the work is."""
        put(self.query_one("#about", Static), Text(safe(masked(text))))

    def tell_reading(self, done: int, total: int) -> None:
        """Show on the card that stands in place of content how far the first look is."""
        for card in self.query(StateCard):
            if card.display:
                card.reading(f"Reading {table_title(self.place.subject)}: {done * 100 // max(1, total)} %")

    def rest(self) -> None:
        """The work has ended or has failed: draw what there is."""

    def stopped(self) -> None:
        """The work was stopped: draw what there was."""
        self.rest()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape stops work as long as there is some."""
        if action == "stop":
            return bool(self.working)
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """What was there stays."""
        self.workers.cancel_group(self, "work")
