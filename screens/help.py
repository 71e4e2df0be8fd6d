"""The `?` overlay: every key that works here, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


@dataclass(frozen=True)
class HelpLine:
    """Keys, as people write them, and a sentence."""

    keys: str
    help: str


@dataclass(frozen=True)
class HelpSection:
    """Lines that belong together."""

    title: str
    lines: tuple[HelpLine, ...]


class HelpScreen(ModalScreen[None]):
    """Sections of keys; arrows and page keys scroll, esc closes."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & > VerticalScroll {
            width: 90%; max-width: 96; height: auto; max-height: 90%;
            background: $surface; border: round $border; border-title-color: $text-accent; border-title-style: bold;
            border-subtitle-color: $text-muted; padding: 0 1; overflow-y: scroll; scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q", "dismiss"), ("j", "down"), ("k", "up")]

    def __init__(self, title: str, sections: Sequence[HelpSection]) -> None:
        super().__init__()
        self._title = title
        self._sections = sections

    def compose(self) -> ComposeResult:
        """A scrolling text."""
        with VerticalScroll() as box:
            box.border_title = Content(f" Keys: {self._title} ")
            box.border_subtitle = " ↑ ↓ scroll · esc close "
            yield Static(self._text(), markup=False)

    def _text(self) -> Content:
        lines: list[Content] = []
        width = max((cell_len(line.keys) for section in self._sections for line in section.lines), default=0)
        for section in self._sections:
            if section.lines:
                lines += (
                    [Content(""), Content.styled(section.title, "bold $text-primary")]
                    if lines
                    else [Content.styled(section.title, "bold $text-primary")]
                )
            for line in section.lines:
                pad = " " * (width - cell_len(line.keys))
                lines.append(Content.assemble("  ", (line.keys, "bold $text-accent"), pad, "  ", line.help))
        return Content("\n").join(lines)

    def action_down(self) -> None:
        """One line down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """One line up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
