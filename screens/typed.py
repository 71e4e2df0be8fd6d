"""Values that are typed as answers to questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual.app import App

from screens.widgets.dialogs import Ask

T = TypeVar("T")


async def typed(app: App[object], title: str, prompt: str, value: str, read: Callable[[str], T]) -> T | None:
    """What `read` makes of what is typed, once it raises no ValueError; None if the question is left."""

    def fault(text: str) -> str:
        try:
            read(text)
        except ValueError as error:
            return str(error)
        return ""

    text = await app.push_screen_wait(Ask(title, prompt, value, check=fault))
    return None if text is None else read(text)


def whole(text: str, least: int, most: int) -> int:
    """A whole number in a range; its thousands may be parted. Raises ValueError with what would be right."""
    word = text.strip().replace(",", "")
    if not word.isdecimal() or not least <= int(word) <= most:
        raise ValueError(f"It is a whole number from {least:,} to {most:,}.")
    return int(word)
