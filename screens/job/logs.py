"""Logs: one log file as it is written; follow, wrap, search, choose the file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual.app import ComposeResult
from textual.widgets import Static

from screens.job.feed import JobFeed
from screens.job.search import SearchPane
from screens.job.texts import shown
from screens.lists import counted
from screens.widgets.log_view import LogView
from screens.widgets.states import StateCard
from screens.widgets.status import size_text
from screens.widgets.steady import put
from services.entities import LogChunk

MAIN_LOG = "user_logs/std_log.txt"


class LogsPane(SearchPane):
    """A line that names the file, the log, and the search line when it is asked for."""

    TAB = "logs"
    DEFAULT_CSS = """
    LogsPane #file { height: 1; padding: 0 1; color: $text-muted; }
    LogsPane LogView { height: 1fr; }
    """

    def __init__(self, feed: JobFeed, read_log: Callable[[str, int, int], Awaitable[LogChunk]]) -> None:
        super().__init__(feed)
        self.read_log = read_log
        self.file = ""

    def compose(self) -> ComposeResult:
        """The name of the file, the card for the states, the log, the search."""
        yield Static(id="file", markup=False)
        yield StateCard()
        yield LogView()
        yield from self.search_line("search the log")

    @property
    def searched(self) -> LogView:
        """The log."""
        return self.query_one(LogView)

    def show_feed(self) -> None:
        """Open the main log once it is there; tell the view how long the file is now."""
        logs = self.feed.logs
        view = self.searched
        view.display = bool(logs)
        if not logs:
            self.card.empty(
                "No log yet. It begins when the command starts."
                if self.feed.active
                else "No log. The command never started, or its log was not kept."
            )
            return
        self.card.hide()
        if not self.file:
            self.choose(MAIN_LOG if MAIN_LOG in logs else next(iter(logs)))
        else:
            view.grow(logs.get(self.file, 0))
        self._name_file()

    def choose(self, file: str) -> None:
        """Show another file."""
        self.file = file
        self.searched.open(partial(self.read_log, file), self.feed.logs.get(file, 0))
        self._name_file()

    def toggle_follow(self) -> None:
        """Stay at the end while it grows, or not."""
        self.searched.follow = not self.searched.follow

    def tell_found(self) -> None:
        """The place, follow, wrap and the search."""
        self._name_file()
        super().tell_found()

    def _name_file(self) -> None:
        view = self.searched
        others = len(self.feed.logs) - 1
        parts = [shown(self.file), size_text(self.feed.logs.get(self.file, 0))]
        if view.error:
            parts.append(f"! {view.error.title}")
        if view.follow and self.feed.active:
            parts.append("following")
        elif view.line_number and view.line_count:
            parts.append(f"line {view.line_number:,} of {view.line_count:,}")
        parts += ["wrapped"] if view.wrap else []
        parts += [f"o: {counted(others, 'more file', 'more files')}"] if others > 0 else []
        put(self.query_one("#file", Static), "  ·  ".join(parts))
