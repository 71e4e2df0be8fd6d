"""What is missing in a text, types of JSON values, names of columns: with the meaning of pandas."""

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
# ISO 8601 alone: pandas reads dates only where it is told to, and other forms are ambiguous
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


def shown(text: str) -> str:
    """A cell's text, cut where it is huge."""
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


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
