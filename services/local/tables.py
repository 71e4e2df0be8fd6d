"""Tables of a local workspace: in its datastores, its jobs' outputs, and anywhere on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from services.asset_uris import asset_name, is_web, job_output
from services.entities import DataAsset
from services.entities.tables import FOUND_OUT, TableOptions
from services.errors import UserError
from services.local.calls import Calls
from services.local.job_outputs import output_folder
from services.local.layout import Layout
from services.local.uris import inside, resolve
from services.workspace import TableService

if TYPE_CHECKING:
    from services.tables.table import Table


class LocalTables(TableService):
    """Opens files where they lie.

    Args:
        find_data: a data asset by name and version or label; raises NotFoundError.
    """

    def __init__(self, layout: Layout, calls: Calls, find_data: Callable[[str, str], DataAsset]) -> None:
        self._layout = layout
        self._calls = calls
        self._find_data = find_data

    async def open(self, source: str, options: TableOptions = FOUND_OUT) -> Table:
        """A table by its source; paths start from the current folder."""
        return await self._calls(self._open, source, options)

    def _open(self, source: str, options: TableOptions) -> Table:
        from services.tables.opening import open_table, table_place

        if asset := asset_name(source):
            source = self._find_data(asset.name, asset.version).path
        if is_web(source):
            raise UserError(f"{source} is on the web: a job that takes it as input downloads it.")
        return open_table(table_place(self._place(source)), options)

    def _place(self, source: str) -> Path:
        if output := job_output(source):
            return inside(output_folder(self._layout, output.job, output.output), output.path)
        return resolve(self._layout, source, Path.cwd())
