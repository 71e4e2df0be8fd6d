"""Prints docs/keys.md, the page of all keys: `make docs`."""

from __future__ import annotations

import sys

from textual.binding import Binding
from textual.widget import Widget

from screens.actions import Action, key_text
from screens.widgets.grid import Grid
from screens.widgets.line_view import LineView
from tui.commands import COMMANDS
from tui.keymap import all_actions
from tui.registry import DESTINATIONS

TITLES = {
    "job": "A job",
    "submit": "A new job",
    "compare": "Two jobs compared",
    "data": "Data assets",
    "data-asset": "A data asset",
    "model": "A model",
    "datastore": "A datastore",
    "table": "A table",
    "app": "Everywhere",
}


def _table(actions: tuple[Action, ...]) -> list[str]:
    lines = ["| key | does | id |", "| --- | --- | --- |"]
    for action in actions:
        keys = " ".join(f"`{key_text(key)}`" for key in action.keys) or f"`:{action.label.casefold()}`"
        absent = ". Not in read-only mode" if action.danger or action.writes else ""
        lines.append(f"| {keys} | {action.help.rstrip('.')}{absent} | `{action.id}` |")
    return lines


def _bindings(widget: type[Widget]) -> list[str]:
    """The keys of a widget, in the order in which it declares them."""
    keys: dict[str, list[str]] = {}
    for binding in Binding.make_bindings(widget.BINDINGS):
        keys.setdefault(binding.description, []).append(f"`{key_text(binding.key)}`")
    return ["| key | does |", "| --- | --- |", *(f"| {' '.join(some)} | {text} |" for text, some in keys.items())]


def keys_page() -> str:
    """The page, from the actions that the screens declare."""
    lines = [
        "# Keys",
        "",
        "This page is generated (`make docs`). An id can be given other keys in [settings](settings.md).",
        "",
    ]
    groups = dict(all_actions())
    lines += ["## Everywhere", "", *_table(groups.pop("app")), ""]
    lines += ["## Go to", "", "| key | goes to |", "| --- | --- |"]
    lines += [f"| `g` `{place.letter}` | {place.label} |" for place in DESTINATIONS]
    lines += [
        "",
        "In a text field printable keys are typed; `esc` leaves the field. `1` to `9` open the tabs of a screen.",
    ]
    lines += ["", "## Lists and tables", "", *_bindings(Grid)]
    lines += ["", "## Logs and texts", "", *_bindings(LineView)]
    for name, actions in groups.items():
        if actions:
            lines += ["", f"## {TITLES.get(name, name.replace('-', ' ').capitalize())}", "", *_table(actions)]
    lines += ["", "## Commands", "", "`:` opens the command line; `tab` completes, `↑` and `↓` recall."]
    lines += ["Any action can be typed by its label or its id as well.", ""]
    lines += ["| command | goes to or does |", "| --- | --- |"]
    for word in COMMANDS:
        short = "".join(f" `:{name}`" for name in word.names[1:])
        lines.append(f"| `{word.usage}`{short} | {word.help} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(keys_page())
