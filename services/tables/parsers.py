"""Blocks of delimited text and of JSON lines as columns with types."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

from services.tables.columnar import text_of
from services.tables.columns import (
    EMPTY,
    FLOAT,
    INTEGER,
    NATURAL,
    TEXT,
    dtype_of,
    joined,
    missing_words,
    typed_numbers,
    typed_objects,
    typed_texts,
)
from services.tables.inference import MISSING
from services.tables.records import Block, fields
from services.tables.snapshots import Piece

if TYPE_CHECKING:
    import polars

    Schema: TypeAlias = Mapping[str, type[polars.DataType]]


def _is_odd(data: bytes) -> bool:
    """Whether there are line ends that Polars reads otherwise; blank lines show in the number of its rows."""
    return data[:1] in (b"\n", b"\r", b" ", b"\t") or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n"))


@dataclass(frozen=True)
class DelimitedParser:
    """Records of fields between separators.

    Attributes:
        names: of the columns; a longer record loses its surplus, what a shorter one hasn't got is missing.
        header_at: where the header begins, whose block loses its first record; -1 for a text without one.
        empty_is_missing: as in pandas; MLTable's `empty_as_string` wants text.
        infers: whether columns get types; all are text otherwise.
        likely: kinds of the columns in the blocks that were parsed before: numbers are then read as such at once.
    """

    names: tuple[str, ...]
    separator: str = ","
    header_at: int = 0
    infers: bool = True
    empty_is_missing: bool = True
    likely: dict[str, str] = field(default_factory=dict, compare=False)

    def parse(self, block: Block, as_text: frozenset[str] = frozenset()) -> Piece:
        """The rows of a block."""
        likely = self._likely_schema(as_text)
        table = self._quick(block, likely) if likely else None
        piece = self._piece(table, as_text) if table is not None else None
        if piece is None:
            table = self._quick(block)
            piece = self._piece(self._thorough(block) if table is None else table, as_text)
        assert piece is not None  # of texts there always is one
        for name, kind in piece.kinds.items():
            if name not in as_text:
                self.likely[name] = joined(self.likely.get(name, EMPTY), kind)
        return piece

    def _likely_schema(self, as_text: frozenset[str]) -> Schema:
        """The types to read a block with; empty where no column is likely to hold numbers."""
        import polars

        numbers = {NATURAL: polars.Int64, INTEGER: polars.Int64, FLOAT: polars.Float64}
        likely = {name: numbers[kind] for name, kind in self.likely.items() if kind in numbers and name not in as_text}
        return {name: likely.get(name, polars.String) for name in self.names} if likely and self.infers else {}

    def _piece(self, table: polars.DataFrame, as_text: frozenset[str]) -> Piece | None:
        """The columns with their types; None if what was read as numbers may be something else."""
        import polars

        kinds, columns = {}, []
        for series in table.iter_columns():
            if series.dtype != polars.String:
                found = typed_numbers(series)
                if found is None:
                    return None
            elif not self.infers or series.name in as_text:
                found = TEXT, series
            else:
                found = typed_texts(series)
            kinds[series.name] = found[0]
            columns.append(found[1].alias(series.name))
        return Piece(kinds, polars.DataFrame(columns))

    def rows(self, block: Block) -> Iterator[list[str]]:
        """The records of a block without the header."""
        found = fields(block, self.separator)
        if block.offset == self.header_at:
            next(found, None)
        return found

    def _thorough(self, block: Block) -> polars.DataFrame:
        import polars

        missing = MISSING if self.empty_is_missing else MISSING - {""}
        width = len(self.names)
        rows = [row if len(row) == width else row[:width] for row in self.rows(block)]
        columns = list(zip_longest(*rows)) if rows else []
        columns += [(None,) * len(rows)] * (width - len(columns))
        return polars.DataFrame(
            [
                polars.Series(name, [None if cell in missing else cell for cell in column], dtype=polars.String)
                for name, column in zip(self.names, columns, strict=True)
            ]
        )

    def _quick(self, block: Block, schema: Schema | None = None) -> polars.DataFrame | None:
        """By Polars' own reader; None where it would read otherwise, or not at all."""
        import polars

        if not block.has_quotes or len(self.names) < 2 or _is_odd(block.data):
            return None
        has_header = block.offset == self.header_at
        try:
            table = polars.read_csv(
                io.BytesIO(block.data),
                has_header=False,
                skip_rows=int(has_header),
                separator=self.separator,
                schema=schema or dict.fromkeys(self.names, polars.String),
                null_values=missing_words(empty=self.empty_is_missing),
                empty_string_is_null=self.empty_is_missing,
                encoding="utf8-lossy",
            )
        except polars.exceptions.PolarsError:
            return None
        return table if table.height == block.records - has_header else None


@dataclass(frozen=True)
class JsonLinesParser:
    """A JSON object on each line; lines that are none are left out."""

    def parse(self, block: Block, as_text: frozenset[str] = frozenset()) -> Piece:
        """The rows of a block."""
        return piece_of(list(self.rows(block)), as_text)

    def rows(self, block: Block) -> Iterator[dict[str, Any]]:
        """The objects of a block."""
        for line in block.data.split(b"\n"):
            if line.strip():
                try:
                    yield record_of(json.loads(line))
                except (ValueError, RecursionError):
                    yield {}


def record_of(value: Any) -> dict[str, Any]:
    """A JSON value as a row: an object's keys, a list's places, or one column `value`."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): element for index, element in enumerate(value)}
    return {"value": value}


def piece_of(rows: Sequence[dict[str, Any]], as_text: frozenset[str] = frozenset()) -> Piece:
    """Objects as columns, in the order in which their keys first come."""
    import polars

    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    kinds, columns = {}, []
    for name in names:
        values = [row.get(name) for row in rows]
        values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
        if name in as_text:
            kind, series = TEXT, polars.Series([text_of(value) for value in values], dtype=polars.String)
        else:
            kind, series = typed_objects(values, text_of)
        kinds[name] = kind
        columns.append(series.alias(name))
    return Piece(kinds, polars.DataFrame(columns))


def settled(piece: Piece) -> polars.DataFrame:
    """A piece that is the whole table, with the types that pandas would give it."""
    return piece.table.with_columns(
        series.cast(dtype_of(piece.kinds[series.name], has_gaps=series.null_count() > 0))
        for series in piece.table.iter_columns()
    )
