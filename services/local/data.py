"""Data assets of a local workspace: rows in lapis.db, files in the default datastore."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from services import names
from services.asset_uris import datastore_path, is_web
from services.entities import DataAsset, DownloadReport, FileEntry
from services.errors import Fault, NotFoundError, SpecError, UserError
from services.local import events, files
from services.local.calls import Calls
from services.local.database import Database
from services.local.datastore_registry import DatastoreRegistry
from services.local.job_files import copy_files
from services.local.layout import Layout
from services.local.submission import user_name
from services.local.uris import resolve
from services.specs.assets import DataSpec
from services.specs.data import data_path_faults
from services.uris import datastore_uri
from services.workspace import DataService


class LocalData(DataService):
    """Assets whose local files were copied in, or that point into a datastore or to http(s)."""

    def __init__(self, layout: Layout, database: Database, calls: Calls) -> None:
        self._layout = layout
        self._database = database
        self._calls = calls

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[DataAsset]:
        """The latest version of each asset."""
        return await self._calls(self._list, text, include_archived)

    async def versions(self, name: str) -> Sequence[DataAsset]:
        """All versions, newest first."""
        return await self._calls(self._versions, name)

    async def get(self, name: str, version: str = "latest") -> DataAsset:
        """One version."""
        return await self._calls(self.find, name, version)

    async def create(self, spec: DataSpec, *, base: Path) -> DataAsset:
        """Register a version."""
        return await self._calls(self.add, spec, base)

    async def archive(self, name: str, version: str, *, archived: bool = True) -> None:
        """Hide a version from lists, or show it again."""
        await self._calls(self._archive, name, version, archived)

    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> DataAsset:
        """Replace a version's tags or description."""
        return await self._calls(self._update, name, version, tags, description)

    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        """Copy a version's files into `target/NAME`."""
        return await self._calls(self._download, name, version, target)

    async def files(self, name: str, version: str = "latest") -> Sequence[FileEntry]:
        """The files of an asset; none for one behind http(s)."""
        return await self._calls(self._files, name, version)

    # -------------------------------------------------------------------------------------------------------- reads

    def find(self, name: str, version: str) -> DataAsset:
        """One version or label, blocking. Raises NotFoundError."""
        versions = self._versions(name)
        latest = next((asset for asset in versions if asset.latest), None)
        return names.find_version(f"Data asset {name}", versions, version, latest)

    def _list(self, text: str, include_archived: bool) -> Sequence[DataAsset]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM data_assets ORDER BY name, sequence DESC").fetchall()
        found = []
        for _, group in groupby(rows, key=lambda row: row["name"]):
            latest = next(asset for asset in _assets(list(group)) if asset.latest)
            words = (latest.name, latest.type, *latest.tags, *latest.tags.values())
            if (include_archived or not latest.archived) and names.has_words(text, *words):
                found.append(latest)
        return found

    def _versions(self, name: str) -> Sequence[DataAsset]:
        with self._database.read() as connection:
            query = "SELECT * FROM data_assets WHERE name = ? ORDER BY sequence DESC"
            rows = connection.execute(query, (name,)).fetchall()
        if not rows:
            raise NotFoundError(f"There is no data asset named {name}.", advice="See the list of data assets.")
        return _assets(rows)

    def _files(self, name: str, version: str) -> Sequence[FileEntry]:
        asset = self.find(name, version)
        return [] if is_web(asset.path) else files.entries_below(self._place(asset))

    def _download(self, name: str, version: str, target: Path) -> DownloadReport:
        asset = self.find(name, version)
        if is_web(asset.path):
            raise UserError(
                f"{name}:{asset.version} is {asset.path}, whose files are not in this workspace.",
                title="The data lies on the web",
                advice="Fetch it with a browser or with curl.",
            )
        place = self._place(asset)
        root = place.parent if place.is_file() else place
        wanted = [(entry.path, root / entry.path) for entry in files.entries_below(place)]
        if not wanted:
            raise NotFoundError(f"The files of {name}:{asset.version} are not there any more ({asset.path}).")
        return copy_files(wanted, target, name)

    def _place(self, asset: DataAsset) -> Path:
        return resolve(self._layout, asset.path, self._layout.root)

    # ------------------------------------------------------------------------------------------------------- writes

    def add(self, spec: DataSpec, base: Path) -> DataAsset:
        """Register a version, blocking. Raises SpecError, ConflictError."""
        names.check(names.name_faults(spec.name), names.version_faults(spec.version))
        wanted = None if spec.version is None else str(spec.version)
        self._database.check_writable()
        if wanted is not None:
            self._check_free(spec.name, wanted)
        path, size = self._take(spec, base)
        with self._database.write() as connection:
            query = "SELECT version, sequence FROM data_assets WHERE name = ?"
            rows = connection.execute(query, (spec.name,)).fetchall()
            taken = {row["version"] for row in rows}
            version = wanted or names.next_version(taken)
            if version in taken:
                raise names.taken("Data asset", spec.name, version)
            connection.execute(
                "INSERT INTO data_assets (name, version, sequence, type, path, description, tags, size, created_at,"
                " created_by, properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    spec.name,
                    version,
                    max((row["sequence"] for row in rows), default=0) + 1,
                    spec.type,
                    path,
                    spec.description or "",
                    json.dumps(names.text_tags(spec.tags)),
                    size,
                    time.time(),
                    user_name(),
                    json.dumps(names.text_tags(spec.properties)),
                ),
            )
        events.record(self._layout, f"data asset {spec.name}:{version} registered from {spec.path}")
        return self.find(spec.name, version)

    def _check_free(self, name: str, version: str) -> None:
        """Before anything is copied."""
        with self._database.read() as connection:
            query = "SELECT 1 FROM data_assets WHERE name = ? AND version = ?"
            if connection.execute(query, (name, version)).fetchone():
                raise names.taken("Data asset", name, version)

    def _take(self, spec: DataSpec, base: Path) -> tuple[str, int | None]:
        """The URI of the asset's files and their bytes; local ones are copied into the default datastore."""
        if is_web(spec.path):
            if spec.type == "mltable":
                raise SpecError([Fault("path", "an mltable is a folder with a file named MLTable; a URL is none")])
            return spec.path, None
        try:
            source = resolve(self._layout, spec.path, base)
        except UserError as error:
            raise SpecError([Fault("path", error.detail)], advice=error.advice) from error
        names.check(data_path_faults(spec, source))
        size = files.size_of(source)
        if datastore_path(spec.path):
            return spec.path, size
        return self._upload(source), size

    def _upload(self, source: Path) -> str:
        """Copy into LocalUpload/DIGEST/NAME, as az ml does; the same content is copied once."""
        path = f"LocalUpload/{files.digest_of(source)}/{source.name or 'data'}"
        registry = DatastoreRegistry(self._layout)
        files.copy_whole(source, registry.folder(registry.default) / path)
        return datastore_uri(registry.default, path + ("/" if source.is_dir() else ""))

    def _update(self, name: str, version: str, tags: Mapping[str, str] | None, description: str | None) -> DataAsset:
        asset = self.find(name, version)
        with self._database.write() as connection:
            connection.execute(
                "UPDATE data_assets SET tags = ?, description = ? WHERE name = ? AND version = ?",
                (
                    json.dumps(dict(asset.tags if tags is None else tags)),
                    asset.description if description is None else description,
                    name,
                    asset.version,
                ),
            )
        return self.find(name, asset.version)

    def _archive(self, name: str, version: str, archived: bool) -> None:
        asset = self.find(name, version)
        with self._database.write() as connection:
            query = "UPDATE data_assets SET archived = ? WHERE name = ? AND version = ?"
            connection.execute(query, (archived, name, asset.version))
        events.record(self._layout, f"data asset {name}:{asset.version} {'archived' if archived else 'restored'}")


def _assets(rows: Sequence[sqlite3.Row]) -> list[DataAsset]:
    """All versions of one asset, newest first; `@latest` is the newest that is not archived."""
    latest = next((row["version"] for row in rows if not row["archived"]), rows[0]["version"])
    return [
        DataAsset(
            name=row["name"],
            version=row["version"],
            type=row["type"],
            path=row["path"],
            created_at=names.utc(row["created_at"]),
            description=row["description"],
            tags=json.loads(row["tags"]),
            size=row["size"],
            created_by=row["created_by"],
            version_count=len(rows),
            latest=row["version"] == latest,
            archived=bool(row["archived"]),
            # a folder of an older Lapis that nobody can write has no such column
            properties=json.loads(dict(row).get("properties", "{}")),
        )
        for row in rows
    ]
