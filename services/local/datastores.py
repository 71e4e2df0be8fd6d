"""The four default datastores of a local workspace: folders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from services.entities import Datastore, FileEntry
from services.errors import NotFoundError
from services.local.calls import Calls
from services.local.files import entries_of
from services.local.layout import DATASTORES, Layout
from services.local.uris import inside
from services.workspace import DatastoreService

DEFAULT = next(iter(DATASTORES))
DESCRIPTIONS = {
    "workspaceblobstore": "Data, models and outputs of jobs",
    "workspaceartifactstore": "Artifacts and logged models of runs",
    "workspacefilestore": "Files shared by computes",
    "workspaceworkingdirectory": "Notebooks and code",
}


class LocalDatastores(DatastoreService):
    """Folders that stand for the types they have in Azure."""

    def __init__(self, layout: Layout, calls: Calls) -> None:
        self._layout = layout
        self._calls = calls

    async def list(self) -> Sequence[Datastore]:
        """The default first, then by name."""
        return await self._calls(lambda: [self._datastore(name) for name in _ordered()])

    async def get(self, name: str) -> Datastore:
        """One datastore."""
        return await self._calls(self._datastore, name)

    async def browse(self, name: str, path: str = "") -> Sequence[FileEntry]:
        """The entries of a folder, folders first, by name; paths start from the datastore."""
        return await self._calls(self._browse, name, path)

    def _datastore(self, name: str) -> Datastore:
        if name not in DATASTORES:
            raise NotFoundError(f"There is no datastore named {name}.", advice=f"There are {', '.join(_ordered())}.")
        folder = self._layout.datastore(name)
        return Datastore(
            name,
            DATASTORES[name],
            is_default=name == DEFAULT,
            description=DESCRIPTIONS[name],
            folder=str(folder),
            created_at=datetime.fromtimestamp(folder.stat().st_mtime, UTC) if folder.exists() else None,
        )

    def _browse(self, name: str, path: str) -> Sequence[FileEntry]:
        self._datastore(name)
        root = self._layout.datastore(name)
        folder = inside(root, path)
        if not folder.is_dir():
            raise NotFoundError(f"{name} has no folder {path or '/'}.")
        return entries_of(folder, path.strip("/"))


def _ordered() -> list[str]:
    return [DEFAULT, *sorted(name for name in DATASTORES if name != DEFAULT)]
