"""The `:` line above the footer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from screens.actions import Action
from screens.widgets.line_input import StillInput
from tui.command_history import CommandHistory
from tui.commands import command_names, gap
from tui.completion import Completer

Candidates = Sequence[tuple[str, str]]


class _Suggester(Suggester):
    """The first candidate, shown dimmed behind the cursor."""

    def __init__(self, line: CommandLine) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._line = line

    async def get_suggestion(self, value: str) -> str | None:
        candidates = await self._line.candidates(value)
        self._line.show_candidates(value, candidates)
        word = gap(value)
        if not candidates or (not word.text and word.kind == "command"):
            return None
        return value[: word.start] + candidates[0][0]


class _LineInput(StillInput):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Run"),
        Binding("tab", "complete(1)", "Complete"),
        Binding("shift+tab", "complete(-1)", show=False),
        Binding("up", "recall(-1)", "Recall"),
        Binding("down", "recall(1)", show=False),
        Binding("escape", "close", "Close"),
    ]

    def action_complete(self, step: int) -> None:
        self._line.complete(step)

    def action_recall(self, step: int) -> None:
        self._line.recall(step)

    def action_close(self) -> None:
        self._line.post_message(CommandLine.Closed())

    def key_backspace(self) -> None:
        if not self.value:
            self._line.post_message(CommandLine.Closed())

    @property
    def _line(self) -> CommandLine:
        line = self.parent.parent if self.parent else None
        assert isinstance(line, CommandLine)
        return line


class CommandLine(Vertical):
    """One line to type in, and above it what could be typed, or what was wrong with it."""

    DEFAULT_CSS = """
    CommandLine {
        dock: bottom; layer: line; height: auto; max-height: 3; margin: 0 0 1 0; background: $surface;
        & Horizontal { height: 1; }
        & #colon { width: 2; padding: 0 0 0 1; color: $text-accent; text-style: bold; }
        & Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & Input:focus { border: none; background-tint: transparent; }
        & #hints { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        & #hints.-error { color: $text-error; text-style: bold; }
    }
    """

    class Entered(Message):
        """A line was typed; the app runs it, and closes the command line or shows an error in it."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Closed(Message):
        """The user thought better of it."""

    def __init__(self, actions: Sequence[Action], completer: Completer, history: CommandHistory) -> None:
        super().__init__()
        self._actions = actions
        self._completer = completer
        self._history = history
        self._candidates: Candidates = ()
        self._cycle: tuple[str, Candidates, int] | None = None

    def compose(self) -> ComposeResult:
        """Hints, colon, input."""
        yield Static(id="hints", markup=False)
        with Horizontal():
            yield Static(":", id="colon", markup=False)
            yield _LineInput(suggester=_Suggester(self), compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """Ready to type."""
        self._history.begin()
        self.input.focus()
        self.show_candidates("", command_names("", self._actions))

    @property
    def input(self) -> Input:
        """Where it is typed."""
        return self.query_one(Input)

    async def candidates(self, value: str) -> Candidates:
        """What the end of a line could become."""
        word = gap(value)
        if word.kind == "command":
            return command_names(word.text, self._actions)
        return await self._completer.subjects(word.kind, word.text) if word.kind else ()

    def show_candidates(self, value: str, candidates: Candidates, chosen: int = -1) -> None:
        """Draw them in the line above, unless something else has been typed since or the line is being closed."""
        if len(self.query("#hints, Input")) < 2:
            return
        if chosen < 0 and (value != self.input.value or (self._cycle and value == self._completed())):
            return
        self._candidates = candidates
        hints = self.query_one("#hints", Static)
        hints.set_class(False, "-error")
        start = max(0, chosen - 3)
        line = Content("")
        for number, (name, note) in enumerate(candidates[start : start + 20], start):
            style = "bold $text-accent" if number == chosen else "$foreground"
            line = Content.assemble(line, (name, style), "  ")
            if len(candidates) == 1 and note:
                line = Content.assemble(line, (note, "$text-muted"))
        hints.update(line)

    def show_error(self, text: str, at: int | None = None) -> None:
        """Say what is wrong; the line stays as it was typed, the cursor where it is wrong."""
        hints = self.query_one("#hints", Static)
        hints.set_class(True, "-error")
        hints.update(Content(f"✗ {text}"))
        if at is not None:
            self.input.cursor_position = min(at, len(self.input.value)) or len(self.input.value)

    def complete(self, step: int) -> None:
        """Take the next candidate; further tabs go round."""
        if self._cycle and self.input.value == self._completed():
            value, candidates, number = self._cycle
            self._cycle = value, candidates, (number + step) % len(candidates)
        elif self._candidates:
            self._cycle = self.input.value, self._candidates, 0 if step > 0 else len(self._candidates) - 1
        else:
            return
        value, candidates, number = self._cycle
        with self.prevent(Input.Changed):
            self.input.value = self._completed()
            self.input.cursor_position = len(self.input.value)
        if len(candidates) == 1:
            self._cycle = None  # the next tab completes what follows
        else:
            self.show_candidates(self.input.value, candidates, number)

    def _completed(self) -> str:
        if self._cycle is None:
            return ""
        value, candidates, number = self._cycle
        word = gap(value)
        more = " " if word.kind == "command" and len(candidates) == 1 else ""
        return value[: word.start] + candidates[number][0] + more

    def recall(self, step: int) -> None:
        """Up and down through the history."""
        typed = self.input.value
        self.input.value = self._history.older(typed) if step < 0 else self._history.newer(typed)
        self.input.cursor_position = len(self.input.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self._history.add(event.value)
        self.post_message(self.Entered(event.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typing ends the round of candidates."""
        event.stop()
        self._cycle = None
