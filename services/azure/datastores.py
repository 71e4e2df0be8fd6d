"""Datastores of an Azure workspace, and the files in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services import names
from services.azure.connection import Connection
from services.azure.datastore_mapping import datastore
from services.azure.resources import Body, Resources
from services.azure.storage import Storage
from services.entities import Datastore, FileEntry
from services.errors import NotFoundError, UserError
from services.workspace import DatastoreService

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f]")
"""What no name may hold (Azure Storage, "Naming and referencing containers, blobs, and metadata")."""


class AzureDatastores(DatastoreService):
    """Registered places in storage accounts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._storage = Storage(connection)

    async def list(self) -> Sequence[Datastore]:
        """The default first, then by name."""
        return await self._connection.read(lambda _: self._list())

    async def get(self, name: str) -> Datastore:
        """One datastore."""
        return await self._connection.read(lambda _: datastore(self._find(name), self._connection.target))

    async def browse(self, name: str, path: str = "") -> Sequence[FileEntry]:
        """The entries of a folder, folders first, by name; paths start from the datastore."""
        return await self._connection.read(lambda _: self._browse(name, path))

    def _list(self) -> Sequence[Datastore]:
        found = [datastore(body, self._connection.target) for body in self._resources.list("datastores")]
        return sorted(found, key=lambda store: (not store.is_default, store.name))

    def _find(self, name: str) -> Body:
        found = None if names.name_faults(name) else self._resources.find("datastores", name)
        # the service takes a name in any case of its letters
        if found is None or found.get("name") != name:
            raise NotFoundError(f"There is no datastore named {name}.", advice="See the list of datastores.")
        return found

    def _browse(self, name: str, path: str) -> Sequence[FileEntry]:
        self._find(name)
        folder = folder_path(path)
        if _CONTROL.search(folder):
            raise UserError(f"{path!r} is no path: names in storage hold no control characters.")
        found = self._storage.open(name).entries(folder)
        if folder and not found:
            raise NotFoundError(f"{name} has no folder {path}.")
        return found


def folder_path(path: str) -> str:
    """A path in a datastore without slashes and dots that say nothing. Raises UserError for one that leads outside."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UserError(f"{path} lies outside of the datastore.", advice="Name a path below it, without `..`.")
    if "\0" in path:
        raise UserError(f"{path!r} is no path.")
    return "/".join(parts)
