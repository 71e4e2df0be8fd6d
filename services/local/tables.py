"""Tables of a local workspace: in its datastores, its jobs' outputs, anywhere on this machine, and elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from services.asset_uris import asset_name, datastore_path, is_web, job_output
from services.entities import DataAsset, Datastore
from services.entities.tables import FOUND_OUT, TableOptions
from services.file_errors import file_errors
from services.local.calls import Calls
from services.local.datastore_registry import DatastoreRegistry
from services.local.job_outputs import output_folder
from services.local.layout import Layout
from services.local.uris import inside, resolve
from services.storage.addresses import storage_address
from services.table_identity import table_identity
from services.threads import in_daemon_thread
from services.workspace import TableService

if TYPE_CHECKING:
    from services.storage.files import StoreFiles
    from services.tables.elsewhere import Located, Stored
    from services.tables.table import Table


class LocalTables(TableService):
    """Opens files where they lie.

    Args:
        find_data: a data asset by name and version or label; raises NotFoundError.
        open_store: a datastore in the cloud, and its files; blocking.
    """

    def __init__(
        self,
        layout: Layout,
        calls: Calls,
        find_data: Callable[[str, str], DataAsset],
        open_store: Callable[[str], tuple[Datastore, StoreFiles]],
    ) -> None:
        self._layout = layout
        self._calls = calls
        self._find_data = find_data
        self._open_store = open_store
        self._registry = DatastoreRegistry(layout)

    async def open(self, source: str, options: TableOptions = FOUND_OUT) -> Table:
        """A table by its source; paths start from the current folder."""
        from services.tables.elsewhere import claim

        base = Path.cwd()
        if asset := asset_name(source):
            source = (await self._calls(self._find_data, asset.name, asset.version)).path
            base = self._layout.root
        with claim() as mine:
            return await in_daemon_thread(lambda: mine.take(self._open(source, base, options)))

    async def identity(self, source: str) -> str:
        """By the folder of the workspace."""
        return await table_identity(
            str(self._layout.root), source, lambda name, label: self._calls(self._find_data, name, label)
        )

    def _open(self, source: str, base: Path, options: TableOptions) -> Table:
        from services.tables.elsewhere import open_located

        with file_errors():
            return open_located(source, partial(self._locate, base), options)

    def _locate(self, base: Path, source: str) -> Located:
        from services.tables.elsewhere import OnTheWeb

        if output := job_output(source):
            return inside(output_folder(self._layout, output.job, output.output), output.path)
        if (place := datastore_path(source)) and not self._registry.find(place.datastore).folder:
            return self._in_cloud(place.datastore, place.path)
        if address := storage_address(source):
            from services.storage.access import Reader, first_who_may, is_of, readers_of
            from services.storage.places import Place
            from services.tables.elsewhere import Stored

            own = next((store for store in self._registry.list() if is_of(store, address)), None)
            reader = Reader(f"the datastore {own.name}", partial(self._files, own.name)) if own else None
            files, errors = first_who_may(address, readers_of(address, reader, None))
            return Stored(Place(files, address.path), errors)
        return OnTheWeb(source) if is_web(source) else resolve(self._layout, source, base)

    def _in_cloud(self, datastore: str, path: str) -> Stored:
        from services.storage.datastores import storage_refusals
        from services.storage.places import Place
        from services.tables.elsewhere import Stored

        store, files = self._open_store(datastore)
        return Stored(Place(files, path.strip("/")), lambda: storage_refusals(lambda: store))

    def _files(self, datastore: str) -> StoreFiles:
        return self._open_store(datastore)[1]
