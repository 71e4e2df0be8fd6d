"""Text to read: code, YAML, logs that are done."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import ClassVar

from screens.widgets import highlight
from screens.widgets.line_strip import Span
from screens.widgets.line_view import LineView
from screens.widgets.matching import text_pattern
from screens.widgets.text_lines import numbered_lines

HIGHLIGHTED = 500_000
"""Characters; longer texts stay plain."""


class TextView(LineView):
    """Read-only text with line numbers, highlighted by the kind of file: first plain, then in colour."""

    DEFAULT_CSS = """
    TextView {
        & > .text-view--comment { color: $text-muted; text-style: italic; }
        & > .text-view--keyword { color: $text-primary; text-style: bold; }
        & > .text-view--name { color: $text-accent; }
        & > .text-view--string { color: $text-success; }
        & > .text-view--number { color: $text-warning; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"text-view--{kind}" for kind in ("comment", "keyword", "name", "string", "number")
    }

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.text = ""
        self._file_name = ""
        self._lines: list[str] = []
        self._numbers: list[int] = []  # 0 for a part that isn't the first of its line
        self._digits = 1
        self._rest: Iterator[list[tuple[int, str]]] = iter(())
        self._tokens: Sequence[Sequence[highlight.Token]] = ()
        self._matches: list[int] = []
        self._match = -1

    def set_text(self, text: str, file_name: str = "") -> None:
        """Show another text from its beginning; the same is left alone. The file's name chooses the highlighting."""
        if (text, file_name) == (self.text, self._file_name):
            return
        self.text, self._file_name = text, file_name
        self._lines, self._numbers, self._tokens = [], [], ()
        self._left, self._digits = 0, len(str(text.count("\n") + 1))
        self._rest = numbered_lines(text)
        self._place.to_line(0, self.page)
        self.search("")
        self._take(next(self._rest, []))
        self.redraw()
        self._read_on()

    def on_mount(self) -> None:
        """Go on with a text that was set before."""
        self._read_on()

    def _take(self, lines: list[tuple[int, str]]) -> None:
        for number, line in lines:
            if self.pattern and self.pattern.search(line):
                self._matches.append(len(self._lines))
            self._lines.append(line)
            self._numbers.append(number)

    def _read_on(self) -> None:
        """Take the rest of a long text while keys are answered; then find its colours."""
        rest = self._rest

        async def read() -> None:
            for lines in rest:
                self._take(lines)
                self.redraw()
                await asyncio.sleep(0)
            self.tell()
            if self._file_name and len(self.text) <= HIGHLIGHTED:
                self._tokens = await asyncio.to_thread(highlight.tokens, self._lines, self._file_name)
                self.redraw()

        if self.is_mounted:
            self.work(read, "text")

    # the lines

    def line_total(self) -> int:
        """How many lines there are, and parts of very long ones."""
        return len(self._lines)

    def line_text(self, line: int) -> str:
        """A line."""
        return self._lines[line]

    def line_lead(self, line: int) -> str:
        """Its number."""
        return f"{self._numbers[line] or '':>{self._digits}}  "

    def line_spans(self, line: int) -> list[Span]:
        """Its tokens."""
        if not self._tokens:
            return []
        return [
            (start, end, self.get_component_rich_style(f"text-view--{kind}")) for start, end, kind in self._tokens[line]
        ]

    def is_current(self, line: int) -> bool:
        """Whether it has the match that was gone to."""
        return 0 <= self._match < len(self._matches) and self._matches[self._match] == line

    # search

    @property
    def search_text(self) -> str:
        """What is told of the search: `3/17` or `no match`; empty without one."""
        if self.pattern is None:
            return ""
        return f"{self._match + 1}/{len(self._matches)}" if self._matches else "no match"

    def search(self, text: str) -> None:
        """Find a text, case aside unless it has capitals; the first match after the top of the view is shown."""
        self.pattern = pattern = text_pattern(text) if text else None
        self._matches = [at for at, line in enumerate(self._lines) if pattern.search(line)] if pattern else []
        self._match = -1
        self.redraw()
        if self._matches:
            self._go_to(bisect_left(self._matches, self._place.top))
        self.tell()

    def action_next_match(self) -> None:
        """Go to the next match; after the last to the first."""
        self._go_to(self._match + 1)

    def action_previous_match(self) -> None:
        """Go to the match before; before the first to the last."""
        self._go_to(self._match - 1)

    def _go_to(self, number: int) -> None:
        if self._matches:
            self._match = number % len(self._matches)
            self.show_line(self._matches[self._match])
            self.tell()
