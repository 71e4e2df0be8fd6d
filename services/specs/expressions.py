"""Expressions in commands: `${{inputs.x}}`, `${{outputs.y}}`, `${{search_space.z}}`, `${{name}}`.

Source: "Expression syntax" of the Azure ML CLI v2 YAML reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.errors import Fault, SpecError

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_OPEN = re.compile(r"\$\{\{(?!.*?\}\})", re.DOTALL)
_KEY = re.compile(r"^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$")


@dataclass(frozen=True)
class Placeholder:
    """An expression in a text.

    Attributes:
        key: what stands between the braces, without blanks: `inputs.reg_rate`.
        start: offset of the first character, and `end`: offset after the last.
    """

    key: str
    start: int
    end: int

    @property
    def is_wellformed(self) -> bool:
        """Whether the key is words joined by dots."""
        return _KEY.match(self.key) is not None


def placeholders(text: str) -> list[Placeholder]:
    """The expressions of a text, in order; one that is never closed has the rest of the line as its key."""
    found = [Placeholder(m[1].strip(), m.start(), m.end()) for m in _EXPRESSION.finditer(text)]
    for match in _OPEN.finditer(text):
        line = text[match.end() :].split("\n", 1)[0]
        found.append(Placeholder(f"{line.strip()} (never closed)", match.start(), len(text)))
    return sorted(found, key=lambda p: p.start)


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of expressions, as they are, without quoting, as Azure does.

    Args:
        values: by key, such as `inputs.reg_rate`.

    Raises SpecError for a key that has no value.
    """
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        key = match[1].strip()
        if key not in values:
            missing.append(key)
            return match[0]
        return values[key]

    result = _EXPRESSION.sub(value, text)
    if missing:
        raise SpecError([Fault("command", f"${{{{{key}}}}} has no value") for key in missing])
    return result
