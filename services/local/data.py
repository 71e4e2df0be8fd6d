"""Data assets of a local workspace: rows in lapis.db, files in the default datastore."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from services.entities import DataAsset, FileEntry, TablePreview
from services.errors import ConflictError, Fault, MachineError, NotFoundError, SpecError
from services.local.database import Database
from services.local.layout import Layout
from services.local.submission import user_name
from services.local.uris import datastore_uri, inside, resolve
from services.specs.assets import DataSpec
from services.specs.checking import is_remote
from services.workspace import DataService

T = TypeVar("T")
DATASTORE = "workspaceblobstore"


class LocalData(DataService):
    """Assets whose local files were copied in, or that point into a datastore or to http(s)."""

    def __init__(self, layout: Layout, database: Database, executor: Executor) -> None:
        self._layout = layout
        self._database = database
        self._executor = executor

    async def _call(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*arguments))

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[DataAsset]:
        """The latest version of each asset."""
        return await self._call(self._list, text, include_archived)

    def _list(self, text: str, include_archived: bool) -> list[DataAsset]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM data_assets ORDER BY name, sequence DESC").fetchall()
        by_name: dict[str, list[Any]] = {}
        for row in rows:
            if include_archived or not row["archived"]:
                by_name.setdefault(row["name"], []).append(row)
        words = text.lower().split()
        found = []
        for versions in by_name.values():
            row = versions[0]
            searched = f"{row['name']} {row['type']} {row['description']} {row['tags']}".lower()
            if all(word in searched for word in words):
                found.append(_asset(row, len(versions), latest=True))
        return found

    async def versions(self, name: str) -> Sequence[DataAsset]:
        """All versions, newest first."""
        return await self._call(self._versions, name)

    def _versions(self, name: str) -> list[DataAsset]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM data_assets WHERE name = ? ORDER BY sequence DESC", (name,)
            ).fetchall()
        if not rows:
            raise NotFoundError(f"There is no data asset named {name}.", advice="lapis data list shows the assets.")
        newest = next((row["version"] for row in rows if not row["archived"]), rows[0]["version"])
        return [_asset(row, len(rows), latest=row["version"] == newest) for row in rows]

    async def get(self, name: str, version: str = "latest") -> DataAsset:
        """One version."""
        return await self._call(self.find, name, version)

    def find(self, name: str, version: str) -> DataAsset:
        """One version, blocking. Raises NotFoundError."""
        versions = self._versions(name)
        for asset in versions:
            if asset.version == version or (version == "latest" and asset.latest):
                return asset
        known = ", ".join(asset.version for asset in versions)
        raise NotFoundError(f"Data asset {name} has no version {version}; it has {known}.")

    async def create(self, spec: DataSpec, *, base: Path) -> DataAsset:
        """Register a version."""
        return await asyncio.shield(asyncio.ensure_future(self._call(self._create, spec, base)))

    def _create(self, spec: DataSpec, base: Path) -> DataAsset:
        self._check_name(spec.name)
        if spec.version is not None:
            self._check_free(spec.name, str(spec.version))
        path, size = self._place(spec, base)
        tags = {key: "" if value is None else str(value) for key, value in spec.tags.items()}
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT COALESCE(MAX(sequence), 0) AS last FROM data_assets WHERE name = ?", (spec.name,)
            ).fetchone()
            taken = {
                r["version"] for r in connection.execute("SELECT version FROM data_assets WHERE name = ?", (spec.name,))
            }
            version = str(spec.version) if spec.version is not None else _next(taken)
            if version in taken:
                raise _exists(spec.name, version)
            connection.execute(
                "INSERT INTO data_assets (name, version, sequence, type, path, description, tags, size, created_at,"
                " created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (spec.name, version, row["last"] + 1, spec.type, path, spec.description or "", json.dumps(tags), size,
                 time.time(), user_name()),
            )  # fmt: skip
        return self.find(spec.name, version)

    def _check_name(self, name: str) -> None:
        # "Naming rules" of Azure ML assets: 1 to 255 letters, digits, -, _ and .
        if not name or len(name) > 255 or not all(c.isalnum() or c in "-_." for c in name) or not name[0].isalnum():
            raise SpecError(
                [Fault("name", "expected 1 to 255 letters, digits, `-`, `_` and `.`, beginning with a letter or digit")]
            )

    def _check_free(self, name: str, version: str) -> None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT 1 FROM data_assets WHERE name = ? AND version = ?", (name, version)
            ).fetchone()
        if row is not None:
            raise _exists(name, version)

    def _place(self, spec: DataSpec, base: Path) -> tuple[str, int | None]:
        """The URI of an asset's files, copied into the default datastore if they are local, and their bytes."""
        if spec.path.startswith(("http://", "https://")):
            return spec.path, None
        source = resolve(self._layout, spec.path, base)
        if not source.exists():
            raise SpecError([Fault("path", f"there is no file or folder {source}")])
        _check_type(spec.type, source)
        size = (
            source.stat().st_size
            if source.is_file()
            else sum(f.stat().st_size for f in source.rglob("*") if f.is_file())
        )
        if is_remote(spec.path):
            return spec.path, size
        return self._copy(source), size

    def _copy(self, source: Path) -> str:
        """Copy into LocalUpload/DIGEST/NAME, as az ml uploads; the same content is copied once."""
        store = self._layout.datastore(DATASTORE)
        digest = _digest(source)
        target = store / "LocalUpload" / digest / source.name
        if not target.exists():
            temporary = store / "LocalUpload" / f".{digest}.{os.getpid()}"
            try:
                temporary.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, temporary / source.name)
                else:
                    shutil.copyfile(source, temporary / source.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                (temporary / source.name).rename(target)
            except OSError as error:
                raise MachineError(
                    f"{source} can't be copied into the workspace: {error.strerror}. Nothing was registered.",
                    title="The disk is full" if error.errno == 28 else "The data can't be copied",
                    advice="Free some space, or register a datastore URI.",
                ) from error
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
        slash = "/" if source.is_dir() else ""
        return datastore_uri(DATASTORE, f"LocalUpload/{digest}/{source.name}{slash}")

    async def archive(self, name: str, version: str, *, archived: bool = True) -> None:
        """Hide a version from lists, or show it again."""

        def write() -> None:
            asset = self.find(name, version)
            with self._database.write() as connection:
                connection.execute(
                    "UPDATE data_assets SET archived = ? WHERE name = ? AND version = ?",
                    (archived, name, asset.version),
                )

        await self._call(write)

    def local_path(self, asset: DataAsset) -> Path | None:
        """Where the files of an asset are; None for http(s)."""
        if asset.path.startswith(("http://", "https://")):
            return None
        return resolve(self._layout, asset.path, self._layout.root)

    async def files(self, name: str, version: str = "latest") -> Sequence[FileEntry]:
        """The files of an asset."""

        def read() -> list[FileEntry]:
            root = self.local_path(self.find(name, version))
            return entries_below(root) if root is not None else []

        return await self._call(read)

    async def preview(self, name: str, version: str = "latest", *, file: str = "", limit: int = 1000) -> TablePreview:
        """The first rows of the asset's table."""

        def read() -> TablePreview:
            from services.tables.preview import preview

            asset = self.find(name, version)
            root = self.local_path(asset)
            if root is None:
                return TablePreview(path=asset.path, message="A table behind http(s) is read when a job fetches it.")
            if not root.exists():
                return TablePreview(path=str(root), message=f"{root} is not there any more.")
            return preview(inside(root, file) if file else root, limit)

        return await self._call(read)


def entries_below(root: Path) -> list[FileEntry]:
    """All files below a folder (or the file itself), by path."""
    paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    return [
        FileEntry(
            path.name if path == root else path.relative_to(root).as_posix(),
            False,
            path.stat().st_size,
            datetime.fromtimestamp(path.stat().st_mtime, UTC),
        )
        for path in paths
    ]


def _check_type(kind: str, source: Path) -> None:
    if kind == "uri_file" and source.is_dir():
        raise SpecError([Fault("type", f"{source} is a folder; expected uri_folder or mltable")])
    if kind in ("uri_folder", "mltable") and source.is_file():
        raise SpecError([Fault("type", f"{source} is a file; expected uri_file")])
    if kind == "mltable" and not (source / "MLTable").is_file():
        raise SpecError([Fault("path", f"{source} holds no file named MLTable, which the type mltable needs")])


def _digest(source: Path) -> str:
    """Of names and contents; 32 hex digits."""
    digest = hashlib.sha256()
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    for path in files:
        digest.update(str(path.relative_to(source.parent)).encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:32]


def _next(taken: set[str]) -> str:
    return str(max((int(version) for version in taken if version.isdigit()), default=0) + 1)


def _exists(name: str, version: str) -> ConflictError:
    return ConflictError(
        f"Data asset {name} has a version {version} already; a version never changes.",
        title="The version is taken",
        advice="Leave the version out to get the next one.",
    )


def _asset(row: Mapping[str, Any], count: int, *, latest: bool) -> DataAsset:
    return DataAsset(
        name=row["name"],
        version=row["version"],
        type=row["type"],
        path=row["path"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
        description=row["description"],
        tags=json.loads(row["tags"]),
        size=row["size"],
        created_by=row["created_by"],
        version_count=count,
        latest=latest,
        archived=bool(row["archived"]),
    )
