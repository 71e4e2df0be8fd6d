"""The table after the recipe: what changed is marked."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.lists import shown
from screens.table.layout import is_numeric
from screens.table.rows import MISSING
from screens.widgets.grid import Grid, GridColumn
from screens.widgets.grid_columns import Cell
from screens.widgets.steady import put
from screens.wrangle.texts import MARK, effect_text, total_effect
from services.entities.wrangling import RecipePreview, StepState

NEW = "+ "
"""Before the name of a column that the last step made."""

MANY, WIDTH = 500, 14
"""Columns whose cells aren't measured any more, and how wide each is then drawn."""


class ResultRows:
    """The rows of a preview; a changed cell is bold and underlined behind a mark, for terminals without either."""

    def __init__(self, found: RecipePreview) -> None:
        self._rows = found.table.rows
        self._changed = changed_cells(found)

    @property
    def row_count(self) -> int:
        """How many rows came back."""
        return len(self._rows)

    def cells(self, row: int, first_column: int, last_column: int) -> Sequence[Cell]:
        """Cells of a row."""
        cells = self._rows[row][first_column:last_column]
        return [self._cell(cell, (row, at) in self._changed) for at, cell in enumerate(cells, first_column)]

    @staticmethod
    def _cell(cell: str | None, changed: bool) -> Cell:
        if not changed:
            return MISSING if cell is None else cell
        return Text.assemble((MARK, "bold"), ("∅", "bold dim") if cell is None else (cell, "bold underline"))


class ResultView(Vertical):
    """A line with what the recipe does, a line with what to know, and the first rows of the result."""

    DEFAULT_CSS = """
    ResultView #effect { height: 1; padding: 0 1; }
    ResultView #known { height: 1; padding: 0 1; }
    ResultView Grid { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._names: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """The lines, and a grid whose header has a second line from the start."""
        yield Static(id="effect", markup=False)
        yield Static(id="known", markup=False)
        yield Grid([GridColumn("", "", note=" ")], fit=False, row_numbers=True)

    @property
    def grid(self) -> Grid:
        """The table."""
        return self.query_one(Grid)

    @property
    def column(self) -> str:
        """The column under the cursor; empty without one."""
        at = self.grid.cursor_column
        return self._names[at] if at < len(self._names) else ""

    def show(self, found: RecipePreview) -> None:
        """Show a preview; the cursor stays in its column, and the view at its rows."""
        put(self.query_one("#effect", Static), effect_line(found))
        put(self.query_one("#known", Static), known_line(found))
        grid, column = self.grid, self.column
        row, top, left = grid.cursor_row, grid.scroll_offset.y, grid.scroll_offset.x
        self._names = tuple(each.name for each in found.table.columns)
        new, is_wide = new_columns(found), len(found.table.columns) > MANY
        columns = [
            GridColumn(
                str(at),
                (NEW if at in new else "") + shown(each.name),
                align="right" if is_numeric(each.type) else "left",
                note=each.type + (f" ∅{each.nulls:,}" if each.nulls else ""),
                width=WIDTH if is_wide else 0,
            )
            for at, each in enumerate(found.table.columns)
        ]
        grid.set_columns(columns, 0)
        grid.set_source(ResultRows(found))
        grid.move(row, self._names.index(column) if column in self._names else 0)
        grid.show_from(top, left)


def new_columns(found: RecipePreview) -> frozenset[int]:
    """Which columns the last step that went through made."""
    last = next((effect for effect in reversed(found.effects) if effect.state is StepState.DONE), None)
    added = last.columns_added if last else ()
    return frozenset(at for at, column in enumerate(found.table.columns) if column.name in added)


def changed_cells(found: RecipePreview) -> frozenset[tuple[int, int]]:
    """The cells in view that the last step changed; those of a column that it made are none of them."""
    new = new_columns(found)
    return frozenset((row, at) for row, at in found.changed if at not in new)


def effect_line(found: RecipePreview) -> Content:
    """What the recipe does to the rows in view."""
    return Content.styled(effect_text(total_effect(found)), "bold")


def known_line(found: RecipePreview) -> Content:
    """Of how many rows it is, and what the marks mean."""
    parts = [f"of the first {found.rows_read:,} rows; a run takes all" if found.is_sample else "of all rows"]
    shown_rows, rows = len(found.table.rows), found.table.total_rows or 0
    if shown_rows < rows:
        parts.append(f"{shown_rows:,} of {rows:,} shown")
    if changed_cells(found):
        parts.append(f"{MARK} changed last")
    line = Content.styled(" · ".join(parts), "$text-muted")
    if (failed := found.failed) is not None:
        return Content.assemble((f"✗ step {failed + 1} fails: this is before it · ", "$text-error"), line)
    return line
