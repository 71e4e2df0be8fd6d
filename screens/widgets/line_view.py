"""Lines of text to scroll, wrap and search: what LogView and TextView share."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from screens.widgets.line_scroll import LineScroll
from screens.widgets.line_strip import Span, broken, segments, visible

WHEEL = 3
"""Rows of a turn of the mouse's wheel."""
SIDEWAYS = 4
"""The part of the width by which left and right move."""
ABOVE = 3
"""The part of the height above a match that is jumped to."""
LESS, MORE = "‹", "›"


class _Row(NamedTuple):
    """A row as it is drawn, and how to tell it from others."""

    strip: Strip
    look: tuple[Segment, ...]


class LineView(Widget, can_focus=True):
    """Draws the rows in view, and of them repaints those that differ; a subclass has the lines.

    It has no scroll bar: one would be painted anew with each row.
    """

    DEFAULT_CSS = """
    LineView {
        height: 1fr; width: 1fr;
        & > .line-view--lead { color: $text-muted; }
        & > .line-view--match { background: $warning-muted; color: $text-warning; }
        & > .line-view--current { background: $warning; color: $background; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--lead", "line-view--match", "line-view--current"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "rows(1)", "A row down", show=False),
        Binding("up,k", "rows(-1)", "A row up", show=False),
        Binding("pagedown", "page(1)", "A page down", show=False),
        Binding("pageup", "page(-1)", "A page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("home,ctrl+home", "top", "To the beginning", show=False),
        Binding("end,ctrl+end,G", "bottom", "To the end", show=False),
        Binding("left", "sideways(-1)", "To the left, where lines are cut", show=False),
        Binding("right", "sideways(1)", "To the right, where lines are cut", show=False),
    ]
    ALLOW_SELECT = False

    wrap: reactive[bool] = reactive(False, repaint=False)
    """Whether long lines are broken into rows; else left and right show the rest."""

    told: reactive[int] = reactive(0, repaint=False)
    """Goes up whenever the place, the search or the number of lines has changed: a status line watches it.

    No message: what hears of it later than the view itself is painted a frame later.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.pattern: re.Pattern[str] | None = None
        self._place = LineScroll(self.line_total, self._height)
        self._left = 0
        self._rows: list[_Row] = []
        self._painted: list[_Row | None] = []

    def tell(self) -> None:
        """Let the status line know of a change."""
        if self.is_mounted:
            self.told += 1

    # what a subclass has

    @abstractmethod
    def line_total(self) -> int:
        """How many lines there are."""

    @abstractmethod
    def line_text(self, line: int) -> str:
        """A line, safe to draw."""

    def line_spans(self, line: int) -> Sequence[Span]:
        """The styles over a line."""
        return ()

    def line_lead(self, line: int) -> str:
        """What is before a line and doesn't scroll sideways; as wide for all."""
        return ""

    def is_current(self, line: int) -> bool:
        """Whether a line has the match that was gone to."""
        return False

    def moved(self, left: int = 0) -> None:
        """The view has scrolled; `left`: rows that it could not because the lines have ended there."""

    def work(self, call: Callable[[], Coroutine[Any, Any, None]], group: str) -> Worker[None]:
        """Run slow work beside the keys; a later one of the same group replaces it."""
        return self.run_worker(call, group=group, exclusive=True, exit_on_error=False)

    # drawing

    @property
    def page(self) -> int:
        """Rows in view."""
        return max(1, self.size.height)

    @property
    def text_width(self) -> int:
        """Cells for the lines."""
        return max(1, self.size.width - (cell_len(self.line_lead(0)) if self.line_total() else 0))

    def _height(self, line: int) -> int:
        return len(broken(self.line_text(line), self.text_width)) if self.wrap else 1

    def redraw(self) -> None:
        """Draw what differs from what is on the screen."""
        if not self.is_mounted or not self.size:
            return
        self._rows = self._draw_rows()
        count = len(self._rows)
        if len(self._painted) != count:
            self._painted = [None] * count
        for y, (before, row) in enumerate(zip(self._painted, self._rows, strict=True)):
            if before is None or before.look != row.look:
                self.refresh(Region(0, y, self.size.width, 1))

    def _draw_rows(self) -> list[_Row]:
        style = self.rich_style
        lead_style = self.get_component_rich_style("line-view--lead")
        rows = [self._draw_row(line, row, style, lead_style) for line, row in self._place.rows(self.page)]
        width = self.size.width
        return [*rows, *[_Row(Strip.blank(width, style), ())] * (self.page - len(rows))]

    def _draw_row(self, line: int, row: int, style: Style, lead_style: Style) -> _Row:
        text, lead = self.line_text(line), self.line_lead(line)
        spans = [*self.line_spans(line), *self._match_spans(line, text)]
        if self.wrap:
            out = segments(text, broken(text, self.text_width)[row], style, spans)
        else:
            out = self._cut(text, style, spans, lead_style)
        if lead:
            out.insert(0, Segment(lead if row == 0 else " " * cell_len(lead), lead_style))
        return _Row(Strip(out).adjust_cell_length(self.size.width, style), tuple(out))

    def _cut(self, text: str, style: Style, spans: Sequence[Span], mark: Style) -> list[Segment]:
        """What is in view of a line that isn't broken, with marks where there is more of it."""
        width, left = self.text_width, self._left
        before = 1 if left and text else 0
        part = visible(text, left + before, width - before)
        after = 1 if part.end < len(text) else 0
        if after:
            part = visible(text, left + before, width - before - after)
        out = segments(text, part, style, spans)
        if after:
            cells = sum(cell_len(segment.text) for segment in out)
            out.append(Segment(" " * (width - before - after - cells) + MORE, mark))
        return [Segment(LESS, mark), *out] if before else out

    def _match_spans(self, line: int, text: str) -> list[Span]:
        if self.pattern is None:
            return []
        kind = "current" if self.is_current(line) else "match"
        style = self.get_component_rich_style(f"line-view--{kind}")
        return [(match.start(), match.end(), style) for match in self.pattern.finditer(text)]

    def render_line(self, y: int) -> Strip:
        """A row as it was last drawn."""
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        if y < len(self._painted):
            self._painted[y] = self._rows[y]
        return self._rows[y].strip

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """What there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row for each line, where the height is `auto`."""
        return self.line_total()

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        self._painted = []
        self.redraw()

    def on_resize(self) -> None:
        """Another size: the same first line, or still the end."""
        self._painted = []
        self.rearrange()

    def rearrange(self) -> None:
        """Draw after the lines, the size or wrap have changed."""
        self._place.fit(self.page)
        self.redraw()

    # scrolling

    def scroll_rows(self, by: int) -> None:
        """Scroll by rows, down where positive."""
        left = self._place.move(by, self.page)
        self.redraw()
        self.moved(left)

    def show_line(self, line: int) -> None:
        """Bring a line into view, and its first match; scrolls only if they aren't there already."""
        if all(line != shown for shown, _ in self._place.rows(self.page)):
            self._place.to_line(line, self.page, self.page // ABOVE)
        match = self.pattern.search(self.line_text(line)) if self.pattern else None
        if match and not self.wrap:
            self._show_cells(*(cell_len(match.string[:at]) for at in match.span()))
        self.redraw()
        self.moved()

    def _show_cells(self, start: int, end: int) -> None:
        width = self.text_width
        if start <= self._left > 0 or end >= self._left + width:
            self._left = 0 if end < width else max(0, start - width // ABOVE)

    def watch_wrap(self) -> None:
        """Break the lines, or don't; the first line in view stays."""
        self._left = self._place.row = 0
        self.rearrange()

    def action_rows(self, by: int) -> None:
        """Scroll by a row."""
        self.scroll_rows(by)

    def action_page(self, by: float) -> None:
        """Scroll by pages; a whole one keeps a row of the one before."""
        self.scroll_rows(round(by * max(1, self.page - (abs(by) == 1))))

    def action_top(self) -> None:
        """To the first line."""
        self._place.to_line(0, self.page)
        self.redraw()
        self.moved()

    def action_bottom(self) -> None:
        """To the last line."""
        self._place.to_end(self.page)
        self.redraw()
        self.moved()

    def action_sideways(self, by: int) -> None:
        """Show what is left or right of the view, as far as the lines in view go."""
        if self.wrap:
            return
        width = self.text_width
        widest = max((cell_len(self.line_text(line)) for line, _ in self._place.rows(self.page)), default=0)
        left = self._left + by * max(1, width // SIDEWAYS)
        self._left = max(0, min(left, max(self._left if by > 0 else 0, widest - width)))
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.scroll_rows(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self.scroll_rows(-WHEEL)
