"""What the terminal shows, cell by cell: only what differs is sent, and rows that have only moved are moved by it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from textual.geometry import Size
from textual.strip import Strip

from tui.cell_rows import UNKNOWN, CellRow, cells_of
from tui.pens import PLAIN, change

WORTH = 60
"""Cells that moving rows must spare at least."""


class Piece(NamedTuple):
    """What is to be shown from a cell on."""

    x: int
    y: int
    strip: Strip


class _Change(NamedTuple):
    x: int
    y: int
    cells: CellRow

    def before(self, row: CellRow) -> str:
        return row.text[self.x : self.x + len(self.cells.text)]


class _Move(NamedTuple):
    """The rows from `top` to `bottom` go up by so many, down where it is negative; those that come in are blank."""

    top: int
    bottom: int
    by: int

    def sequence(self) -> str:
        """DECSTBM, then IND at the last row or RI at the first."""
        first, step = (self.bottom, "\x1bD") if self.by > 0 else (self.top, "\x1bM")
        return f"\x1b[{self.top + 1};{self.bottom + 1}r\x1b[{first + 1}H{step * abs(self.by)}\x1b[r"

    def apply(self, rows: list[CellRow]) -> list[CellRow]:
        """These rows afterwards."""
        within = range(self.top, self.bottom + 1)
        return [rows[y + self.by] if y + self.by in within else CellRow.of(" ", len(rows[y].text)) for y in within]


class ShownCells:
    """The cells of a terminal, as far as they are known."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._rows: list[CellRow] = []

    def forget(self) -> None:
        """Know nothing any more: something else may have written to the terminal, or it has another size."""
        width, height = self._size
        self._rows = [CellRow.of(UNKNOWN, width) for _ in range(height)]

    def show(self, pieces: Iterable[Piece], size: Size, console: Console) -> str:
        """What makes a terminal of that size show the pieces; it has the plain pen before and after."""
        if size != self._size:
            self._size = size
            self.forget()
        rows = self._rows.copy()
        changes, opaque = self._change(rows, pieces, console)
        sent: list[str] = []
        if move := self._find_move(changes, rows):
            sent.append(move.sequence())
            self._rows[move.top : move.bottom + 1] = move.apply(self._rows)
        pen = PLAIN
        for y, (row, shown) in enumerate(zip(rows, self._rows, strict=True)):
            if row is not shown:
                pen = row.write(y, row.differing(shown), pen, sent)
        self._rows = rows
        return "".join([*sent, change(pen, PLAIN), *opaque])

    def _change(
        self, rows: list[CellRow], pieces: Iterable[Piece], console: Console
    ) -> tuple[list[_Change], list[str]]:
        """Put the pieces into the rows; those that change one, and what writes those whose cells aren't told apart."""
        color_system = console._color_system or ColorSystem.TRUECOLOR
        changes: list[_Change] = []
        opaque: list[str] = []
        width, height = self._size
        for x, y, whole in pieces:
            strip = whole if x + whole.cell_length <= width else whole.crop(0, max(0, width - x))
            if not strip.cell_length or y >= height:
                continue
            cells = cells_of(strip, color_system)
            if cells is None:
                opaque.append(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}")
                cells = CellRow.of(UNKNOWN, strip.cell_length)
            if not rows[y].shows(x, cells):
                if rows[y] is self._rows[y]:
                    rows[y] = rows[y].copy()
                rows[y].put(x, cells)
                changes.append(_Change(x, y, cells))
        return changes, opaque

    def _find_move(self, changes: list[_Change], rows: list[CellRow]) -> _Move | None:
        """The move that most changes agree on, if it spares cells; what else is in its rows is written again."""
        before: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        for one in changes:
            before[one.x, one.before(self._rows[one.y])].append(one.y)
        found = [
            (old - one.y, one.y)
            for one in changes
            if not one.cells.text.isspace()
            for old in before.get((one.x, one.cells.text), ())
            if old != one.y
        ]
        if not found:
            return None
        votes = Counter(by for by, _ in found)
        best = max(votes, key=lambda by: (votes[by], -abs(by)))
        touched = [y for by, new in found if by == best for y in (new, new + by)]
        move = _Move(min(touched), max(touched), best)
        region = slice(move.top, move.bottom + 1)
        if any(UNKNOWN in row.text for row in rows[region]):
            return None
        now = sum(map(CellRow.distance, rows[region], self._rows[region]))
        then = sum(map(CellRow.distance, rows[region], move.apply(self._rows)))
        return move if now - then >= WORTH else None
