"""JSON lines, JSON arrays and JSON objects as tables."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.entities import TableColumn, TablePreview
from services.tables.delimited import limited
from services.tables.inference import of_objects, shown
from services.tables.sources import BUDGET, Source, count_records


def preview_lines(source: Source, limit: int) -> TablePreview:
    """A value on each line; lines that are none are counted in a note."""
    values, bad = [], []
    lines = source.lines()
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError):
                bad.append(number)
        if len(values) > limit:
            break
    more = len(values) > limit or next(lines, None) is not None
    notes = [f"line {bad[0]:,} is no JSON"] if len(bad) == 1 else []
    notes = [f"{len(bad):,} lines are no JSON (the first is {bad[0]:,})"] if len(bad) > 1 else notes
    total = count_records(source, quotes=False) if more else len(values)
    return _table(values[:limit], limit, total, notes)


def preview_array(source: Source, limit: int) -> TablePreview:
    """The elements of an array, one after the other, so that the array may be larger than the memory."""
    elements = _elements(source)
    values: list[Any] = []
    notes: list[str] = []
    total: int | None = None
    try:
        for value in islice(elements, limit):
            values.append(value)  # noqa: PERF402 - what comes before a fault is kept
        total = len(values) + sum(1 for _ in elements)
    except OverflowError:
        pass
    except (ValueError, RecursionError):
        notes = ["the file is no whole JSON; shown is what comes before the fault"]
    return _table(values, limit, total, notes)


def preview_object(source: Source) -> TablePreview:
    """The keys of an object and their values. Raises ValueError: it is none."""
    text = "".join(source.lines())
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("no object")
    if not content:
        return TablePreview(message="an empty JSON object")
    rows = tuple((shown(str(key)), _text(value)) for key, value in content.items())
    nulls = sum(value is None for _, value in rows)
    columns = (TableColumn("key", "string", 0), TableColumn("value", "object", nulls))
    return TablePreview(columns, rows, len(rows), notes=("a JSON object: its keys and values",))


def _elements(source: Source) -> Iterator[Any]:
    """Raises OverflowError when the budget is spent, ValueError where the file is no JSON."""
    decoder = json.JSONDecoder()
    buffer, spent = "", 0
    lines = _chunks(source)

    def more() -> bool:
        nonlocal buffer, spent
        chunk = next(lines, "")
        spent += len(chunk)
        if spent >= BUDGET:
            raise OverflowError
        buffer += chunk
        return bool(chunk)

    more()
    buffer = buffer.lstrip().removeprefix("[")
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(buffer)
            # a number may go on in the next chunk
            if end == len(buffer) and more():
                continue
        except ValueError:
            if more():
                continue
            raise
        yield value
        buffer = buffer[end:]
        if not buffer.strip() and not more():
            raise ValueError("the array has no end")


def _chunks(source: Source) -> Iterator[str]:
    """Lines together, as short ones would be decoded too often."""
    lines = source.lines()
    while chunk := "".join(islice(lines, 200)):
        yield chunk


def _table(values: list[Any], limit: int, total: int | None, notes: list[str]) -> TablePreview:
    if not values:
        return TablePreview(message="no rows", notes=tuple(notes))
    records = [record_of(value) for value in values]
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record))
    rows_shown = limited(limit, len(names))
    if rows_shown < len(records):
        notes = [*notes, f"the first {rows_shown:,} rows: the table has {len(names):,} columns"]
        records = records[:rows_shown]
    columns, cells = [], []
    for name in names:
        column = [_value(record.get(name)) for record in records]
        columns.append(TableColumn(name, of_objects(column), column.count(None)))
        cells.append([_text(value) for value in column])
    return TablePreview(tuple(columns), tuple(zip(*cells, strict=True)), total, notes=tuple(notes))


def record_of(value: Any) -> dict[str, Any]:
    """A JSON value as a row: an object's keys, a list's places, or one column `value`."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): element for index, element in enumerate(value)}
    return {"value": value}


def _value(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _text(value: Any) -> str | None:
    """As Python would print it; what is nested as JSON."""
    if value is None:
        return None
    if isinstance(value, (dict, list)):
        return shown(json.dumps(value, ensure_ascii=False))
    return shown(repr(value) if isinstance(value, float) else str(value))
