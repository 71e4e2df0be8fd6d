"""Text for a terminal or a pipe: widths, tables, and what comes from outside made safe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime

from services.text import masked, safe

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")
_OUTSIDE_LOG = re.compile(r"[^\x20-\x7e\n\r\t]")
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
MIN_COLUMN = 8


def width(text: str) -> int:
    """How many cells a terminal takes for a text without control characters."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, cells: int) -> str:
    """The beginning of a text in at most so many cells, with an ellipsis where something is missing."""
    if width(text) <= cells:
        return text
    taken, used = [], 0
    for character in text:
        if (used := used + _cells(character)) > cells - 1:
            break
        taken.append(character)
    return "".join(taken) + "…"


def cell(value: object) -> str:
    """A value in one line of a table; times in the reader's own zone."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        case dict():
            return ", ".join(f"{key}={cell(part)}" for key, part in value.items() if part not in ("", None))
        case list() | tuple():
            return ("; " if any(isinstance(part, dict) for part in value) else ", ").join(map(cell, value))
    return safe(masked(str(value)))


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], *, limit: int | None = None) -> str:
    """Aligned columns, numbers to the right.

    Args:
        limit: the cells that a line may take. The widest texts are cut, but neither the first column, which is a name
            to type, nor times; columns that still don't fit are left out from the right.
    """
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(width(text) for text in column) for column in zip(headers, *cells, strict=True)]
    if limit is not None:
        whole = {0} | {i for row in rows for i, value in enumerate(row) if isinstance(value, datetime)}
        widths = _fitted(widths, whole, limit)
        headers = headers[: len(widths)]
        rows = [row[: len(widths)] for row in rows]
        cells = [row[: len(widths)] for row in cells]
    right = [
        bool(rows) and all(isinstance(row[i], int | float) and not isinstance(row[i], bool) for row in rows)
        for i in range(len(headers))
    ]
    lines = [list(headers), ["-" * size for size in widths], *cells]
    return "\n".join(_line(line, widths, right) for line in lines)


def _fitted(widths: Sequence[int], whole: Collection[int], limit: int) -> list[int]:
    """The widths of the columns that are shown."""
    least = [size if i in whole else min(size, MIN_COLUMN) for i, size in enumerate(widths)]
    while len(least) > 2 and sum(least) + 2 * (len(least) - 1) > limit:
        least.pop()
    fitted = list(widths[: len(least)])
    room = limit - 2 * (len(least) - 1)
    if sum(least) > room:
        least[0] = min(least[0], MIN_COLUMN)
    while sum(fitted) > room and fitted != least:
        fitted[max((i for i in range(len(least)) if fitted[i] > least[i]), key=fitted.__getitem__)] -= 1
    return fitted


def _line(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    parts = []
    for text, size, to_right in zip(texts, widths, right, strict=True):
        shown = cut(text, size)
        blank = " " * (size - width(shown))
        parts.append(blank + shown if to_right else shown + blank)
    return "  ".join(parts).rstrip()


def printable_json(text: str) -> str:
    """JSON whose unprintable characters and bidirectional marks are escaped; it means the same."""

    def pairs(match: re.Match[str]) -> str:
        if safe(match[0]) == match[0]:
            return match[0]
        units = match[0].encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))

    return _UNPRINTABLE.sub(pairs, text)


def printable_lines(text: str) -> str:
    """Text of several lines in which everything unprintable but the line ends is made visible."""
    return _UNPRINTABLE.sub(lambda match: safe(match[0]), text)


def log_text(text: str) -> str:
    """A piece of a log for a terminal: escape sequences left out, line ends and tabs as they are, secrets masked."""
    return masked(_OUTSIDE_LOG.sub(lambda match: safe(match[0]), _ESCAPE.sub("", text)))
