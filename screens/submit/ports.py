"""The rows of inputs and outputs: name, type, path or value, mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from screens.fields import Choice, Field, Picker, line_input
from screens.submit.rows import INPUT_MODES, INPUT_TYPES, LITERAL_TYPES, OUTPUT_MODES, OUTPUT_TYPES, PortRow
from screens.widgets.suggest_input import Complete, SuggestInput

TYPE_HINT = "←→ or a letter; string, number, integer and boolean take a value"
MODE_HINT = "ro_mount: linked, read bit by bit; download: copied, read as a whole"
OUTPUT_MODE_HINT = "rw_mount: written where it will lie; upload: copied there at the end"


class PortField(Field):
    """One row; its name stands where other fields have their label."""

    DEFAULT_CSS = """
    PortField {
        & Input.-textual-compact.name { width: 13; margin-right: 1; padding: 0; }
        & Picker { margin-right: 1; padding: 0; }
        & .mode { margin: 0 0 0 1; }
        & SuggestInput { width: 1fr; }
        &.-faulty .name { color: $text-error; }
    }
    """

    def __init__(self, key: str, row: PortRow, complete: Complete, *, is_new: bool = False) -> None:
        section = key.partition("-")[0]
        self.section = section
        self.is_new = is_new
        is_input = section == "inputs"
        types, modes = (INPUT_TYPES, INPUT_MODES) if is_input else (OUTPUT_TYPES, OUTPUT_MODES)
        self.name_input = line_input(row.name, "name")
        self.name_input.add_class("name")
        self.type_picker = Picker(types, row.type)
        self.value_input = SuggestInput(row.value, complete=complete, placeholder=self._placeholder(row.type))
        self.mode_picker = Picker(modes, row.mode, labels=["default", *modes[1:]])
        self.mode_picker.add_class("mode")
        controls = (self.name_input, self.type_picker, self.value_input, self.mode_picker)
        super().__init__(key, "", *controls)

    def compose(self) -> ComposeResult:
        """The controls in a line; what is wrong below."""
        with Horizontal():
            yield from self.controls
        yield Static(classes="faults", markup=False)
        yield Static(classes="below", markup=False)

    def on_mount(self) -> None:
        """Values have no mode."""
        self._show_mode()

    @property
    def number(self) -> int:
        """The place among the rows, from 1."""
        rows = list(self.parent.query_children(PortField)) if self.parent else []
        return rows.index(self) + 1 if self in rows else 0

    @property
    def row(self) -> PortRow:
        """What is typed."""
        kind = self.type_picker.value
        mode = "" if kind in LITERAL_TYPES else self.mode_picker.value
        return PortRow(self.name_input.value, kind, self.value_input.value, mode)

    @property
    def hint(self) -> str:
        """What the control in focus takes."""
        is_input = self.section == "inputs"
        if self.type_picker.has_focus:
            return TYPE_HINT
        if self.mode_picker.has_focus:
            return MODE_HINT if is_input else OUTPUT_MODE_HINT
        if self.name_input.has_focus:
            return f"The command names it ${{{{{self.section}.{self.name_input.value or 'NAME'}}}}}"
        if self.type_picker.value in LITERAL_TYPES:
            return "The value that stands in the command"
        if is_input:
            return "A path, azureml:NAME:VERSION or NAME@latest, azureml://..., https://"
        return "Empty: the default datastore. Or azureml://datastores/NAME/paths/PATH"

    def owns(self, path: str) -> bool:
        """`inputs.NAME...`, or `inputs.#NUMBER` for a row without a name of its own."""
        if path == f"{self.section}.#{self.number}":
            return True
        own = f"{self.section}.{self.name_input.value.strip()}"
        return path == own or path.startswith(f"{own}.")

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Another type takes another kind of value."""
        if event.choice is self.type_picker:
            self.value_input.placeholder = self._placeholder(self.type_picker.value)
            self._show_mode()

    def offer_type(self, kind: str) -> None:
        """The type that the value seems to have, as long as nobody chose one."""
        if self.is_new and kind in self.type_picker.options and not self.type_picker.has_focus:
            self.type_picker.value = kind

    def _show_mode(self) -> None:
        self.mode_picker.display = self.type_picker.value not in LITERAL_TYPES

    def _placeholder(self, kind: str) -> str:
        if self.section == "outputs":
            return "the default datastore"
        return "value" if kind in LITERAL_TYPES else "path or azureml:NAME:VERSION"


class Ports(Vertical):
    """The rows of one section, under its title."""

    DEFAULT_CSS = """
    Ports { height: auto; }
    Ports > .title { height: 1; padding: 0 1; color: $text-muted; }
    Ports:focus-within > .title { color: $text-accent; text-style: bold; }
    """
    TITLES: ClassVar = {
        "inputs": "Inputs         name, type, path or value, mode; ^n adds, ^r removes",
        "outputs": "Outputs        name, type, path, mode; ^t adds, ^r removes",
    }

    def __init__(self, section: str, complete: Complete) -> None:
        super().__init__(id=section)
        self.section = section
        self.complete = complete
        self._count = 0

    def compose(self) -> ComposeResult:
        """The title; rows come with the job."""
        yield Static(self.TITLES[self.section], classes="title", markup=False)

    @property
    def port_fields(self) -> list[PortField]:
        """The rows, in order."""
        return list(self.query(PortField))

    @property
    def rows(self) -> tuple[PortRow, ...]:
        """What is typed in all of them."""
        return tuple(field.row for field in self.port_fields)

    async def set_rows(self, rows: Sequence[PortRow]) -> None:
        """Other rows."""
        await self.query(PortField).remove()
        await self.mount_all([self._make(row) for row in rows])

    async def add(self, name: str = "") -> None:
        """A row more; the keys go to what is still missing in it."""
        kind = "uri_file" if self.section == "inputs" else "uri_folder"
        field = self._make(PortRow(name, kind), is_new=True)
        await self.mount(field)
        (field.value_input if name else field.name_input).focus()
        field.scroll_visible(animate=False)

    async def remove_focused(self) -> bool:
        """Remove the row that has the keys; they go to its neighbour. False if none has."""
        fields = self.port_fields
        at = next((at for at, field in enumerate(fields) if field.has_focus_within), None)
        if at is None:
            return False
        neighbours = fields[at + 1 :] + fields[:at][::-1]
        await fields[at].remove()
        if neighbours:
            neighbours[0].name_input.focus()
        return True

    def _make(self, row: PortRow, *, is_new: bool = False) -> PortField:
        self._count += 1
        return PortField(f"{self.section}-{self._count}", row, self.complete, is_new=is_new)
