"""The datastores of a local workspace as they are kept: the four default folders, and a file of those registered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.entities import Datastore
from services.errors import NotFoundError, UserError, WorkspaceError
from services.local import supervisor
from services.local.layout import DATASTORES, Layout
from services.local.vault import locked

DESCRIPTIONS = {
    "workspaceblobstore": "Data, models and outputs of jobs",
    "workspaceartifactstore": "Artifacts and logged models of runs",
    "workspacefilestore": "Files shared by computes",
    "workspaceworkingdirectory": "Notebooks and code",
}
_FIRST = next(iter(DATASTORES))
_TIMES = ("created_at", "expires_at")


class DatastoreRegistry:
    """All datastores of a workspace, without their secrets; blocking."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    @property
    def default(self) -> str:
        """The name of the datastore where local files and outputs of jobs go."""
        return str(self._read().get("default") or _FIRST)

    def list(self) -> list[Datastore]:
        """The default first, then by name."""
        content = self._read()
        default = str(content.get("default") or _FIRST)
        found = [*map(self._built_in, DATASTORES), *map(self._registered, content.get("datastores", {}).values())]
        marked = [replace(store, is_default=store.name == default) for store in found]
        return sorted(marked, key=lambda store: (not store.is_default, store.name))

    def find(self, name: str) -> Datastore:
        """One datastore. Raises NotFoundError."""
        found = self.list()
        for store in found:
            if store.name == name:
                return store
        advice = f"There are {', '.join(store.name for store in found)}."
        raise NotFoundError(f"There is no datastore named {name}.", advice=advice)

    def folder(self, name: str) -> Path:
        """The folder behind a datastore. Raises NotFoundError, UserError for one in the cloud."""
        store = self.find(name)
        if not store.folder:
            raise UserError(
                f"The datastore {name} is in Azure storage, which nothing on this machine reads as a file.",
                title="Not on this machine",
                advice="Download what is needed, or register a folder of this machine as a datastore.",
            )
        return Path(store.folder)

    def write(self, store: Datastore) -> None:
        """Add a datastore, or replace the one of that name."""
        kept = {key: value for key, value in asdict(store).items() if key not in ("is_default", "identity")}
        kept |= {key: time.isoformat() for key in _TIMES if (time := kept[key])}
        with locked(self._layout.datastore_file):
            content = self._read()
            content["datastores"] = {**content.get("datastores", {}), store.name: kept}
            self._write(content)

    def remove(self, name: str) -> None:
        """Forget a registered datastore."""
        with locked(self._layout.datastore_file):
            content = self._read()
            content.get("datastores", {}).pop(name, None)
            self._write(content)

    def set_default(self, name: str) -> None:
        """Another default."""
        with locked(self._layout.datastore_file):
            self._write({**self._read(), "default": name})

    def _built_in(self, name: str) -> Datastore:
        folder = self._layout.datastore(name)
        made = datetime.fromtimestamp(folder.stat().st_mtime, UTC) if folder.exists() else None
        return Datastore(name, DATASTORES[name], description=DESCRIPTIONS[name], folder=str(folder), created_at=made)

    def _registered(self, kept: Mapping[str, Any]) -> Datastore:
        times = {key: datetime.fromisoformat(kept[key]) if kept.get(key) else None for key in _TIMES}
        known = {one.name for one in fields(Datastore)}  # a newer Lapis may have written more
        return Datastore(**{key: value for key, value in {**kept, **times}.items() if key in known})

    def _read(self) -> dict[str, Any]:
        path = self._layout.datastore_file
        try:
            content = json.loads(path.read_text("utf-8"))
            if not isinstance(content, dict) or not isinstance(content.get("datastores", {}), dict):
                raise ValueError("it lists no datastores")
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise WorkspaceError(
                f"{path} can't be read: {error}.",
                title="The list of datastores is damaged",
                advice="Restore that file from a backup, or move it away and register the datastores anew.",
            ) from error
        return content

    def _write(self, content: dict[str, Any]) -> None:
        supervisor.write_json(self._layout.datastore_file, content)
