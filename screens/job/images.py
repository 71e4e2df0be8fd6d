"""Images: the pictures of the outputs tree, drawn in half blocks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Container

from screens.job.feed import JobFeed
from screens.job.files import is_image
from screens.job.pane import Pane
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.picture import Picture
from screens.widgets.states import StateCard
from screens.widgets.status import size_text
from services.entities import Artifact


class ImagesPane(Pane):
    """The list beside the picture, or above it where the screen is narrow."""

    TAB = "images"
    SCOPED_CSS = False  # the screen has the class -wide
    DEFAULT_CSS = """
    ImagesPane Container { layout: vertical; height: 1fr; }
    ImagesPane Grid { height: auto; max-height: 6; }
    ImagesPane Picture { height: 1fr; }
    .-wide ImagesPane Container { layout: horizontal; }
    .-wide ImagesPane Grid { width: 40; height: 1fr; max-height: 100%; }
    """

    def __init__(
        self,
        feed: JobFeed,
        read: Callable[[str], Awaitable[bytes]],
        read_artifacts: Callable[[], Awaitable[Sequence[Artifact]]],
    ) -> None:
        super().__init__(feed)
        self.read = read
        self.read_artifacts = read_artifacts
        self.sizes: dict[str, int] = {}

    def compose(self) -> ComposeResult:
        """A card for the states; the list and the picture."""
        yield StateCard()
        with Container():
            yield Grid((GridColumn("path", "Image"), GridColumn("size", "Size", align="right", priority=1)))
            yield Picture()

    def reload(self) -> None:
        """Read the outputs tree again."""
        self.load(self._read_list)

    def on_grid_highlighted(self, event: Grid.Highlighted) -> None:
        """Draw the picture under the cursor, once the cursor rests."""
        event.stop()
        if event.key:
            self._draw(event.key)

    async def _read_list(self) -> None:
        sizes = {a.path: a.size for a in await self.read_artifacts() if not a.is_folder and is_image(a.path)}
        self.query_one(Container).display = bool(sizes)
        if not sizes:
            so_far = "No images yet." if self.feed.active else "The job left no images."
            self.card.empty(f"{so_far} mlflow.log_figure(figure, name) or a png among the outputs shows here.")
            return
        self.card.hide()
        grid = self.query_one(Grid)
        grid.set_rows([GridRow(path, (path, size_text(size))) for path, size in sorted(sizes.items())])
        changed = self.sizes.get(grid.cursor_key or "") != sizes.get(grid.cursor_key or "")
        self.sizes = sizes
        if changed and grid.cursor_key:
            self._draw(grid.cursor_key)

    def _draw(self, path: str) -> None:
        async def read() -> None:
            self.query_one(Picture).set_image(await self.read(path), path)

        self.load(read, group="picture")
