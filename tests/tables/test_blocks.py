"""Blocks are read as what was found in earlier ones, and mean what they mean by themselves."""

from __future__ import annotations

import csv
import io
from functools import reduce
from typing import Any

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tables import records
from services.tables.background import Reporter
from services.tables.byte_sources import HeldBytes
from services.tables.columns import EMPTY, TEXT, dtype_of, joined
from services.tables.parsers import DelimitedParser
from services.tables.records import Block, Layout, distant_blocks, fields, measured

NUMBERS = [
    "1",
    "-2",
    "007",
    "+5",
    " 5",
    "5 ",
    "2.5",
    "1e3",
    "inf",
    "nAn",
    "9223372036854775808",
    "18446744073709551616",
]
CELLS = st.sampled_from([*NUMBERS, "", "NA", "True", "tRue", "false", "x", "2024-01-31", "1_0", "\u0661", "9" * 30])
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=3)


def parsed(blocks: list[list[tuple[str, str]]], *, remembers: bool) -> dict[str, tuple[str, list[Any]]]:
    """Each column of all blocks: its kind, and its values in the type of the whole."""
    parser = DelimitedParser(("a", "b"), header_at=-1)
    pieces = []
    for rows in blocks:
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows(rows)
        block = Block(0, file.getvalue().encode(), len(rows))
        pieces.append((parser if remembers else DelimitedParser(("a", "b"), header_at=-1)).parse(block))
    found = {}
    for name in ("a", "b"):
        kind = reduce(joined, (piece.kinds[name] for piece in pieces), EMPTY)
        tables = [piece.table[name] for piece in pieces]
        dtype = dtype_of(kind, has_gaps=any(series.null_count() for series in tables))
        values = [] if kind == TEXT else polars.concat([series.cast(dtype) for series in tables]).to_list()
        found[name] = kind, list(map(str, values))
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, min_size=2, max_size=3))
def test_what_is_known_of_earlier_blocks_changes_nothing(blocks: list[list[tuple[str, str]]]) -> None:
    assert parsed(blocks, remembers=True) == parsed(blocks, remembers=False)


@pytest.mark.parametrize(
    ("data", "at_end", "found"),
    [
        (b'1,"a"\n2,"b""c"\n3,', False, (15, 2)),
        (b'1,"a"\n\n2,"b""c"\n3,x', True, (19, 3)),
        (b'1,"a"\n2,"b\n\nc"\n3,x\n', False, (19, 3)),
        (b'1,"a"\n2,"b\nc', False, (6, 1)),
        (b'1,"a\n', False, (0, 0)),
        (b'1,5" disk\n2,7"\n', True, (15, 2)),
    ],
)
def test_where_whole_records_end(data: bytes, at_end: bool, found: tuple[int, int]) -> None:
    assert measured(data, ",", at_end=at_end) == found


def test_a_place_far_on_begins_with_a_record_wherever_line_ends_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes of several lines, which hold separators and quotes, and are longer than what lies between two of them."""
    monkeypatch.setattr(records, "STRIDE", 4_000)
    note = '"' + 'a ""word"", 1\n' * 5 + 'two, three, four\n,"\n'
    rows = [f"{n},{note.strip()},{n * 2}" for n in range(2_000)]
    source = HeldBytes("t.csv", ("id,note,double\n" + "\n".join(rows) + "\n").encode())
    found = list(distant_blocks(source, Layout(0, ","), 24, Reporter()))
    assert len(found) == 24
    assert all(len(row) == 3 for block in found for row in fields(block, ","))
    assert all(int(row[0]) * 2 == int(row[2]) for block in found[1:] for row in fields(block, ","))
