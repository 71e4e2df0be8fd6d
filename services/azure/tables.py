"""Tables of an Azure workspace: in its datastores and its jobs' outputs, read in ranges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from services.asset_uris import asset_name, datastore_path, is_web, job_output, local_place
from services.azure.connection import Connection
from services.azure.data import AzureData
from services.azure.job_mapping import output_uri
from services.azure.places import Places
from services.azure.resources import Resources
from services.azure.storage import Storage
from services.entities import FileEntry
from services.entities.tables import FOUND_OUT, TableOptions
from services.errors import NotFoundError, UserError
from services.storage.files import StoreFiles
from services.storage.places import Place, files_at
from services.workspace import TableService

if TYPE_CHECKING:
    from services.tables.table import Table


class StoreBytes:
    """The bytes of a file in storage."""

    path: Path | None = None

    def __init__(self, files: StoreFiles, entry: FileEntry) -> None:
        self.name, self.size = entry.path.rpartition("/")[2], entry.size
        self._files, self._entry = files, entry

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`."""
        return self._files.read(self._entry.path, offset, max(0, min(length, self.size - offset)))

    def change(self) -> str:
        """Deleted, or written to since it was opened."""
        now = self._files.entry(self._entry.path)
        if now is None:
            return "the file was deleted; what was read is shown"
        return "" if now == self._entry else "the file was written to; open it again"

    def close(self) -> None:
        """Nothing is held."""


class AzureTables(TableService):
    """Opens files by ranges of their bytes."""

    def __init__(self, connection: Connection, data: AzureData) -> None:
        self._connection = connection
        self._data = data
        self._resources = Resources(connection)
        self._places = Places(Storage(connection), connection.target)

    async def open(self, source: str, options: TableOptions = FOUND_OUT) -> Table:
        """A table by its source; paths start from the current folder."""
        if asset := asset_name(source):
            source = (await self._data.get(asset.name, asset.version)).path
        return await self._connection.read(lambda _: self._open(source, options))

    def _open(self, source: str, options: TableOptions) -> Table:
        from services.tables.opening import open_source, open_table, table_place

        if output := job_output(source):
            source = self._output(output.job, output.output, output.path)
        if datastore_path(source):
            return open_source(_table_bytes(self._places.find(source), source), options)
        if is_web(source):
            raise UserError(f"{source} is on the web: a job that takes it as input downloads it.")
        return open_table(table_place(local_place(source, Path.cwd())), options)

    def _output(self, job: str, output: str, path: str) -> str:
        body = self._resources.find("jobs", job)
        if body is None:
            raise NotFoundError(f"There is no job named {job}.", advice="See the list of jobs.")
        uri = output_uri(body, output)
        if not uri:
            raise NotFoundError(f"Job {job} has no output {output}.")
        return f"{uri.rstrip('/')}/{path}" if path else uri


def _table_bytes(place: Place, source: str) -> StoreBytes:
    """The file at a place, or the first table file of a folder."""
    from services.tables.preview import is_table_name

    found = files_at(place)
    if not found.entries:
        raise NotFoundError(f"There is nothing at {source}.")
    tables = [entry for entry in found.entries if found.is_file or is_table_name(entry.path)]
    if not tables:
        raise UserError(f"There is no table among the {len(found.entries):,} files of {source}.")
    entry = place.files.entry(found.root + tables[0].path)
    if entry is None:
        raise NotFoundError(f"There is nothing at {source}.")
    return StoreBytes(place.files, entry)
