"""Datastores of a local workspace: the four default folders, other folders of this machine, and storage in Azure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services.asset_uris import local_place
from services.entities import Datastore, FileEntry
from services.errors import Fault, NotFoundError, SpecError, UserError
from services.local import events
from services.local.calls import Calls
from services.local.database import Database
from services.local.datastore_registry import DatastoreRegistry
from services.local.files import entries_of
from services.local.layout import DATASTORES, Layout
from services.local.submission import user_name
from services.local.uris import inside
from services.local.vault import Vault
from services.names import text_tags
from services.specs.datastores import LOCAL, NONE, SAS, DatastoreSpec, datastore_faults, sas_expiry
from services.storage.datastores import machine_credential, missing, open_datastore, storage_refusals
from services.storage.files import StoreFiles
from services.text import REDACTED
from services.workspace import DatastoreService

SIGNED_IN = "whoever is signed in to Azure on this machine"


class LocalDatastores(DatastoreService):
    """Folders, and what was registered; secrets lie in the vault alone."""

    def __init__(self, layout: Layout, database: Database, calls: Calls) -> None:
        self._layout = layout
        self._database = database
        self._calls = calls
        self._registry = DatastoreRegistry(layout)
        self._vault = Vault(layout.vault)
        self._open: dict[str, StoreFiles] = {}

    async def list(self) -> Sequence[Datastore]:
        """The default first, then by name."""
        return await self._calls(lambda: [_told(store) for store in self._registry.list()])

    async def get(self, name: str) -> Datastore:
        """One datastore."""
        return await self._calls(self._get, name)

    async def browse(self, name: str, path: str = "", *, limit: int | None = None) -> Sequence[FileEntry]:
        """The entries of a folder, folders first, by name; paths start from the datastore."""
        return await self._calls(self._browse, name, path, limit)

    async def read(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        """The beginning of a file."""
        return await self._calls(self._read, name, path, limit)

    async def check(self, spec: DatastoreSpec, *, base: Path) -> Sequence[Fault]:
        """Faults of the spec, of what it changes, and of a folder that is not there."""
        return await self._calls(self._check, spec, base)

    async def create(self, spec: DatastoreSpec, *, base: Path) -> Datastore:
        """Register or edit."""
        return await self._calls(self._create, spec, base)

    async def delete(self, name: str) -> None:
        """Forget it, and its secret."""
        await self._calls(self._delete, name)

    async def set_default(self, name: str) -> Datastore:
        """Make a folder the default."""
        return await self._calls(self._set_default, name)

    def files(self, name: str) -> tuple[Datastore, StoreFiles]:
        """A datastore in the cloud and its files, blocking; kept open. Raises NotFoundError, UserError."""
        store = self._get(name)
        if name not in self._open:
            self._open[name] = open_datastore(store, self._vault.get(_key(name)), machine_credential)
        return store, self._open[name]

    # -------------------------------------------------------------------------------------------------------- reads

    def _get(self, name: str) -> Datastore:
        return _told(self._registry.find(name))

    def _browse(self, name: str, path: str, limit: int | None) -> Sequence[FileEntry]:
        store = self._get(name)
        if not store.folder:
            with self._opened(name) as files:
                inner = "/".join(part for part in path.split("/") if part not in ("", "."))
                found = files.entries(inner, limit)
                if not found and (inner or not files.is_there()):
                    raise missing(store, inner)
                return found
        folder = self._inside(store, path)
        if not folder.is_dir():
            raise NotFoundError(f"{name} has no folder {path or '/'}.")
        return entries_of(folder, path.strip("/"), limit)

    def _read(self, name: str, path: str, limit: int) -> bytes:
        store = self._get(name)
        if not store.folder:
            with self._opened(name) as files:
                if files.entry(path) is None:
                    raise NotFoundError(f"{name} has no file {path}.")
                return files.read(path, 0, limit)
        file = self._inside(store, path)
        if not file.is_file():
            raise NotFoundError(f"{name} has no file {path}.")
        with file.open("rb") as opened:
            return opened.read(limit)

    def _inside(self, store: Datastore, path: str) -> Path:
        root = Path(store.folder)
        if store.type == LOCAL and not root.is_dir():
            raise NotFoundError(
                f"{root}, the folder of {store.name}, is not there any more.",
                title="The folder is missing",
                advice="Put it back, or e edits the datastore.",
            )
        return inside(root, path)

    @contextmanager
    def _opened(self, name: str) -> Iterator[StoreFiles]:
        store, files = self.files(name)
        with storage_refusals(lambda: store):
            yield files

    # ------------------------------------------------------------------------------------------------------- writes

    def _old(self, name: str) -> Datastore | None:
        return next((store for store in self._registry.list() if store.name == name), None)

    def _check(self, spec: DatastoreSpec, base: Path) -> Sequence[Fault]:
        faults = datastore_faults(spec, datetime.now(UTC), self._old(spec.name))
        if spec.name in DATASTORES:
            faults.insert(0, Fault("name", f"{spec.name} is one of the four that every workspace has; they stay"))
        for store in self._registry.list():
            if store.name != spec.name and store.name.casefold() == spec.name.casefold():
                faults.insert(0, Fault("name", f"{store.name} is there already; capitals make no other name"))
        if spec.type != LOCAL:
            return [
                *faults,
                Fault("type", "can be browsed and previewed here; jobs of this machine can't read it", "note"),
            ]
        return [*_folder_faults(spec, base), *faults]

    def _create(self, spec: DatastoreSpec, base: Path) -> Datastore:
        self._database.check_writable()
        errors = [fault for fault in self._check(spec, base) if fault.severity == "error"]
        if errors:
            raise SpecError(errors)
        old, given = self._old(spec.name), spec.signs_in
        secret = self._vault.get(_key(spec.name)) if given.secret == REDACTED else given.secret
        fields = ("tenant_id", "client_id", "thumbprint", "authority_url", "resource_url")
        self._vault.put(_key(spec.name), secret)
        self._registry.write(
            Datastore(
                spec.name,
                spec.type,
                description=spec.description or "",
                account_name=spec.account_name or spec.one_lake_workspace_name or "",
                container_name=_container(spec),
                credentials=given.kind,
                folder=str(local_place(spec.path, base).resolve()) if spec.path else "",
                created_at=old.created_at if old else datetime.now(UTC).replace(microsecond=0),
                endpoint=spec.endpoint or "",
                protocol=spec.protocol or "",
                tags=text_tags(spec.tags),
                credential_fields={name: value for name in fields if (value := getattr(given, name))},
                expires_at=sas_expiry(secret) if given.kind == SAS else None,
            )
        )
        self._open.pop(spec.name, None)
        events.record(self._layout, f"datastore {spec.name} {'changed' if old else 'registered'}")
        return self._get(spec.name)

    def _delete(self, name: str) -> None:
        self._database.check_writable()
        store = self._get(name)
        if name in DATASTORES:
            raise UserError(f"{name} is one of the four that every workspace has.", title="A default datastore stays")
        if store.is_default:
            raise UserError(
                f"{name} is the default datastore: local files and the outputs of jobs go there.",
                title="The default stays",
                advice="* makes another one the default.",
            )
        self._registry.remove(name)
        self._vault.put(_key(name), "")
        self._open.pop(name, None)
        events.record(self._layout, f"datastore {name} deleted")

    def _set_default(self, name: str) -> Datastore:
        self._database.check_writable()
        self._registry.folder(name)
        self._registry.set_default(name)
        events.record(self._layout, f"datastore {name} is the default")
        return self._get(name)


def _told(store: Datastore) -> Datastore:
    """With who reads, where it has no credentials of its own."""
    if store.credentials != NONE:
        return store
    return replace(store, identity=user_name() if store.folder else SIGNED_IN)


def _key(name: str) -> str:
    return f"datastores/{name}"


def _container(spec: DatastoreSpec) -> str:
    lakehouse = spec.artifact.name if spec.artifact else ""
    return spec.container_name or spec.filesystem or spec.file_share_name or lakehouse


def _folder_faults(spec: DatastoreSpec, base: Path) -> Iterator[Fault]:
    """What is wrong with the folder of a local datastore."""
    if not spec.path:
        return
    try:
        place = local_place(spec.path, base)
    except UserError as error:
        yield Fault("path", error.detail.rstrip("."))
        return
    if not place.is_dir():
        yield Fault("path", f"{place} is a file, not a folder" if place.exists() else f"there is no folder {place}")
    elif not os.access(place, os.R_OK | os.X_OK):
        yield Fault("path", f"{place} can't be read")
    elif not os.access(place, os.W_OK):
        yield Fault("path", f"{place} can be read only: no output of a job can go there", "warning")
