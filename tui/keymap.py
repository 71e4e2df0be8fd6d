"""The user's own keys, checked before the app starts: unknown actions, unknown keys and clashes are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from textual.keys import KEY_ALIASES, Keys

from screens.actions import Action, key_text
from tui.actions import GLOBAL_ACTIONS
from tui.registry import SCREENS, screen_class
from tui.settings import SettingsFile

_NAMED = {key.value for key in Keys} | set(KEY_ALIASES)
_CHARACTERS = {
    "question_mark", "slash", "colon", "semicolon", "comma", "full_stop", "left_square_bracket", "right_square_bracket",
    "minus", "plus", "equals_sign", "exclamation_mark", "underscore", "asterisk", "tilde", "at", "number_sign",
    "dollar_sign", "percent_sign", "ampersand", "quotation_mark", "apostrophe", "backslash", "vertical_line",
    "circumflex_accent", "grave_accent", "less_than_sign", "greater_than_sign", "left_parenthesis", "right_parenthesis",
    "left_curly_bracket", "right_curly_bracket",
}  # fmt: skip


def all_actions() -> Iterator[tuple[str, tuple[Action, ...]]]:
    """The actions of each screen, by the screen's name; the app's last, as `app`."""
    for name in SCREENS:
        yield name, screen_class(name).ACTIONS
    yield "app", GLOBAL_ACTIONS


def is_key(key: str) -> bool:
    """Whether Textual can ever send a key of that name."""
    *modifiers, name = key.split("+") if key != "+" else ["+"]
    known = len(name) == 1 or name in _NAMED or name in _CHARACTERS
    return known and all(modifier in ("ctrl", "shift", "alt", "super", "meta", "hyper") for modifier in modifiers)


def normal(key: str) -> str:
    """Textual's name of a key: `?` is question_mark."""
    from textual.keys import _character_to_key

    key = key.strip()
    return _character_to_key(key) if len(key) == 1 else key


def checked_keymap(file: SettingsFile) -> dict[str, str]:
    """Binding id -> keys, as Textual's `set_keymap` wants them. Raises SettingsError with file and line."""
    wanted = file.settings.keys
    if not wanted:
        return {}
    groups = dict(all_actions())
    known = {action.id: action for actions in groups.values() for action in actions}
    keymap: dict[str, str] = {}
    for id_, keys in wanted.items():
        if id_ not in known:
            near = get_close_matches(id_, known, 1)
            raise file.error(id_, f"there is no action {id_}" + (f"; did you mean {near[0]}?" if near else ""))
        names = [normal(key) for key in keys.split(",") if key.strip()]
        for name in names:
            if not is_key(name):
                raise file.error(id_, f"there is no key {name}")
        keymap[id_] = ",".join(names)
    for screen, actions in groups.items():
        _refuse_clashes(file, keymap, actions if screen == "app" else (*actions, *GLOBAL_ACTIONS))
    return keymap


def _refuse_clashes(file: SettingsFile, keymap: dict[str, str], actions: Iterable[Action]) -> None:
    owner: dict[str, Action] = {}
    for action in sorted(actions, key=lambda action: action.id in keymap):
        for key in keymap[action.id].split(",") if action.id in keymap else action.keys:
            other = owner.setdefault(key, action)
            if other is not action and action.id in keymap:
                raise file.error(action.id, f"{key_text(key)} is already the key of {other.id}")
