"""Where the lines of a log are: how many end in each stretch of it, counted as the log is read through once."""

from __future__ import annotations

from array import array

STRETCH = 64 * 1024
"""Bytes for which one number is kept: 6 kB for a log of 50 MB."""


class LineIndex:
    """Counts lines in bytes that are fed in order.

    Attributes:
        position: the offset of the next byte to feed.
    """

    def __init__(self) -> None:
        self.position = 0
        self._before = array("Q", [0])  # lines that end before each stretch
        self._newlines = 0
        self._open = False

    def feed(self, data: bytes) -> None:
        """Count the bytes at `position`."""
        at = 0
        while at < len(data):
            end = min(len(data), at + STRETCH - (self.position + at) % STRETCH)
            self._newlines += data.count(b"\n", at, end)
            at = end
            if (self.position + at) % STRETCH == 0:
                self._before.append(self._newlines)
        if data:
            self._open = not data.endswith(b"\n")
        self.position += len(data)

    @property
    def lines(self) -> int:
        """Lines so far; the last may have no end yet."""
        return self._newlines + self._open

    def lines_before(self, start: int) -> int | None:
        """Lines that end before an offset that is a multiple of STRETCH; None where the count isn't there yet."""
        at = start // STRETCH
        return self._before[at] if at < len(self._before) else None
