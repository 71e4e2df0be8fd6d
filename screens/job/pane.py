"""What the tabs of the job screen share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.containers import Vertical
from textual.worker import Worker

from screens.job.feed import JobFeed
from screens.widgets.states import StateCard
from services.errors import ServiceError


class Pane(Vertical):
    """One tab. It draws the feed while it is shown and does nothing otherwise.

    A pane that can be empty or reads what the feed doesn't hold, through callables that the screen hands it, yields a
    StateCard for these states.
    """

    DEFAULT_CSS = "Pane { height: 1fr; }"
    TAB: ClassVar[str] = ""

    def __init__(self, feed: JobFeed) -> None:
        super().__init__()
        self.feed = feed

    @property
    def card(self) -> StateCard:
        """The place of the pane's states."""
        return self.query_one(StateCard)

    @property
    def chosen_uri(self) -> str:
        """What a URI names under the cursor; empty when the pane has no such thing."""
        return ""

    def show_feed(self) -> None:
        """Draw what the feed holds now: called when the pane is shown, and after each batch of events.

        The feed holds a job whenever this is called.
        """

    def reload(self) -> None:
        """Read again what the feed doesn't hold: called when the pane is shown, now and then while the job runs, and at
        its end."""

    def focus_first(self) -> None:
        """Give the keys to the pane's main widget."""
        for widget in self.query("*"):
            if widget.focusable and widget.display:
                widget.focus()
                return

    def load(self, call: Callable[[], Awaitable[None]], *, group: str = "read") -> Worker[None]:
        """Run a handler in a worker; a later one of the group replaces it; errors go to the pane's card."""

        async def guarded() -> None:
            try:
                await call()
            except ServiceError as error:
                self.card.error(error)
            except Exception as error:
                from services.crash_reports import own_error

                self.card.error(own_error(error, place=type(self).__name__))

        # the function, not its coroutine: one that is replaced before it began would never be awaited
        return self.run_worker(guarded, group=group, exclusive=True, exit_on_error=False)
