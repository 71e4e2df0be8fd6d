"""Datastores in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from services.entities import Datastore, FileEntry
from services.errors import Fault, NotFoundError, SpecError, UserError
from services.specs.datastores import LOCAL, DatastoreSpec, datastore_faults
from services.workspace import DatastoreService
from tests.support import asset_entities, entities
from tests.support.fake_jobs import Switchboard


class FakeDatastores(DatastoreService):
    """The four of every workspace, and what a test adds; each holds the same files."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self.all = {store.name: store for store in asset_entities.DATASTORES}
        self.folders = dict(asset_entities.DATASTORE_FILES)
        self.contents = dict(asset_entities.DATASTORE_CONTENTS)

    def add(self, *stores: Datastore) -> None:
        """Somebody registers these."""
        self.all |= {store.name: store for store in stores}

    async def list(self) -> Sequence[Datastore]:
        await self._board.enter("datastores.list")
        return sorted(self.all.values(), key=lambda store: not store.is_default)

    async def get(self, name: str) -> Datastore:
        await self._board.enter("datastores.get", name)
        if name not in self.all:
            raise NotFoundError(f"There is no datastore named {name}.")
        return self.all[name]

    async def browse(self, name: str, path: str = "", *, limit: int | None = None) -> Sequence[FileEntry]:
        await self._board.enter("datastores.browse", name, path, limit)
        await self.get(name)
        path = path.strip("/")
        if path not in self.folders:
            raise NotFoundError(f"{name} has no folder {path}.")
        return self.folders[path][:limit]

    async def read(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        await self._board.enter("datastores.read", name, path)
        if path not in self.contents:
            raise NotFoundError(f"{name} has no file {path}.")
        return self.contents[path][:limit]

    async def check(self, spec: DatastoreSpec, *, base: Path) -> Sequence[Fault]:
        await self._board.enter("datastores.check", spec)
        return datastore_faults(spec, entities.NOW, self.all.get(spec.name))

    async def create(self, spec: DatastoreSpec, *, base: Path) -> Datastore:
        await self._board.enter("datastores.create", spec)
        if faults := [fault for fault in await self.check(spec, base=base) if fault.severity == "error"]:
            raise SpecError(faults)
        made = Datastore(
            spec.name,
            spec.type,
            description=spec.description or "",
            account_name=spec.account_name or "",
            container_name=spec.container_name or spec.filesystem or spec.file_share_name or "",
            credentials=spec.signs_in.kind,
            folder=spec.path or "",
        )
        self.all[spec.name] = made
        return made

    async def delete(self, name: str) -> None:
        await self._board.enter("datastores.delete", name)
        if (await self.get(name)).is_default:
            raise UserError(f"{name} is the default datastore.", title="The default stays")
        del self.all[name]

    async def set_default(self, name: str) -> Datastore:
        await self._board.enter("datastores.set_default", name)
        if (await self.get(name)).type != LOCAL and not self.all[name].folder:
            raise UserError(f"{name} is in Azure storage.", title="Not on this machine")
        self.all = {key: replace(store, is_default=key == name) for key, store in self.all.items()}
        return self.all[name]
