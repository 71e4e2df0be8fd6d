"""Parquet and Arrow files, read with Polars."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.entities import TableColumn, TablePreview
from services.tables.delimited import limited
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


def preview(path: Path, head: bytes, limit: int) -> TablePreview:
    """The first rows; the number of all rows comes from the file's own metadata.

    Raises ValueError: the file is damaged, or in a form that Polars can't read.
    """
    import polars

    try:
        if head.startswith(ARROW_STREAM):
            table = polars.read_ipc_stream(path, n_rows=limit)
            total = None if table.height == limit else table.height
            return _table(table, limit, total)
        scan = polars.scan_parquet if head.startswith(PARQUET) else polars.scan_ipc
        lazy = scan(path, glob=False)
        width = len(lazy.collect_schema())
        total = int(lazy.select(polars.len()).collect().item())
        return _table(lazy.head(limited(limit, width)).collect(), limit, total)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _table(table: polars.DataFrame, limit: int, total: int | None) -> TablePreview:
    columns, cells = [], []
    for series in table.iter_columns():
        values = [text_of(value) for value in series.to_list()]
        columns.append(TableColumn(series.name, type_of(series.dtype), values.count(None)))
        cells.append(values)
    shown_rows = limited(limit, table.width)
    notes: tuple[str, ...] = ()
    if shown_rows < limit and total is not None and total > shown_rows:
        notes = (f"the first {shown_rows:,} rows: the table has {table.width:,} columns",)
    return TablePreview(tuple(columns), tuple(zip(*cells, strict=True)), total, notes=notes)


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
