"""A table on the line API: only the lines in view are drawn, whatever the number of rows (ADR 5)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from services.text import safe

Cell = str | Text
SAMPLE = 200
"""Rows that the widths of columns are taken from."""
WIDEST = 40
"""Cells of the widest column of a table that scrolls sideways."""
NEAR = 20
"""Rows before the end at which more are asked for."""
GUTTER = 2
_NO_STYLE = Style()


@dataclass(frozen=True)
class GridColumn:
    """A column.

    Attributes:
        width: in cells; 0 takes what the content needs.
        align: left or right.
        priority: columns of the highest one are dropped first where the grid is narrow; those of 0 never.
        note: a second header line, such as the type and the missing values.
    """

    key: str
    label: str
    width: int = 0
    align: str = "left"
    priority: int = 0
    note: str = ""


@dataclass(frozen=True)
class GridRow:
    """A row; its key tells it from all others while rows come and go."""

    key: str
    cells: tuple[Cell, ...]


class GridSource(Protocol):
    """Rows that are not held by the grid."""

    @property
    def row_count(self) -> int:
        """How many rows there are."""

    def cells(self, row: int, first: int, last: int) -> Sequence[Cell]:
        """The cells of columns first to last (excluded) of a row."""


class Grid(ScrollView, can_focus=True):
    """Rows and columns; in fit mode columns share the width, otherwise the grid scrolls sideways and has a cell cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", "Up", show=False),
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("pageup,ctrl+u", "page_up", "Page up", show=False),
        Binding("pagedown,ctrl+d", "page_down", "Page down", show=False),
        Binding("home,ctrl+home", "first", "First", show=False),
        Binding("end,ctrl+end,G", "last", "Last", show=False),
        Binding("left,h", "cursor_left", "Left", show=False),
        Binding("right,l", "cursor_right", "Right", show=False),
        Binding("enter", "open", "Open", show=False),
        Binding("space", "mark", "Mark", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"grid--header", "grid--note", "grid--cursor", "grid--cell", "grid--mark"}
    DEFAULT_CSS = """
    Grid { height: 1fr; scrollbar-size-horizontal: 1; scrollbar-size-vertical: 1; }
    Grid > .grid--header { color: $text-accent; text-style: bold; }
    Grid > .grid--note { color: $text-muted; }
    Grid > .grid--cursor { background: $surface-lighten-2; }
    Grid:focus > .grid--cursor { background: $primary 45%; }
    Grid:focus > .grid--cell { background: $primary 80%; text-style: bold; }
    Grid > .grid--mark { color: $warning; text-style: bold; }
    """

    class Opened(Message):
        """Enter or a double click on a row."""

        def __init__(self, grid: Grid, key: str) -> None:
            super().__init__()
            self.grid = grid
            self.key = key

        @property
        def control(self) -> Grid:
            """The grid."""
            return self.grid

    class Highlighted(Opened):
        """The cursor is on another row."""

    class Marked(Message):
        """A mark was set or taken away."""

    class NearEnd(Message):
        """The cursor comes near the last row: load more if there is more."""

    def __init__(
        self,
        columns: Sequence[GridColumn],
        *,
        fit: bool = True,
        row_numbers: bool = False,
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.fit = fit
        self.row_numbers = row_numbers
        self.empty = empty
        self.cursor = 0
        self.cursor_column = 0
        self._rows: tuple[GridRow, ...] = ()
        self._source: GridSource | None = None
        self._marks: dict[str, None] = {}
        self._natural: list[int] = []
        self._shown: list[int] = []
        self._widths: list[int] = []
        self._edges: list[int] = [0]
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._told: str | None = None

    # content

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return self._source.row_count if self._source is not None else len(self._rows)

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor (its number, for a source); None while there is none."""
        return self._key(self.cursor) if self.row_count else None

    @property
    def marked(self) -> tuple[str, ...]:
        """Keys of the marked rows, in the order of marking."""
        return tuple(self._marks)

    def set_columns(self, columns: Sequence[GridColumn]) -> None:
        """Other columns; rows that fit them must follow."""
        self.columns = tuple(columns)
        self._rows = ()
        self._measure()

    def set_rows(self, rows: Sequence[GridRow]) -> None:
        """Other rows; cursor and marks stay on their keys, and only lines that differ are drawn again."""
        old, key = self._rows, self.cursor_key
        self._source = None
        self._rows = tuple(rows)
        places = {row.key: index for index, row in enumerate(self._rows)}
        self._marks = {mark: None for mark in self._marks if mark in places}
        before = (self.cursor, self._natural, len(old))
        self.cursor = places.get(key or "", max(0, min(self.cursor, len(self._rows) - 1)))
        self._measure(refresh=False)
        self._strips.clear()
        if before != (self.cursor, self._natural, len(self._rows)):
            self._keep_in_view(jump=False)
            self.refresh()
        else:
            self._refresh_changed(old)
        self._tell()

    def set_source(self, source: GridSource) -> None:
        """Rows from elsewhere; each is asked for when it comes into view."""
        self._source, self._rows, self.cursor = source, (), 0
        self._measure()
        self.scroll_to(0, 0, animate=False)
        self._tell()

    def _key(self, row: int) -> str:
        return str(row) if self._source is not None else self._rows[row].key

    def _cells(self, row: int) -> Sequence[Cell]:
        if self._source is not None:
            return self._source.cells(row, 0, len(self.columns))
        return self._rows[row].cells

    def _refresh_changed(self, old: Sequence[GridRow]) -> None:
        top = self.scroll_offset.y
        for row in range(top, min(self.row_count, top + self._page)):
            if old[row] is not self._rows[row] and old[row] != self._rows[row]:
                self._refresh_row(row)

    def _refresh_row(self, row: int) -> None:
        self._strips.pop((row, True), None)
        self._strips.pop((row, False), None)
        self.refresh(Region(0, row - self.scroll_offset.y + self._head, self.size.width, 1))

    # layout

    @property
    def _head(self) -> int:
        return 2 if any(column.note for column in self.columns) else 1

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - self._head)

    @property
    def _margin(self) -> int:
        return GUTTER + (len(str(max(1, self.row_count))) + 1 if self.row_numbers else 0)

    def _measure(self, *, refresh: bool = True) -> None:
        """Take the widths that columns need from the first rows."""
        natural = [max(cell_len(c.label), cell_len(c.note)) for c in self.columns]
        for row in range(min(SAMPLE, self.row_count)):
            for index, cell in enumerate(self._cells(row)):
                natural[index] = max(natural[index], cell_len(cell.plain if isinstance(cell, Text) else safe(cell)))
        self._natural = [column.width or width for column, width in zip(self.columns, natural, strict=True)]
        self._lay_out(refresh=refresh)

    def _lay_out(self, *, refresh: bool = True) -> None:
        width = self.scrollable_content_region.width
        self._shown = list(range(len(self.columns)))
        if self.fit:
            self._widths = self._fitted(width - self._margin)
        else:
            self._widths = [min(WIDEST, natural) for natural in self._natural]
        self._edges = [0]
        for column_width in self._widths:
            self._edges.append(self._edges[-1] + column_width + 1)
        total = width if self.fit else self._margin + self._edges[-1]
        self.virtual_size = Size(total, self.row_count + self._head)
        if refresh:
            self._strips.clear()
            self.refresh()

    def _fitted(self, width: int) -> list[int]:
        """Widths that share `width`: columns are dropped by priority, then the widest gives way or takes the rest."""
        while True:
            widths = [self._natural[index] for index in self._shown]
            flexible = [at for at, index in enumerate(self._shown) if not self.columns[index].width]
            over = sum(widths) + len(widths) - width
            least = sum(min(w, 16) if at in flexible else w for at, w in enumerate(widths)) + len(widths)
            droppable = [index for index in self._shown if self.columns[index].priority > 0]
            if least <= width or not droppable:
                break
            self._shown.remove(max(droppable, key=lambda index: self.columns[index].priority))
        while over > 0 and flexible:
            widest = max(flexible, key=lambda at: widths[at])
            if widths[widest] <= 1:
                break
            widths[widest] -= 1
            over -= 1
        if over < 0 and flexible:
            widths[flexible[0]] -= over
        return widths

    def on_resize(self, event: events.Resize) -> None:
        """Share the new width; the cursor stays in view."""
        self._lay_out()
        self._keep_in_view(jump=False)

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line of the header or a row."""
        width = self.size.width
        base = self.rich_style
        if y < self._head:
            strip = self._header(y)
        else:
            row = self.scroll_offset.y + y - self._head
            if row >= self.row_count:
                text = f"  {self.empty}" if row == 0 and self.empty else ""
                return Strip([Segment(text.ljust(width)[:width], base)], width)
            strip = self._strip(row)
        left = 0 if self.fit else self.scroll_offset.x
        style = self._cursor_style if y >= self._head and self._is_cursor(y) else base
        return strip.crop(left, left + width).adjust_cell_length(width, _NO_STYLE).apply_style(style)

    def _is_cursor(self, y: int) -> bool:
        return self.scroll_offset.y + y - self._head == self.cursor

    @property
    def _cursor_style(self) -> Style:
        return self.get_component_rich_style("grid--cursor")

    def _header(self, y: int) -> Strip:
        name = "grid--header" if y == 0 else "grid--note"
        style = self.get_component_rich_style(name, partial=True)
        segments = [Segment(" " * self._margin)]
        for index, width in zip(self._shown, self._widths, strict=True):
            column = self.columns[index]
            text = column.label if y == 0 else column.note
            segments.append(Segment(_fixed(safe(text), width, column.align) + " ", style))
        return Strip(segments)

    def _strip(self, row: int) -> Strip:
        key = (row, row == self.cursor)
        if (strip := self._strips.get(key)) is None:
            if len(self._strips) > 500:
                self._strips.clear()
            strip = self._strips[key] = self._draw(row)
        return strip

    def _draw(self, row: int) -> Strip:
        cells = self._cells(row)
        is_marked = self._key(row) in self._marks
        mark = self.get_component_rich_style("grid--mark", partial=True) if is_marked else None
        segments = [Segment("▌ " if is_marked else "  ", mark)]
        if self.row_numbers:
            note = self.get_component_rich_style("grid--note", partial=True)
            segments.append(Segment(f"{row + 1:>{self._margin - GUTTER - 1}} ", note))
        for at, (index, width) in enumerate(zip(self._shown, self._widths, strict=True)):
            drawn = self._cell(cells[index] if index < len(cells) else "", width, self.columns[index].align)
            if not self.fit and row == self.cursor and at == self.cursor_column:
                style = self.get_component_rich_style("grid--cell")
                drawn = [Segment(segment.text, style) for segment in drawn]
            segments += [*drawn, Segment(" ")]
        return Strip(segments).simplify()

    def _cell(self, cell: Cell, width: int, align: str) -> list[Segment]:
        if isinstance(cell, str):
            return [Segment(_fixed(safe(cell), width, align))]
        plain = safe(cell.plain)
        if not cell.spans or plain != cell.plain:
            return [Segment(_fixed(plain, width, align), cell.style if isinstance(cell.style, Style) else _style(cell.style))]
        text = cell.copy()
        text.truncate(width, overflow="ellipsis")
        text.align("right" if align == "right" else "left", width)
        return [s for s in text.render(self.app.console) if s.text]

    # cursor

    def move_cursor(self, row: int, column: int | None = None) -> None:
        """Put the cursor on a row (and a cell), and show it."""
        old = self.cursor
        self.cursor = max(0, min(self.row_count - 1, row))
        if column is not None:
            self.cursor_column = max(0, min(len(self._shown) - 1, column))
        if not self._keep_in_view():
            self._refresh_row(old)
            self._refresh_row(self.cursor)
        self._tell()

    def _keep_in_view(self, *, jump: bool = True) -> bool:
        """Scroll until the cursor is in view; returns whether that was needed.

        Past an edge the view moves by two thirds of a page, because over SSH a scrolled line costs a whole page.
        """
        x, y = self.scroll_offset
        page = self._page
        step = page * 2 // 3 if jump and page > 3 else 1
        new_y = y
        if self.cursor < y:
            new_y = max(0, min(self.cursor, self.cursor - step + 1))
        elif self.cursor >= y + page:
            new_y = min(max(0, self.row_count - page), self.cursor - page + step)
        new_x = x
        if not self.fit and self._shown:
            left = self._edges[self.cursor_column] + (self._margin if self.cursor_column else 0)
            right = self._margin + self._edges[self.cursor_column + 1]
            if left < x:
                new_x = left
            elif right > x + self.scrollable_content_region.width:
                new_x = right - self.scrollable_content_region.width
        if (new_x, new_y) == (x, y):
            return False
        self._strips.clear()
        self.scroll_to(new_x, new_y, animate=False, force=True)
        return True

    def _tell(self) -> None:
        key = self.cursor_key
        if key is not None and key != self._told:
            self.post_message(self.Highlighted(self, key))
        self._told = key
        if self.row_count and self.cursor >= self.row_count - NEAR:
            self.post_message(self.NearEnd())

    def action_cursor_up(self) -> None:
        """One row up."""
        self.move_cursor(self.cursor - 1)

    def action_cursor_down(self) -> None:
        """One row down."""
        self.move_cursor(self.cursor + 1)

    def action_page_up(self) -> None:
        """A page up."""
        self.move_cursor(self.cursor - self._page)

    def action_page_down(self) -> None:
        """A page down."""
        self.move_cursor(self.cursor + self._page)

    def action_first(self) -> None:
        """The first row."""
        self.move_cursor(0)

    def action_last(self) -> None:
        """The last row."""
        self.move_cursor(self.row_count - 1)

    def action_cursor_left(self) -> None:
        """One cell to the left."""
        if not self.fit:
            self.move_cursor(self.cursor, self.cursor_column - 1)

    def action_cursor_right(self) -> None:
        """One cell to the right."""
        if not self.fit:
            self.move_cursor(self.cursor, self.cursor_column + 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next."""
        if (key := self.cursor_key) is None:
            return
        if key in self._marks:
            del self._marks[key]
        else:
            self._marks[key] = None
        self._refresh_row(self.cursor)
        self.post_message(self.Marked())
        self.action_cursor_down()

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one opens."""
        row = self.scroll_offset.y + event.y - self._head
        if event.y < self._head or row >= self.row_count:
            return
        column = None if self.fit else bisect_right(self._edges, event.x + self.scroll_offset.x - self._margin) - 1
        self.move_cursor(row, column)
        if event.chain == 2:
            self.action_open()


def _style(text: str) -> Style:
    try:
        return Style.parse(text)
    except Exception:  # noqa: BLE001: a style that means nothing draws plain text
        return _NO_STYLE


def _fixed(text: str, width: int, align: str) -> str:
    """The text in exactly `width` cells, cut with … or padded."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + ("…" if width else "")
    return " " * (width - length) + text if align == "right" else text + " " * (width - length)
