"""What the forms share: fields in a scroll, the hint of the one in focus, faults at their fields, nothing lost."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from screens.actions import Action
from screens.base import LapisScreen
from screens.fields import Choice, Field, fault_line
from screens.operations import begun_after, newest_number, progress_text
from screens.places import Leave, Place
from screens.widgets.dialogs import Confirm
from screens.widgets.steady import put
from services.errors import Fault, ServiceError, SpecError
from services.text import safe

if TYPE_CHECKING:
    from services.operations import Operation
    from services.specs.writing import Spec
    from services.workspace import Workspace

REST = 0.3
"""Seconds that typing must rest before what depends on it is read."""


def form_actions(screen: str, verb: str, meaning: str) -> tuple[Action, ...]:
    """The declarations that every form has."""
    return (
        Action(f"{screen}.submit", ("ctrl+s",), verb, meaning, footer=1),
        Action(f"{screen}.leave", ("escape",), "Back", "Leave the form; asks when something was typed", footer=3),
        Action(
            f"{screen}.show-as",
            ("ctrl+y", "y"),
            "Show as",
            "The form as az ml YAML, az command and Python SDK code",
            footer=4,
        ),
    )


class FormScreen(LapisScreen):
    """A subclass yields its fields and says what submitting them means."""

    BUSY: ClassVar[str] = "Working"
    workspace: Workspace | None = None
    """Given to forms whose submit goes on in the background, which then tell how far it is."""
    DEFAULT_CSS = """
    FormScreen #form { height: 1fr; padding: 1 0 0 0; scrollbar-size-vertical: 1; }
    FormScreen #trouble { display: none; height: auto; max-height: 6; padding: 0 1; }
    FormScreen #hint { height: 1; padding: 0 1; color: $text-muted; background: $surface; }
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.busy = False
        self._clean: dict[str, str] = {}
        self._offered: dict[str, str] = {}
        self._resting: Timer | None = None
        self._seconds = 0
        self._known = 0

    def compose_body(self) -> ComposeResult:
        """The fields, a line for errors that belong to no field, and the hint."""
        with VerticalScroll(id="form", can_focus=False):
            yield from self.compose_fields()
        yield Static(id="trouble", markup=False)
        yield Static(id="hint", markup=False)

    @abstractmethod
    def compose_fields(self) -> Iterable[Widget]:
        """The fields, in the order of tab."""

    @abstractmethod
    def spec(self) -> Spec:
        """What the form means. Raises SpecError."""

    @abstractmethod
    async def submit(self) -> None:
        """Do what ctrl+s asks for, and go to what it made. Raises SpecError with faults at fields."""

    def running(self) -> Operation | None:
        """What ctrl+s has begun in the background, such as an upload; None where it begins nothing there."""
        return begun_after(self.workspace.operations, self._known) if self.workspace else None

    def typed(self) -> None:
        """Something was typed, and the typing rests: read what depends on it."""

    # values

    @property
    def fields(self) -> dict[str, Field]:
        """The fields by key."""
        return {field.key: field for field in self.query(Field)}

    def values(self) -> dict[str, str]:
        """What is typed, by key."""
        return {key: field.value for key, field in self.fields.items()}

    @property
    def changed(self) -> bool:
        """Whether something was typed that leaving would lose."""
        return self.values() != self._clean

    def set_clean(self) -> None:
        """What the form holds now is nothing to lose."""
        self._clean = self.values()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.set_clean()
        self.call_after_refresh(self._focus_first)

    def _focus_first(self) -> None:
        if self.focused is None and (fields := list(self.fields.values())):
            fields[0].focus_control()

    def offer(self, key: str, value: str) -> None:
        """Fill in a field that holds what nobody typed: nothing, what it began with, or what was offered before.

        What was erased is not offered again.
        """
        if value == self._offered.get(key):
            return
        field = self.fields[key]
        if field.value in ("", self._offered.get(key), self._clean.get(key)):
            field.value = self._clean[key] = value
        self._offered[key] = value

    # typing

    def on_input_changed(self, event: Input.Changed) -> None:
        """Wait until the typing rests."""
        self.rest()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Wait until the typing rests."""
        self.rest()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Wait until the choosing rests; the hint may depend on the choice."""
        self.rest()
        if not self.busy:
            self._show_hint(self.focused)

    def rest(self) -> None:
        """Call `typed` when nothing more is typed for a moment."""
        if self._resting:
            self._resting.stop()
        self._resting = self.set_timer(REST, self.typed)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The hint of the field in focus."""
        if not self.busy:
            self._show_hint(event.widget)

    def _show_hint(self, control: Widget | None) -> None:
        nodes = control.ancestors_with_self if control else ()
        field = next((node for node in nodes if isinstance(node, Field)), None)
        put(self.query_one("#hint", Static), safe(field.hint) if field else "")

    # faults

    def mark(self, faults: Sequence[Fault]) -> list[Fault]:
        """Mark each fault at its field; what belongs to none in view is returned, and told above the hint."""
        homeless = list(faults)
        for field in self.query(Field):
            own = [fault for fault in homeless if field.display and field.owns(fault.path)]
            homeless = [fault for fault in homeless if fault not in own]
            field.mark(own)
        self.show_trouble(*homeless)
        return homeless

    def show_trouble(self, *faults: Fault) -> None:
        """Tell above the hint what belongs to no field; none tells nothing."""
        line = self.query_one("#trouble", Static)
        put(line, Content("\n").join(fault_line(fault) for fault in faults))
        line.display = bool(faults)

    def focus_first_fault(self) -> None:
        """Go to the first field with an error."""
        for field in self.query(Field):
            if any(fault.severity == "error" for fault in field.faults):
                field.focus_control()
                field.scroll_visible(animate=False)
                return

    def show_error(self, error: ServiceError) -> None:
        """Faults to their fields, everything else above the hint."""
        if isinstance(error, SpecError):
            self.mark(error.faults)
            self.focus_first_fault()
        else:
            told = [Fault("", part) for part in f"{error.title}: {error.detail}".split("\n")]
            advice = [Fault("", part, "note") for part in error.advice.split("\n") if part]
            self.show_trouble(*told, *advice)

    # submit and leave

    def action_submit(self) -> None:
        """Submit once; keys stay alive, and the seconds are told."""
        if self.busy:
            self.tell("It is on its way already.")
            return

        async def submit() -> None:
            self.busy, self._seconds = True, 0
            self._known = newest_number(self.workspace.operations) if self.workspace else 0
            self.show_trouble()
            timer = self.set_interval(1.0, self._tell_busy)
            self._tell_busy()
            try:
                await self.submit()
            finally:
                timer.stop()
                self.busy = False
                self._show_hint(self.focused)

        self.load(submit, group="submit")

    def _tell_busy(self) -> None:
        seconds = f" {self._seconds} s" if self._seconds else ""
        operation = self.running()
        told = f"{self.BUSY} ... {progress_text(operation)}" if operation else f"{self.BUSY} ..."
        self.query_one("#hint", Static).update(f"◔ {told.rstrip()}{seconds}")
        self._seconds += 1

    def action_leave(self) -> None:
        """Go back; ask first when something would be lost."""
        if self.busy or not self.changed:
            if self.busy and self.running():
                self.tell("It goes on without the form; O shows how far it is.")
            self.post_message(Leave())
            return

        async def leave() -> None:
            if await self.app.push_screen_wait(Confirm("Leave the form", "What you typed is not submitted. Leave it?")):
                self.forget()
                self.post_message(Leave())

        self.load(leave, group="leave")

    def forget(self) -> None:
        """What was typed is given up."""

    def action_show_as(self) -> None:
        """Open the drawer with what the form means."""

        async def show() -> None:
            from screens.show_as import ShowAs

            spec = self.spec()
            name = getattr(spec, "display_name", None) or spec.name
            await self.app.push_screen(ShowAs(spec, name or "a new job", target=self.frame.azure))

        self.load(show, group="show-as")


def next_version(versions: Sequence[str]) -> str:
    """The number that a new version gets."""
    return str(max((int(version) for version in versions if version.isdecimal()), default=0) + 1)
