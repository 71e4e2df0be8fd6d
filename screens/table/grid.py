"""The grid of a table whose end may not be known yet."""

from __future__ import annotations

from collections.abc import Sequence

from screens.table.rows import TableRows
from screens.widgets.grid import Grid
from screens.widgets.grid_columns import GridColumn
from screens.widgets.grid_messages import FromGrid


class TableGrid(Grid):
    """Scrolls sideways, with numbers before the rows."""

    class AtEnd(FromGrid, namespace="grid"):
        """The last row is asked for, and nobody knows yet which one that is."""

    def __init__(self, columns: Sequence[GridColumn], rows: TableRows, frozen: int = 0) -> None:
        super().__init__(columns, fit=False, row_numbers=True, frozen=frozen, empty="No rows.")
        self._table_rows = rows

    def action_bottom(self) -> None:
        """To the last row."""
        if self._table_rows.total is None:
            self.post_message(self.AtEnd(self))
        else:
            super().action_bottom()

    @property
    def near_rows(self) -> tuple[int, int]:
        """The rows in view and a page before and after them."""
        top = int(self.scroll_offset.y)
        return max(0, top - self.page), top + 2 * self.page
