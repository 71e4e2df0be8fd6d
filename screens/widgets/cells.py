"""Text in terminal cells: cut, padded, broken into lines. A cell is what rich.cells counts."""

from __future__ import annotations

from rich.cells import cell_len, get_character_cell_size, set_cell_size


def cut(text: str, width: int) -> str:
    """At most `width` cells; an ellipsis stands for what is left out."""
    if len(text) * 2 <= width or cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[: max(0, width)]
    return set_cell_size(text, width - 1).rstrip() + "…"


def fit(text: str, width: int, align: str = "left") -> str:
    """Exactly `width` cells, cut or padded; align is left or right."""
    text = cut(text, width)
    space = " " * (width - cell_len(text))
    return space + text if align == "right" else text + space


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces where there are some; at least one line. An indent is kept."""
    width = max(1, width)
    words = text.lstrip(" ").split(" ")
    indent = text[: len(text) - len(text.lstrip(" "))]
    if len(indent) < width:
        words[0] = indent + words[0]
    lines: list[str] = []
    line = ""
    room = width
    for word in words:
        size = cell_len(word)
        if line and size + 1 <= room:
            line += " " + word
            room -= size + 1
            continue
        if line:
            lines.append(line)
        line, room = word, width - size
        if room < 0:
            *full, line = chop(word, width)
            lines += full
            room = width - cell_len(line)
    return [*lines, line]


def chop(text: str, width: int) -> list[str]:
    """Pieces of at most `width` cells (a wide character in a width of 1 keeps its 2); at least one piece."""
    width = max(1, width)
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)] or [""]
    pieces: list[str] = []
    start, used = 0, 0
    for at, character in enumerate(text):
        size = get_character_cell_size(character)
        if used + size > width and at > start:
            pieces.append(text[start:at])
            start, used = at, 0
        used += size
    return [*pieces, text[start:]]
