"""What a terminal writes with: attributes and colours, and the shortest way from one to another."""

from __future__ import annotations

from functools import lru_cache

_ON_SPACES = frozenset(("4", "5", "7", "9", "21", "51", "52", "53"))
"""Attributes that show where nothing is written: lines under, through, over and around, blinking, reverse."""


class Pen:
    """Attributes and colours as parameters of SGR; equal ones are the same object, so make it with `pen_of`.

    Attributes:
        attributes: bold and the like.
        foreground: empty for the terminal's own, as is the background.
        background: see there.
        blank: the pen that leaves the same space, though it would not leave the same letter.
    """

    __slots__ = ("attributes", "background", "blank", "foreground")

    def __init__(self, attributes: str, foreground: str, background: str) -> None:
        self.attributes = attributes
        self.foreground = foreground
        self.background = background
        shows = not _ON_SPACES.isdisjoint(attributes.split(";"))
        self.blank: Pen = self if shows or not (attributes or foreground) else pen_of(background)

    def leaves(self, character: str, pen: Pen) -> bool:
        """Whether the character looks as if it were written with the other pen."""
        return pen is self or (character == " " and pen is self.blank)


@lru_cache(maxsize=4096)
def pen_of(parameters: str) -> Pen:
    """The pen of the parameters of an SGR sequence, such as `1;38;5;214`."""
    attributes, foreground, background = [], "", ""
    codes = iter(parameters.split(";") if parameters else ())
    for code in codes:
        colour = code
        if code in ("38", "48"):
            kind = next(codes)
            colour = ";".join([code, kind, *(next(codes) for _ in range(3 if kind == "2" else 1))])
        number = int(code)
        if 30 <= number <= 39 or 90 <= number <= 97:
            foreground = colour
        elif 40 <= number <= 49 or 100 <= number <= 107:
            background = colour
        else:
            attributes.append(code)
    return _pen(";".join(attributes), foreground, background)


@lru_cache(maxsize=4096)
def _pen(attributes: str, foreground: str, background: str) -> Pen:
    return Pen(attributes, foreground, background)


PLAIN = pen_of("")
"""The terminal's own."""


@lru_cache(maxsize=4096)
def change(before: Pen, after: Pen) -> str:
    """What makes the terminal go on with another pen."""
    if before is after:
        return ""
    if after is PLAIN:
        return "\x1b[m"
    if before.attributes != after.attributes:
        return f"\x1b[{';'.join(filter(None, ('0', after.attributes, after.foreground, after.background)))}m"
    codes = []
    if before.foreground != after.foreground:
        codes.append(after.foreground or "39")
    if before.background != after.background:
        codes.append(after.background or "49")
    return f"\x1b[{';'.join(codes)}m"
