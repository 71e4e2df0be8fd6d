"""Text tables as Parquet files of this process, so that Polars sorts, filters and profiles them at its own speed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from services.entities import TableColumn
from services.tables.background import Reporter
from services.tables.byte_sources import ByteSource
from services.tables.columnar import type_of
from services.tables.columns import EMPTY, TEXT, dtype_of, joined
from services.tables.frames import Frame, column_named
from services.tables.records import Block

if TYPE_CHECKING:
    import polars

BLOCK = 1 << 24
"""Bytes of text that become one file."""
AHEAD = 2
"""Blocks that are parsed at the same time, and kept in memory besides the one that is read."""
ROW_GROUP = 1 << 14
"""Rows that are unpacked to show one of them."""


@dataclass(frozen=True)
class Piece:
    """A block as a table: the kind of each column in it, and its values."""

    kinds: Mapping[str, str]
    table: polars.DataFrame


class Parser(Protocol):
    """Reads blocks of one text format."""

    def parse(self, block: Block, as_text: frozenset[str] = frozenset()) -> Piece:
        """The rows of a block; columns that are named keep the text of the file."""
        ...


@dataclass(frozen=True)
class Place:
    """Where a block lies in its source."""

    offset: int
    length: int
    has_quotes: bool


@dataclass(frozen=True)
class _Part:
    path: Path
    place: Place
    kinds: Mapping[str, str]
    gaps: Mapping[str, int]
    rows: int


def snapshot(source: ByteSource, found: Iterable[Block], parser: Parser, folder: Path, reporter: Reporter) -> Frame:
    """Write all rows into Parquet files in `folder`; a column has one type, which its last row may decide.

    Raises OSError: no room.
    """
    import polars

    folder.mkdir(parents=True, exist_ok=True)
    parts = list(_written(found, parser, folder))
    kinds: dict[str, str] = {}
    for part in parts:
        for name, kind in part.kinds.items():
            kinds[name] = joined(kinds.get(name, EMPTY), kind)
    gaps = {name: sum(part.gaps.get(name, part.rows) for part in parts) for name in kinds}
    schema = {name: dtype_of(kind, has_gaps=gaps[name] > 0) for name, kind in kinds.items()}
    for part in parts:
        reporter.check()
        _settle(part, source, parser, schema)
    paths = [part.path for part in parts if part.rows]
    lazy = polars.scan_parquet(paths, glob=False) if paths else polars.LazyFrame(schema=schema)
    columns = tuple(TableColumn(name, type_of(dtype), gaps[name]) for name, dtype in schema.items())
    return Frame(lazy, sum(part.rows for part in parts), columns)


def _written(found: Iterable[Block], parser: Parser, folder: Path) -> Iterator[_Part]:
    """The parts in order; blocks are parsed while the next ones are read."""
    with ThreadPoolExecutor(AHEAD, thread_name_prefix="lapis-snapshot") as pool:
        waiting: deque[Future[_Part]] = deque()
        for number, block in enumerate(found):
            waiting.append(pool.submit(_part, block, parser, folder / f"{number:06}.parquet"))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _part(block: Block, parser: Parser, path: Path) -> _Part:
    piece = parser.parse(block)
    _write(piece.table, path)
    gaps = {series.name: series.null_count() for series in piece.table.iter_columns()}
    place = Place(block.offset, len(block.data), block.has_quotes)
    return _Part(path, place, piece.kinds, gaps, piece.table.height)


def _settle(part: _Part, source: ByteSource, parser: Parser, schema: Mapping[str, polars.DataType]) -> None:
    """Give a file the types of the whole table: what became text is read from its source again."""
    import polars

    again = frozenset(
        name for name, kind in part.kinds.items() if schema[name] == polars.String and kind not in (TEXT, EMPTY)
    )
    if not again and polars.read_parquet_schema(part.path) == schema:
        return
    table = polars.read_parquet(part.path, glob=False)
    if again:
        data = source.read(part.place.offset, part.place.length)
        table = parser.parse(Block(part.place.offset, data, part.rows, part.place.has_quotes), again).table
    there = set(table.columns)
    whole = [
        (column_named(name).cast(dtype) if name in there else polars.lit(None, dtype=dtype).alias(name))
        for name, dtype in schema.items()
    ]
    _write(table.select(whole), part.path)


def _write(table: polars.DataFrame, path: Path) -> None:
    draft = path.with_suffix(".draft")
    table.write_parquet(draft, compression="lz4", row_group_size=ROW_GROUP)
    draft.replace(path)
