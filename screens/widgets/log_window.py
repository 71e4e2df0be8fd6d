"""The part of a log that is in memory: bytes near the view, and the lines in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import NamedTuple

from screens.widgets.text_lines import NEIGHBOUR, masked_part
from services.text import masked, safe

BLOCK = 64 * 1024
"""Bytes; a window begins at a multiple of it."""
BLOCKS = 4
"""In a window at most."""
PART = 4096
"""Bytes; a longer line is shown in parts, which begin at multiples of it (BLOCK is one)."""
TAB = 8

_COLOUR = re.compile(r"\x1b\[[0-9;:]*[mK]")
_INNER = range(0x80, 0xC0)
"""Bytes of a character in UTF-8 after its first."""


class Segment(NamedTuple):
    """The bytes of a line without its end, or of a part of a very long line; offsets in the log.

    `first` and `last`: whether it is the beginning of its line, and the end.
    """

    start: int
    end: int
    first: bool
    last: bool


class LogWindow:
    """Bytes of a log from `start`, one piece, and their lines.

    A line longer than PART is broken at multiples of PART that have no newline in the PART bytes before them, so the
    same log is broken alike wherever the window begins. What a carriage return has overwritten is no line.
    """

    def __init__(self) -> None:
        self.start = 0
        self.lines: list[Segment] = []
        self._data = b""
        self._texts: dict[Segment, str] = {}

    @property
    def end(self) -> int:
        """The offset after the last byte."""
        return self.start + len(self._data)

    def set(self, start: int, data: bytes, size: int) -> None:
        """Hold other bytes, of a log of `size` bytes."""
        self.start, self._data = start, data
        self._texts.clear()
        self._find_lines(size)

    def append(self, data: bytes, size: int) -> None:
        """Take the bytes that follow; the first of the window go when it gets too long."""
        self._data += data
        if (drop := -(-len(self._data) // BLOCK) - BLOCKS) > 0:
            self.start += drop * BLOCK
            self._data = self._data[drop * BLOCK :]
        self._find_lines(size)

    def prepend(self, data: bytes, size: int) -> None:
        """Take the bytes before, whole blocks; the last of the window go when it gets too long."""
        self.start -= len(data)
        self._data = (data + self._data)[: BLOCKS * BLOCK]
        self._find_lines(size)

    def at(self, offset: int) -> int:
        """The line that an offset is in, or the nearest."""
        return max(0, bisect_right(self.lines, offset, key=lambda line: line.start) - 1)

    def newlines_before(self, offset: int) -> int:
        """How many lines of the window end before an offset in it."""
        return self._data.count(b"\n", 0, offset - self.start)

    def text(self, line: Segment) -> str:
        """A line as it is shown: safe, without colours and secrets."""
        text = self._texts.get(line)
        if text is None:
            if len(self._texts) > 1000:
                self._texts.clear()
            text = self._texts[line] = self._shown(line)
        return text

    def _shown(self, line: Segment) -> str:
        text = self._decoded(line.start, line.end)
        if line.first and line.last:
            return shown(text)
        before = "" if line.first else self._decoded(line.start - NEIGHBOUR, line.start)
        after = "" if line.last else self._decoded(line.end, line.end + NEIGHBOUR)
        return shown(masked_part(before, text, after))

    def _decoded(self, start: int, end: int) -> str:
        data = self._data[max(0, start - self.start) : max(0, end - self.start)]
        return _COLOUR.sub("", data.decode("utf-8", "replace"))

    def _find_lines(self, size: int) -> None:
        data, lines = self._data, list[Segment]()
        at = 0
        while at < len(data):
            newline = data.find(b"\n", at)
            whole = newline >= 0 or self.end >= size
            end = newline if newline >= 0 else len(data)
            if whole:
                end = at + len(data[at:end].rstrip(b"\r"))
            points = [at, *self._edges(at, end)]
            if whole:
                points.append(end)
            if at == 0 and self.start > 0:
                # the beginning of this line is before the window
                del points[0]
            fresh = max(at, data.rfind(b"\r", at, end) + 1)
            lines += [
                Segment(self.start + max(left, fresh), self.start + right, left <= fresh, whole and right == end)
                for left, right in pairwise(points)
                if right > fresh or left == right
            ]
            at = newline + 1 if newline >= 0 else len(data)
        self.lines = lines

    def _edges(self, start: int, end: int) -> list[int]:
        """Where a line is broken: at multiples of PART, the first at least PART after its start, between characters."""
        data, edges = self._data, []
        for edge in range(-(-start // PART) * PART + PART, end, PART):
            shift = next((i for i in range(4) if edge + i >= end or data[edge + i] not in _INNER), 0)
            edges.append(min(edge + shift, end))
        return edges


def shown(text: str) -> str:
    """A line as it is shown: one line, safe, without secrets."""
    return safe(masked(text.expandtabs(TAB)))
