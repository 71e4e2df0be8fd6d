"""The look: two themes of our own, with colours for the names of colours, and the few rules that all screens share.

Textual's own themes can be chosen as well; `ansi-dark` and `ansi-light` keep to the terminal's 16 colours.
"""

from __future__ import annotations

from typing import Any

from rich.color import parse_rgb_hex
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.reactive import Reactive
from textual.theme import Theme

LAPIS = Theme(
    name="lapis",
    primary="#4f8cf0",
    secondary="#7aa2c9",
    accent="#f2c14e",
    foreground="#d6dfeb",
    background="#0c121d",
    surface="#121a28",
    panel="#1a2538",
    success="#6cc58e",
    warning="#e9b44c",
    error="#ef6f6c",
    dark=True,
    variables={
        "border": "#2f4a75",
        "border-blurred": "#22304a",
        "block-cursor-background": "#2a4a80",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1f2f4b",
        "block-cursor-blurred-foreground": "#d6dfeb",
        "input-selection-background": "#2f5fae 60%",
        "scrollbar": "#26354f",
        "scrollbar-hover": "#35507c",
        "scrollbar-active": "#4f8cf0",
        "scrollbar-background": "#0c121d",
        "scrollbar-background-hover": "#0c121d",
        "scrollbar-background-active": "#0c121d",
        "scrollbar-corner-color": "#0c121d",
        "footer-key-foreground": "#f2c14e",
    },
)

LAPIS_LIGHT = Theme(
    name="lapis-light",
    primary="#1f5fc4",
    secondary="#4a6d94",
    accent="#9a5b00",
    foreground="#1b2638",
    background="#f7f9fc",
    surface="#eef2f8",
    panel="#dfe7f2",
    success="#1e7f4a",
    warning="#9a6200",
    error="#c0332f",
    dark=False,
    variables={
        "border": "#9db4d6",
        "border-blurred": "#c9d5e6",
        "block-cursor-background": "#cfe0fb",
        "block-cursor-foreground": "#0b1a33",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e3ecf8",
        "block-cursor-blurred-foreground": "#1b2638",
        "scrollbar": "#c3d0e3",
        "scrollbar-hover": "#9db4d6",
        "scrollbar-active": "#1f5fc4",
        "scrollbar-background": "#f7f9fc",
        "footer-key-foreground": "#9a5b00",
    },
)

THEMES = (LAPIS, LAPIS_LIGHT)
DEFAULT_THEME = LAPIS.name


def _named_colours(background: str, foreground: str, colours: str, bright: str) -> TerminalTheme:
    """What `red` and `bright_blue` look like: eight colours in the order of terminals, and eight bright ones."""

    def rgb(colour: str) -> tuple[int, int, int]:
        return parse_rgb_hex(colour)

    return TerminalTheme(
        rgb(background), rgb(foreground), [rgb(one) for one in colours.split()], [rgb(one) for one in bright.split()]
    )


# Textual's own have one pink for red and magenta, which can't be read under the cursor.
NAMED_COLOURS = _named_colours(
    "0c121d",
    "d6dfeb",
    "1a2538 ffa29c 7ddba3 efc05a 9dbdf9 dfaaf2 6fd3e8 d6dfeb",
    "b2bbc8 ffb8b3 9be8ba f6d68a b8d0fb ebc6f8 97e2f2 ffffff",
)
NAMED_COLOURS_LIGHT = _named_colours(
    "f7f9fc",
    "1b2638",
    "1b2638 a82420 17653b 7a4c00 1f56b0 7d3a94 0b5f78 dfe7f2",
    "4b5768 8c1d1a 10532f 633e00 184690 672f7a 084e63 f7f9fc",
)

# A screen that scrolls, or a list whose scroll bar comes and goes, redraws for ever when it is one or two columns wide.
CSS = """
Screen { background: $background; layers: base line; overflow: hidden; }
ModalScreen, CommandPalette { background: transparent; }
CommandPalette > Vertical { max-width: 84; margin-top: 1; background: $surface; }
CommandPalette #--input { border: none; }
CommandPalette SearchIcon { display: none; }
CommandPalette CommandInput { padding-left: 1; }
CommandPalette CommandList { border: none; overflow-y: scroll; scrollbar-size-vertical: 1; }
Toast { max-width: 70; padding: 0 1; }
"""


class Look(App[Any]):
    """An app that has the look."""

    CSS = CSS
    ansi_theme_dark = Reactive(NAMED_COLOURS, init=False)
    ansi_theme_light = Reactive(NAMED_COLOURS_LIGHT, init=False)

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME
