"""The sections of the `?` overlay: what works on this screen, everywhere, and where one can go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screens.actions import Action, key_text
from screens.base import LapisScreen
from screens.help import HelpLine, HelpSection
from tui.actions import GLOBAL_ACTIONS
from tui.palette import offered
from tui.registry import DESTINATIONS

INHERITED = frozenset({"page_left", "page_right"})
"""Actions of Textual's scroll views that nobody would look for here."""


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of an action, the user's own before the built-in ones."""
    return tuple(key.strip() for key in keymap[action.id].split(",")) if action.id in keymap else action.keys


def _lines(actions: Iterable[Action], keymap: Mapping[str, str]) -> tuple[HelpLine, ...]:
    return tuple(
        HelpLine(
            " ".join(key_text(key) for key in keys_of(action, keymap)) or f":{action.label.casefold()}", action.help
        )
        for action in actions
    )


def help_sections(screen: LapisScreen, keymap: Mapping[str, str]) -> list[HelpSection]:
    """The sections for a screen as it is now."""
    focused: dict[str, HelpLine] = {}
    tabs: list[HelpLine] = []
    for key, (node, binding, enabled, tooltip) in screen.active_bindings.items():
        if binding.action.startswith("switch_tab("):
            tabs.append(HelpLine(key_text(key), binding.description))
        if node in (screen, screen.app) or not enabled or binding.system or not (tooltip or binding.description):
            continue
        if binding.action in INHERITED:
            continue
        line = focused.get(binding.action)
        keys = f"{line.keys} {key_text(key)}" if line else key_text(key)
        focused[binding.action] = HelpLine(keys, tooltip or binding.description)
    return [
        HelpSection("This screen", _lines(offered(screen), keymap)),
        HelpSection("Tabs", tuple(tabs)),
        HelpSection("Where the cursor is", tuple(focused.values())),
        HelpSection("Go to", tuple(HelpLine(f"g {d.letter}", d.label) for d in DESTINATIONS)),
        HelpSection("Everywhere", _lines(GLOBAL_ACTIONS, keymap)),
    ]
