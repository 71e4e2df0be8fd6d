"""CSV and its kin, read as pandas' read_csv would, but for rows that it would refuse."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

DELIMITERS = ",;\t|"
SAMPLE = 100
"""Records that are looked at to find the delimiter."""
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


def name_of(separator: str) -> str:
    """A separator in words."""
    return _NAMES.get(separator, repr(separator))


def is_blank(record: list[str]) -> bool:
    """Of a line of blanks, which pandas skips; `""` alone is a missing value."""
    return len(record) == 1 and record[0].isspace()


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
