"""Tables that Polars reads itself, or that are read as a whole: Parquet, Arrow, Excel, MLTable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from services.entities.tables import TableSchema
from services.tables.background import Reporter
from services.tables.columnar import ARROW_STREAM, PARQUET
from services.tables.frames import Frame, frame_of
from services.tables.remote_bytes import RemoteBytes
from services.tables.table import Folder, Table


class WholeTable(Table):
    """A table that is made by one call."""

    def __init__(
        self, name: str, format_: str, folder: Folder, make: Callable[[Reporter], Frame], place: Path | None = None
    ) -> None:
        super().__init__(name, format_, folder, place)
        self._make = make

    def make_frame(self, reporter: Reporter) -> Frame:
        """The whole table for Polars."""
        return self._make(reporter)

    def known_schema(self) -> TableSchema | None:
        """Nothing before the table is there."""
        return None


class FetchedTable(WholeTable):
    """A file that lies elsewhere and is fetched as a whole when its first row is asked for."""

    def __init__(
        self, source: RemoteBytes, format_: str, folder: Folder, read: Callable[[Path, Reporter], Frame]
    ) -> None:
        super().__init__(source.name, format_, folder, lambda reporter: read(source.fetch_all(reporter), reporter))
        self._source = source

    def make_head(self, rows: int, reporter: Reporter) -> Path:
        """The whole file."""
        return self._source.fetch_all(reporter)

    def close_now(self) -> None:
        """Stop what is going on and let go of the file."""
        self._source.close()
        super().close_now()


def scan_columnar(path: Path, head: bytes, reporter: Reporter) -> Frame:
    """A Parquet or Arrow file; nothing but its metadata is read. Raises PolarsError, OSError."""
    import polars

    if head.startswith(ARROW_STREAM):
        return frame_of(polars.read_ipc_stream(path).lazy(), reporter)
    scan = polars.scan_parquet if head.startswith(PARQUET) else polars.scan_ipc
    return frame_of(scan(path, glob=False), reporter)
