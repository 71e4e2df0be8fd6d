"""Distributions as a line of text, as forms take them: `10, 20, 30`, `1..9`, `range(1, 10)`, `uniform(0.01, 0.1)`."""

from __future__ import annotations

import ast
import json
import math
import re
from typing import Any

from services.errors import Fault, SpecError
from services.specs.automl_names import nearest_name
from services.specs.sweep import ARGUMENTS, Distribution

MAX_VALUES = 10_000
"""How many values a range may have."""
_CALL = re.compile(r"^\s*([A-Za-z_]\w*)\s*\((.*)\)\s*$", re.DOTALL)
_SPAN = re.compile(r"^\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*$")
_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,]*?)\s*(,|$)""", re.DOTALL)
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def parse_distribution(text: str) -> Distribution:
    """The distribution that a text means; values alone are a choice. Raises SpecError."""
    call = _CALL.match(text)
    if call is None or call[1] == "range":
        return Distribution("choice", values=parse_values(text))
    name: Any = call[1].lower()
    if name not in ARGUMENTS:
        near = nearest_name(name, ARGUMENTS)
        hint = f"did you mean {near}?" if near else f"expected {', '.join(ARGUMENTS)}"
        raise _refused(f"{call[1]} is no distribution; {hint}")
    if name == "choice":
        return Distribution("choice", values=parse_values(call[2]))
    wanted, given = ARGUMENTS[name], [_value(part) for part in _parts(call[2])]
    if len(given) != len(wanted):
        raise _refused(f"expected {name}({', '.join(wanted)}), got {len(given)} values")
    for argument, value in zip(wanted, given, strict=True):
        if isinstance(value, bool | str) or (argument == "upper" and not isinstance(value, int)):
            raise _refused(f"{argument} is a {'whole ' * (argument == 'upper')}number, got {value!r}")
    arguments: Any = dict(zip(wanted, given, strict=True))
    return Distribution(name, **arguments)


def parse_values(text: str) -> list[str | int | float | bool]:
    """The values of a choice: `10, 20, 30`, `[1, 2]`, `1..9` with both ends, `range(1, 10)` without the last.

    Raises SpecError.
    """
    if span := _SPAN.match(text):
        return _range(int(span[1]), int(span[2]) + 1, 1)
    if (call := _CALL.match(text)) and call[1] == "range":
        bounds = [_value(part) for part in _parts(call[2])]
        if not 1 <= len(bounds) <= 3 or not all(isinstance(b, int) and not isinstance(b, bool) for b in bounds):
            raise _refused("expected range(end), range(start, end) or range(start, end, step) of whole numbers")
        whole = [int(bound) for bound in bounds]
        start, end = (0, whole[0]) if len(whole) == 1 else (whole[0], whole[1])
        return _range(start, end, whole[2] if len(whole) == 3 else 1)
    inner = text.strip()
    if inner[:1] + inner[-1:] in ("[]", "()"):
        inner = inner[1:-1]
    values = [_value(part) for part in _parts(inner)]
    if not values:
        raise _refused("expected values such as 10, 20, 30 or 1..9")
    return values


def distribution_text(given: Distribution) -> str:
    """The text that means a distribution; branches of a choice are shown as JSON, which no text gives back."""
    if given.type == "choice":
        return ", ".join(_shown(value) for value in given.values or ())
    arguments = (getattr(given, name) for name in ARGUMENTS[given.type])
    return f"{given.type}({', '.join('' if value is None else str(value) for value in arguments)})"


def _range(start: int, end: int, step: int) -> list[str | int | float | bool]:
    if step == 0:
        raise _refused("the step of a range is not 0")
    numbers = range(start, end, step)
    if not numbers:
        raise _refused(f"from {start} to {end} there is no number")
    # len() can't count past a machine word
    if abs(end - start) // abs(step) > MAX_VALUES:
        raise _refused(f"a range has at most {MAX_VALUES:,} values")
    return list(numbers)


def _parts(text: str) -> list[str]:
    """What stands between commas, quotes respected; a comma at the end ends nothing."""
    parts, at = [], 0
    while at < len(text):
        match = _PART.match(text, at)
        assert match is not None  # it takes all up to a comma
        parts.append(match[1])
        at = match.end()
    if any(not part for part in parts):
        raise _refused("between two commas stands nothing; write '' for an empty text")
    return parts


def _value(text: str) -> str | int | float | bool:
    if text[:1] in ("'", '"'):
        try:
            value: str = ast.literal_eval(text)
        except (SyntaxError, ValueError) as error:
            raise _refused(f"{text[:40]} is no text in quotes") from error
        return value
    if text in ("true", "True", "false", "False"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _shown(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    plain = value == value.strip() and not re.search(r"[,'\"\[\](){}]|\.\.", value) and _value(value) == value
    return value if value and plain and isinstance(_value(value), str) else repr(value)


def _refused(message: str) -> SpecError:
    return SpecError([Fault("values", message)], title="That is no distribution")
