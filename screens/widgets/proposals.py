"""The list below a line that is typed in: what could follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.errors import NoWidget
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from screens.widgets.cells import cut, fit
from services.text import safe

MOST_LINES = 8
"""Lines of the list; the last one tells how many more there are."""
GAP = 2


class Proposals(Widget):
    """Lies over the screen, below its line or above it where there is more room. It never takes the focus.

    Args:
        line: the widget that it belongs to; the list follows it.
        taken: is handed the place of a proposal that was clicked.
    """

    DEFAULT_CSS = """
    Proposals {
        layer: proposals; overlay: screen; position: absolute; display: none;
        background: $panel; color: $foreground;
        & > .proposals--note { background: $panel; color: $text-muted; }
        & > .proposals--chosen { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """
    COMPONENT_CLASSES = {"proposals--note", "proposals--chosen"}
    can_focus = False

    def __init__(self, line: Widget, taken: Callable[[int], None]) -> None:
        super().__init__()
        self.line = line
        self.chosen: int | None = None
        self._taken = taken
        self._rows: list[tuple[str, str]] = []
        self._place = Region()

    def on_mount(self) -> None:
        """Follow the line when the screen is laid out or scrolled."""
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._follow())

    def show(self, rows: Sequence[tuple[str, str]], chosen: int | None) -> None:
        """Show proposals and what to say beside each; without any the list closes."""
        before = self._strips()
        self._rows = [(safe(text), safe(note)) for text, note in rows]
        self.chosen = chosen
        self._lay_out()
        self._repaint(before)

    def close(self) -> None:
        """Show nothing."""
        self.show((), None)

    def choose(self, at: int | None) -> None:
        """Mark a proposal, or none."""
        before = self._strips()
        self.chosen = at
        self._repaint(before)

    def _follow(self) -> None:
        if self.display:
            self._lay_out()

    def _lay_out(self) -> None:
        place = self._fitting_place()
        self.display = bool(place.area)
        if place != self._place and place.area:
            self._place = place
            self.styles.width, self.styles.height = place.size
            self.styles.offset = place.offset

    def _fitting_place(self) -> Region:
        """Below the line, or above it; empty when it can't be seen or there are no proposals."""
        try:
            geometry = self.screen.find_widget(self.line)
        except NoWidget:
            return Region()
        line, (width, height) = geometry.region, self.screen.size
        if not geometry.visible_region:
            return Region()
        below, above = height - line.bottom, line.y
        wanted = min(len(self._rows), MOST_LINES)
        lines = min(wanted, max(below, above))
        columns = min(width, max(line.width, sum(self._widths()) + GAP))
        y = line.bottom if below >= lines else line.y - lines
        return Region(max(0, min(line.x, width - columns)), y, columns, lines)

    def _widths(self) -> tuple[int, int]:
        """Of the texts and of the notes, each with its gap."""
        texts = max((cell_len(text) for text, _ in self._rows), default=0) + GAP
        notes = max((cell_len(note) for _, note in self._rows), default=0)
        return texts, notes + GAP if notes else 0

    def _in_view(self) -> range:
        """The places of the proposals that are drawn: the chosen one is among them."""
        lines = self._place.height
        if len(self._rows) > lines > 1:
            lines -= 1  # the last line tells how many more there are
        top = max(0, (self.chosen or 0) - lines + 1)
        return range(top, min(top + lines, len(self._rows)))

    def _strips(self) -> list[Strip]:
        view = self._in_view()
        strips = [self._strip(at) for at in view]
        if more := len(self._rows) - len(view):
            style = self.get_component_rich_style("proposals--note")
            strips.append(Strip([Segment(fit(f"  {more} more", self._place.width), style)]))
        return strips

    def _strip(self, at: int) -> Strip:
        text, note = self._rows[at]
        width = self._place.width
        is_chosen = at == self.chosen
        style = self.get_component_rich_style("proposals--chosen") if is_chosen else self.rich_style
        note_style = style if is_chosen else self.get_component_rich_style("proposals--note")
        left = max(0, min(self._widths()[0], width - GAP))
        runs = [
            ("› " if is_chosen else "  ", style),
            (fit(text, left), style),
            (cut(note, width - GAP - left), note_style),
        ]
        return Strip(Segment(*run) for run in runs).adjust_cell_length(width, style)

    def _repaint(self, before: list[Strip]) -> None:
        for y, (old, new) in enumerate(zip(before, self._strips(), strict=False)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """A proposal, or how many more there are."""
        strips = self._strips()
        return strips[y] if y < len(strips) else Strip.blank(self.size.width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Take the proposal."""
        event.stop()
        view = self._in_view()
        if event.y < len(view):
            self._taken(view[event.y])
