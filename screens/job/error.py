"""Error: the first real error of a failed job, where it is in the code, what mends it, and the end of the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.job.feed import JobFeed
from screens.job.logs import MAIN_LOG
from screens.job.pane import Pane
from screens.job.texts import error_lines, heading, shown
from screens.widgets.states import StateCard
from services.entities import JobError, LogChunk
from services.errors import ServiceError

TAIL_BYTES = 6_000
TAIL_LINES = 20
NEIGHBOURS = 4


class ErrorPane(Pane):
    """The card that saves reading the log."""

    TAB = "error"
    DEFAULT_CSS = """
    ErrorPane VerticalScroll { padding: 0 1; }
    ErrorPane VerticalScroll Static { height: auto; margin-bottom: 1; }
    ErrorPane #what { border-left: thick $error; padding-left: 1; }
    """

    def __init__(
        self,
        feed: JobFeed,
        read_code: Callable[[str], Awaitable[bytes]],
        read_log: Callable[[str, int, int], Awaitable[LogChunk]],
    ) -> None:
        super().__init__(feed)
        self.read_code = read_code
        self.read_log = read_log
        self._drawn: JobError | None = None

    def compose(self) -> ComposeResult:
        """A card for the states; what, where and the end of the log in one scroll."""
        yield StateCard()
        with VerticalScroll():
            yield Static(id="what", markup=False)
            yield Static(id="where", markup=False)
            yield Static(id="tail", markup=False)

    def show_feed(self) -> None:
        """Draw the error once it is known."""
        error = self.feed.job.error if self.feed.job else None
        self.query_one(VerticalScroll).display = error is not None
        if error is None:
            self.card.empty("No error so far." if self.feed.active else "The job ended without an error.")
            return
        self.card.hide()
        if error != self._drawn:
            self._drawn = error
            keys = Text("x clones the job to mend it   4 shows the log   7 shows the code", "dim")
            self.query_one("#what", Static).update(Text("\n").join([*error_lines(error), Text(), keys]))
            self.load(lambda: self._read_around(error))

    async def _read_around(self, error: JobError) -> None:
        where, tail = self.query_one("#where", Static), self.query_one("#tail", Static)
        where.display = tail.display = False
        # The code or the log may be gone; the error itself is told above.
        if error.file and error.line:
            with suppress(ServiceError):
                lines = source_lines(error, (await self.read_code(error.file)).decode(errors="replace"))
                where.update(Text("\n").join(lines))
                where.display = bool(lines)
        log = error.log_file or MAIN_LOG
        with suppress(ServiceError):
            chunk = await self.read_log(log, -TAIL_BYTES, TAIL_BYTES)
            end = [Text(shown(line)) for line in chunk.data.decode(errors="replace").splitlines()[-TAIL_LINES:]]
            tail.update(Text("\n").join([heading(f"The end of {shown(log)}"), *end]))
            tail.display = bool(end)


def source_lines(error: JobError, source: str) -> list[Text]:
    """The line that raised, marked, and its neighbours, with their numbers; nothing if there is no such line."""
    lines = source.splitlines()
    if error.line > len(lines):
        return []
    first = max(1, error.line - NEIGHBOURS)
    out = [heading(f"{shown(error.file)}, line {error.line}")]
    for number, line in enumerate(lines[first - 1 : error.line + NEIGHBOURS], first):
        guilty = number == error.line
        text = shown(line.replace("\t", "    "))
        out.append(Text(f"{'▶' if guilty else ' '} {number:>4}  {text}", "bold red" if guilty else ""))
    return out
