"""A row of a line of text: the part that is in view, with styles over it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style

from screens.widgets.cells import chop

Span = tuple[int, int, Style]
"""From a character up to another, and its style."""


class Part(NamedTuple):
    """The characters of a line from `start` up to `end`, behind `pad` blank cells: halves of wide characters."""

    start: int
    end: int
    pad: int = 0


@lru_cache(maxsize=256)
def broken(text: str, width: int) -> tuple[Part, ...]:
    """The rows that a line takes in a width."""
    parts, start = [], 0
    for piece in chop(text, width):
        parts.append(Part(start, start + len(piece)))
        start += len(piece)
    return tuple(parts)


def visible(text: str, left: int, width: int) -> Part:
    """What of a line is seen in the cells from `left`."""
    if text.isascii():
        return Part(min(left, len(text)), min(left + width, len(text)))
    cell, pad = 0, 0
    start: int | None = None
    for at, character in enumerate(text):
        if start is None and cell >= left:
            start, pad = at, cell - left
        size = get_character_cell_size(character)
        if cell + size > left + width:
            return Part(at if start is None else start, at, pad)
        cell += size
    return Part(len(text) if start is None else start, len(text), pad)


def segments(text: str, part: Part, style: Style, spans: Iterable[Span]) -> list[Segment]:
    """A part of a line in as few segments as its styles need; later spans lie over earlier ones."""
    looks = [style] * (part.end - part.start)
    for start, end, look in spans:
        first, last = max(start, part.start), min(end, part.end)
        if first < last:
            looks[first - part.start : last - part.start] = [look] * (last - first)
    out = [Segment(" " * part.pad, style)] if part.pad else []
    begin = 0
    for at in range(1, len(looks) + 1):
        if at == len(looks) or looks[at] is not looks[begin]:
            out.append(Segment(text[part.start + begin : part.start + at], looks[begin]))
            begin = at
    return out
