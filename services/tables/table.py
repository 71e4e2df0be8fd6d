"""A table that is open: pages of it, its schema, views, its profile."""

from __future__ import annotations

import asyncio
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from services.entities.tables import Progress, TablePage, TableProfile, TableQuery, TableSchema
from services.errors import NotFoundError
from services.tables.background import Background, Reporter
from services.tables.byte_sources import ByteSource
from services.tables.columnar import text_of
from services.tables.faults import table_errors
from services.tables.frames import Frame, cells, rows_at, slice_of
from services.tables.remote_bytes import RemoteBytes
from services.threads import DaemonPool

if TYPE_CHECKING:
    from services.tables.views import View

T = TypeVar("T")
Folder: TypeAlias = "tempfile.TemporaryDirectory[str] | Path"
"""Where a table keeps what it makes: a folder of its own, which goes with it, or a part of another's."""
THREADS = 3
"""A long scan, the index, and a page meanwhile."""
LOOK = 1_000
"""Rows whose missing values are counted where the file tells of none."""
SAMPLE = 50_000
"""Rows of a profile that is not exact, at most twice as many."""


class Table(ABC):
    """A table of any size and format. Numbers of rows count from 0; values are as pandas reads them.

    Nothing blocks the event loop. Cancelling a call ends its work, as does `close`. Every method raises ServiceError:
    UserError for what the file or the question has wrong, TransientError for a place that doesn't answer or a file that
    has become shorter.

    Attributes:
        name: the file's name.
        format: in words: `CSV`, `Parquet`.
        dialect: of a text, in words: its separator, its encoding.
        place: the file or the folder, if it lies on this machine.
        origin: the bytes of its file, which know what became of it; None where it was put together from several.
    """

    dialect: tuple[str, ...] = ()
    origin: ByteSource | None = None

    def __init__(self, name: str, format_: str, folder: Folder, place: Path | None = None) -> None:
        self.name, self.format, self.place = name, format_, place
        self._holder = None if isinstance(folder, Path) else folder
        self.folder = Path(folder if isinstance(folder, Path) else folder.name)
        # a thread that waits for a place which doesn't answer holds up nobody who leaves
        self._executor = DaemonPool(THREADS, "lapis-table")
        self._running: set[Reporter] = set()
        self._frame = Background(self._executor, self._guarded_frame)

    # ---------------------------------------------------------------------------------------------------- formats

    @abstractmethod
    def make_frame(self, reporter: Reporter) -> Frame:
        """The whole table for Polars, blocking."""

    @abstractmethod
    def known_schema(self) -> TableSchema | None:
        """What the first look has told; None if it takes the whole table."""

    def make_head(self, rows: int, reporter: Reporter) -> Path:
        """What `head_file` gives of a table that lies elsewhere, blocking."""
        raise NotImplementedError

    @property
    def is_remote(self) -> bool:
        """Whether its bytes come over a network, so that to count its rows is not for nothing."""
        return self.place is None

    @property
    def remote(self) -> RemoteBytes | None:
        """The bytes of one file elsewhere, which know how many of them were fetched."""
        return self.origin if isinstance(self.origin, RemoteBytes) else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd in the file or in how it was read, and what became of it, each in a line."""
        frame = self._frame.value
        change = self.origin.change() if self.origin else ""
        return (*(frame.notes if frame else ()), *([change] if change else []))

    async def look(self) -> None:
        """Ask what became of a file that lies elsewhere, unless that was asked a moment ago: `notes` tell it."""
        if remote := self.remote:
            await self.run(lambda _: remote.look())

    # -------------------------------------------------------------------------------------------------------- reads

    async def schema(self) -> TableSchema:
        """Columns with types and nulls of the rows that were read so far."""
        if self._frame.value is None and (known := self.known_schema()):
            return known
        frame = await self.frame()
        if all(column.nulls >= 0 for column in frame.columns):
            return TableSchema(frame.columns, frame.rows, frame.rows, self.notes)
        first = await self.run(lambda reporter: slice_of(frame, frame.names, 0, LOOK, reporter))
        counted = zip(frame.columns, first.iter_columns(), strict=True)
        columns = tuple(replace(column, nulls=series.null_count()) for column, series in counted)
        return TableSchema(columns, first.height, frame.rows, self.notes)

    async def page(self, offset: int, limit: int, columns: Sequence[str] | None = None) -> TablePage:
        """Rows `offset` to `offset + limit`, fewer at the end.

        Args:
            columns: those that are wanted, all if None. Raises NotFoundError for one that isn't there.
        """
        frame = await self.frame()
        wanted = self.wanted(frame.names, columns)
        table = await self.run(lambda reporter: slice_of(frame, wanted, offset, limit, reporter))
        numbers = tuple(range(offset, offset + table.height))
        return TablePage(tuple(wanted), offset, cells(table), numbers, frame.rows)

    async def cell(self, number: int, column: str) -> str | None:
        """A cell in full."""
        frame = await self.frame()
        wanted = self.wanted(frame.names, [column])
        table = await self.run(lambda reporter: slice_of(frame, wanted, number, 1, reporter))
        return text_of(table.item(), whole=True) if table.height else None

    async def count(self, progress: Progress | None = None) -> int:
        """The number of rows."""
        return (await self.frame(progress)).rows

    async def view(self, query: TableQuery, progress: Progress | None = None) -> View:
        """The rows that a filter keeps, sorted. Raises ExpressionError, NotFoundError: no such column."""
        from services.tables.views import View, row_numbers

        if query == TableQuery():
            return View(self, query, None)
        frame = await self.frame(progress)
        numbers = await self.run(lambda reporter: row_numbers(frame, query, reporter))
        return View(self, query, numbers)

    async def profile(
        self, columns: Sequence[str] | None = None, *, exact: bool = False, progress: Progress | None = None
    ) -> TableProfile:
        """What the values of columns are like: of a sample, or of all rows if `exact`."""
        from services.tables.profiles import profile

        frame = await self.frame(progress) if exact else await self.sample(progress)
        wanted = self.wanted(frame.names, columns)
        total = frame.rows if exact else self.known_rows()
        return await self.run(lambda reporter: profile(frame, wanted, total, reporter), progress)

    async def sample(self, progress: Progress | None = None) -> Frame:
        """Rows from all over the table, about `SAMPLE` of them; all if it has no more."""
        from services.tables.samples import spread

        frame = await self.frame(progress)
        return await self.run(lambda reporter: spread(frame, SAMPLE, reporter))

    def known_rows(self) -> int | None:
        """The number of rows, if it is known already."""
        frame = self._frame.value
        return frame.rows if frame else None

    async def rows(
        self, numbers: Sequence[int], columns: Sequence[str] | None = None
    ) -> tuple[tuple[str | None, ...], ...]:
        """Rows by their numbers, in that order."""
        frame = await self.frame()
        wanted = self.wanted(frame.names, columns)
        return cells(await self.run(lambda reporter: rows_at(frame, wanted, numbers, reporter)))

    async def head_file(self, rows: int, progress: Progress | None = None) -> Path:
        """A file (of MLTable: a folder) on this machine with the first `rows` rows at least, in the table's own format.

        The table itself if it lies here; else what is there until `close`, of which no more is fetched than it takes.
        """
        if self.place is not None:
            return self.place
        return await self.run(lambda reporter: self.make_head(rows, reporter), progress)

    # ----------------------------------------------------------------------------------------------------- plumbing

    async def frame(self, progress: Progress | None = None) -> Frame:
        """The whole table for Polars: made once, when it is first needed."""
        return await self._frame.result(progress)

    async def run(self, work: Callable[[Reporter], T], progress: Progress | None = None) -> T:
        """Do it in one of the table's threads; it stops when the caller is cancelled."""

        def guarded(reporter: Reporter) -> T:
            self._running.add(reporter)
            try:
                with table_errors(self.name):
                    return work(reporter)
            finally:
                self._running.discard(reporter)

        return await Background(self._executor, guarded).result(progress)

    def wanted(self, there: Collection[str], names: Sequence[str] | None) -> list[str]:
        """The names of columns that are asked for, of those that are there. Raises NotFoundError."""
        if names is None:
            return list(there)
        there = frozenset(there)
        if missing := [name for name in names if name not in there]:
            raise NotFoundError(f"{self.name} has no column named {missing[0]}.", advice="Column names count capitals.")
        return list(names)

    def _guarded_frame(self, reporter: Reporter) -> Frame:
        with table_errors(self.name):
            return self.make_frame(reporter)

    async def close(self) -> None:
        """Stop what is going on and throw away what was made."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """As `close`, blocking."""
        self.stop()
        # what lies elsewhere may not answer: that is not waited for
        self._executor.shutdown(wait=not self.is_remote, cancel_futures=True)
        if self._holder:
            self._holder.cleanup()

    def stop(self) -> None:
        """End all work at its next step."""
        self._frame.stop()
        for reporter in tuple(self._running):
            reporter.stop()

    async def __aenter__(self) -> Table:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
