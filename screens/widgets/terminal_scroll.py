"""Rows that the terminal moves itself: a scroll by a line then sends that line, not the whole view.

Textual repaints what has moved. Terminals since the VT100 can shift the rows of a region, and over a slow connection
that is the difference between 200 bytes for a key and 5,000.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from textual.widget import Widget

WORTH = 3
"""Rows that a shift must save at least."""


def best_shift(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """By how many rows to move up (down where negative) what is shown, so that the fewest are left to be painted."""
    numbers: dict[Hashable, int] = {}
    old, new = ([numbers.setdefault(row, len(numbers)) for row in rows] for rows in (before, after))
    count = len(new)
    if old == new or len(old) != count:
        return 0

    def same(by: int) -> int:
        return sum(old[y + by] == new[y] for y in range(max(0, -by), min(count, count - by)))

    # of equal ones the shortest: blank rows look alike at any distance
    best = max(sorted(range(1 - count, count), key=abs), key=same, default=0)
    return best if same(best) - same(0) >= WORTH else 0


def scroll_terminal(widget: Widget, by: int) -> bool:
    """Move the rows of a widget up by `by` (down where negative) in the terminal; False where that can't be done.

    It can when the widget is as wide as the terminal, nothing lies over it, and no other layout is about to be drawn.
    The rows that come in are blank: the caller has them painted, and any that had not been sent yet.
    """
    app, screen = widget.app, widget.screen
    driver, compositor = app._driver, screen._compositor
    if driver is None or app.is_headless or app.is_inline or app._batch_count:
        return False
    if screen is not app.screen or screen._layout_required or screen._repaint_required or compositor._dirty_regions:
        return False
    visible = compositor.visible_widgets
    if widget not in visible:
        return False
    region, clip = visible[widget]
    if region.x or region.width != app.size.width or not clip.contains_region(region):
        return False
    below = {widget, *widget.ancestors}
    if any(area.overlaps(region) for other, (area, _) in visible.items() if other not in below):
        return False
    top, bottom = region.y + 1, region.bottom
    # DECSTBM, then IND at its last row or RI at its first; the cursor is put back
    moves = f"\x1b[{bottom};1H" + "\x1bD" * by if by > 0 else f"\x1b[{top};1H" + "\x1bM" * -by
    driver.write(f"\x1b7\x1b[{top};{bottom}r{moves}\x1b[r\x1b8")
    return True
