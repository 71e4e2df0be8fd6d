"""Parquet and Arrow: how files of them begin, and their types and values in the words of pandas."""

from __future__ import annotations

import datetime
import json
import math
from typing import TYPE_CHECKING, Any

from services.tables.inference import shown

if TYPE_CHECKING:
    import polars

PARQUET, ARROW_FILE, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
"""How such files begin (Apache Parquet and Arrow format specifications)."""
_TYPES = {
    "Boolean": "bool",
    "String": "string",
    "Categorical": "category",
    "Enum": "category",
    "Date": "date",
    "Time": "time",
    "Duration": "timedelta",
    "Decimal": "decimal",
    "Binary": "binary",
    "List": "list",
    "Array": "list",
    "Struct": "struct",
    "Object": "object",
    "Null": "float64",
}
"""Polars' names in the words of pandas; numbers are the same in small letters."""


def type_of(dtype: polars.DataType) -> str:
    """Its name in the words of pandas."""
    name = str(dtype.base_type())
    if name == "Datetime":
        zone = getattr(dtype, "time_zone", None)
        return f"datetime, {zone}" if zone else "datetime"
    return _TYPES.get(name, name.lower())


def text_of(value: Any, *, whole: bool = False) -> str | None:
    """A value as it is shown; None and NaN are missing.

    Args:
        whole: a long text too, which is cut otherwise.
    """
    match value:
        case None:
            return None
        case float():
            return None if math.isnan(value) else repr(value)
        case datetime.datetime():
            return value.isoformat(" ")
        case bytes():
            return f"{len(value):,} bytes"
        case list() | dict():
            text = json.dumps(value, ensure_ascii=False, default=str)
        case _:
            text = str(value)
    return text if whole else shown(text)
