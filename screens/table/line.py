"""The line below a table: a filter, a search, the number of a row or the name of a column is typed there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from screens.widgets.suggest_input import Complete, SuggestInput
from services.text import safe

MARK = "^"


async def _nothing(text: str) -> Sequence[tuple[str, str]]:
    return ()


class TableLine(Vertical):
    """Hidden until something is asked; it stays while there is a fault in what was typed."""

    DEFAULT_CSS = """
    TableLine { display: none; height: auto; background: $boost; }
    TableLine Horizontal { height: 1; }
    TableLine #prompt { width: auto; padding: 0 1; color: $text-accent; }
    TableLine SuggestInput { width: 1fr; height: 1; border: none; padding: 0; background: $boost; }
    TableLine #fault { display: none; height: auto; max-height: 3; padding: 0 1; color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Entered(Message):
        """A line was typed in answer to `kind`."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind, self.text = kind, text

    class Left(Message):
        """Escape: nothing is asked any more."""

    def __init__(self) -> None:
        super().__init__()
        self._kind = ""
        self._prompt = ""
        self._complete: Complete = _nothing

    def compose(self) -> ComposeResult:
        """What is asked, the line, what is wrong with it."""
        with Horizontal():
            yield Static(id="prompt", markup=False)
            yield SuggestInput(complete=self._propose)
        yield Static(id="fault", markup=False)

    async def _propose(self, text: str) -> Sequence[tuple[str, str]]:
        return await self._complete(text)

    def ask(
        self,
        kind: str,
        prompt: str,
        value: str = "",
        *,
        hint: str = "",
        complete: Complete = _nothing,
    ) -> None:
        """Ask for a line."""
        self._kind, self._prompt, self._complete = kind, prompt, complete
        self.query_one("#prompt", Static).update(Content(prompt))
        self._show_fault("")
        line = self.query_one(SuggestInput)
        line.placeholder = hint
        line.value = value
        line.cursor_position = len(value)
        self.display = True
        line.focus()

    def fault(self, text: str, position: int | None = None) -> None:
        """Tell what is wrong with the line, below the character where it is."""
        room = self.size.width - 2
        at = -1 if position is None else len(self._prompt) + 1 + position
        if 0 <= at < room:
            said = f"{MARK} {safe(text)}"
            fits = at + len(said) <= room
            self._show_fault(" " * at + (said if fits else f"{MARK}\n{safe(text)}"))
        else:
            self._show_fault(f"✗ {safe(text)}")

    def close(self) -> None:
        """Nothing is asked any more."""
        self.display = False
        self._show_fault("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the line on."""
        event.stop()
        self.post_message(self.Entered(self._kind, event.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong is being mended."""
        event.stop()
        self._show_fault("")

    def action_leave(self) -> None:
        """Ask no more."""
        self.close()
        self.post_message(self.Left())

    def _show_fault(self, text: str) -> None:
        fault = self.query_one("#fault", Static)
        fault.display = bool(text)
        fault.update(Content(text))
