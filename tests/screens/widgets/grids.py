"""An app of one grid that notes what it tells and repaints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from screens.widgets.grid import Grid, GridColumn, GridRow
from tests.support.snapshots import screen_text

COLUMNS = (
    GridColumn("name", "Name"),
    GridColumn("state", "State", priority=1),
    GridColumn("size", "Size", align="right", priority=2),
)


class WatchedGrid(Grid):
    """Notes its messages and the lines that are repainted."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.repainted: set[int] = set()
        super().__init__(*arguments, **options)

    def refresh(self, *regions: Region, **more: Any) -> WatchedGrid:
        if not regions and not more:
            self.repainted.update(range(max(1, self.size.height)))
        self.repainted.update(region.y for region in regions)
        return super().refresh(*regions, **more)


class GridApp(App[None]):
    """One grid."""

    def __init__(self, grid: WatchedGrid) -> None:
        super().__init__()
        self.grid = grid
        self.highlighted: list[str] = []
        self.opened: list[str] = []
        self.marked: list[str] = []
        self.near_end = 0

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.grid.focus()

    def on_grid_highlighted(self, event: Grid.Highlighted) -> None:
        self.highlighted.append(event.key)

    def on_grid_opened(self, event: Grid.Opened) -> None:
        assert event.control is self.grid
        self.opened.append(event.key)

    def on_grid_marked(self, event: Grid.Marked) -> None:
        self.marked.append(event.key)

    def on_grid_near_end(self, event: Grid.NearEnd) -> None:
        self.near_end += 1


class Table:
    """A source that notes which cells are asked for."""

    def __init__(self, rows: int, columns: int) -> None:
        self.row_count = rows
        self.columns = columns
        self.asked: list[tuple[int, int, int]] = []

    def cells(self, row: int, first_column: int, last_column: int) -> Sequence[str]:
        assert 0 <= row < self.row_count
        assert 0 <= first_column <= last_column <= self.columns
        self.asked.append((row, first_column, last_column))
        return [f"r{row}c{column}" for column in range(first_column, last_column)]


def rows(count: int, start: int = 0) -> list[GridRow]:
    """row0 ..., with a state and a size."""
    return [GridRow(f"k{at}", (f"row{at}", "ok", str(at * 10))) for at in range(start, start + count)]


def app_of(given: Sequence[GridRow] = (), columns: Sequence[GridColumn] = COLUMNS, **options: Any) -> GridApp:
    """An app of one grid with these rows."""
    grid = WatchedGrid(columns, **options)
    grid.set_rows(given)
    return GridApp(grid)


def free_app(table: Table, **options: Any) -> GridApp:
    """A grid that scrolls sideways over a source."""
    columns = [GridColumn(str(at), f"column {at}") for at in range(table.columns)]
    app = GridApp(WatchedGrid(columns, fit=False, **options))
    app.grid.set_source(table)
    return app


def lines(pilot: Pilot[None]) -> list[str]:
    return screen_text(pilot.app).splitlines()
