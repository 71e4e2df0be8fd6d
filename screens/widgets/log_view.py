"""A log that is read as far as it is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from textual.reactive import reactive

from screens.widgets.line_view import LineView
from screens.widgets.log_index import LineIndex
from screens.widgets.log_search import LogSearch
from screens.widgets.log_window import BLOCK, BLOCKS, LogWindow
from screens.widgets.matching import text_pattern
from services.entities import LogChunk
from services.errors import ServiceError

SLICE = 1 << 19
"""Bytes that are read at once to count lines and to search; keys get their turn in between."""
AHEAD = 2
"""Pages that are kept in memory above and below the view."""

Read = Callable[[int, int], Awaitable[LogChunk]]


class Reader(Protocol):
    """Something that is fed a log from its beginning."""

    position: int

    def feed(self, data: bytes) -> None:
        """Take the bytes at `position`."""


async def _no_log(offset: int, limit: int) -> LogChunk:
    return LogChunk(offset, b"", 0)


class LogView(LineView):
    """A log of any length: follows its end, wraps, searches.

    It holds the bytes near the view (at most BLOCKS * BLOCK) and a number for each 64 kB. Places are offsets in bytes,
    so the end is there at once; the lines are counted behind it, and only the count and the line numbers wait for that.
    """

    follow: reactive[bool] = reactive(True, repaint=False)
    """Whether the view stays at the end; scrolling up leaves it, coming to the end takes it up again."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.size_of_log = 0
        self.error: ServiceError | None = None
        """Why the log could not be read the last time; it is tried again when it grows or is scrolled."""
        self._read: Read = _no_log
        self._window = LogWindow()
        self._index = LineIndex()
        self._search: LogSearch | None = None
        self._searched = False  # through to the end, once
        self._match: int | None = None  # the offset of the match that was gone to
        self._needle = ""
        self._readings: dict[str, Reader] = {}
        self._way = -1  # where it was scrolled last: there the window is extended before its end is reached
        self._owed = 0  # rows still to scroll when more lines are there
        self._busy = False  # the window is being read

    # what is told

    @property
    def line_count(self) -> int | None:
        """Lines so far; None until the whole log is counted."""
        return self._index.lines if self._index.position >= self.size_of_log else None

    @property
    def line_number(self) -> int | None:
        """The number of the line at the top of the view, from 1; None until it is known."""
        before = self._index.lines_before(self._window.start)
        if before is None or not self._window.lines:
            return None
        return before + self._window.newlines_before(self._top_offset) + 1

    @property
    def search_text(self) -> str:
        """What is told of the search: `3/17`, `searching 40%`, `no match`; empty without one."""
        search = self._search
        if search is None:
            return ""
        parts = []
        if len(search):
            at = search.first_from(self._match) + 1 if self._match is not None else "–"
            parts.append(f"{at}/{len(search)}" + ("+" if search.full else ""))
        if not self._searched:
            parts.append(f"searching {100 * search.position // max(1, self.size_of_log)}%")
        return " ".join(parts) or "no match"

    @property
    def cursor_text(self) -> str:
        """The line to copy: that of the match, else the one at the top of the view."""
        lines = self._window.lines
        if self._match is not None and lines and lines[0].start <= self._match <= lines[-1].end:
            return self.line_text(self._window.at(self._match))
        return self.line_text(self._place.top) if lines else ""

    # the log

    def open(self, read: Read, size: int) -> None:
        """Show another log of `size` bytes from its end; `read(offset, limit)` reads a part of it."""
        self._read, self.size_of_log = read, size
        self._window, self._index = LogWindow(), LineIndex()
        self.search("")
        self.set_reactive(LogView.follow, True)
        self._jump(size, self.rearrange)
        self._run(self._index, "log-index")

    def grow(self, size: int) -> None:
        """The log is `size` bytes long now; shorter than before: it began anew."""
        if size < self.size_of_log:
            needle = self._needle
            self.open(self._read, size)
            self.search(needle)
        elif size > self.size_of_log or self.error:
            self.size_of_log = size
            self._fill()
            self._run(self._index, "log-index")
            if self._search is not None:
                self._run(self._search, "log-search")

    async def _bytes(self, offset: int, limit: int) -> bytes:
        data = b""
        while len(data) < limit and (chunk := await self._read(offset + len(data), limit - len(data))).data:
            data += chunk.data
        self.error = None
        return data

    def _run(self, reader: Reader, group: str) -> None:
        """Feed a reader with all that it hasn't seen, unless that is going on already."""
        if self._readings.get(group) is reader or not self.is_mounted:
            return
        self._readings[group] = reader

        async def run() -> None:
            try:
                while reader.position < self.size_of_log:
                    limit = min(SLICE, self.size_of_log - reader.position)
                    data = await self._bytes(reader.position, limit)
                    if not data:
                        break
                    reader.feed(data)
                    if reader is self._search:
                        self._go_to_first()
                        self.tell()
                    await asyncio.sleep(0)
            except ServiceError as error:
                self.error = error
            del self._readings[group]
            if reader is self._search and not self.error:
                self._searched = True
                self._go_to_first()
                self.redraw()
            self.tell()

        self.work(run, group)

    # the window

    def _load(self, offset: int, limit: int, take: Callable[[bytes], None]) -> None:
        """Read a part of the log, instead of any that is being read, and take it into the window."""
        self._busy = True

        async def load() -> None:
            try:
                data = await self._bytes(offset, limit)
            except ServiceError as error:
                self.error = error
                self._busy = False
            else:
                self._busy = False
                take(data)
            self.tell()

        self.work(load, "log-window")

    def _jump(self, offset: int, show: Callable[[], None]) -> None:
        """Have the window around an offset, then show it."""
        size = self.size_of_log
        block = min(offset, max(0, size - 1)) // BLOCK
        start = max(0, block - 1) * BLOCK
        self._owed = 0

        def take(data: bytes) -> None:
            self._window.set(start, data, size)
            show()
            self._fill()

        if size and self.is_mounted:
            self._load(start, min(size, (block + 2) * BLOCK) - start, take)
        else:
            self._window.set(0, b"", 0)
            self.rearrange()

    def _extend(self, down: bool) -> None:
        """Read the bytes after the window, or before it; the view stays where it is."""
        window, size = self._window, self.size_of_log
        offset = window.end if down else window.start - BLOCK
        limit = min(2 * BLOCK - offset % BLOCK, size - offset) if down else BLOCK

        def take(data: bytes) -> None:
            if not data:
                return
            top = self._top_offset
            (window.append if down else window.prepend)(data, size)
            self._place.top = window.at(top)
            if self._owed:
                left = self._place.move(self._owed, self.page)
                self._owed = left if self._more(left) else 0
            self.rearrange()
            self._fill()

        self._load(offset, limit, take)

    def _more(self, way: int) -> bool:
        """Whether the log goes on beyond the window: after it, or before it where `way` is negative."""
        return (way > 0 and self._window.end < self.size_of_log) or (way < 0 and self._window.start > 0)

    def _fill(self) -> None:
        """Read what the view needs next, if anything."""
        window = self._window
        if self._busy or not self.is_mounted:
            return
        if self.follow and window.end < self.size_of_log:
            if self.size_of_log - window.end > BLOCKS * BLOCK // 2:
                self._jump(self.size_of_log, self.rearrange)
            else:
                self._extend(down=True)
            return
        above = self._place.top
        below = len(window.lines) - above - self.page
        room = window.end - window.start < BLOCKS * BLOCK
        ahead = max(1, min(AHEAD * self.page, (above + below) // 4))
        if self._more(1) and (below < ahead if self._way > 0 else below < 0 and room):
            self._extend(down=True)
        elif self._more(-1) and (above < ahead if self._way < 0 else below < 0 and room):
            self._extend(down=False)

    # the view

    @property
    def _top_offset(self) -> int:
        lines = self._window.lines
        return lines[self._place.top].start if self._place.top < len(lines) else self._window.end

    def line_total(self) -> int:
        """Lines in the window."""
        return len(self._window.lines)

    def line_text(self, line: int) -> str:
        """A line of the window."""
        return self._window.text(self._window.lines[line])

    def is_current(self, line: int) -> bool:
        """Whether the match that was gone to is in the line."""
        start, end, *_ = self._window.lines[line]
        return self._match is not None and start <= self._match < end

    def rearrange(self) -> None:
        """Stay at the end, or where it is."""
        if self.follow:
            self._place.to_end(self.page)
        super().rearrange()
        self.tell()

    def moved(self, left: int = 0) -> None:
        """Read on where the window ends; follow from the end on."""
        self._owed = self._owed + left if left and self._more(left) else 0
        self.set_reactive(LogView.follow, not self._more(1) and self._place.at_end(self.page))
        self._fill()
        self.tell()

    def scroll_rows(self, by: int) -> None:
        """Scroll by rows, also those that are still to be read."""
        self._way = by
        super().scroll_rows(by)

    def action_top(self) -> None:
        """To the first line of the log."""
        self._way = 1
        if self._more(-1):
            self.set_reactive(LogView.follow, False)
            self._jump(0, super().action_top)
        else:
            super().action_top()

    def action_bottom(self) -> None:
        """To the last line of the log."""
        self._way = -1
        if self._more(1):
            self.set_reactive(LogView.follow, True)
            self._jump(self.size_of_log, super().action_bottom)
        else:
            super().action_bottom()

    def watch_follow(self) -> None:
        """Go to the end, or let it go."""
        if self.follow:
            self.action_bottom()
        self.tell()

    def on_mount(self) -> None:
        """Read a log that was opened before."""
        if self.size_of_log:
            self._jump(self.size_of_log, self.rearrange)
            self._run(self._index, "log-index")
            self.search(self._needle)

    # search

    def search(self, text: str) -> None:
        """Find a text in the whole log, case aside unless it has capitals; empty ends the search."""
        self._needle = text
        self.pattern = text_pattern(text) if text else None
        self._search = LogSearch(text) if text else None
        self._searched, self._match = False, None
        if self._search is not None:
            self._run(self._search, "log-search")
        self.redraw()
        self.tell()

    def action_next_match(self) -> None:
        """Go to the next match; after the last to the first."""
        self._go_on(1)

    def action_previous_match(self) -> None:
        """Go to the match before; before the first to the last."""
        self._go_on(-1)

    def _go_on(self, by: int) -> None:
        if self._search is not None and self._match is not None:
            self._go_to((self._search.first_from(self._match) + by) % len(self._search))

    def _go_to_first(self) -> None:
        """The first match from the top of the view on; when all is searched and there is none, the last above."""
        search = self._search
        if search is None or self._match is not None or not len(search):
            return
        number = search.first_from(self._top_offset)
        if number < len(search):
            self._go_to(number)
        elif self._searched:
            self._go_to(number - 1)

    def _go_to(self, number: int) -> None:
        if self._search is None:
            return
        offset = self._match = self._search.offset(number)

        def show() -> None:
            self.show_line(self._window.at(offset))

        lines = self._window.lines
        if lines and lines[0].start <= offset <= lines[-1].end:
            show()
        else:
            self.set_reactive(LogView.follow, False)
            self._jump(offset, show)
