"""Values as Python source: by repr alone, so that no text can become code."""

from __future__ import annotations

import math
from collections.abc import Mapping


def literal(value: object) -> str:
    """The source of a plain value: text, number, truth value, None, and lists and mappings of them."""
    match value:
        case float() if not math.isfinite(value):
            return f"float({str(value)!r})"
        case None | bool() | int() | float() | str():
            return repr(value)
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
    raise TypeError(f"{type(value).__name__} has no literal")


def comment(text: str) -> str:
    """A text as one line of a comment; whatever would end the line is made visible."""
    return "# " + "".join(character if character.isprintable() else "·" for character in text)


def column(name: str) -> str:
    """The column of that name of the table `df`."""
    return f"df[{name!r}]"
