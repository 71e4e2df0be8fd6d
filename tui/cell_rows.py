"""A row of the terminal as cells, and what turns one into another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from operator import is_not, ne

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from textual.strip import Strip

from tui.pens import PLAIN, Pen, change, pen_of

UNKNOWN = "\0"
"""The character of a cell of which nothing is known."""
SECOND = "\1"
"""That of the right half of a wide character."""
GAP = 4
"""Cells that cost no more to write once more than to step over."""


class CellRow:
    """Neighbouring cells: a character of `text` and a pen of `pens` each."""

    __slots__ = ("pens", "text")

    def __init__(self, text: str, pens: list[Pen]) -> None:
        self.text = text
        self.pens = pens

    @classmethod
    def of(cls, character: str, width: int) -> CellRow:
        """So many cells with the same character, plain."""
        return cls(character * width, [PLAIN] * width)

    def copy(self) -> CellRow:
        """Another with the same cells."""
        return CellRow(self.text, self.pens.copy())

    def put(self, x: int, cells: CellRow) -> None:
        """Replace the cells from a column on; of a wide character of which one half goes, the other is unknown."""
        end = x + len(cells.text)
        before, after = self.text[:x], self.text[end:]
        if self.text[x] == SECOND:
            before = before[:-1] + UNKNOWN
        if after[:1] == SECOND:
            after = UNKNOWN + after[1:]
        self.text = before + cells.text + after
        self.pens[x:end] = cells.pens

    def shows(self, x: int, cells: CellRow) -> bool:
        """Whether the cells from a column on are these."""
        end = x + len(cells.text)
        return self.text[x:end] == cells.text and self.pens[x:end] == cells.pens

    def distance(self, other: CellRow) -> int:
        """About how many cells differ from those of a row as wide."""
        if self.shows(0, other):
            return 0
        texts, pens = sum(map(ne, self.text, other.text)), sum(map(is_not, self.pens, other.pens))
        return max(int(texts), pens)

    def differing(self, other: CellRow) -> list[int]:
        """The known columns that differ from those of a row as wide; all of them where one has wide characters.

        Terminals don't agree how wide some of these are, and all that is right of them depends on it.
        """
        if self.shows(0, other):
            return []
        if SECOND in self.text or SECOND in other.text:
            return [x for x, character in enumerate(self.text) if character != UNKNOWN]
        cells = zip(self.text, other.text, self.pens, other.pens, strict=True)
        return [x for x, (now, was, pen, old) in enumerate(cells) if (now != was or pen is not old) and now != UNKNOWN]

    def write(self, y: int, columns: Iterable[int], pen: Pen, sent: list[str]) -> Pen:
        """Append what writes these columns to row `y` of the terminal, whose pen it takes and returns."""
        at = -1
        for x in columns:
            if at < 0:
                sent.append(f"\x1b[{y + 1};{x + 1}H")
            elif x > at:
                between = self.text[at:x]
                if len(between) <= GAP and UNKNOWN not in between and all(map(pen.leaves, between, self.pens[at:x])):
                    sent.append(between)
                else:
                    sent.append(f"\x1b[{x + 1}G")
            at = x + 1
            character = self.text[x]
            if character != SECOND:
                if not pen.leaves(character, self.pens[x]):
                    sent.append(change(pen, self.pens[x]))
                    pen = self.pens[x]
                sent.append(character)
        return pen


def cells_of(strip: Strip, color_system: ColorSystem) -> CellRow | None:
    """The cells of a strip; None for those that aren't told apart: links, and characters that take no cell."""
    texts: list[str] = []
    pens: list[Pen] = []
    for segment in strip:
        style = segment.style
        text = segment.text if segment.text.isascii() else _in_cells(segment.text)
        if text is None or (style is not None and style.link):
            return None
        pen = PLAIN if style is None else pen_of(Strip.render_ansi(style, color_system))
        texts.append(text)
        blank = pen.blank
        pens += [pen] * len(text) if blank is pen else [blank if cell == " " else pen for cell in text]
    return CellRow("".join(texts), pens) if len(pens) == strip.cell_length else None


@lru_cache(maxsize=4096)
def _in_cells(text: str) -> str | None:
    """A character for each cell; None if one takes no cell."""
    widths = [get_character_cell_size(character) for character in text]
    if 0 in widths:
        return None
    return "".join(character + SECOND * (width - 1) for character, width in zip(text, widths, strict=True))
