"""What lies over the table: a cell in full, a row as a list, how the file is read."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from screens.lists import counted, shown
from screens.table.rows import MISSING
from screens.widgets.dialogs import Dialog
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.line_input import LineInput
from screens.widgets.text_view import TextView
from services.entities.tables import TableOptions
from services.text import masked, safe

PART = 1_000_000
"""Characters of a cell that are shown together."""
NAME_WIDTH = 40


class Overlay(ModalScreen[None]):
    """A box over nearly all of the screen."""

    DEFAULT_CSS = """
    Overlay { align: center middle; }
    Overlay > Vertical {
        width: 96%; max-width: 124; height: 92%;
        background: $surface; border: round $border; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text-muted; padding: 0 1;
    }
    Overlay Grid, Overlay TextView { height: 1fr; }
    """

    def __init__(self, title: str, keys: str) -> None:
        super().__init__()
        self._title, self._keys = title, keys

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical() as box:
            box.border_title = Content(f" {safe(self._title)} ")
            box.border_subtitle = Content(f" {self._keys} ")
            yield from self.compose_box()

    def compose_box(self) -> ComposeResult:
        """What is in the box."""
        yield from ()


class CellView(Overlay):
    """A cell in full, however long it is: a part of it at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", show=False),
        Binding("c", "copy", show=False),
        Binding("w", "wrap", show=False),
        Binding("n", "part(1)", show=False),
        Binding("N", "part(-1)", show=False),
    ]

    def __init__(self, title: str, text: str) -> None:
        self.text = text
        self._part = 0
        self._parts = max(1, -(-len(text) // PART))
        keys = "n N next and last part · " if self._parts > 1 else ""
        super().__init__(
            f"{title} · {counted(len(text), 'character', 'characters')}", f"{keys}w wrap · c copy · esc close"
        )

    def compose_box(self) -> ComposeResult:
        """The text."""
        yield TextView()

    def on_mount(self) -> None:
        """Begin with the first part."""
        view = self.query_one(TextView)
        view.wrap = True
        view.focus()
        self._show()

    def _show(self) -> None:
        start = self._part * PART
        self.query_one(TextView).set_text(self.text[start : start + PART])
        if self._parts > 1:
            self.query_one(Vertical).border_title = Content(
                f" {safe(self._title)}, part {self._part + 1} of {self._parts} "
            )

    def action_part(self, by: int) -> None:
        """Another part."""
        self._part = max(0, min(self._part + by, self._parts - 1))
        self._show()

    def action_wrap(self) -> None:
        """Break long lines, or cut them."""
        view = self.query_one(TextView)
        view.wrap = not view.wrap

    def action_copy(self) -> None:
        """Copy it by OSC 52."""
        self.app.copy_to_clipboard(self.text)
        self.notify(f"Copied {counted(len(self.text), 'character', 'characters')}.", markup=False, timeout=5)


class RowView(Overlay):
    """A row as names and values; enter shows a value in full."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,R,q", "dismiss", show=False),
        Binding("c", "copy", show=False),
    ]

    def __init__(
        self,
        title: str,
        cells: Sequence[tuple[str, str, str | None]],
        open_cell: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        super().__init__(title, "enter a value in full · c copy value · esc close")
        self.cells = cells
        self.open_cell = open_cell

    def compose_box(self) -> ComposeResult:
        """Name, type, value."""
        yield Grid(
            [
                GridColumn("name", "Column", least=NAME_WIDTH),
                GridColumn("type", "Type", priority=1),
                GridColumn("value", "Value"),
            ]
        )

    def on_mount(self) -> None:
        """All columns of the table, hidden ones too."""
        grid = self.query_one(Grid)
        grid.set_rows(
            [
                GridRow(str(at), (shown(name), shown(type_), MISSING if value is None else value))
                for at, (name, type_, value) in enumerate(self.cells)
            ]
        )
        grid.focus()

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """The value in full."""
        event.stop()
        name = self.cells[int(event.key)][0]
        self.run_worker(self.open_cell(name), group="cell", exclusive=True, exit_on_error=False)

    def action_copy(self) -> None:
        """Copy the value as it is shown."""
        if (key := self.query_one(Grid).cursor_key) is not None:
            value = self.cells[int(key)][2] or ""
            self.app.copy_to_clipboard(value)
            self.notify(f"Copied {shown(value)}", markup=False, timeout=5)


SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
YES, NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


class HowToRead(Dialog[TableOptions | None]):
    """Separator, encoding, header, sheet, types; what is left empty is found out. None when it is left with escape."""

    DEFAULT_CSS = """
    HowToRead Label { margin-top: 1; color: $text-muted; }
    HowToRead LineInput { margin-top: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    KEYS = "tab next · enter read so · esc leave"
    FIELDS: ClassVar = {
        "separator": "Separator: a character, or tab; empty finds it",
        "encoding": "Encoding: utf-8, latin-1, utf-16 …; empty finds it",
        "header": "First record has the names of the columns: yes or no",
        "sheet": "Sheet of a workbook; empty for the first",
        "infers": "Find the types of columns: yes, or no to have all as text",
    }

    def __init__(self, options: TableOptions, found: str = "") -> None:
        super().__init__("How to read the file")
        self.options = options
        self.found = found

    def compose_box(self) -> ComposeResult:
        """A line for each."""
        options = self.options
        if self.found:
            yield Static(Content(f"It is read as {safe(self.found)}."))
        values = {
            "separator": next((name for name, sign in SEPARATORS.items() if sign == options.separator == "\t"), "")
            or options.separator,
            "encoding": options.encoding,
            "header": "yes" if options.header else "no",
            "sheet": options.sheet,
            "infers": "yes" if options.infers else "no",
        }
        for name, label in self.FIELDS.items():
            yield Label(label, markup=False)
            yield LineInput(values[name], id=name)
        yield Static(classes="fault", markup=False)

    def on_mount(self) -> None:
        """Begin with the first."""
        self.query(LineInput).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take them all, unless one is wrong."""
        event.stop()
        values = {name: self.query_one(f"#{name}", LineInput).value for name in self.FIELDS}
        try:
            self.dismiss(read_options(self.options, values))
        except ValueError as error:
            self.query_one(".fault", Static).update(Content(f"✗ {safe(masked(str(error)))}"))


def read_options(options: TableOptions, values: dict[str, str]) -> TableOptions:
    """Options with what was typed. Raises ValueError."""
    separator = values["separator"] if values["separator"] == " " else values["separator"].strip()
    separator = SEPARATORS.get(separator.lower(), separator)
    if len(separator) > 1:
        raise ValueError(f"A separator is one character: {separator} has {len(separator)}.")
    encoding = values["encoding"].strip()
    try:
        if encoding:
            codecs.lookup(encoding)
    except LookupError:
        raise ValueError(f"There is no encoding {encoding}.") from None
    answers = {}
    for name in ("header", "infers"):
        word = values[name].strip().lower()
        if word not in (*YES, *NO):
            raise ValueError(f"{name.capitalize()}: yes or no, not {word or 'nothing'}.")
        answers[name] = word in YES
    return replace(
        options, separator=separator, encoding=encoding, sheet=values["sheet"].strip(), header=answers["header"],
        infers=answers["infers"],
    )  # fmt: skip
