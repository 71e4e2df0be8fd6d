"""An app that sends to the terminal only the cells that change; Textual 8.2.8 sends all that it has drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen

from tui.shown_cells import Piece, ShownCells


class CellUpdates(App[None]):
    """Knows what the terminal shows; whatever else writes to it calls `shown.forget`.

    Attributes:
        shown: the cells of the terminal.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.shown = ShownCells()

    def on_resize(self) -> None:
        """A terminal moves its cells as it likes when it gets another size; the driver tells one at each start too."""
        self.shown.forget()

    def on_driver_signal_resume(self) -> None:
        """The shell had the terminal, and has given it back empty."""
        self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            renderable = _Changes(renderable, self.shown, self.size)
        super()._display(screen, renderable)


class _Changes(CompositorUpdate):
    """What an update of Textual's changes."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, shown: ShownCells, size: Size) -> None:
        self._update = update
        self._shown = shown
        self._size = size

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._update

    def render_segments(self, console: Console) -> str:
        """What is to be sent."""
        return self._shown.show(_pieces(self._update), self._size, console)


def _pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[Piece]:
    """What the update would write, and in its order."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield Piece(x, y, strip)
                x += strip.cell_length
        return
    for y, left, right in update.spans:
        for end, (x, cut) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if cut is not None and x <= right and end > left:
                whole = left <= x < right and end <= right
                yield Piece(x, y, cut if whole else cut.crop(0, min(end, right) - x))
