"""Rows from all over a table."""

from __future__ import annotations

from services.tables.background import Reporter
from services.tables.frames import Frame

PLACES = 32
"""Stretches of rows that follow each other; each is one row group or two."""


def spread(frame: Frame, wanted: int, reporter: Reporter) -> Frame:
    """About `wanted` rows, in stretches at even distances, the same at each call."""
    import polars

    if frame.rows <= wanted:
        return frame
    length = wanted // PLACES
    distance = frame.rows / PLACES
    # one by one: a query of them all would read the whole table once and keep it
    stretches = [reporter.collect(frame.lazy.slice(int(place * distance), length)) for place in range(PLACES)]
    table = polars.concat(stretches)
    return Frame(table.lazy(), table.height, frame.columns)
