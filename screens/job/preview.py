"""A file's content as far as a terminal can show it: text, a picture, a table; else its type and size."""

from __future__ import annotations

import csv
from itertools import islice

from textual.app import ComposeResult
from textual.containers import Container

from screens.job.files import as_text, is_image, suffix
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.picture import Picture
from screens.widgets.states import StateCard
from screens.widgets.status import size_text
from screens.widgets.text_view import TextView

SEPARATORS = {".csv": ",", ".tsv": "\t"}
ROWS = 500
READ_LIMIT = 4_000_000
"""Bytes that are read of a file: enough for pictures and for the first pages of text and tables."""


class Preview(Container):
    """One file, or a card that says why there is none."""

    DEFAULT_CSS = """
    Preview { height: 1fr; }
    Preview > * { display: none; height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """One widget per kind of content; one is shown."""
        yield StateCard()
        yield TextView()
        yield Picture()

    def show(self, path: str, data: bytes, size: int) -> None:
        """Show the beginning of a file of `size` bytes."""
        if is_image(path):
            self._only(Picture)
            self.query_one(Picture).set_image(data, path)
            return
        text = as_text(data)
        if text is None:
            kind = suffix(path).removeprefix(".") or "binary"
            self.say(f"{path} is a {kind} file of {size_text(size)}: nothing to read here. D downloads it.")
        elif suffix(path) in SEPARATORS and text.strip():
            self._show_table(text, SEPARATORS[suffix(path)], whole=len(data) >= size)
        else:
            self._only(TextView)
            cut = f"\n... the first {size_text(len(data))} of {size_text(size)}" if len(data) < size else ""
            self.query_one(TextView).set_text(text + cut, path)

    def say(self, text: str) -> None:
        """Show a sentence instead of a file."""
        self._only(StateCard)
        self.query_one(StateCard).empty(text)

    def _show_table(self, text: str, separator: str, *, whole: bool) -> None:
        lines = text.splitlines() if whole else text.splitlines()[:-1]
        try:
            rows = list(islice(csv.reader(lines, delimiter=separator), ROWS + 1))
        except csv.Error:
            self._only(TextView)
            self.query_one(TextView).set_text(text, "")
            return
        width = max(map(len, rows))
        header = [*rows[0], *[""] * (width - len(rows[0]))]
        columns = [GridColumn(str(i), label) for i, label in enumerate(header)]
        for old in self.query(Grid):
            old.remove()
        grid = Grid(columns, fit=False, row_numbers=True)
        grid.set_rows([GridRow(str(i), (*row, *[""] * (width - len(row)))) for i, row in enumerate(rows[1:])])
        self.mount(grid)
        self._only(Grid)

    def _only(self, kind: type) -> None:
        for child in self.children:
            child.display = isinstance(child, kind)
