"""Data assets of an Azure workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from services import lineage, names
from services.asset_uris import datastore_path, is_web, local_place
from services.azure.asset_fields import is_foreign, properties_in
from services.azure.assets import Assets, is_archived
from services.azure.connection import Connection
from services.azure.data_mapping import data_assets, data_properties, referenced_uris
from services.azure.places import Places
from services.azure.resources import Resources
from services.azure.storage import Storage
from services.azure.transfer import download, local_files, upload_asset
from services.entities import DataAsset, DownloadReport, FileEntry
from services.errors import AccessError, Fault, NotFoundError, SpecError, UserError
from services.specs.assets import DataSpec
from services.specs.data import data_path_faults
from services.storage.places import Place, files_at
from services.uris import parts_of
from services.workspace import DataService

LIMIT = 1_000_000
"""Bytes of an MLTable file."""


class AzureData(DataService):
    """Assets whose local files were uploaded, or that point into a datastore, to other storage or to the web."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._assets = Assets(connection, "data", "data asset")
        self._resources = Resources(connection)
        self._storage = Storage(connection)
        self._places = Places(self._storage, connection.target)

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[DataAsset]:
        """The latest version of each asset."""
        target = self._connection.target
        found = await self._assets.each(lambda body, versions: (is_archived(body), data_assets(versions, target)))
        latest = [
            replace(asset, archived=hidden or asset.archived)
            for hidden, versions in found
            for asset in versions
            if asset.latest
        ]
        return [
            asset
            for asset in latest
            if (include_archived or not asset.archived)
            and names.has_words(text, asset.name, asset.type, *asset.tags, *asset.tags.values())
        ]

    async def versions(self, name: str) -> Sequence[DataAsset]:
        """All versions, newest first."""
        return await self._connection.read(lambda _: self._versions(name))

    async def get(self, name: str, version: str = "latest") -> DataAsset:
        """One version."""
        return await self._connection.read(lambda _: self._with_lineage(self._find(name, version)))

    async def create(self, spec: DataSpec, *, base: Path) -> DataAsset:
        """Register a version; the upload of local files is an operation with its bytes."""
        names.check(names.name_faults(spec.name), names.version_faults(spec.version))
        return await self._connection.write("Register", spec.name, lambda _, number: self._create(spec, base, number))

    async def archive(self, name: str, version: str, *, archived: bool = True) -> None:
        """Hide a version from lists, or show it again."""
        verb = "Archive" if archived else "Restore"
        await self._connection.write(
            verb, f"{name}:{version}", lambda _, __: self._archive(name, version, archived=archived)
        )

    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> DataAsset:
        """Replace a version's tags or description."""
        return await self._connection.write(
            "Edit", f"{name}:{version}", lambda _, __: self._update(name, version, tags, description)
        )

    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        """Copy a version's files into `target/NAME`."""
        return await self._connection.write(
            "Download", f"{name}:{version}", lambda _, number: self._download(name, version, target, number)
        )

    async def files(self, name: str, version: str = "latest") -> Sequence[FileEntry]:
        """The files of an asset; none for one that lies elsewhere than in a datastore of the workspace."""
        return await self._connection.read(lambda _: self._files(name, version))

    # -------------------------------------------------------------------------------------------------------- reads

    def _versions(self, name: str) -> Sequence[DataAsset]:
        return data_assets(self._assets.versions(name), self._connection.target)

    def _find(self, name: str, version: str) -> DataAsset:
        versions = self._versions(name)
        latest = next((asset for asset in versions if asset.latest), None)
        return names.find_version(f"Data asset {name}", versions, version, latest)

    def _with_lineage(self, asset: DataAsset) -> DataAsset:
        """The service tells nothing of the job that an output comes from; where the output lies does."""
        job = "" if lineage.JOB in asset.properties else lineage.job_of_path(asset.path)
        body = self._resources.find("jobs", job) if job else None
        if body is None:
            return asset
        made_of = lineage.output_properties(job, properties_in(body))
        return replace(asset, properties={**made_of, **asset.properties})

    def _files(self, name: str, version: str) -> Sequence[FileEntry]:
        asset = self._find(name, version)
        return files_at(self._places.find(asset.path)).entries if self._is_ours(asset.path) else []

    def _download(self, name: str, version: str, target: Path, number: int) -> DownloadReport:
        asset = self._find(name, version)
        place = self._places.find(asset.path)
        found = files_at(place)
        if not found.entries:
            raise NotFoundError(f"The files of {name}:{asset.version} are not there any more ({asset.path}).")
        pairs = [(replace(entry, path=found.root + entry.path), entry.path) for entry in found.entries]
        return download(place.files, pairs, target, self._connection.operations, number, folder=name)

    def _is_ours(self, uri: str) -> bool:
        return datastore_path(uri) is not None and not is_foreign(uri, self._connection.target)

    # ------------------------------------------------------------------------------------------------------- writes

    def _create(self, spec: DataSpec, base: Path, number: int) -> DataAsset:
        self._assets.check_free(spec.name, spec.version)
        uri, size = self._take(spec, base, number)
        referenced = referenced_uris(self._definition(spec, base)) if spec.type == "mltable" else []
        body = self._assets.create(spec.name, spec.version, data_properties(spec, uri, referenced))
        return replace(self._find(spec.name, str(body.get("name"))), size=size)

    def _take(self, spec: DataSpec, base: Path, number: int) -> tuple[str, int | None]:
        """The URI of the asset's files, and their bytes where they were here."""
        parts = parts_of(spec.path)
        if parts is None:
            return self._upload(spec, base, number)
        if spec.type == "mltable" and is_web(spec.path):
            raise SpecError([Fault("path", "an mltable is a folder with a file named MLTable; a URL is none")])
        if self._is_ours(spec.path):
            place = self._checked_place(spec.path)
            if spec.type == "mltable" and not self._may_hold(place, "MLTable"):
                told = f"{spec.path} holds no file named MLTable, which the type mltable needs"
                raise SpecError([Fault("path", told)])
        return spec.path, None

    def _checked_place(self, uri: str) -> Place:
        """What a datastore URI names can't lie outside of a datastore that is there."""
        place = datastore_path(uri)
        try:
            if place and self._resources.find("datastores", place.datastore) is None:
                raise NotFoundError(f"There is no datastore named {place.datastore}.")
            return self._places.find(uri)
        except UserError as error:
            raise SpecError([Fault("path", error.detail)], advice=error.advice) from error

    def _may_hold(self, place: Place, name: str) -> bool:
        """Whether a folder has a file; who may register assets need not be allowed to look."""
        try:
            return place.files.entry(f"{place.path}/{name}".lstrip("/")) is not None
        except AccessError:
            return True

    def _definition(self, spec: DataSpec, base: Path) -> str:
        """The text of an MLTable file; empty where it can't be read from here, which hinders nobody."""
        if parts_of(spec.path) is None:
            return (local_place(spec.path, base) / "MLTable").read_text("utf-8", "replace")
        if not self._is_ours(spec.path):
            return ""
        place = self._places.find(spec.path)
        try:
            return place.files.read(f"{place.path}/MLTable".lstrip("/"), 0, LIMIT).decode("utf-8", "replace")
        except AccessError:
            return ""

    def _upload(self, spec: DataSpec, base: Path, number: int) -> tuple[str, int | None]:
        try:
            source = local_place(spec.path, base)
        except UserError as error:
            raise SpecError([Fault("path", error.detail)], advice=error.advice) from error
        names.check(data_path_faults(spec, source))
        local = local_files(source)
        uri = upload_asset(self._storage, local, self._connection.operations, number)
        return uri, local.listing.size

    def _update(self, name: str, version: str, tags: Mapping[str, str] | None, description: str | None) -> DataAsset:
        version = self._find(name, version).version
        changed: dict[str, object] = {}
        if tags is not None:
            changed["tags"] = dict(tags)
        if description is not None:
            changed["description"] = description
        self._assets.change(name, version, **changed)
        return self._find(name, version)

    def _archive(self, name: str, version: str, *, archived: bool) -> None:
        asset = self._find(name, version)
        self._assets.change(name, asset.version, isArchived=archived)
