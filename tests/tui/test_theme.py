"""The look: what is written in a colour can be read wherever it stands."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.theme import Theme

from tui.theme import LAPIS, LAPIS_LIGHT, NAMED_COLOURS, NAMED_COLOURS_LIGHT

LEAST_CONTRAST = 4.5
"""What WCAG 2 asks of text (level AA)."""
NAMES = ("red", "green", "yellow", "blue", "magenta", "cyan", "bright_black", "bright_blue")


@pytest.mark.parametrize(("theme", "colours"), [(LAPIS, NAMED_COLOURS), (LAPIS_LIGHT, NAMED_COLOURS_LIGHT)])
def test_named_colours_can_be_read_and_told_apart(theme: Theme, colours: TerminalTheme) -> None:
    behind = [theme.background, theme.surface, theme.variables["block-cursor-background"]]
    texts = {name: Color(*RichColor.parse(name).get_truecolor(colours)) for name in NAMES}

    assert len(set(texts.values())) == len(NAMES)
    for name, text in texts.items():
        for ground in behind:
            contrast = contrast_ratio(text, Color.parse(ground or ""))
            assert contrast >= LEAST_CONTRAST, f"{name} on {ground} has {contrast:.1f}"


def contrast_ratio(one: Color, other: Color) -> float:
    """WCAG's, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: Color) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
