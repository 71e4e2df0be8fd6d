"""Tables in text: delimited ones and JSON lines. The first page needs the beginning of the file, any other an index."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from services.entities import TableColumn
from services.entities.tables import Progress, TablePage, TableSchema
from services.tables.background import Background, Reporter
from services.tables.byte_sources import ByteSource, HeldBytes
from services.tables.columnar import text_of, type_of
from services.tables.columns import EMPTY, TEXT, dtype_of, joined, kind_of
from services.tables.faults import table_errors
from services.tables.frames import Frame, cells, column_named
from services.tables.heads import head_of_text
from services.tables.plain_text import PlainText
from services.tables.records import STRIDE, Block, Layout, RecordIndex, blocks, distant_blocks
from services.tables.remote_bytes import RemoteBytes
from services.tables.snapshots import BLOCK, Parser, snapshot
from services.tables.table import Folder, Table

if TYPE_CHECKING:
    import polars

POLL = 0.02
"""Seconds between two looks at whether the index has come to a row."""
SPREAD = 24
"""Places of the file that a sample is taken from."""


class Text(Protocol):
    """What a text table reads: `PlainText`, or an array as JSON lines."""

    name: str
    encoding: str
    notes: list[str]
    source: ByteSource
    head: bytes
    is_whole: bool

    @property
    def is_plain(self) -> bool:
        """Whether the file's bytes are what is read."""
        ...

    @property
    def start(self) -> int:
        """Where the text begins."""
        ...

    def plain(self, reporter: Reporter) -> ByteSource:
        """The whole text as UTF-8."""
        ...


class TextTable(Table):
    """Delimited text or JSON lines.

    Attributes:
        separator: between fields; empty for JSON lines.
        encoding: as Python names it.
    """

    def __init__(
        self,
        text: Text,
        format_: str,
        folder: Folder,
        parser: Parser,
        *,
        separator: str = "",
        has_header: bool = False,
        notes: Sequence[str] = (),
        dialect: Sequence[str] = (),
    ) -> None:
        super().__init__(text.name, format_, folder, text.source.path)
        self.dialect = tuple(dialect)
        self.separator, self.encoding = separator, text.encoding
        self._text = text
        self._parser = parser
        self._layout = Layout(text.start, separator)
        self._header = int(has_header)
        self._own_notes = tuple(notes)
        self._index = Background(self._executor, self._guarded_index)
        self._partial: RecordIndex | None = None
        self._plain: ByteSource | None = None
        self._unpacking = threading.Lock()
        self._kinds: dict[str, str] = {}
        self._gaps: dict[str, int] = {}
        self._first = self._head()
        if text.is_plain and not text.is_whole:
            self._partial = RecordIndex(text.source, self._layout)

    def _head(self) -> polars.DataFrame:
        start, reporter = self._layout.start, Reporter()
        source = HeldBytes(self.name, bytes(start) + self._text.head)
        found = list(blocks(source, self._layout, source.size, reporter)) or [Block(start, b"", 0)]
        if self._layout.has_quotes and not (self._text.is_whole or found[0].has_quotes):
            found = [Block(start, b"", 0)]  # the first record goes on beyond the head
        piece = self._parser.parse(found[0])
        table, self._kinds = piece.table, dict(piece.kinds)
        if self._text.is_whole and len(found) > 1:
            # a quote is never closed: records before it are read otherwise than those after it
            table = reporter.collect(snapshot(source, found, self._parser, self.folder / "head", reporter).lazy)
            self._kinds = {name: kind_of(dtype) for name, dtype in table.schema.items()}
        self._gaps = {series.name: series.null_count() for series in table.iter_columns()}
        return table

    # ----------------------------------------------------------------------------------------------- what is known

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd in the file, and what became of it."""
        return tuple(dict.fromkeys((*self._text.notes, *self._own_notes, *super().notes)))

    def known_schema(self) -> TableSchema:
        """Types and nulls of the beginning."""
        types = {name: dtype_of(kind, has_gaps=self._gaps.get(name, 0) > 0) for name, kind in self._kinds.items()}
        columns = tuple(TableColumn(name, type_of(dtype), self._gaps.get(name, 0)) for name, dtype in types.items())
        return TableSchema(columns, self._first.height, self.known_rows(), self.notes)

    def known_rows(self) -> int | None:
        """The number of rows, if the index or the first look has told it."""
        if self._text.is_whole:
            return self._first.height
        index = self._index.value
        return super().known_rows() if index is None or index.total is None else max(0, index.total - self._header)

    # -------------------------------------------------------------------------------------------------------- reads

    async def count(self, progress: Progress | None = None) -> int:
        """The number of rows, by the index."""
        if (known := self.known_rows()) is not None:
            return known
        await self._index.result(progress)
        return self.known_rows() or 0

    async def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> TablePage:
        """Rows that follow each other: from the beginning that is known, from the index, or from the whole table."""
        if self._frame.value is not None:
            return await super().page(offset, limit, columns)
        wanted = self.wanted(self._kinds, columns)
        if self._text.is_whole or offset + limit <= self._first.height:
            table = self._first.slice(offset, limit)
        else:
            index = await self._index_to(offset + self._header)
            table = await self.run(lambda reporter: self._rows(index, offset, limit, reporter))
        shown = cells(self._as_known(table, wanted))
        return TablePage(tuple(wanted), offset, shown, tuple(range(offset, offset + len(shown))), self.known_rows())

    async def cell(self, number: int, column: str) -> str | None:
        """A cell in full."""
        if self._frame.value is not None:
            return await super().cell(number, column)
        wanted = self.wanted(self._kinds, [column])
        if number < self._first.height:
            table = self._first.slice(number, 1)
        else:
            index = await self._index_to(number + self._header)
            table = await self.run(lambda reporter: self._rows(index, number, 1, reporter))
        return text_of(self._as_known(table, wanted).item(), whole=True) if table.height else None

    async def sample(self, progress: Progress | None = None) -> Frame:
        """Blocks at even distances; all rows where those would be as many bytes."""
        if self._frame.value is not None:
            return await super().sample(progress)
        is_spread = self.is_remote and self._text.is_plain
        if self._text.is_whole or (is_spread and self._text.source.size <= SPREAD * STRIDE):
            return await self.frame(progress)
        if is_spread:
            return await self.run(
                lambda reporter: self._sample(
                    self._text.source, distant_blocks(self._text.source, self._layout, SPREAD, reporter), reporter
                ),
                progress,
            )
        index = await self._index.result(progress)
        return await self.run(
            lambda reporter: self._sample(index.source, index.spread(SPREAD, reporter), reporter), progress
        )

    async def schema(self) -> TableSchema:
        """Columns with types and nulls of the rows that were read so far; asks what became of a file elsewhere."""
        await self.look()
        return await super().schema()

    def make_head(self, rows: int, reporter: Reporter) -> Path:
        """Whole records in the file's own packing and encoding; the whole file where that is an array."""
        source = self._text.source
        assert isinstance(source, RemoteBytes)
        if isinstance(self._text, PlainText):
            return head_of_text(self._text, source, self._layout, rows + self._header, reporter)
        return source.fetch_all(reporter)

    def make_frame(self, reporter: Reporter) -> Frame:
        """All rows as Parquet files of this process."""
        source = self._unpacked(reporter)
        found = blocks(source, self._layout, BLOCK, reporter)
        return snapshot(source, found, self._parser, Path(tempfile.mkdtemp(dir=self.folder)), reporter)

    # ------------------------------------------------------------------------------------------------------ helpers

    def _guarded_index(self, reporter: Reporter) -> RecordIndex:
        with table_errors(self.name):
            index = self._partial or RecordIndex(self._unpacked(reporter), self._layout)
            self._partial = index
            index.build(reporter)
            return index

    def _unpacked(self, reporter: Reporter) -> ByteSource:
        """The text that can be read anywhere, unpacked by the first who needs it."""
        with self._unpacking:
            if self._plain is None:
                self._plain = self._text.plain(reporter)
            return self._plain

    async def _index_to(self, number: int) -> RecordIndex:
        """The index as soon as it covers a record."""
        if self._partial and self._partial.covers(number):
            return self._partial
        building = asyncio.ensure_future(self._index.result())
        try:
            while not (building.done() or (self._partial and self._partial.covers(number))):
                await asyncio.wait({building}, timeout=POLL)
        except asyncio.CancelledError:
            building.cancel()
            raise
        if building.done():
            return await building
        if self.is_remote:  # to read on would fetch the whole file, which nobody has asked for
            building.cancel()
        building.add_done_callback(_forget)
        assert self._partial is not None
        return self._partial

    def _rows(self, index: RecordIndex, offset: int, limit: int, reporter: Reporter) -> polars.DataFrame:
        number, found = index.blocks_from(offset + self._header, reporter)
        taken: list[Block] = []
        rows = 0
        first = max(0, number - self._header)
        for block in found:
            taken.append(block)
            rows += block.records - (self._header if block.offset == self._layout.start else 0)
            if first + rows >= offset + limit:
                break
        if not taken:
            return self._first.clear()
        data, records = b"".join(block.data for block in taken), sum(block.records for block in taken)
        whole = Block(taken[0].offset, data, records, all(block.has_quotes for block in taken))
        piece = self._parser.parse(whole)
        for name, kind in piece.kinds.items():
            if self._kinds.get(name) == EMPTY:
                self._kinds[name] = kind
        kinds = {name: joined(kind, piece.kinds.get(name, EMPTY)) for name, kind in self._kinds.items()}
        differing = frozenset(
            n for n, k in kinds.items() if k == TEXT and piece.kinds.get(n, TEXT) not in (TEXT, EMPTY)
        )
        table = self._parser.parse(whole, differing).table if differing else piece.table
        return table.slice(offset - first, limit)

    def _as_known(self, table: polars.DataFrame, wanted: Sequence[str]) -> polars.DataFrame:
        """Columns with the types that are known of them; one that turns out to be text here stays so."""
        import polars

        columns = []
        schema = table.schema  # made anew at each look, which takes long where there are many columns
        for name in wanted:
            dtype = dtype_of(self._kinds[name], has_gaps=self._gaps.get(name, 0) > 0)
            if name not in schema:
                columns.append(polars.lit(None, dtype=dtype).alias(name))
            elif schema[name].is_numeric() and dtype.is_numeric():
                columns.append(column_named(name).cast(dtype, strict=False))
            else:
                columns.append(column_named(name))
        return table.select(columns)

    def _sample(self, source: ByteSource, spread: Iterator[Block], reporter: Reporter) -> Frame:
        taken = list(spread)
        found = (Block(block.offset, block.data, block.records, block.has_quotes) for block in taken)
        return snapshot(source, found, self._parser, Path(tempfile.mkdtemp(dir=self.folder)), reporter)

    def stop(self) -> None:
        """End all work at its next step."""
        self._index.stop()
        super().stop()

    def close_now(self) -> None:
        """Stop what is going on, let go of the file and of its copy."""
        if self.is_remote:
            self._text.source.close()  # ends a request that is on its way
        super().close_now()
        self._text.source.close()
        if self._plain:
            self._plain.close()


def _forget(building: asyncio.Future[RecordIndex]) -> None:
    if not building.cancelled():
        building.exception()
