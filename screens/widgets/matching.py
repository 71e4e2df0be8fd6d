"""What a search finds: case counts only when the text has capitals."""

from __future__ import annotations

import re

COLOUR = rb"(?:\x1b\[[0-9;:]*[mK])*"
"""Escape sequences that colour a line: they aren't shown, so they may stand between any two letters."""


def text_pattern(text: str) -> re.Pattern[str]:
    """Finds a text in text."""
    return re.compile(re.escape(text), re.NOFLAG if _has_capitals(text) else re.IGNORECASE)


def bytes_pattern(text: str, *, coloured: bool) -> re.Pattern[bytes]:
    """Finds a text in UTF-8, where letters beyond ASCII have two cases as well; `coloured`: with colours in between."""
    fold = not _has_capitals(text)

    def one(character: str) -> bytes:
        forms = dict.fromkeys((character, character.lower(), character.upper()) if fold else (character,))
        return b"(?:%s)" % b"|".join(re.escape(form.encode("utf-8", "replace")) for form in forms)

    if text.isascii() and not coloured:
        return re.compile(re.escape(text.encode()), re.IGNORECASE if fold else re.NOFLAG)
    return re.compile((COLOUR if coloured else b"").join(map(one, text)))


def _has_capitals(text: str) -> bool:
    return text != text.lower()
