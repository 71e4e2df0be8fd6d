"""Tables in memory that are real ones: small files of the test, by their source."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.entities.tables import FOUND_OUT, TableOptions
from services.errors import NotFoundError
from services.tables.opening import open_table
from services.tables.table import Table
from services.workspace import TableService
from tests.support.fake_jobs import Switchboard


class FakeTables(TableService):
    """Opens the file that was put at a source, or a path of this machine.

    Attributes:
        identities: of sources that are another name of a table; others are their own.
    """

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self.files: dict[str, Path] = {}
        self.identities: dict[str, str] = {}

    def put(self, source: str, path: Path, *lines: str) -> Path:
        """Write the lines of a text there, and open it at a source."""
        path.write_text("\n".join((*lines, "")), encoding="utf-8")
        self.files[source] = path
        return path

    async def open(self, source: str, options: TableOptions = FOUND_OUT) -> Table:
        await self._board.enter("tables.open", source, options)
        path = self.files.get(source, Path(source))
        if not path.exists():
            raise NotFoundError(f"There is no table {source}.")
        return await asyncio.to_thread(open_table, path, options)

    async def identity(self, source: str) -> str:
        await self._board.enter("tables.identity", source)
        return self.identities.get(source, source)
