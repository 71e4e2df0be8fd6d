"""Rules of CSS, read once a process rather than once an app."""

from __future__ import annotations

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

read_rules = Stylesheet._parse_rules
_known: dict[tuple[Any, ...], list[RuleSet]] = {}


def parse_rules(sheet: Stylesheet, css: str, **source: Any) -> list[RuleSet]:
    """The rules of a text under the variables of its sheet; stands in for `Stylesheet._parse_rules`.

    Rules are only read once they are made, so that sheets may share them. A text with a fault is read each time.
    """
    key = (css, *source.items(), *sheet._variables.items())
    if key not in _known:
        _known[key] = read_rules(sheet, css, **source)
    return _known[key]
