"""What the messages of a grid carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from screens.widgets.grid import Grid


class FromGrid(Message):
    """A message of a grid, known by it as its control."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid

    @property
    def control(self) -> Grid:
        """The grid."""
        return self.grid


class OfRow(FromGrid):
    """A message about a row; rows of a source are known by their number."""

    def __init__(self, grid: Grid, key: str) -> None:
        super().__init__(grid)
        self.key = key
