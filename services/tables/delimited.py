"""CSV and its kin, read as pandas' read_csv would, but for rows that it would refuse."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from services.entities import TableColumn, TablePreview
from services.tables.inference import MISSING, typed, unique
from services.tables.sources import Source, count_records

DELIMITERS = ",;\t|"
SAMPLE = 100
"""Records that are looked at to find the delimiter."""
CELLS = 2_000_000
"""Cells of a preview at most: a table of 10,000 columns shows 200 rows."""
FIELD = 1 << 28
"""Characters of a field at most."""
_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


def sniff(lines: Iterable[str]) -> tuple[str, int, float]:
    """The delimiter, the number of fields that most records have with it, and the part of records that have it."""
    looked_at = list(islice(lines, SAMPLE))
    best = (",", 1, 1.0)
    for delimiter in DELIMITERS:
        sizes = [len(record) for record in records(iter(looked_at), delimiter) if record]
        if sizes:
            fields, count = Counter(sizes).most_common(1)[0]
            found = (delimiter, fields, count / len(sizes))
            if fields > 1 and (found[2] > 0.9, fields) > (best[1] > 1 and best[2] > 0.9, best[1]):
                best = found
    return best


def records(lines: Iterator[str], delimiter: str, *, has_quotes: bool = True) -> Iterator[list[str]]:
    """The fields of each record; what no reader understands is left out."""
    csv.field_size_limit(FIELD)
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:  # a quote that is never closed, or longer than anything sensible
            continue


def preview(source: Source, limit: int) -> TablePreview:
    """The first rows; what is odd in them is told in the notes."""
    delimiter, _, _ = sniff(source.lines())
    lines = source.lines()
    found = (record for record in records(lines, delimiter) if record and not is_blank(record))
    header = next(found, [])
    rows = list(islice(found, limited(limit, len(header)) + 1))
    more = len(rows) > limited(limit, len(header))
    rows = rows[: limited(limit, len(header))]
    notes = [] if delimiter == "," else [f"fields are separated by {_NAMES[delimiter]}"]
    notes += [_ENCODINGS[source.encoding]] if source.encoding in _ENCODINGS else []
    if rows and all(len(row) == len(header) + 1 for row in rows):
        header = ["", *header]  # pandas takes the first field as the index then
    notes += ragged(rows, len(header))
    width = len(header)
    columns, cells = [], []
    for index, name in enumerate(unique(header)):
        column = [cell_of(row[index]) if index < len(row) else None for row in rows]
        kind, values = typed(column)
        columns.append(TableColumn(name, kind, values.count(None)))
        cells.append(values)
    total = _total(source, len(rows)) if more or next(lines, None) is not None else len(rows)
    if limited(limit, width) < limit and more:
        notes.append(f"the first {len(rows):,} rows: the table has {width:,} columns")
    return TablePreview(tuple(columns), tuple(zip(*cells, strict=True)), total, notes=tuple(notes))


_ENCODINGS = {"latin-1": "not UTF-8: read as Latin-1", "utf-16": "read as UTF-16", "utf-32": "read as UTF-32"}


def name_of(separator: str) -> str:
    """A separator in words."""
    return _NAMES.get(separator, repr(separator))


def limited(limit: int, columns: int) -> int:
    """How many rows a preview of so many columns holds."""
    return min(limit, max(20, CELLS // max(1, columns)))


def is_blank(record: list[str]) -> bool:
    """Of a line of blanks, which pandas skips; `""` alone is a missing value."""
    return len(record) == 1 and record[0].isspace()


def cell_of(text: str) -> str | None:
    """A field, None if it is one of those that pandas takes for missing."""
    return None if text in MISSING else text


def ragged(rows: list[list[str]], width: int) -> list[str]:
    """Notes about rows that have more or fewer fields than there are columns."""
    notes = []
    long = [number for number, row in enumerate(rows, 1) if len(row) > width]
    short = [number for number, row in enumerate(rows, 1) if len(row) < width]
    if long:
        notes.append(f"{_rows(long)} more fields than the header has names; the surplus is not shown")
    if short:
        notes.append(f"{_rows(short)} fewer fields than the header has names; the rest is missing")
    return notes


def _rows(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"row {numbers[0]:,} has"
    return f"{len(numbers):,} rows (the first is {numbers[0]:,}) have"


def _total(source: Source, read: int) -> int | None:
    """Records less the header; nonsense (other line ends, quotes that mean nothing) is unknown."""
    counted = count_records(source, quotes=True)
    return None if counted is None or counted - 1 < read else counted - 1
