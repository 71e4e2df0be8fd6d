"""Sheets of Excel and OpenDocument workbooks, read with calamine, which runs no formula and no macro."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from services.errors import NotFoundError
from services.tables.background import Reporter
from services.tables.faults import damaged
from services.tables.frames import Frame, frame_of
from services.tables.inference import unique
from services.tables.parsers import piece_of, settled

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def read_sheet(path: Path, sheet: str, reporter: Reporter) -> Frame:
    """A sheet, the first one if `sheet` is empty; its first row that is not empty is the header.

    Raises NotFoundError: no such sheet, UserError: a damaged file.
    """
    import polars
    import python_calamine

    try:
        with python_calamine.load_workbook(path) as book:
            names = book.sheet_names
            if sheet and sheet not in names:
                raise NotFoundError(f"{path.name} has no sheet named {sheet}; it has {', '.join(names[:20])}.")
            wanted = sheet or names[0]
            rows: list[list[Any]] = book.get_sheet_by_name(wanted).to_python(skip_empty_area=True)
    except python_calamine.CalamineError as error:
        raise damaged(path.name, str(error)) from error
    reporter.check()
    notes = [] if len(names) == 1 else [f"sheet {wanted} of {len(names)}: {', '.join(names[:20])}"]
    if not rows:
        return Frame(polars.LazyFrame(), 0, (), tuple(notes))
    header = unique([str(value) for value in rows[0]])
    records = [dict(zip(header, map(_value, row), strict=False)) for row in rows[1:]]
    table = settled(piece_of(records)) if records else polars.DataFrame(schema=dict.fromkeys(header, polars.String))
    return frame_of(table.lazy(), reporter, notes)


def _value(value: Any) -> Any:
    """A cell as JSON would have it: an empty one is missing, a whole number is an integer, a date is ISO 8601."""
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value) if isinstance(value, datetime.date | datetime.time | datetime.timedelta) else value
