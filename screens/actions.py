"""The registry of actions: each screen declares its own once.

One declaration feeds the bindings, the footer, the `?` overlay, the palette, the `:` command line, the user's keymap
and docs/keys.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

BY_ID: dict[str, Action] = {}
"""Every action declared so far: Textual hands out plain bindings, and their id leads back to the action."""

_KEY_TEXTS = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "comma": ",",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "exclamation_mark": "!",
    "full_stop": ".",
    "asterisk": "*",
    "ampersand": "&",
    "number_sign": "#",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def key_text(key: str) -> str:
    """A key as people write it: `?` for question_mark, `esc` for escape, `ctrl+s` as it is."""
    *modifiers, name = key.split("+") if key != "+" else ["+"]
    return "+".join([*modifiers, _KEY_TEXTS.get(name, name)])


@dataclass(frozen=True)
class Action:
    """Something that a key does.

    Attributes:
        id: `screen.verb`, such as `jobs.cancel`; the screen has a method `action_verb` (dashes become underscores).
        keys: Textual key names; the first is shown. Empty: only by the palette and the command line.
        label: one or two words for the footer.
        help: a sentence for the overlay and the docs.
        danger: it destroys or stops something: confirmed, and absent in read-only mode.
        writes: it changes what the workspace holds, and can be undone: absent in read-only mode.
        footer: the higher, the sooner it is left out when the footer is narrow; 0 never shows it.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    danger: bool = False
    footer: int = 5
    writes: bool = False

    def __post_init__(self) -> None:
        BY_ID[self.id] = self

    @property
    def method(self) -> str:
        """The name after `action_`."""
        return self.id.partition(".")[2].replace("-", "_")

    def bindings(self) -> list[Binding]:
        """Textual's form of it; the binding's id is what a user's keymap names."""
        if not self.keys:
            return []
        return [
            Binding(",".join(self.keys), self.method, self.label, show=self.footer > 0, tooltip=self.help, id=self.id)
        ]
