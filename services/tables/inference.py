"""The types of columns of text and their values as they are shown, with the meaning of pandas' read_csv."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MISSING = frozenset(
    # the default na_values of pandas 3.1 (pandas.read_csv; pandas/_libs/parsers.pyx, _NA_VALUES)
    [
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    ]
)
CELL = 2_000
"""Characters of a cell that are shown."""
_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)
_FLOAT = re.compile(
    r"\s*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity)\s*", re.ASCII | re.IGNORECASE
)
_TRUE, _FALSE = frozenset(("True", "TRUE", "true")), frozenset(("False", "FALSE", "false"))
_BOOLEAN = _TRUE | _FALSE
# ISO 8601 alone: pandas reads dates only where it is told to, and other forms are ambiguous
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


def shown(text: str) -> str:
    """A cell's text, cut where it is huge."""
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def typed(cells: Sequence[str | None]) -> tuple[str, list[str | None]]:
    """The type of a column of text (missing cells are None) and its values: numbers as parsed, floats by repr."""
    present = [cell for cell in cells if cell is not None]
    if not present:
        return "float64", list(cells)
    if all(cell in _BOOLEAN for cell in present):
        return "bool", [None if cell is None else str(cell in _TRUE) for cell in cells]
    if all(map(_INTEGER.fullmatch, present)):
        return _integers(cells, has_gaps=len(present) < len(cells))
    if all(map(_FLOAT.fullmatch, present)):
        return "float64", [None if cell is None else repr(float(cell)) for cell in cells]
    kind = "datetime" if all(map(_DATETIME.fullmatch, present)) else "string"
    return kind, [None if cell is None else shown(cell) for cell in cells]


def _integers(cells: Sequence[str | None], *, has_gaps: bool) -> tuple[str, list[str | None]]:
    """In pandas a column with a gap is float64, one beyond int64 is uint64 or stays text."""
    if any(cell is not None and len(cell) > 40 for cell in cells):
        return "string", [None if cell is None else shown(cell) for cell in cells]
    if has_gaps:
        return "float64", [None if cell is None else repr(float(cell)) for cell in cells]
    numbers = [int(cell) for cell in cells if cell is not None]
    low, high = min(numbers), max(numbers)
    if low >= -(2**63) and high < 2**63:
        return "int64", [str(number) for number in numbers]
    if low >= 0 and high < 2**64:
        return "uint64", [str(number) for number in numbers]
    return "string", [None if cell is None else cell.strip() for cell in cells]


def of_objects(cells: Sequence[Any]) -> str:
    """The type of a column of JSON values, None being missing."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return "float64"
    if kinds == {bool}:
        return "bool"
    if kinds == {int}:
        return "float64" if any(cell is None for cell in cells) else "int64"
    if kinds <= {int, float}:
        return "float64"
    if kinds <= {str}:
        texts = [cell for cell in cells if cell is not None]
        return "datetime" if all(map(_DATETIME.fullmatch, texts)) else "string"
    return "object"


def unique(names: Sequence[str]) -> list[str]:
    """Names of columns as pandas makes them: `Unnamed: 0` for an empty one, `a`, `a.1`, `a.2` for equal ones."""
    taken: set[str] = set()
    result = []
    for index, given in enumerate(names):
        name = wanted = given if given != "" else f"Unnamed: {index}"
        count = 0
        while name in taken:
            count += 1
            name = f"{wanted}.{count}"
        taken.add(name)
        result.append(name)
    return result
