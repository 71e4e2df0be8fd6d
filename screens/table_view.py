"""The first rows of a table in a grid: types and missing values in the header."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from screens.lists import shown
from screens.widgets.grid import Grid, GridColumn
from screens.widgets.grid_columns import Cell
from services.entities import TablePreview

MISSING = Text("∅", "dim")
NUMERIC = ("int", "uint", "float", "double", "decimal")


class PreviewRows:
    """The rows of a preview as a grid asks for them: only those in view."""

    def __init__(self, table: TablePreview) -> None:
        self._rows = table.rows

    @property
    def row_count(self) -> int:
        """How many rows were read."""
        return len(self._rows)

    def cells(self, row: int, first_column: int, last_column: int) -> Sequence[Cell]:
        """Cells of a row; a missing value is told from text that looks like one."""
        return [MISSING if cell is None else cell for cell in self._rows[row][first_column:last_column]]


class TableView(Vertical):
    """A line that says how much of which file is shown, lines for what is odd in it, and the grid."""

    DEFAULT_CSS = """
    TableView #rows { height: 1; padding: 0 1; color: $text-muted; }
    TableView #notes { display: none; height: auto; max-height: 4; padding: 0 1; color: $text-warning; }
    TableView Grid { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._told = ""

    def compose(self) -> ComposeResult:
        """The grid comes with the table, because its columns do."""
        yield Static(id="rows", markup=False)
        yield Static(id="notes", markup=False)

    def tell(self, text: str = "") -> None:
        """Say something in place of how much is shown; nothing says that again. The rows stay."""
        self.query_one("#rows", Static).update(Text(text or self._told))

    async def show(self, table: TablePreview, limit: int) -> None:
        """Show a preview in place of the one before."""
        self._told = rows_text(table, limit)
        self.tell()
        notes = self.query_one("#notes", Static)
        notes.update(Text("\n".join(f"! {shown(note)}" for note in table.notes)))
        notes.display = bool(table.notes)
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
        grid.set_source(PreviewRows(table))
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
