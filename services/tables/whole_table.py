"""Tables that Polars reads itself, or that are read as a whole: Parquet, Arrow, Excel, MLTable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from services.entities.tables import TableSchema
from services.tables.background import Reporter
from services.tables.columnar import ARROW_STREAM, PARQUET
from services.tables.frames import Frame, frame_of
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


def scan_columnar(path: Path, head: bytes, reporter: Reporter) -> Frame:
    """A Parquet or Arrow file; nothing but its metadata is read. Raises PolarsError, OSError."""
    import polars

    if head.startswith(ARROW_STREAM):
        return frame_of(polars.read_ipc_stream(path).lazy(), reporter)
    scan = polars.scan_parquet if head.startswith(PARQUET) else polars.scan_ipc
    return frame_of(scan(path, glob=False), reporter)
