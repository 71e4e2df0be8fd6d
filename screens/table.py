"""The first rows of a table in a grid: types and missing values in the header."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from screens.lists import shown
from screens.widgets.grid import Grid, GridColumn, GridRow
from services.entities import TablePreview

MISSING = Text("∅", "dim")
NUMERIC = ("int", "uint", "float", "double", "decimal")


class TableView(Vertical):
    """A line that says how much of which file is shown, and the grid."""

    DEFAULT_CSS = """
    TableView #rows { height: 1; padding: 0 1; color: $text-muted; }
    TableView Grid { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """The grid comes with the table, because its columns do."""
        yield Static(id="rows", markup=False)

    async def show(self, table: TablePreview, limit: int) -> None:
        """Show a preview in place of the one before."""
        self.query_one("#rows", Static).update(Text(rows_text(table, limit)))
        focused = any(grid.has_focus for grid in self.query(Grid))
        await self.query(Grid).remove()
        if not table.columns:
            return
        columns = [
            GridColumn(
                str(at),
                shown(column.name),
                align="right" if is_numeric(column.type) else "left",
                note=column.type + (f" ∅{column.nulls:,}" if column.nulls else ""),
            )
            for at, column in enumerate(table.columns)
        ]
        grid = Grid(columns, fit=False, row_numbers=True)
        await self.mount(grid)
        grid.set_rows(
            [GridRow(str(at), tuple(MISSING if c is None else c for c in row)) for at, row in enumerate(table.rows)]
        )
        if focused or self.screen.focused is None:
            grid.focus()


def is_numeric(type_: str) -> bool:
    """Whether values of the type stand flush right."""
    return type_.lower().startswith(NUMERIC)


def rows_text(table: TablePreview, limit: int) -> str:
    """`1,000 of 10,000 rows · 9 columns · diabetes.csv`."""
    count = f"{len(table.rows):,}"
    if table.total_rows is None:
        count += " rows, more not counted" if len(table.rows) >= limit else " rows"
    else:
        count += f" of {table.total_rows:,} rows"
    parts = [count, f"{len(table.columns):,} columns", shown(table.path)]
    nulls = sum(column.nulls for column in table.columns)
    if nulls:
        parts.append(f"∅ {nulls:,} missing")
    return " · ".join(part for part in parts if part)
