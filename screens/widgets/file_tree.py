"""A tree of files: folders that open and close, sizes and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.status import size_text
from services.text import safe

Entry = tuple[str, bool, int | None, str]
"""Path with `/`, whether it is a folder, bytes (None: unknown), a note."""

OPEN_UP_TO = 60
"""A tree of more entries begins with its folders closed."""


@dataclass
class _Node:
    name: str
    path: str
    is_folder: bool
    size: int | None = None
    note: str = ""
    children: dict[str, _Node] = field(default_factory=dict)

    def total(self) -> int | None:
        """Bytes of the file, or of all files below; None when one is not known."""
        if not self.is_folder:
            return self.size
        sizes = [child.total() for child in self.children.values()]
        return self.size if not sizes else sum(known for known in sizes if known is not None)


class FileTree(Grid):
    """Folders first, names safe to draw, folders that nobody named are made from the paths.

    Enter opens a file and opens or closes a folder; right opens, left closes or goes to the folder above.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "close_folder", show=False),
        Binding("right", "open_folder", show=False),
    ]

    class Opened(Message):
        """Enter on a file, or a double click."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Highlighted(Message):
        """The cursor is on another entry; the path is empty when there is none."""

        def __init__(self, path: str, is_folder: bool) -> None:
            super().__init__()
            self.path = path
            self.is_folder = is_folder

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        columns = (
            GridColumn("name", "Name"),
            GridColumn("size", "Size", align="right", priority=1),
            GridColumn("note", "", priority=2),
        )
        super().__init__(columns, header=False, empty=empty, id=id)
        self._top = _Node("", "", True)
        self._by_path: dict[str, _Node] = {}
        self._open: set[str] = set()

    @property
    def cursor_path(self) -> str | None:
        """The path under the cursor; None when the tree is empty."""
        return self.cursor_key

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show entries; what is open and the cursor stay by path."""
        before = set(self._by_path)
        self._top, self._by_path = _Node("", "", True), {}
        for path, is_folder, size, note in entries:
            node = self._node(path.strip("/"), is_folder)
            node.size, node.note = size, note
        if not before & set(self._by_path):
            self._open = {path for path, node in self._by_path.items() if node.is_folder and len(entries) <= OPEN_UP_TO}
        self._draw()

    def _node(self, path: str, is_folder: bool) -> _Node:
        node, at = self._top, ""
        *folders, name = path.split("/")
        for folder in folders:
            at = f"{at}/{folder}" if at else folder
            node = self._child(node, folder, at, True)
        return self._child(node, name, path, is_folder)

    def _child(self, parent: _Node, name: str, path: str, is_folder: bool) -> _Node:
        node = parent.children.get(name)
        if node is None:
            node = parent.children[name] = self._by_path[path] = _Node(name, path, is_folder)
        node.is_folder = node.is_folder or is_folder
        return node

    def _draw(self) -> None:
        self.set_rows(self._lines(self._top, 0))

    def _lines(self, parent: _Node, depth: int) -> Iterator[GridRow]:
        for node in sorted(parent.children.values(), key=lambda child: (not child.is_folder, child.name)):
            is_open = node.path in self._open
            lead = "  " * depth
            if node.is_folder:
                name = Text(f"{lead}{'▾' if is_open else '▸'} {safe(node.name)}/", "bold")
            else:
                name = Text(f"{lead}  {safe(node.name)}")
            size = size_text(node.total())
            yield GridRow(node.path, (name, Text(size, "dim" if node.is_folder else ""), Text(safe(node.note), "dim")))
            if is_open:
                yield from self._lines(node, depth + 1)

    def tell_highlighted(self, key: str) -> None:
        """The cursor came to an entry."""
        node = self._by_path.get(key)
        self.post_message(self.Highlighted(key, node is not None and node.is_folder))

    def tell_opened(self, key: str) -> None:
        """Open a file; open or close a folder."""
        if self._by_path[key].is_folder:
            self._open ^= {key}
            self._draw()
        else:
            self.post_message(self.Opened(key))

    def action_open_folder(self) -> None:
        """Open the folder, or go into the open one."""
        node = self._by_path.get(self.cursor_key or "")
        if node is None or not node.is_folder:
            return
        if node.path not in self._open:
            self.tell_opened(node.path)
        elif node.children:
            self.action_cursor_down()

    def action_close_folder(self) -> None:
        """Close the folder, or go to the one above."""
        key = self.cursor_key or ""
        if key in self._open:
            self.tell_opened(key)
        elif "/" in key:
            self.move_to(key.rpartition("/")[0])
