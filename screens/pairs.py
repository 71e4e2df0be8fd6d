"""Tags and variables as they are typed: `key=value`, one a line in forms, parted by spaces in a one-line question."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from services.errors import UserError


def scalar_text(value: str | float | bool | None) -> str:
    """A value as YAML writes it; None is the empty text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def pairs_text(pairs: Mapping[str, str | float | bool | None]) -> str:
    """A line a pair; a value that a line can't hold is written as a JSON string."""
    lines = []
    for key, value in pairs.items():
        text = scalar_text(value)
        awkward = text != text.strip() or text.startswith('"') or len(text.splitlines()) > 1
        lines.append(f"{key}={json.dumps(text, ensure_ascii=False)}" if awkward else f"{key}={text}")
    return "\n".join(lines)


def read_pairs(text: str, was: Mapping[str, str | int | float | bool | None]) -> tuple[dict[str, Any], list[str]]:
    """The pairs of a text, and what is wrong with it. A pair that reads as before keeps its value, an int an int."""
    pairs: dict[str, Any] = {}
    wrong: list[str] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        key, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not key:
            wrong.append(f"expected key=value, got {line.strip()!r}")
            continue
        if key in pairs:
            wrong.append(f"{key} stands twice")
            continue
        if value.startswith('"'):
            try:
                decoded = json.loads(value)
                value = decoded if isinstance(decoded, str) else value
            except ValueError:
                wrong.append(f"{key} has a quote that is never closed")
        pairs[key] = was[key] if key in was and scalar_text(was[key]) == value else value
    return pairs, wrong


def pairs_line(pairs: Mapping[str, str]) -> str:
    """All pairs in one line, quoted as a shell does."""
    return " ".join(shlex.quote(f"{key}={value}") for key, value in pairs.items())


def read_line(text: str) -> dict[str, str]:
    """The pairs of one line. Raises UserError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UserError(f"A quote is never closed in {text}", advice="Write key=value, or 'key=a value'.") from error
    pairs = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key:
            raise UserError(f"{word} is no key=value.", advice="Write key=value; quotes around a value with spaces.")
        pairs[key] = value
    return pairs
