"""The lines of a log that have a text, found as the log is read through in slices."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from screens.widgets.log_window import PART
from screens.widgets.matching import bytes_pattern

MOST = 100_000
"""Matches that are kept; there may be more."""
_LONGEST = 64 * 1024
"""Bytes of a line without end that are kept for the next slice; matches are found in longer ones as well."""


class LogSearch:
    """Offsets of matches in bytes that are fed in order: one a line, or a part of a very long line.

    What a carriage return has overwritten is not found, and neither is what is beyond MOST.

    Attributes:
        position: the offset of the next byte to feed.
    """

    def __init__(self, text: str) -> None:
        self.position = 0
        self._plain = bytes_pattern(text, coloured=False)
        self._coloured = bytes_pattern(text, coloured=True)
        self._found = array("Q")
        self._last: list[int] = []  # in the last line, which may still grow
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Search the bytes at `position`."""
        start = self.position - len(self._rest)
        self.position += len(data)
        data = self._rest + data
        cut = data.rfind(b"\n") + 1
        if len(data) - cut > _LONGEST:
            cut = len(data) - PART
        if not self.full:
            self._found.extend(start + at for at in self._matches(data, 0, cut))
        self._rest = data[cut:]
        self._last = [] if self.full else [start + cut + at for at in self._matches(self._rest, 0, len(self._rest))]

    @property
    def full(self) -> bool:
        """Whether there are more matches than are kept."""
        return len(self._found) >= MOST

    def __len__(self) -> int:
        """How many there are so far."""
        return len(self._found) + len(self._last)

    def offset(self, number: int) -> int:
        """Where a match is, counted from 0."""
        return self._found[number] if number < len(self._found) else self._last[number - len(self._found)]

    def first_from(self, offset: int) -> int:
        """The number of the first match at an offset or after it; `len(self)` if there is none."""
        at = bisect_left(self._found, offset)
        return at if at < len(self._found) else at + bisect_left(self._last, offset)

    def _matches(self, data: bytes, at: int, end: int) -> Iterator[int]:
        pattern = self._coloured if b"\x1b" in data else self._plain
        while (match := pattern.search(data, at)) and match.start() < end:
            newline = data.find(b"\n", match.end())
            line_end = newline if newline >= 0 else len(data)
            overwritten = data[match.end() : line_end].rstrip(b"\r").rfind(b"\r")
            if overwritten >= 0:
                at = match.end() + overwritten + 1
                continue
            yield match.start()
            at = max(match.end(), min(line_end, match.start() + PART))
