"""Where a view of lines stands: its first line, and how much of it is above when lines are broken into rows."""

from __future__ import annotations

from collections.abc import Callable


class LineScroll:
    """A place among `count()` lines of which each takes `height(line)` rows; the view is `page` rows high.

    Attributes:
        top: the line in the first row.
        row: which of its rows that is.
    """

    def __init__(self, count: Callable[[], int], height: Callable[[int], int]) -> None:
        self.top = 0
        self.row = 0
        self._count = count
        self._height = height

    def rows(self, page: int) -> list[tuple[int, int]]:
        """Line and row of it for each row of the view; fewer than a page where the lines end."""
        rows: list[tuple[int, int]] = []
        line, first, count = self.top, self.row, self._count()
        while len(rows) < page and line < count:
            rows += [(line, row) for row in range(first, self._height(line))]
            line, first = line + 1, 0
        return rows[:page]

    def move(self, by: int, page: int) -> int:
        """Move by rows, down where positive, as far as there are lines; returns what is left of the way."""
        if by > 0:
            end = self._end(page)
            while by and (self.top, self.row) < end:
                if self.row + 1 < self._height(self.top):
                    self.row += 1
                else:
                    self.top, self.row = self.top + 1, 0
                by -= 1
        while by < 0 and (self.top or self.row):
            if self.row:
                self.row -= 1
            else:
                self.top -= 1
                self.row = self._height(self.top) - 1
            by += 1
        return by

    def to_line(self, line: int, page: int, above: int = 0) -> None:
        """Put a line into the first row, or so many rows below it, as near as the lines allow."""
        self.top, self.row = max(0, min(line, self._count() - 1)), 0
        self.move(-above, page)
        self.fit(page)

    def to_end(self, page: int) -> None:
        """Put the last row into the last row of the view."""
        self.top, self.row = self._end(page)

    def fit(self, page: int) -> None:
        """Stay within the lines after they or the page have changed."""
        if self.top < self._count():
            self.row = min(self.row, self._height(self.top) - 1)
        if (self.top, self.row) > (end := self._end(page)):
            self.top, self.row = end

    def at_end(self, page: int) -> bool:
        """Whether the last row is in view."""
        return (self.top, self.row) >= self._end(page)

    def _end(self, page: int) -> tuple[int, int]:
        line, left = self._count(), page
        while line and left > 0:
            line -= 1
            left -= self._height(line)
        return line, max(0, -left)
