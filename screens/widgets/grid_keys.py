"""The keys that move the cursor of a grid."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.scroll_view import ScrollView

from screens.widgets.grid_columns import GridColumn


class GridKeys(ScrollView):
    """A cursor on rows, and on their cells if the columns don't fit; the grid itself knows how to move it.

    Attributes:
        fits: whether the columns fit, so that there is no cell cursor.
    """

    # Enter has no binding: it would hide the screen's own "Open" from the footer.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "A row down", show=False),
        Binding("up,k", "cursor_up", "A row up", show=False),
        Binding("pagedown", "page(1)", "A page down", show=False),
        Binding("pageup", "page(-1)", "A page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("ctrl+home", "top", "To the first row", show=False),
        Binding("ctrl+end,G", "bottom", "To the last row", show=False),
        Binding("home", "home", "To the first row, or to the first cell of the row", show=False),
        Binding("end", "end", "To the last row, or to the last cell of the row", show=False),
        Binding("space", "mark", "Mark the row and go on, or take its mark away", show=False),
        Binding("left", "cell(-1)", "A cell to the left", show=False),
        Binding("right", "cell(1)", "A cell to the right", show=False),
    ]

    columns: tuple[GridColumn, ...]
    fits: bool
    cursor_row: int
    cursor_column: int

    @property
    @abstractmethod
    def row_count(self) -> int:
        """How many rows there are."""

    @property
    @abstractmethod
    def page(self) -> int:
        """Rows in view."""

    @abstractmethod
    def move(self, row: int, column: int | None = None) -> None:
        """Put the cursor on a row and a cell of it, or the nearest there are."""

    @abstractmethod
    def show_from(self, y: int, x: int | None = None) -> None:
        """Have a row first in view."""

    @abstractmethod
    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Left and right belong to the screen where there is no cell cursor."""
        return not (action == "cell" and self.fits)

    def action_cursor_down(self) -> None:
        """To the next row."""
        self.move(self.cursor_row + 1)

    def action_cursor_up(self) -> None:
        """To the row before."""
        self.move(self.cursor_row - 1)

    def action_page(self, pages: float) -> None:
        """Down (or up) by pages: the view moves, the cursor keeps its line of it."""
        by = int(self.page * pages) or (1 if pages > 0 else -1)
        self.show_from(max(0, min(self.scroll_offset.y + by, self.max_scroll_y)))
        self.move(self.cursor_row + by)

    def action_top(self) -> None:
        """To the first row."""
        self.move(0, 0)

    def action_bottom(self) -> None:
        """To the last row."""
        self.move(self.row_count - 1)

    def action_home(self) -> None:
        """To the first row, or to the first cell of the row."""
        self.move(0 if self.fits else self.cursor_row, 0)

    def action_end(self) -> None:
        """To the last row, or to the last cell of the row."""
        self.move(self.row_count - 1 if self.fits else self.cursor_row, len(self.columns) - 1)

    def action_cell(self, by: int) -> None:
        """To a cell beside this one."""
        self.move(self.cursor_row, self.cursor_column + by)
