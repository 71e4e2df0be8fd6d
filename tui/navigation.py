"""Where the user is, was and can go back to: stacks of places and their history, without any screen."""

from __future__ import annotations

from collections.abc import Sequence

from screens.places import Place

Stack = tuple[Place, ...]

HISTORY_LIMIT = 100


class Navigation:
    """A stack of places (esc pops it) and the history of stacks (`[`, `]` and `-` walk it)."""

    def __init__(self, stack: Sequence[Place]) -> None:
        self._history: list[Stack] = [tuple(stack)]
        self._at = 0
        self._last: Stack | None = None

    @property
    def stack(self) -> Stack:
        """The places, the one on top last; never empty."""
        return self._history[self._at]

    @property
    def here(self) -> Place:
        """The place on top."""
        return self.stack[-1]

    def visit(self, stack: Stack) -> None:
        """Go to a stack; what was forward in the history is forgotten."""
        if stack == self.stack:
            return
        self._last = self.stack
        self._history = [*self._history[: self._at + 1], stack][-HISTORY_LIMIT:]
        self._at = len(self._history) - 1

    def move(self, place: Place) -> None:
        """The place on top has changed itself (a tab, a filter): no new step in the history."""
        self._history[self._at] = (*self.stack[:-1], place)

    def older(self) -> bool:
        """One step back; False at the beginning."""
        return self._step(self._at - 1)

    def newer(self) -> bool:
        """One step forward; False at the end."""
        return self._step(self._at + 1)

    def last(self) -> bool:
        """To the stack before this one, as a new step; False when there was none."""
        if self._last is None:
            return False
        self.visit(self._last)
        return True

    def _step(self, to: int) -> bool:
        if not 0 <= to < len(self._history):
            return False
        self._last = self.stack
        self._at = to
        return True
