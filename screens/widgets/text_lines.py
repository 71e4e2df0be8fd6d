"""A text as lines that can be shown: numbered, safe, without secrets, the very long ones in parts."""

from __future__ import annotations

from collections.abc import Iterator

from services.text import REDACTED, masked, safe

PART = 4096
"""Characters; longer lines come in parts, of which the first has the number."""
CHUNK = 32 * 1024
"""Characters that are made safe at once: some milliseconds."""
NEIGHBOUR = 4096
"""Characters before and after a piece of text in which a secret may begin or end."""
TAB = 4


def numbered_lines(text: str) -> Iterator[list[tuple[int, str]]]:
    """The lines of a text and their numbers, a chunk at a time; 0 is the number of what goes on with a line."""
    text = text.replace("\r\n", "\n").removesuffix("\n")
    number, at, inside = 1, 0, False
    while at < len(text):
        end = at + CHUNK
        if end < len(text):
            end = text.rfind("\n", at, end) + 1 or end
        piece = masked_part(text[max(0, at - NEIGHBOUR) : at], text[at:end], text[end : end + NEIGHBOUR])
        ended = text[end - 1 : end] == "\n"
        found: list[tuple[int, str]] = []
        for line in (piece.removesuffix("\n") if ended else piece).split("\n"):
            shown = safe(line.expandtabs(TAB))
            parts = [shown[start : start + PART] for start in range(0, len(shown), PART)] or [""]
            found.append((0 if inside else number, parts[0]))
            found += [(0, part) for part in parts[1:]]
            number, inside = number + (not inside), False
        yield found
        at, inside = end, not ended


def masked_part(before: str, text: str, after: str) -> str:
    """A text whose neighbours are known, without secrets, also those that begin before it or end after it."""
    everything = before + text + after
    whole = masked(everything)
    if whole == everything:
        return text
    head, here = masked(before), masked(before + text)
    begin = _alike(head, here)
    if whole.startswith(here):
        return here[begin:]
    return here[begin : _alike(here, whole)] + REDACTED


def _alike(left: str, right: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
