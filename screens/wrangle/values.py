"""Values of a step as they are typed: `18`, `2.5`, `true`, `unknown`, `'18'` for a text that looks like a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from services.errors import Fault, SpecError
from services.wrangling.steps import Aggregate, Value

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_ITEM = re.compile(r"""\s*("[^"]*"|'[^']*'|[^,]*?)\s*(?:,|$)""")
_AGGREGATE = re.compile(r"(?:(?P<into>.+?)\s*=\s*)?(?P<function>\w+)\s*\(\s*(?P<column>.+)\)")


def read_value(text: str) -> Value:
    """The value of a text: a number, a truth value, else the text itself, without its quotes."""
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"":
        return plain[1:-1]
    if _NUMBER.fullmatch(plain):
        return int(plain) if plain.lstrip("+-").isdecimal() else float(plain)
    return {"true": True, "false": False}.get(plain.lower(), plain)


def value_text(value: Value | None) -> str:
    """The inverse of `read_value`; None is the empty text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (value != value.strip() or read_value(value) != value or "," in value):
        return f'"{value}"' if "'" in value else f"'{value}'"
    return "" if value is None else str(value)


def read_values(text: str) -> list[Value]:
    """The values of a text, parted by commas."""
    items: list[Value] = []
    at = 0
    while at < len(text):
        match = _ITEM.match(text, at)
        if match is None:  # a quote in the middle of an item
            return [*items, *map(read_value, text[at:].split(","))]
        if match[1]:
            items.append(read_value(match[1]))
        at = max(match.end(), at + 1)
    return items


def values_text(values: Sequence[Value]) -> str:
    """The inverse of `read_values`."""
    return ", ".join(map(value_text, values))


def aggregate_text(aggregate: Aggregate) -> str:
    """`mean(Fare)`, or `fare = mean(Fare)`."""
    named = f"{aggregate.into} = " if aggregate.into else ""
    return f"{named}{aggregate.function}({aggregate.column})"


def read_aggregates(text: str) -> list[dict[str, Any]]:
    """The aggregates of a text, one a line, as plain data. Raises SpecError."""
    found = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        match = _AGGREGATE.fullmatch(line)
        if match is None:
            raise SpecError([Fault("aggregates", f"expected as in mean(Fare), or fare = mean(Fare), got {line}")])
        given = {"column": match["column"].strip(), "function": match["function"], "into": match["into"]}
        found.append({name: value for name, value in given.items() if value})
    return found
