"""A tree of what a JSON document holds: names and values; what is nested opens and closes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.grid import Grid, GridColumn, GridRow
from services.text import safe

GROUP = 1_000
"""Elements that are shown below each other; of more than that, groups of so many open."""
DRAWN = 200
"""Characters of a value that are drawn."""


@dataclass(frozen=True)
class _Group:
    """Some of the elements of an object or a list."""

    entries: list[tuple[str, Any]]


@dataclass
class _Node:
    key: str
    name: str
    value: Any
    depth: int

    @property
    def is_nested(self) -> bool:
        return isinstance(self.value, dict | list | _Group)

    @cached_property
    def children(self) -> list[_Node]:
        """Made when the node is opened."""
        entries = _entries(self.value)
        if len(entries) > GROUP and not isinstance(self.value, _Group):
            entries = list(_grouped(entries))
        return [_Node(f"{self.key}.{at}", name, value, self.depth + 1) for at, (name, value) in enumerate(entries)]


def _entries(value: Any) -> list[tuple[str, Any]]:
    match value:
        case dict():
            return list(value.items())
        case list():
            return [(f"{at:,}", element) for at, element in enumerate(value)]
        case _Group():
            return value.entries
    return []


def _grouped(entries: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, _Group]]:
    rest, first = iter(entries), 0
    while some := list(islice(rest, GROUP)):
        yield f"{first:,} to {first + len(some) - 1:,}", _Group(some)
        first += len(some)


def value_text(value: Any) -> str:
    """A value as JSON has it; of what is nested, how much it holds."""
    match value:
        case dict():
            return f"{{}} {len(value):,} {'name' if len(value) == 1 else 'names'}"
        case list():
            return f"[] {len(value):,} {'element' if len(value) == 1 else 'elements'}"
        case _Group():
            return ""
        case str():
            cut = value if len(value) <= DRAWN else f"{value[:DRAWN]}…"
            return json.dumps(cut, ensure_ascii=False)
    return json.dumps(value)


class JsonTree(Grid):
    """Enter opens and closes what is nested and hands on other values; right opens, left closes or goes up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "close_node", show=False),
        Binding("right", "open_node", show=False),
    ]

    class Opened(Message):
        """Enter on a value, or a double click: its name, and its text in full."""

        def __init__(self, name: str, text: str) -> None:
            super().__init__()
            self.name, self.text = name, text

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__((GridColumn("name", "Name"), GridColumn("value", "Value")), id=id, empty="Nothing is in it.")
        self._top = _Node("", "", {}, -1)
        self._shown: dict[str, _Node] = {}
        self._open: set[str] = set()

    def set_document(self, document: Any) -> None:
        """Show an object or a list; its own elements are in view, those below them closed."""
        self._top, self._open = _Node("", "", document, -1), set()
        self._draw()

    def _draw(self) -> None:
        self._shown = {node.key: node for node in self._below(self._top)}
        self.set_rows(self._row(node) for node in self._shown.values())

    def _below(self, parent: _Node) -> Iterator[_Node]:
        for node in parent.children:
            yield node
            if node.key in self._open:
                yield from self._below(node)

    def _row(self, node: _Node) -> GridRow:
        mark = ("▾" if node.key in self._open else "▸") if node.is_nested else " "
        name = Text(f"{'  ' * node.depth}{mark} {safe(node.name[:DRAWN])}", "bold" if node.is_nested else "")
        return GridRow(node.key, (name, Text(safe(value_text(node.value)), "dim" if node.is_nested else "")))

    def tell_highlighted(self, key: str) -> None:
        """Nobody asks which value is under the cursor."""

    def tell_opened(self, key: str) -> None:
        """Open or close what is nested; hand on another value."""
        node = self._shown[key]
        if node.is_nested:
            self._open ^= {key}
            self._draw()
        else:
            text = node.value if isinstance(node.value, str) else value_text(node.value)
            self.post_message(self.Opened(node.name, text))

    def action_open_node(self) -> None:
        """Open it, or go into it when it is open."""
        key = self.cursor_key
        if key is None or not self._shown[key].is_nested:
            return
        if key not in self._open:
            self.tell_opened(key)
        elif self._shown[key].children:
            self.action_cursor_down()

    def action_close_node(self) -> None:
        """Close it, or go to what it is in."""
        key = self.cursor_key or ""
        if key in self._open:
            self.tell_opened(key)
        elif parent := key.rpartition(".")[0]:
            self.move_to(parent)
