"""A Parquet file that lies elsewhere: its footer, then of each row group no more than is looked at."""

from __future__ import annotations

import io
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from services.entities import TableColumn
from services.entities.tables import Progress, TablePage, TableSchema
from services.tables.background import Reporter
from services.tables.columnar import PARQUET, text_of, type_of
from services.tables.faults import damaged
from services.tables.frames import Frame, cells, column_named, frame_of
from services.tables.remote_bytes import RemoteBytes
from services.tables.table import LOOK, SAMPLE, Table
from services.tables.whole_table import scan_columnar

if TYPE_CHECKING:
    import polars
    import pyarrow.parquet

BATCH = 4_096
"""Rows that are decoded together."""
KEPT = 8
"""Batches of all columns that are kept decoded."""
READ = 1 << 20
"""Bytes of a column that are fetched together where a row group is too large to be fetched in one piece."""
GROUP = 1 << 23
"""Bytes of a row group that is fetched in one piece."""
SPREAD = 4
"""Row groups that a sample is taken from."""


class RemoteParquet(Table):
    """Pages by row groups; what needs all rows fetches the file, once."""

    def __init__(self, source: RemoteBytes, folder: tempfile.TemporaryDirectory[str]) -> None:
        """Read the footer, blocking. Raises ServiceError: UserError for a damaged file."""
        super().__init__(source.name, "Parquet", folder)
        self._source = source
        self._kept: OrderedDict[tuple[int, int, tuple[str, ...]], polars.DataFrame] = OrderedDict()
        self._keeping = threading.Lock()
        with _arrow_errors(self.name):
            self._metadata = self._file().metadata
            self._starts = [0]
            for group in range(self._metadata.num_row_groups):
                self._starts.append(self._starts[-1] + self._metadata.row_group(group).num_rows)
        self._columns = tuple(TableColumn(name, type_of(dtype), -1) for name, dtype in self._schema.items())

    def _file(self) -> pyarrow.parquet.ParquetFile:
        """A reader of its own, as one is not for several threads; the footer is there already after the first."""
        import pyarrow.parquet as pq

        metadata = getattr(self, "_metadata", None)
        return pq.ParquetFile(_File(self._source), metadata=metadata, buffer_size=READ, pre_buffer=False)

    @cached_property
    def _schema(self) -> dict[str, polars.DataType]:
        import polars

        empty = polars.from_arrow(self._metadata.schema.to_arrow_schema().empty_table())
        assert isinstance(empty, polars.DataFrame)
        return dict(empty.schema)

    # ----------------------------------------------------------------------------------------------- what is known

    def known_rows(self) -> int:
        """The number of rows, which the footer tells."""
        return self._starts[-1]

    def known_schema(self) -> TableSchema:
        """Columns, whose nulls nobody has counted."""
        return TableSchema(self._columns, 0, self.known_rows(), self.notes)

    async def schema(self) -> TableSchema:
        """Columns with the nulls of the first rows."""
        await self.look()
        first = await self.run(lambda reporter: self._slice(self._names, 0, LOOK, reporter))
        counted = [
            TableColumn(column.name, column.type, series.null_count())
            for column, series in zip(self._columns, first.iter_columns(), strict=True)
        ]
        return TableSchema(tuple(counted), first.height, self.known_rows(), self.notes)

    # -------------------------------------------------------------------------------------------------------- reads

    async def count(self, progress: Progress | None = None) -> int:
        """The number of rows."""
        return self.known_rows()

    async def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> TablePage:
        """Rows that follow each other."""
        wanted = self.wanted([column.name for column in self._columns], columns)
        table = await self.run(lambda reporter: self._slice(wanted, offset, limit, reporter))
        numbers = tuple(range(offset, offset + table.height))
        return TablePage(tuple(wanted), offset, cells(table), numbers, self.known_rows())

    async def cell(self, number: int, column: str) -> str | None:
        """A cell in full."""
        wanted = self.wanted([column.name for column in self._columns], [column])
        table = await self.run(lambda reporter: self._slice(wanted, number, 1, reporter))
        return text_of(table.item(), whole=True) if table.height else None

    async def sample(self, progress: Progress | None = None) -> Frame:
        """The first rows of row groups at even distances."""
        if self._frame.value is not None or self.known_rows() <= SAMPLE:
            return await super().sample(progress)
        return await self.run(self._sample, progress)

    def make_frame(self, reporter: Reporter) -> Frame:
        """The whole file, fetched."""
        return scan_columnar(self._source.fetch_all(reporter), PARQUET, reporter)

    def make_head(self, rows: int, reporter: Reporter) -> Path:
        """The first rows as a Parquet file with the same schema and metadata."""
        import pyarrow.parquet as pq

        path = self._source.copy.with_name(f"first-{rows}.parquet")
        with _arrow_errors(self.name):
            file = self._file()
            schema = file.schema_arrow
            draft = path.with_suffix(".draft")
            with pq.ParquetWriter(draft, schema) as writer:
                left = rows
                for group in range(file.num_row_groups):
                    if left <= 0:
                        break
                    self._fetched_whole(group)
                    for batch in file.iter_batches(BATCH, row_groups=[group]):
                        reporter.step(rows - left, rows)
                        writer.write_batch(batch.slice(0, left))
                        left -= min(left, batch.num_rows)
                        if left <= 0:
                            break
            draft.replace(path)
        return path

    # ------------------------------------------------------------------------------------------------------ helpers

    @property
    def _names(self) -> list[str]:
        return [column.name for column in self._columns]

    def _slice(self, wanted: Sequence[str], offset: int, limit: int, reporter: Reporter) -> polars.DataFrame:
        """Rows, in the meaning of frames."""
        import polars

        found: list[polars.DataFrame] = []
        end = min(offset + limit, self.known_rows())
        for group, start in enumerate(self._starts[:-1]):
            if self._starts[group + 1] <= offset or start >= end:
                continue
            low, high = max(0, offset - start), min(end, self._starts[group + 1]) - start
            for number, batch in self._batches(group, wanted, low // BATCH, (high - 1) // BATCH + 1, reporter):
                first = number * BATCH
                found.append(batch.slice(max(0, low - first), high - max(low, first)))
        schema = {name: self._schema[name] for name in wanted}
        whole = polars.concat(found) if found else polars.DataFrame(schema=schema)
        columns = [
            column_named(name).fill_nan(None) if dtype.is_float() else column_named(name)
            for name, dtype in schema.items()
        ]
        return whole.select(columns)

    def _batches(
        self, group: int, wanted: Sequence[str], first: int, end: int, reporter: Reporter
    ) -> Iterator[tuple[int, polars.DataFrame]]:
        """Batches of a row group by their numbers in it: those that are kept, or all from its beginning on."""
        import polars

        is_small = self._fetched_whole(group)
        names = tuple(self._names if is_small else wanted)
        with self._keeping:
            kept = {number: batch for (of, number, has), batch in self._kept.items() if (of, has) == (group, names)}
        if all(number in kept for number in range(first, end)):
            yield from ((number, kept[number]) for number in range(first, end))
            return
        with _arrow_errors(self.name):
            columns = None if is_small else list(names)
            for number, batch in enumerate(self._file().iter_batches(BATCH, row_groups=[group], columns=columns)):
                reporter.check()
                if number >= end:
                    break
                if number < first:
                    continue
                table = polars.from_arrow(batch)
                assert isinstance(table, polars.DataFrame)
                self._keep((group, number, names), table)
                yield number, table

    def _keep(self, key: tuple[int, int, tuple[str, ...]], table: polars.DataFrame) -> None:
        with self._keeping:
            self._kept[key] = table
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _fetched_whole(self, number: int) -> bool:
        """Fetch a row group with one request if it isn't large; False if its columns are fetched as it is decoded."""
        group = self._metadata.row_group(number)
        chunks = [group.column(index) for index in range(group.num_columns)]
        starts = [
            min(chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset) for chunk in chunks
        ]
        ends = [start + chunk.total_compressed_size for start, chunk in zip(starts, chunks, strict=True)]
        if not starts or max(ends) - min(starts) > GROUP:
            return False
        self._source.read(min(starts), max(ends) - min(starts))
        return True

    def _sample(self, reporter: Reporter) -> Frame:
        import polars

        groups = self._metadata.num_row_groups
        taken = sorted({round(place * (groups - 1) / max(1, SPREAD - 1)) for place in range(SPREAD)})
        tables: list[polars.DataFrame] = []
        for done, group in enumerate(taken):
            reporter.step(done, len(taken))
            start = self._starts[group]
            rows = min(SAMPLE // len(taken), self._starts[group + 1] - start)
            tables.append(self._slice(self._names, start, rows, reporter))
        return frame_of(polars.concat(tables).lazy(), reporter)

    def close_now(self) -> None:
        """Stop what is going on and let go of the file."""
        self._source.close()
        super().close_now()


class _File(io.RawIOBase):
    """The bytes as a file, for pyarrow; closing it leaves them open."""

    def __init__(self, source: RemoteBytes) -> None:
        self._source = source
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._source.size}[whence]
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        left = self._source.size - self._place
        data = self._source.read(self._place, left if size is None or size < 0 else size)
        self._place += len(data)
        return data


@contextmanager
def _arrow_errors(name: str) -> Iterator[None]:
    """Turn what pyarrow finds wrong with a file into a UserError; what reading it raises passes through."""
    import pyarrow

    try:
        yield
    except pyarrow.ArrowException as error:
        raise damaged(name, str(error)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise damaged(name, str(error)) from error
