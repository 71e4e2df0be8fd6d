"""A table of lines: draws only what is in view and repaints only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from screens.widgets.cells import fit
from screens.widgets.grid_columns import (
    Arrangement,
    Cell,
    GridColumn,
    GridRow,
    GridSource,
    fit_columns,
    free_columns,
    natural_width,
    plain,
)
from screens.widgets.grid_keys import GridKeys
from screens.widgets.grid_line import ColumnWindow, RowLook, look_same
from screens.widgets.grid_messages import FromGrid, OfRow
from services.text import safe

__all__ = ["Grid", "GridColumn", "GridRow", "GridSource"]

SAMPLE = 200
"""Rows of a source that are measured for the widths of its columns."""
MARK, CURSOR = "◆", "›"
GUTTER = 2
KEPT = 300
"""Rows that stay drawn at most."""


class Grid(GridKeys, can_focus=True):
    """Rows with a cursor and marks.

    Args:
        fit: columns fit the width and are dropped by priority; otherwise it scrolls sideways and has a cell cursor.
        row_numbers: numbers before the rows, counted from 1.
        empty: what is told when there are no rows.
        frozen: how many columns stay when it scrolls sideways.
        header: whether there is one.
    """

    DEFAULT_CSS = """
    Grid {
        height: 1fr; width: 1fr; scrollbar-size-horizontal: 1; scrollbar-size-vertical: 1; overflow-y: auto;
        &.-fit { overflow-x: hidden; }
        & > .grid--header { color: $text-muted; text-style: bold; }
        & > .grid--note { color: $text-muted; }
        & > .grid--cursor { background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground; }
        & > .grid--cell { background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground; }
        &:focus > .grid--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        &.-free:focus > .grid--cursor { background: $block-cursor-blurred-background; color: $foreground; }
        &:focus > .grid--cell {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"grid--header", "grid--note", "grid--cursor", "grid--cell"}

    class Opened(OfRow, namespace="grid"):
        """Enter or a double click on a row."""

    class Highlighted(OfRow, namespace="grid"):
        """The cursor is on another row; `key` is empty when there is none."""

        def can_replace(self, message: Message) -> bool:
            """Only where the cursor came to rest matters."""
            return isinstance(message, Grid.Highlighted) and message.grid is self.grid

    class Marked(OfRow, namespace="grid"):
        """A row was marked, or is no longer."""

    class NearEnd(FromGrid, namespace="grid"):
        """The end of the rows came within a page: a list that is read in pages reads on."""

    def __init__(
        self,
        columns: Sequence[GridColumn],
        *,
        fit: bool = True,
        row_numbers: bool = False,
        empty: str = "",
        frozen: int = 0,
        header: bool = True,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.add_class("-fit" if fit else "-free")
        self.columns = tuple(columns)
        self.fits = fit
        self.row_numbers = row_numbers
        self.empty = empty
        self.frozen = 0 if fit else min(frozen, len(self.columns))
        self.cursor_row = 0
        self.cursor_column = 0
        self._notes = any(column.note for column in self.columns)
        self._header = (2 if self._notes else 1) if header else 0
        self._rows: list[GridRow] = []
        self._index: dict[str, int] = {}
        self._source: GridSource | None = None
        self._marks: dict[str, None] = {}
        self._natural = [column.width or natural_width(column) for column in self.columns]
        self._arranged = Arrangement()
        self._laid_out_for = Size()
        self._style = Style()
        self._kept: dict[int, tuple[GridRow, tuple[ColumnWindow, Style, bool], Strip]] = {}
        self._told = ""
        self._near_end = False

    # what it holds

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows) if self._source is None else self._source.row_count

    @property
    def rows(self) -> Sequence[GridRow]:
        """The rows that were set."""
        return tuple(self._rows)

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor; None without rows. Rows of a source are known by their number."""
        return self._key(self.cursor_row) if self.row_count else None

    @property
    def cursor_cell(self) -> str:
        """The text under the cell cursor."""
        if not self.row_count or not self.columns:
            return ""
        return plain(self._cells(self.cursor_row, self.cursor_column, self.cursor_column + 1)[0])

    @property
    def marked(self) -> tuple[str, ...]:
        """The keys of the marked rows in the order of marking; rows that a filter hides stay marked."""
        return tuple(self._marks)

    def clear_marks(self) -> None:
        """Mark nothing."""
        self._marks.clear()
        self.refresh()

    def set_rows(self, rows: Iterable[GridRow]) -> None:
        """Show these rows. Cursor, marks and scroll stay with their keys; a cursor whose row is gone stays put."""
        new = list(rows)
        key = self.cursor_key
        shown = self._in_view()
        fresh = self._source is not None
        old, self._source = self._rows, None
        self._rows = new
        self._index = {row.key: at for at, row in enumerate(new)}
        if fresh or not any(row.key in self._index for row in old[:SAMPLE]):
            self._natural = [column.width or natural_width(column) for column in self.columns]
            old = []
        known = {id(row) for row in old}
        self._measure(row.cells for row in new if id(row) not in known)
        moved = self._index.get(key, self.cursor_row) if key is not None else 0
        moved = max(0, min(moved, len(new) - 1))
        scroll = self.scroll_offset.y
        if scroll and key in self._index:
            scroll = max(0, scroll + moved - self.cursor_row)
        self.cursor_row = moved
        self._near_end = False
        arranged = self._arrange()
        self.show_from(scroll)
        if not arranged:
            for at, (before, after) in enumerate(zip(shown, self._in_view(), strict=False)):
                if not look_same(before, after):
                    self._repaint_line(self._header + at)
        self._tell()

    def set_source(self, source: GridSource) -> None:
        """Show a table of any size in place of the rows."""
        self._source = source
        self._rows, self._index, self._marks = [], {}, {}
        self.cursor_row = self.cursor_column = 0
        self._natural = [column.width or natural_width(column) for column in self.columns]
        if not all(column.width for column in self.columns):
            count = len(self.columns)
            self._measure(tuple(source.cells(row, 0, count)) for row in range(min(SAMPLE, source.row_count)))
        self._near_end = False
        self._arrange()
        self.show_from(0)
        self.refresh()
        self._tell()

    def set_columns(self, columns: Sequence[GridColumn], cursor: int, frozen: int = 0) -> None:
        """Other columns of the same source, each with its width; the cursor stays on its row, in column `cursor`."""
        self.columns, self.frozen = tuple(columns), min(frozen, len(columns))
        self._natural = [column.width or natural_width(column) for column in self.columns]
        self.cursor_column = max(0, min(cursor, len(self.columns) - 1))
        self._arrange()
        self.refresh()
        self._show_cursor()

    def rows_changed(self, first: int, last: int) -> None:
        """The source has other cells in the rows from `first` up to `last`, or has another number of rows."""
        if not self._arrange():
            top = self.scroll_offset.y
            for row in range(max(first, top), min(last, top + self.page)):
                self._repaint_row(row)
        if self.cursor_row >= self.row_count:
            self.move(self.row_count - 1)
        self._tell()

    def move_to(self, key: str) -> bool:
        """Put the cursor on a row; False when it isn't there."""
        row = self._index.get(key) if self._source is None else int(key)
        if row is None:
            return False
        self.move(row)
        return True

    def _key(self, row: int) -> str:
        return self._rows[row].key if self._source is None else str(row)

    def _cells(self, row: int, first: int, last: int) -> Sequence[Cell]:
        if self._source is not None:
            return self._source.cells(row, first, last)
        return self._rows[row].cells[first:last]

    def _measure(self, rows: Iterable[Sequence[Cell]]) -> None:
        natural = self._natural
        automatic = [at for at, column in enumerate(self.columns) if not column.width]
        for cells in rows:
            for at in automatic:
                if at < len(cells):
                    width = cell_len(plain(cells[at]))
                    natural[at] = max(natural[at], width)

    # where it is drawn

    @property
    def _number_width(self) -> int:
        return len(f"{self.row_count:,}") + 1 if self.row_numbers else 0

    @property
    def _height(self) -> int:
        return self._header + max(self.row_count, 1 if self.empty else 0)

    def _lay_out(self) -> Arrangement:
        lead = GUTTER + self._number_width
        self._laid_out_for = self.size
        if not self.fits:
            return Arrangement(lead, tuple(free_columns(self.columns, self._natural)), self.frozen)
        bar = self.styles.scrollbar_size_vertical if self._height > self.size.height else 0
        return Arrangement(lead, tuple(fit_columns(self.columns, self._natural, self.size.width - bar - lead)))

    def _arrange(self) -> bool:
        """Lay the columns out; repaints and tells True if anything moved."""
        arranged = self._lay_out()
        changed = arranged != self._arranged
        self._arranged = arranged
        size = Size(self.size.width if self.fits else arranged.width, self._height)
        if size != self.virtual_size:
            self.virtual_size = size
        if changed:
            self.refresh()
        return changed

    def on_resize(self) -> None:
        """Other columns may fit now."""
        self._arrange()
        self._show_cursor()
        self._tell()

    @property
    def page(self) -> int:
        """Rows in view."""
        return max(1, self.scrollable_content_region.height - self._header)

    def _in_view(self) -> list[RowLook | None]:
        """What each line in view shows; nothing for a source, which is always repainted whole."""
        if self._source is not None:
            return []
        top = self.scroll_offset.y
        rows = self._rows[top : top + self.page]
        looks: list[RowLook | None] = [
            RowLook(at if self.row_numbers else 0, row.key, row.cells, at == self.cursor_row, row.key in self._marks)
            for at, row in enumerate(rows, top)
        ]
        return [*looks, *[None] * (self.page - len(rows))]

    def _repaint_line(self, y: int) -> None:
        self.refresh(Region(0, y, self.size.width, 1))

    def _repaint_row(self, row: int) -> None:
        y = row - self.scroll_offset.y + self._header
        if self._header <= y < self.size.height:
            self._repaint_line(y)

    # drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part; its style costs more than a line, so it is looked up once."""
        self._style = self.rich_style
        if self.size != self._laid_out_for:  # a busy app paints it before it is told of its size
            self._arranged = self._lay_out()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """A line of the header, a row, or nothing."""
        width = self.size.width
        if y < self._header:
            return self._header_line(y)
        row = y - self._header + self.scroll_offset.y
        if row >= self.row_count:
            if self.empty and not self.row_count and y == self._header:
                style = self.get_component_rich_style("grid--note")
                return Strip([Segment(fit(" " * GUTTER + safe(self.empty), width), style)], width)
            return Strip.blank(width, self._style)
        if row == self.cursor_row or self._source is not None:
            return self._row_line(row)
        return self._kept_line(row)

    def _kept_line(self, row: int) -> Strip:
        """A row without the cursor as it was last drawn, if it would look the same: scrolling asks for it again."""
        held = self._rows[row]
        look = (self._window, self._style, held.key in self._marks)
        kept = self._kept.get(row)
        if kept is None or kept[0] is not held or kept[1] != look:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[row] = kept = (held, look, self._row_line(row))
        return kept[2]

    def _header_line(self, y: int) -> Strip:
        style = self.get_component_rich_style("grid--header" if y == 0 else "grid--note")
        window = self._window
        first, last = window.in_view
        shown = range(last) if first <= self.frozen else (*range(self.frozen), *range(first, last))
        texts = [""] * last
        for at in shown:
            column = self.columns[at]
            texts[at] = safe(column.label if y == 0 else column.note)
        return window.line(self.app.console, " " * self._arranged.lead, texts, style)

    def _row_line(self, row: int) -> Strip:
        at_cursor = row == self.cursor_row
        style = self.get_component_rich_style("grid--cursor") if at_cursor else self._style
        mark = MARK if self._key(row) in self._marks else CURSOR if at_cursor else " "
        lead = mark + " " * (GUTTER - 1)
        if self.row_numbers:
            lead += f"{row + 1:>{self._number_width - 1},} "
        window = self._window
        first, last = window.in_view
        head = list(self._cells(row, 0, self.frozen)) if self.frozen else []
        cells = [*head, *([""] * (first - len(head))), *self._cells(row, first, last)]
        on_cell = at_cursor and not self.fits
        cursor = (self.cursor_column, self.get_component_rich_style("grid--cell")) if on_cell else None
        return window.line(self.app.console, lead, cells, style, cursor)

    @property
    def _window(self) -> ColumnWindow:
        return ColumnWindow(self.columns, self._arranged, self.fits, self.scroll_offset.x, self.size.width)

    # moving

    def move(self, row: int, column: int | None = None) -> None:
        """Put the cursor on a row and a cell of it, or the nearest there are."""
        row = max(0, min(row, self.row_count - 1))
        column = self.cursor_column if column is None else max(0, min(column, len(self.columns) - 1))
        before = self.cursor_row
        if (row, column) != (before, self.cursor_column):
            self.cursor_row, self.cursor_column = row, column
            self._repaint_row(before)
            self._repaint_row(row)
        self._show_cursor()
        self._tell()

    def _show_cursor(self) -> None:
        """Scroll as little as shows the cursor."""
        top, page = self.scroll_offset.y, self.page
        y = max(min(top, self.cursor_row), self.cursor_row - page + 1)
        x = self.scroll_offset.x
        if not self.fits:
            x = self._arranged.scroll_to(self.cursor_column, x, self.scrollable_content_region.width)
        self.show_from(y, x)

    def show_from(self, y: int, x: int | None = None) -> None:
        """Have a row first in view."""
        x = self.scroll_offset.x if x is None else x
        if (x, y) != (self.scroll_offset.x, self.scroll_offset.y) and self.is_mounted:
            self.scroll_to(x, y, animate=False, force=True)

    def _tell(self) -> None:
        if not self.is_mounted:
            return
        key = self.cursor_key or ""
        if key != self._told:
            self._told = key
            self.tell_highlighted(key)
        near = (
            self.row_count > 0 and max(self.cursor_row, self.scroll_offset.y + self.page) >= self.row_count - self.page
        )
        if near and not self._near_end:
            self.post_message(self.NearEnd(self))
        self._near_end = near

    def tell_highlighted(self, key: str) -> None:
        """The cursor came to a row."""
        self.post_message(self.Highlighted(self, key))

    def tell_opened(self, key: str) -> None:
        """A row was opened."""
        self.post_message(self.Opened(self, key))

    def on_mount(self) -> None:
        """Tell of rows that were set before."""
        self._arrange()
        self._tell()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel too can come near the end."""
        super().watch_scroll_y(old_value, new_value)
        self._tell()

    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next."""
        key = self.cursor_key
        if key is None:
            return
        if key in self._marks:
            del self._marks[key]
        else:
            self._marks[key] = None
        self._repaint_row(self.cursor_row)
        self.post_message(self.Marked(self, key))
        self.action_cursor_down()

    def key_enter(self, event: events.Key) -> None:
        """Open the row."""
        if (key := self.cursor_key) is not None:
            event.stop()
            self.tell_opened(key)

    def on_click(self, event: events.Click) -> None:
        """Select a row or cell; a double click opens it."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self._header:
            return
        row = offset.y - self._header + self.scroll_offset.y
        if row < self.row_count:
            self.move(row, self._arranged.column_at(offset.x, self.scroll_offset.x))
            if event.chain == 2:
                self.tell_opened(self._key(row))
