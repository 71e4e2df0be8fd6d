"""The form of a step: a panel beside the table, which shows what the step would do while one types."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static, TextArea

from screens import forms
from screens.fields import Choice, Field, fault_line
from screens.lists import WIDE, shown
from screens.widgets.grid import Grid
from screens.widgets.steady import put
from screens.wrangle.checklist import Checklist
from screens.wrangle.completion import Columns
from screens.wrangle.step_fields import fields_of, first_values, is_meant, make_field, read_document
from screens.wrangle.texts import effect_text
from services.entities.wrangling import StepEffect, StepState
from services.errors import Fault, ServiceError, SpecError
from services.text import safe
from services.wrangling.columns import missing_columns
from services.wrangling.recipe import read_step
from services.wrangling.steps import Step

KEYS = "enter take · tab next field · esc leave"
"""In place of those of the screen below, which do nothing meanwhile."""


@dataclass(frozen=True)
class StepAsked:
    """What the form asks for.

    Attributes:
        step: the one that is edited; None for a new one.
        column: the one under the cursor of the table.
        columns: those before the step.
    """

    kind: str
    columns: Columns
    step: Step | None = None
    column: str = ""


class StepForm(ModalScreen[Step | None]):
    """Fields of one kind of step; the answer is the step, or None when it is left.

    Args:
        try_out: shows what the table becomes with a step and tells what it does; None if a newer one replaced it.
    """

    DEFAULT_CSS = """
    StepForm {
        background: $background 0%; align: right bottom;
        & > Vertical {
            width: 100%; height: 60%; background: $background; border-top: solid $primary;
            border-title-color: $text-accent; border-title-style: bold;
        }
        &.-wide > Vertical { width: 56; height: 100%; margin-top: 1; border-top: none; border: round $border; }
        & #keys { dock: bottom; height: 1; width: 100%; padding: 0 1; background: $panel; color: $text-muted; }
        & VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & #trouble { display: none; height: auto; max-height: 3; padding: 0 1; }
        & #effect { height: auto; max-height: 4; padding: 0 1; text-style: bold; }
        & #hint { height: auto; max-height: 3; padding: 0 1; color: $text-muted; background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+s", "take", show=False),
        Binding("enter", "take", show=False),
    ]

    def __init__(self, asked: StepAsked, try_out: Callable[[Step], Awaitable[StepEffect | None]]) -> None:
        super().__init__()
        self.asked = asked
        self._try_out = try_out
        self._resting: Timer | None = None
        self._step_fields = fields_of(asked.kind)

    def compose(self) -> ComposeResult:
        """The fields, what is wrong with none of them in particular, the effect, and the hint."""
        asked = self.asked
        values = first_values(asked.kind, asked.step, asked.column, asked.columns.names)
        with Vertical() as box:
            verb = "Edit" if asked.step else "Add"
            box.border_title = Content(f" {verb}: {asked.kind.replace('_', ' ')} ")
            with VerticalScroll(can_focus=False):
                for field in self._step_fields:
                    yield make_field(field, values[field.name], asked.columns)
            yield Static(id="trouble", markup=False)
            yield Static(id="effect", markup=False)
            yield Static(id="hint", markup=False)
        yield Static(KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin in the first field that the cursor hasn't filled in, and tell the effect."""
        self._arrange()
        filled = first_values(self.asked.kind, None, self.asked.column, self.asked.columns.names)
        empty = [f for f in self._step_fields if self.asked.step or not filled[f.name] or filled[f.name] == f.default]
        self.fields[(empty or self._step_fields)[0].name].focus_control()
        self._typed()

    def on_resize(self, event: Resize) -> None:
        """At the right side where there is room, else below the table."""
        self.set_class(event.size.width >= WIDE, "-wide")

    @property
    def fields(self) -> dict[str, Field]:
        """The fields by name."""
        return {field.key: field for field in self.query(Field)}

    def _arrange(self) -> None:
        """Show the fields that mean something."""
        controls = self.fields
        for field in self._step_fields:
            controls[field.name].display = is_meant(field, controls)

    # typing

    def on_input_changed(self, event: Input.Changed) -> None:
        """Wait until the typing rests."""
        self._rest()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Wait until the typing rests."""
        self._rest()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Other fields may mean something now."""
        self._arrange()
        self._rest()

    def on_checklist_changed(self, event: Checklist.Changed) -> None:
        """Wait until the choosing rests."""
        self._rest()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The hint of the field in focus."""
        field = next((node for node in event.widget.ancestors_with_self if isinstance(node, Field)), None)
        put(self.query_one("#hint", Static), safe(field.hint) if field else "")

    def _rest(self) -> None:
        if self._resting:
            self._resting.stop()
        self._resting = self.set_timer(forms.REST, self._typed)

    def _typed(self) -> None:
        self.run_worker(self._tell_effect(), group="effect", exclusive=True, exit_on_error=False)

    async def _tell_effect(self) -> None:
        step = await self._read(tell=False)
        if step is None:
            return
        try:
            effect = await self._try_out(step)
        except ServiceError as error:
            self._tell(Content.styled(f"✗ {shown(error.detail)}", "$text-error"))
            return
        if effect is not None and self.is_attached:
            self._tell(effect_content(effect))

    # the step

    async def step(self) -> Step:
        """What is typed. Raises SpecError with faults at fields."""
        document = read_document(self.asked.kind, self.fields)
        step = await asyncio.to_thread(read_step, document)  # the first one imports pydantic
        if faults := list(missing_columns(step, self.asked.columns.names)):
            raise SpecError(faults)
        return replace(step, muted=self.asked.step.muted) if self.asked.step else step

    async def _read(self, *, tell: bool) -> Step | None:
        """What is typed, if it is a step; what is missing yet is told only where `tell`."""
        try:
            step = await self.step()
        except SpecError as error:
            untouched = [fault for fault in error.faults if not tell and _is_missing(fault)]
            self._mark([fault for fault in error.faults if fault not in untouched])
            self._tell(Content.styled("Its effect shows here once it is complete.", "$text-muted"))
            return None
        self._mark(())
        return step

    def _mark(self, faults: Sequence[Fault]) -> None:
        homeless = list(faults)
        for field in self.query(Field):
            own = [f for f in homeless if field.display and (field.owns(f.path) or f.path.startswith(f"{field.key}["))]
            homeless = [fault for fault in homeless if fault not in own]
            field.mark(own)
        line = self.query_one("#trouble", Static)
        put(line, Content("\n").join(map(fault_line, homeless)))
        line.display = bool(homeless)

    def _tell(self, content: Content) -> None:
        put(self.query_one("#effect", Static), content)

    # enter and escape

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it."""
        event.stop()
        self.action_take()

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Take it."""
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Answer with the step, if it is one."""
        self.run_worker(self._take(), group="take", exclusive=True, exit_on_error=False)

    async def _take(self) -> None:
        step = await self._read(tell=True)
        if step is not None:
            self.dismiss(step)
            return
        for field in self.query(Field):
            if field.faults:
                field.focus_control()
                return

    def action_leave(self) -> None:
        """Leave it."""
        self.dismiss(None)


def _is_missing(fault: Fault) -> bool:
    return fault.message.startswith(("this field is required", "is missing", "is empty", "the expression is empty"))


def effect_content(effect: StepEffect) -> Content:
    """What a step does, why it fails, and what to know about it."""
    if effect.state is StepState.FAILED:
        return Content.assemble(("✗ ", "$text-error"), (shown(effect.message), "$text-error"))
    if effect.state is StepState.NOT_REACHED:
        return Content.styled("· Not reached: a step before it fails. Mend or mute that one first.", "$text-warning")
    lines = [Content.styled(effect_text(effect), "bold")]
    lines += [Content.styled(f"! {shown(note)}", "$text-warning") for note in effect.notes]
    return Content("\n").join(lines)
