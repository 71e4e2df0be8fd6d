"""A line to type in that proposes what could follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual.widgets import Input

Complete = Callable[[str], Awaitable[Sequence[tuple[str, str]]]]
"""Maps what is typed to proposals: the whole new text, and what to say beside it."""


class SuggestInput(Input):
    """An input with a list of proposals below it."""

    def __init__(self, value: str = "", *, complete: Complete, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self._complete = complete
