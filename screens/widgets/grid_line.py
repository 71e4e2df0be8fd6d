"""The lines of a grid as Strips, and when two of them look the same: no widget here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from screens.widgets.cells import cut, fit
from screens.widgets.grid_columns import GAP, Arrangement, Cell, GridColumn, same_cells
from services.text import safe

Run = tuple[str, Style]


class RowLook(NamedTuple):
    """What a line in view shows."""

    number: int
    key: str
    cells: tuple[Cell, ...]
    has_cursor: bool
    is_marked: bool


def look_same(before: RowLook | None, after: RowLook | None) -> bool:
    """Whether a line needs no repaint; None is an empty line."""
    if before is None or after is None:
        return before is after
    return (
        before.number == after.number
        and before.has_cursor == after.has_cursor
        and before.is_marked == after.is_marked
        and same_cells(before.cells, after.cells)
    )


@dataclass(frozen=True)
class ColumnWindow:
    """The part of the columns that a view shows: all that are drawn if they fit, else those at its scroll.

    Attributes:
        left: cells that are scrolled away, behind the frozen columns.
        width: cells of the view, the lead among them.
    """

    columns: tuple[GridColumn, ...]
    arranged: Arrangement
    fits: bool
    left: int
    width: int

    @property
    def in_view(self) -> tuple[int, int]:
        """The range of columns that can be seen beside the frozen ones."""
        return (0, len(self.columns)) if self.fits else self.arranged.in_view(self.left, self.width)

    def line(
        self, console: Console, lead: str, cells: Sequence[Cell], style: Style, cursor: tuple[int, Style] | None = None
    ) -> Strip:
        """A line of the view; `cursor` is the column of the cell cursor and its style."""

        def runs(columns: Sequence[tuple[int, int]]) -> list[Run]:
            found: list[Run] = []
            for at, width in columns:
                cell = cells[at] if at < len(cells) else ""
                cell_style = cursor[1] if cursor and at == cursor[0] else style
                found += cell_runs(console, cell, width, self.columns[at].align, cell_style)
            return found

        at = self.arranged
        if self.fits:
            return strip_of([(lead, style), *runs(at.drawn)], self.width, style)
        first, last = self.in_view
        skip = self.left + at.fixed - at.starts[first]
        scrolled = cropped(runs(at.drawn[first:last]), skip, skip + max(0, self.width - at.lead - at.fixed), style)
        return strip_of([(lead, style), *runs(at.drawn[: at.frozen]), *scrolled], self.width, style)


def strip_of(runs: Sequence[Run], width: int, style: Style) -> Strip:
    """One line."""
    return Strip(_segments(runs, style)).adjust_cell_length(width, style)


def _segments(runs: Sequence[Run], style: Style) -> list[Segment]:
    """Neighbours of the same style are one, which saves bytes, and time for each that is cut."""
    segments: list[Segment] = []
    text, current = "", style
    for run, run_style in runs:
        if run_style is current or run_style == current:
            text += run
        else:
            if text:
                segments.append(Segment(text, current))
            text, current = run, run_style
    segments.append(Segment(text, current))
    return segments


def cropped(runs: Sequence[Run], start: int, end: int, style: Style) -> list[Run]:
    """The cells of a line from `start` up to `end`."""
    strip = Strip(_segments(runs, style)).crop(start, end)
    return [(segment.text, segment.style or style) for segment in strip]


def cell_runs(console: Console, cell: Cell, width: int, align: str, style: Style) -> list[Run]:
    """A cell and the gap behind it."""
    gap = (" " * GAP, style)
    if isinstance(cell, str):
        return [(fit(safe(cell), width, align), style), gap]
    return [*_styled(console, cell, width, align, style), gap]


def _styled(console: Console, cell: Text, width: int, align: str, style: Style) -> list[Run]:
    """A cell of several styles, each over that of the line, whose background stays."""
    base = style + console.get_style(cell.style) if cell.style else style
    runs = [
        (safe(part.text), base if part.style is None else base + part.style)
        for part in (cell.render(console) if cell.spans else [Segment(cell.plain)])
        if part.text
    ]
    room = width
    if sum(cell_len(text) for text, _ in runs) > width:
        kept: list[Run] = []
        for text, run_style in runs:
            size = cell_len(text)
            if size >= room:
                kept.append((cut(text + "…", room), run_style))
                break
            kept.append((text, run_style))
            room -= size
        runs = kept
    space = (" " * (width - sum(cell_len(text) for text, _ in runs)), style)
    return [space, *runs] if align == "right" else [*runs, space]
