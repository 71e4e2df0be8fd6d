"""A picture in half blocks: two pixels in a cell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from screens.widgets.cells import cut, wrap
from screens.widgets.half_blocks import CannotDrawError, decode, draw
from screens.widgets.status import size_text
from services.tables.media import describe
from services.text import masked, safe

if TYPE_CHECKING:
    from PIL.Image import Image


class Picture(Widget):
    """Shows an image as large as fits, in the middle; what can't be drawn is told by type, pixels and bytes.

    The picture before stays until the next is decoded, and only lines that differ are repainted.
    """

    DEFAULT_CSS = """
    Picture { height: 1fr; width: 1fr; color: $text-muted; }
    """
    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._data = b""
        self._name = ""
        self._image: Image | None = None
        self._told = ""
        self._lines: list[Strip] = []

    def set_image(self, data: bytes, name: str) -> None:
        """Decode an image in a thread and show it in place of the one before; the same is left alone.

        Of an animation the first frame is shown. The name tells what can't be decoded.
        """
        if (data, name) == (self._data, self._name):
            return
        self._data, self._name = data, name
        self._run(partial(self._decode, data, name), "picture")

    def on_resize(self) -> None:
        """Draw for the new size."""
        if self._image is not None:
            self._run(self._draw, "picture-size")
        else:
            self._show([])

    def _run(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> Worker[None]:
        return self.run_worker(work, group=group, exclusive=True, exit_on_error=False)

    async def _decode(self, data: bytes, name: str) -> None:
        try:
            image = await asyncio.to_thread(self._decode_if_wanted, data)
        except CannotDrawError as error:
            size = "{:,} × {:,} pixels".format(*error.pixels) if error.pixels else ""
            facts = (describe(name, data[:512]), size, size_text(len(data)))
            self._told = f"{masked(name)}: {', '.join(fact for fact in facts if fact)}.\n{error}"
            self._image = None
            self._show([])
        else:
            self._image, self._told = image, ""
            await self._draw()

    def _decode_if_wanted(self, data: bytes) -> Image | None:
        """Decode, unless another image was set while this one waited for its thread."""
        return decode(data) if data is self._data else None

    async def _draw(self) -> None:
        image, size = self._image, self.size
        if image is not None:
            lines = await asyncio.to_thread(draw, image, *size)
            if image is self._image and size == self.size:
                self._show(lines)

    def _show(self, lines: list[Strip]) -> None:
        """Put what is to be seen in the middle, and repaint where it differs."""
        width, height = self.size
        if self._told:
            parts = [piece for line in self._told.split("\n") for piece in wrap(safe(line), width - 2)]
            lines = [Strip([Segment(cut(part, width))]) for part in parts[:height]]
        new = [Strip.blank(0)] * ((height - len(lines)) // 2) + [self._centred(line, width) for line in lines]
        for y, (old, line) in enumerate(zip_longest(self._lines, new)):
            if old != line:
                self.refresh(Region(0, y, width, 1))
        self._lines = new

    @staticmethod
    def _centred(line: Strip, width: int) -> Strip:
        return Strip([Segment(" " * ((width - line.cell_length) // 2)), *line])

    def render_line(self, y: int) -> Strip:
        """A line of what was drawn."""
        line = self._lines[y] if y < len(self._lines) else Strip.blank(0)
        return line.adjust_cell_length(self.size.width, self.rich_style).apply_style(self.rich_style)
