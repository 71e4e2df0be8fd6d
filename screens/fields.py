"""The parts of forms: a labelled field that says what is wrong with it, and choices without a list to open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from screens.widgets.line_input import LineInput
from services.errors import Fault
from services.text import masked, safe, safe_each

LABEL_WIDTH = 14


class Choice(Widget, can_focus=True):
    """What a Picker and a RadioList share: one of several options is the value; letters jump to it."""

    class Changed(Message):
        """Another option was chosen."""

        def __init__(self, control: Choice) -> None:
            super().__init__()
            self.choice = control

        @property
        def control(self) -> Choice:
            """The widget that was changed."""
            return self.choice

    value: reactive[str] = reactive("", init=False)

    def __init__(
        self,
        options: Sequence[str],
        value: str = "",
        *,
        labels: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.options = tuple(options)
        self.labels = tuple(labels) or tuple(options)
        self.set_reactive(Choice.value, value if value in self.options or not self.options else self.options[0])

    @property
    def index(self) -> int:
        """The place of the value among the options."""
        return self.options.index(self.value) if self.value in self.options else 0

    def watch_value(self) -> None:
        """Tell the form."""
        self.post_message(self.Changed(self))

    def move(self, by: int) -> None:
        """Choose a neighbour, round and round."""
        if self.options:
            self.value = self.options[(self.index + by) % len(self.options)]

    def action_previous(self) -> None:
        """The option before."""
        self.move(-1)

    def action_next(self) -> None:
        """The option after."""
        self.move(1)

    def on_key(self, event: events.Key) -> None:
        """A letter chooses the next option that begins with it."""
        letter = (event.character or "").casefold()
        if not letter.isalnum():
            return
        for step in range(1, len(self.options) + 1):
            at = (self.index + step) % len(self.options)
            if self.labels[at].casefold().startswith(letter):
                self.value = self.options[at]
                event.stop()
                return


class Picker(Choice):
    """One of few options in one line: left, right, space or a letter choose."""

    DEFAULT_CSS = """
    Picker { height: 1; width: auto; padding: 0 1; background: $surface; }
    Picker:focus { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "previous", "Previous", show=False),
        Binding("right,space", "next", "Next", show=False),
    ]

    def get_content_width(self, container: object, viewport: object) -> int:
        """Room for the longest option and the arrows."""
        return 4 + max(map(cell_len, self.labels), default=0)

    def render(self) -> Content:
        """The option between arrows, which show only in focus."""
        left, right = ("‹ ", " ›") if self.has_focus else ("  ", "")
        return Content(f"{left}{safe(self.labels[self.index])}{right}")

    def on_focus(self) -> None:
        """Draw the arrows."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw no arrows."""
        self.refresh()


class RadioList(Choice):
    """One of several options, a line each: up and down choose."""

    DEFAULT_CSS = """
    RadioList { height: auto; width: 1fr; padding: 0 1; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "previous", "Previous", show=False),
        Binding("down,j,space", "next", "Next", show=False),
    ]

    def set_options(self, options: Sequence[str], labels: Sequence[str]) -> None:
        """Other options; the first is chosen."""
        self.options, self.labels = tuple(options), tuple(labels)
        self.value = self.options[0] if self.options else ""
        self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A line for each option."""
        return max(1, len(self.options))

    def render(self) -> Content:
        """Glyph and label; the chosen one marked."""
        lines = []
        for at, label in enumerate(self.labels):
            mark = "●" if at == self.index else "○"
            style = "bold $text-accent" if at == self.index and self.has_focus else "bold" if at == self.index else ""
            lines.append(Content.styled(f"{mark} {safe(label)}", style))
        return Content("\n").join(lines)

    def on_focus(self) -> None:
        """Draw the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw it without."""
        self.refresh()


class Lines(TextArea, inherit_bindings=False):
    """Several lines that grow with what is typed. Tab leaves it; ctrl+y and ctrl+x are the form's."""

    DEFAULT_CSS = """
    Lines { height: auto; min-height: 1; max-height: 8; width: 1fr; border: none; padding: 0 1; background: $surface; }
    Lines:focus { border: none; background: $block-cursor-blurred-background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding
        for binding in TextArea.BINDINGS
        if isinstance(binding, Binding) and not {"ctrl+y", "ctrl+x"} & set(binding.key.split(","))
    ]
    cursor_blink = reactive(False, init=False)

    def __init__(self, text: str = "", *, placeholder: str = "") -> None:
        super().__init__(text, placeholder=placeholder, tab_behavior="focus", compact=True, highlight_cursor_line=False)

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn: what came from outside sends no escape sequence."""
        return Text(safe_each(self.document.get_line(line_index)), end="", no_wrap=True)


def text_of(control: Widget) -> str:
    """What is typed in a control."""
    if isinstance(control, TextArea):
        return control.text
    value = getattr(control, "value", "")
    return value if isinstance(value, str) else ""


def set_text(control: Widget, text: str) -> None:
    """Fill in a control."""
    if isinstance(control, TextArea):
        control.text = text
    else:
        control.value = text  # type: ignore[attr-defined] # Input and Choice have it


def fault_line(fault: Fault, *, with_path: bool = True) -> Content:
    """Glyph by severity, and the message."""
    glyph, style = {"error": ("✗", "$text-error"), "warning": ("!", "$text-warning")}.get(fault.severity, ("·", "dim"))
    text = str(fault) if with_path else fault.message
    return Content.assemble((f"{glyph} ", style), (safe(masked(text)), style))


class Field(Vertical):
    """A label, one or more controls in a line, and below them what is wrong or worth knowing.

    The first control is the field's value.
    """

    DEFAULT_CSS = f"""
    Field {{
        height: auto; padding: 0 1;
        & > Horizontal {{ height: auto; }}
        & .label {{ width: {LABEL_WIDTH}; color: $text-muted; }}
        & .below {{ display: none; height: auto; margin-left: {LABEL_WIDTH}; padding: 0 1; color: $text-muted; }}
        & .faults {{ display: none; height: auto; margin-left: {LABEL_WIDTH}; padding: 0 1; }}
        &:focus-within .label {{ color: $text-accent; text-style: bold; }}
        &.-faulty .label {{ color: $text-error; }}
        & Input.-textual-compact {{ width: 1fr; padding: 0 1; background: $surface; }}
        & Input.-textual-compact:focus {{ background: $block-cursor-blurred-background; }}
    }}
    """

    def __init__(self, key: str, label: str, *controls: Widget, hint: str = "") -> None:
        super().__init__(id=f"field-{key}".replace(".", "-"))
        self.key = key
        self.label = label
        self.controls = controls
        self._hint = hint
        self.faults: tuple[Fault, ...] = ()

    def compose(self) -> ComposeResult:
        """Label and controls; the lines below are empty at first."""
        with Horizontal():
            yield Static(self.label, classes="label", markup=False)
            yield from self.controls
        yield Static(classes="faults", markup=False)
        yield Static(classes="below", markup=False)

    @property
    def value(self) -> str:
        """What is typed."""
        return text_of(self.controls[0])

    @value.setter
    def value(self, text: str) -> None:
        set_text(self.controls[0], text)

    @property
    def hint(self) -> str:
        """What the control in focus takes."""
        return self._hint

    def say(self, text: str) -> None:
        """Tell below the field what is worth knowing of what is typed; empty tells nothing."""
        line = self.query_one(".below", Static)
        line.update(Content("\n").join(Content(safe(part)) for part in text.split("\n")))
        line.display = bool(text)

    def mark(self, faults: Sequence[Fault]) -> None:
        """Tell below the field what is wrong with it; none takes the mark away."""
        if tuple(faults) == self.faults:
            return
        self.faults = tuple(faults)
        self.set_class(any(f.severity == "error" for f in faults), "-faulty")
        line = self.query_one(".faults", Static)
        line.update(Content("\n").join(fault_line(f, with_path=False) for f in faults))
        line.display = bool(faults)

    def owns(self, path: str) -> bool:
        """Whether a fault at that path is this field's."""
        return path == self.key or path.startswith(f"{self.key}.")

    def focus_control(self) -> None:
        """Give the keys to the first control."""
        self.controls[0].focus()


def line_input(value: str = "", placeholder: str = "") -> Input:
    """A one-line input without a box."""
    return LineInput(value, placeholder=placeholder)
