"""Datastores of an Azure workspace, and the files in them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services import names
from services.azure.connection import Connection
from services.azure.datastore_mapping import datastore, properties_to_send
from services.azure.resources import Body, Resources
from services.azure.storage import Storage
from services.entities import Datastore, FileEntry
from services.errors import Fault, NotFoundError, SpecError, UserError
from services.specs.datastores import LOCAL, NONE, SAS, SECRETS, DatastoreSpec, datastore_faults, sas_expiry
from services.storage.datastores import missing, storage_refusals
from services.storage.files import StoreFiles
from services.text import REDACTED
from services.workspace import DatastoreService

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f]")
"""What no name may hold (Azure Storage, "Naming and referencing containers, blobs, and metadata")."""
_UNCHECKED = {"skipValidation": "true"}
"""As azure-ai-ml registers them: the service else wants to open the storage, which it often may not."""


class AzureDatastores(DatastoreService):
    """Registered places in storage accounts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._storage = Storage(connection)

    async def list(self) -> Sequence[Datastore]:
        """The default first, then by name."""
        bodies = await self._connection.read(lambda _: list(self._resources.list("datastores")))
        found = await asyncio.gather(*map(self._told, bodies))
        return sorted(found, key=lambda store: (not store.is_default, store.name))

    async def get(self, name: str) -> Datastore:
        """One datastore."""
        return await self._told(await self._connection.read(lambda _: self._find(name)))

    async def browse(self, name: str, path: str = "", *, limit: int | None = None) -> Sequence[FileEntry]:
        """The entries of a folder, folders first, by name; paths start from the datastore."""
        return await self._connection.read(lambda _: self._browse(name, path, limit))

    async def read(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        """The beginning of a file."""
        return await self._connection.read(lambda _: self._read(name, path, limit))

    async def check(self, spec: DatastoreSpec, *, base: Path) -> Sequence[Fault]:
        """Faults of the spec, and of what it changes."""
        if spec.type == LOCAL:
            return [Fault("type", "a folder of this machine is known to a local workspace alone")]
        return datastore_faults(spec, datetime.now(UTC), await self._old(spec.name))

    async def create(self, spec: DatastoreSpec, *, base: Path) -> Datastore:
        """Register or edit; what is not asked about is sent as the SDK sends it."""
        errors = [fault for fault in await self.check(spec, base=base) if fault.severity == "error"]
        if errors:
            raise SpecError(errors)
        old = await self._old(spec.name)
        verb = "Change" if old else "Register"
        await self._connection.write(verb, spec.name, lambda _client, _number: self._put(spec, old))
        return await self.get(spec.name)

    async def delete(self, name: str) -> None:
        """Forget it."""
        store = await self.get(name)
        if store.is_default:
            raise UserError(
                f"{name} is the default datastore: local files and the outputs of jobs go there.",
                title="The default stays",
                advice="Make another one the default in Studio, under Data, then delete this one.",
            )
        await self._connection.write("Delete", name, lambda _client, _number: self._delete(name))

    async def set_default(self, name: str) -> Datastore:
        """Refused: the service has no call for it."""
        await self.get(name)
        raise UserError(
            f"The default datastore of an Azure workspace can be set in Studio alone; {name} is as it was.",
            advice="U copies the address of its page in Studio.",
        )

    async def _old(self, name: str) -> Datastore | None:
        try:
            return await self.get(name)
        except NotFoundError:
            return None

    async def _told(self, body: Body) -> Datastore:
        """With the end of its signature, which only the secret tells, and who reads where it has none."""
        store = self._mapped(body)
        if store.credentials != SAS:
            return store
        return await self._connection.read(lambda _: self._with_expiry(store))

    def _mapped(self, body: Body) -> Datastore:
        return datastore(body, self._connection.target, identity=self._reader)

    def _with_expiry(self, store: Datastore) -> Datastore:
        return replace(store, expires_at=sas_expiry(self._storage.secret(store))) if store.credentials == SAS else store

    def _as_opened(self, store: Datastore) -> Datastore:
        """What storage was asked with: the identity itself, where it may not see the secret."""
        if self._storage.secret(store):
            return self._with_expiry(store)
        return replace(store, credentials=NONE, identity=self._reader)

    @property
    def _reader(self) -> str:
        return str(self._connection.identity or "whoever is signed in")

    def _find(self, name: str) -> Body:
        found = None if names.name_faults(name) else self._resources.find("datastores", name)
        # the service takes a name in any case of its letters
        if found is None or found.get("name") != name:
            raise NotFoundError(f"There is no datastore named {name}.", advice="See the list of datastores.")
        return found

    def _put(self, spec: DatastoreSpec, old: Datastore | None) -> None:
        if old and spec.credentials and spec.credentials.secret == REDACTED:
            secret = self._storage.secret(old, own=True)
            if not secret:
                at = f"credentials.{SECRETS[old.credentials]}"
                raise SpecError([Fault(at, "can't be seen by this identity, so it can't be kept: give it anew")])
            spec = replace(spec, credentials=spec.credentials.with_secret(secret))
        self._resources.put("datastores", spec.name, properties=properties_to_send(spec), params=_UNCHECKED)
        self._storage.forget(spec.name)

    def _delete(self, name: str) -> None:
        self._resources.delete("datastores", name)
        self._storage.forget(name)

    def _browse(self, name: str, path: str, limit: int | None) -> Sequence[FileEntry]:
        folder = checked_path(path)
        with self._opened(name) as (store, files):
            found = files.entries(folder, limit)
            if not found and (folder or not files.is_there()):
                raise missing(store, folder)
            return found

    def _read(self, name: str, path: str, limit: int) -> bytes:
        file = checked_path(path)
        with self._opened(name) as (_, files):
            if files.entry(file) is None:
                raise NotFoundError(f"{name} has no file {path}.")
            return files.read(file, 0, limit)

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[Datastore, StoreFiles]]:
        store = self._mapped(self._find(name))
        files = self._storage.open(name)
        with storage_refusals(lambda: self._as_opened(store)):
            yield store, files


def checked_path(path: str) -> str:
    """A path in storage. Raises UserError for one that leads outside, or that no name in storage has."""
    folder = folder_path(path)
    if _CONTROL.search(folder):
        raise UserError(f"{path!r} is no path: names in storage hold no control characters.")
    return folder


def folder_path(path: str) -> str:
    """A path in a datastore without slashes and dots that say nothing. Raises UserError for one that leads outside."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UserError(f"{path} lies outside of the datastore.", advice="Name a path below it, without `..`.")
    if "\0" in path:
        raise UserError(f"{path!r} is no path.")
    return "/".join(parts)
