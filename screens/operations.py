"""What goes on in the background, over any screen: creations, uploads, downloads, and how each ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.lists import shown
from screens.widgets.status import duration_text, size_text
from screens.widgets.steady import put
from services.operations import Operation, OperationLog, OperationState

BAR = 20
"""Cells of a progress bar."""
GLYPHS = {
    OperationState.RUNNING: ("◔", "$text-accent"),
    OperationState.SUCCEEDED: ("✓", "$text-success"),
    OperationState.FAILED: ("✗", "$text-error"),
}
EMPTY = "Nothing has been done in the background since this workspace was opened."


def bytes_text(operation: Operation) -> str:
    """`12 of 40 MB`; only what came where the whole isn't known; empty where no bytes are counted."""
    done, total = size_text(operation.done), size_text(operation.total)
    if not operation.total:
        return done if operation.done else ""
    number, _, unit = done.partition(" ")
    return f"{number if unit == total.partition(' ')[2] else done} of {total}"


def progress_text(operation: Operation) -> str:
    """Bytes and where it is: `12 of 40 MB · 3 of 8 files`."""
    return " · ".join(part for part in (bytes_text(operation), shown(operation.detail)) if part)


def begun_after(log: OperationLog, number: int) -> Operation | None:
    """The newest operation that runs and was begun after another."""
    return next((operation for operation in log.running if operation.number > number), None)


def newest_number(log: OperationLog) -> int:
    """The number of the newest operation; 0 before the first."""
    return max((operation.number for operation in log.list()), default=0)


def operation_lines(operation: Operation, now: float) -> list[Content]:
    """A line on what it is and how far; a failed one's error below it."""
    glyph, style = GLYPHS[operation.state]
    seconds = (now if operation.ended is None else operation.ended) - operation.started
    head = f"{glyph} {operation.state.value:<9}  "
    line = Content.assemble((head, style), (shown(f"{operation.verb} {operation.subject}"), "bold"))
    line += Content.styled(f"  {duration_text(seconds)}", "$text-muted")
    lines = [line]
    if operation.state is OperationState.RUNNING and operation.total:
        filled = min(BAR, BAR * operation.done // operation.total)
        bar = Content.assemble(("━" * filled, "$text-accent"), ("─" * (BAR - filled), "$text-muted"))
        percent = f"  {min(100, 100 * operation.done // operation.total):>3} %  "
        lines.append(Content.assemble("  ", bar, percent, progress_text(operation)))
    elif text := progress_text(operation):
        lines.append(Content.styled(f"  {text}", "$text-muted"))
    if error := operation.error:
        lines.append(Content.assemble("  ", (shown(error.title), "$text-error")))
        lines += [Content(f"  {shown(part)}") for part in error.detail.split("\n")]
        lines += [Content.assemble(("  → ", "$text-accent"), shown(part)) for part in error.advice.split("\n") if part]
        if error.request_id:
            lines.append(Content.styled(f"  request id {shown(error.request_id)}", "$text-muted"))
    return lines


class OperationsScreen(ModalScreen[None]):
    """All operations, the newest first; follows while one runs, and draws nothing while none does.

    Args:
        operations: tells them, the newest first.
        now: the seconds that operations count in.
    """

    DEFAULT_CSS = """
    OperationsScreen {
        align: center middle;
        & > VerticalScroll {
            width: 90%; max-width: 100; height: auto; max-height: 90%;
            background: $surface; border: round $border; border-title-color: $text-accent; border-title-style: bold;
            border-subtitle-color: $text-muted; padding: 1 2; scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,O,q,ctrl+b", "dismiss"), ("j", "down"), ("k", "up")]

    def __init__(
        self, operations: Callable[[], Sequence[Operation]], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._operations = operations
        self._now = now

    def compose(self) -> ComposeResult:
        """A scrolling text."""
        with VerticalScroll() as box:
            box.border_title = Content(" Operations ")
            box.border_subtitle = Content(" they go on when you leave · esc close ")
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        """Follow."""
        self.query_one(VerticalScroll).focus()
        self.set_interval(1.0, self.show)

    def show(self) -> None:
        """Draw what differs."""
        put(self.query_one(Static), self._text())

    def _text(self) -> Content:
        now = self._now()
        blocks = [Content("\n").join(operation_lines(operation, now)) for operation in self._operations()]
        return Content("\n\n").join(blocks) if blocks else Content(EMPTY)

    def action_down(self) -> None:
        """A line down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """A line up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
