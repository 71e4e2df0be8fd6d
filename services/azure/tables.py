"""Tables of an Azure workspace: in its datastores, its jobs' outputs, in other storage and on the web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from services.asset_uris import asset_name, datastore_path, is_web, job_output, local_place
from services.azure.connection import Connection
from services.azure.data import AzureData
from services.azure.datastore_mapping import datastore
from services.azure.job_mapping import output_uri
from services.azure.places import Places
from services.azure.resources import Resources
from services.azure.storage import Storage
from services.entities.tables import FOUND_OUT, TableOptions
from services.errors import NotFoundError
from services.storage.addresses import StorageAddress, storage_address
from services.table_identity import table_identity
from services.workspace import TableService

if TYPE_CHECKING:
    from services.tables.elsewhere import Located, Stored
    from services.tables.table import Table


class AzureTables(TableService):
    """Opens files by ranges of their bytes."""

    def __init__(self, connection: Connection, data: AzureData) -> None:
        self._connection = connection
        self._data = data
        self._resources = Resources(connection)
        self._storage = Storage(connection)
        self._places = Places(self._storage, connection.target)

    async def open(self, source: str, options: TableOptions = FOUND_OUT) -> Table:
        """A table by its source; paths start from the current folder."""
        from services.tables.elsewhere import claim, open_located

        if asset := asset_name(source):
            source = (await self._data.get(asset.name, asset.version)).path
        with claim() as mine:
            return await self._connection.read(lambda _: mine.take(open_located(source, self._locate, options)))

    async def identity(self, source: str) -> str:
        """By the workspace, whatever profile it is kept under."""
        return await table_identity(self._connection.target.key, source, self._data.get)

    def _locate(self, source: str) -> Located:
        from services.tables.elsewhere import OnTheWeb, Stored

        if output := job_output(source):
            source = self._output(output.job, output.output, output.path)
        if datastore_path(source):
            return Stored(self._places.find(source), self._errors)
        if address := storage_address(source):
            return self._stored(address)
        return OnTheWeb(source) if is_web(source) else local_place(source, Path.cwd())

    def _stored(self, address: StorageAddress) -> Stored:
        from services.storage.access import Reader, first_who_may, is_of, open_address, readers_of
        from services.storage.places import Place
        from services.tables.elsewhere import Stored

        own = identity = None
        if not address.signature:
            stores = (datastore(body, self._connection.target) for body in self._resources.list("datastores"))
            if found := next((store for store in stores if is_of(store, address)), None):
                own = Reader(f"the datastore {found.name}", lambda: self._storage.open(found.name), self._errors)
            credential = self._connection.http.credential
            name = str(self._connection.identity or "the identity that is signed in")
            identity = Reader(name, lambda: open_address(address, credential), self._errors)
        files, errors = first_who_may(address, readers_of(address, own, identity))
        return Stored(Place(files, address.path), errors)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The boundary of reads that go on after a table was opened, in its own threads."""
        from services.azure_errors import azure_errors, naming_refused

        with naming_refused(lambda: self._connection.identity), azure_errors():
            yield

    def _output(self, job: str, output: str, path: str) -> str:
        body = self._resources.find("jobs", job)
        if body is None:
            raise NotFoundError(f"There is no job named {job}.", advice="See the list of jobs.")
        uri = output_uri(body, output)
        if not uri:
            raise NotFoundError(f"Job {job} has no output {output}.")
        return f"{uri.rstrip('/')}/{path}" if path else uri
