"""Small questions over a screen. Each returns its answer through `push_screen_wait`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.letter_grid import LetterGrid
from screens.widgets.line_input import LineInput
from screens.widgets.path_input import PathInput
from services.text import safe

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """A box in the middle with a title and the keys in its lower edge."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > Vertical {
        width: auto; min-width: 40; max-width: 90%; height: auto; max-height: 90%;
        background: $surface; border: round $border; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text-muted; padding: 1 2;
    }
    Dialog Static { width: auto; max-width: 100%; height: auto; }
    Dialog Input {
        margin-top: 1; width: 1fr; min-width: 50; border: none; height: 1; padding: 0 1; background: $boost;
    }
    Dialog Grid { height: auto; max-height: 20; }
    Dialog .fault { color: $text-error; }
    """
    KEYS: ClassVar[str] = "esc close"

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = safe(title)

    @property
    def keys(self) -> str:
        """The keys that the lower edge names."""
        return self.KEYS

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical() as box:
            box.border_title = Content(f" {self._title} ")
            box.border_subtitle = Content(f" {self.keys} ")
            yield from self.compose_box()

    def compose_box(self) -> ComposeResult:
        """What is in the box."""
        yield from ()


class Confirm(Dialog[bool]):
    """A question to be answered with y or n; with `typed`, by typing that very text. Escape is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
    ]
    KEYS = "y yes · n no"
    TYPED_KEYS: ClassVar[str] = "enter yes, once it is typed · esc no"

    def __init__(self, title: str, text: str, typed: str = "") -> None:
        super().__init__(title)
        self.text = text
        self.typed = typed

    @property
    def keys(self) -> str:
        """What answers the question."""
        return self.TYPED_KEYS if self.typed else self.KEYS

    def compose_box(self) -> ComposeResult:
        """The question, and a line where an answer has to be typed."""
        text = f"{self.text}\nType {self.typed} to go on." if self.typed else self.text
        yield Static(Content("\n".join(safe(line) for line in text.split("\n"))))
        if self.typed:
            yield LineInput()
            yield Static(classes="fault", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Yes, if it is typed."""
        event.stop()
        if event.value.strip() == self.typed:
            self.dismiss(True)
        else:
            self.query_one(".fault", Static).update(Content(f"✗ This is not {safe(self.typed)}."))

    def action_answer(self, answer: bool) -> None:
        """Give the answer."""
        self.dismiss(answer)


class Ask(Dialog[str | None]):
    """A line to type; None when it is left with escape.

    Args:
        path: whether it is a path, which is completed.
        check: tells what is wrong with a text, which is not taken then; empty if nothing is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    KEYS = "enter take · esc leave"

    def __init__(
        self,
        title: str,
        prompt: str,
        value: str = "",
        *,
        path: bool = False,
        check: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(title)
        self.prompt = prompt
        self.value = value
        self.path = path
        self.check = check

    def compose_box(self) -> ComposeResult:
        """Prompt and line."""
        yield Static(Content(safe(self.prompt)))
        yield PathInput(self.value) if self.path else LineInput(self.value)
        yield Static(classes="fault", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it, unless something is wrong with it."""
        event.stop()
        if fault := self.check(event.value) if self.check else "":
            self.query_one(".fault", Static).update(Content(f"✗ {safe(fault)}"))
        else:
            self.dismiss(event.value)


class Choose(Dialog[str | None]):
    """One of several, to which letters go; None when it is left with escape.

    An option is a value, or a value and what to say beside it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    KEYS = "enter choose · esc leave"

    def __init__(self, title: str, options: Sequence[str | tuple[str, str]], value: str = "") -> None:
        super().__init__(title)
        self.options = [(option, "") if isinstance(option, str) else option for option in options]
        self.value = value

    def compose_box(self) -> ComposeResult:
        """The options."""
        yield LetterGrid([GridColumn("value", ""), GridColumn("note", "")], header=False)

    def on_mount(self) -> None:
        """Put the cursor on the value in force."""
        grid = self.query_one(Grid)
        grid.set_rows([GridRow(value, (value, note)) for value, note in self.options])
        grid.move_to(self.value)
        grid.focus()

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Take it."""
        event.stop()
        self.dismiss(event.key)
