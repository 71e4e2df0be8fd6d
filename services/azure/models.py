"""The model registry of an Azure workspace."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from services import model_files, names
from services.asset_uris import asset_name, datastore_path, local_place
from services.azure.asset_fields import tags_of
from services.azure.assets import Assets, is_archived, latest_of
from services.azure.connection import Connection
from services.azure.model_mapping import ALIASES, aliases_of, model_properties, model_version, registered_model
from services.azure.model_sources import ModelSource, ModelSources
from services.azure.places import Places
from services.azure.resources import Body, Resources
from services.azure.run_history import DataPlane
from services.azure.storage import Storage
from services.azure.tracking import Runs
from services.azure.transfer import download, local_files, upload_asset
from services.entities import DownloadReport, FileEntry, ModelCandidate, ModelVersion, RegisteredModel
from services.errors import Fault, NotFoundError, ServiceError, SpecError, UserError
from services.specs.assets import ModelSpec
from services.storage.places import Found, files_at
from services.uris import long_uri
from services.workspace import ModelService


class AzureModels(ModelService):
    """Registered models; a version refers to files in a datastore, as az ml has it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._assets = Assets(connection, "models", "model")
        self._storage = Storage(connection)
        self._places = Places(self._storage, connection.target)
        self._sources = ModelSources(Resources(connection), self._places, Runs(DataPlane(connection)))
        self._aliasing = threading.Lock()

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[RegisteredModel]:
        """Registered models, by name."""
        target = self._connection.target
        found = await self._assets.each(lambda body, versions: registered_model(body, versions, target))
        return [
            model
            for model in found
            if (include_archived or not model.archived)
            and names.has_words(text, model.name, model.type, *model.tags, *model.tags.values())
        ]

    async def versions(self, name: str) -> Sequence[ModelVersion]:
        """All versions, newest first, without what their files would tell."""
        target = self._connection.target
        return await self._connection.read(
            lambda _: [model_version(body, target) for body in self._assets.versions(name)]
        )

    async def get(self, name: str, version: str = "latest") -> ModelVersion:
        """One version, by number, `latest` or an alias."""
        return await self._connection.read(lambda _: self._described(self._body(name, version)))

    async def candidates(self, job_name: str) -> Sequence[ModelCandidate]:
        """What a job left that can be registered."""
        return await self._connection.read(lambda _: self._sources.candidates(job_name))

    async def register(self, spec: ModelSpec, *, base: Path) -> ModelVersion:
        """Register a local folder or file, a job's output or a logged model."""
        names.check(names.name_faults(spec.name), names.version_faults(spec.version))
        names.check_tags(names.text_tags(spec.tags))
        return await self._connection.write("Register", spec.name, lambda _, number: self._register(spec, base, number))

    async def files(self, name: str, version: str) -> Sequence[FileEntry]:
        """The files of a version."""
        return await self._connection.read(lambda _: self._files(self._version(name, version)).entries)

    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> ModelVersion:
        """Replace a version's tags or description."""
        if tags is not None:
            names.check_tags(tags)
        return await self._connection.write(
            "Edit", f"{name}:{version}", lambda _, __: self._update(name, version, tags, description)
        )

    async def set_alias(self, name: str, alias: str, version: str | None) -> None:
        """Point an alias at a version, or remove it."""
        if version is not None:
            names.check_alias(alias)
        await self._connection.write("Alias", f"{name}@{alias}", lambda _, __: self._set_alias(name, alias, version))

    async def archive(self, name: str, version: str | None = None, *, archived: bool = True) -> None:
        """Hide a version (or the model with all of them), or show it again."""
        subject = name if version is None else f"{name}:{version}"
        await self._connection.write(
            "Archive" if archived else "Restore",
            subject,
            lambda _, __: self._archive(name, version, archived=archived),
        )

    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        """Copy a version's files into `target/NAME`."""
        return await self._connection.write(
            "Download", f"{name}:{version}", lambda _, number: self._download(name, version, target, number)
        )

    # -------------------------------------------------------------------------------------------------------- reads

    def _body(self, name: str, version: str) -> Body:
        bodies = self._assets.versions(name)
        if version == "latest":
            return latest_of(bodies)
        for body in bodies:
            if version == body.get("name") or version in aliases_of(body):
                return body
        known = ", ".join(str(body.get("name")) for body in bodies[:10])
        raise NotFoundError(f"Model {name} has no version or alias {version}; it has {known}.")

    def _version(self, name: str, version: str) -> ModelVersion:
        return model_version(self._body(name, version), self._connection.target)

    def _described(self, body: Body) -> ModelVersion:
        """With what the files tell; without it where this identity may not read them, or they are gone."""
        found = model_version(body, self._connection.target)
        try:
            place = self._places.find(found.uri)
            mlmodel = self._sources.description(place) if found.type == "mlflow_model" else None
            size = files_at(place).size
        except ServiceError:
            return found
        if mlmodel is None:
            return replace(found, size=size)
        flavors = mlmodel.flavors or found.flavors
        return replace(found, size=size, mlmodel=mlmodel.text, flavors=flavors, signature=mlmodel.signature)

    def _files(self, version: ModelVersion) -> Found:
        return files_at(self._places.find(version.uri))

    def _download(self, name: str, version: str, target: Path, number: int) -> DownloadReport:
        wanted = self._version(name, version)
        found = self._files(wanted)
        if not found.entries:
            raise NotFoundError(f"The files of {name}:{wanted.version} are not there any more ({wanted.uri}).")
        pairs = [(replace(entry, path=found.root + entry.path), entry.path) for entry in found.entries]
        files = self._places.find(wanted.uri).files
        return download(files, pairs, target, self._connection.operations, number, folder=name)

    # ------------------------------------------------------------------------------------------------------- writes

    def _register(self, spec: ModelSpec, base: Path, number: int) -> ModelVersion:
        self._assets.check_free(spec.name, spec.version)
        source = self._source(spec, base, number)
        body = self._assets.create(
            spec.name, spec.version, model_properties(spec, self._long(source.uri), source.job_name)
        )
        return self._described(body)

    def _source(self, spec: ModelSpec, base: Path, number: int) -> ModelSource:
        if spec.job_name is not None:
            try:
                self._sources.job(spec.job_name)
            except NotFoundError as error:
                raise SpecError([Fault("job_name", error.detail)]) from error
        try:
            source = self._registered(spec.path) or self._sources.find(spec.path)
            found = None if source is None else files_at(self._places.find(source.uri))
            local = local_place(spec.path, base) if source is None else None
        except UserError as error:
            raise SpecError([Fault("path", error.detail)], advice=error.advice) from error
        if source is not None and found is not None:
            names.check(_layout_faults(spec.type, spec.path, found))
            if not found.is_file and not source.uri.endswith("/"):
                source = replace(source, uri=source.uri + "/")
        else:
            assert local is not None
            names.check(model_files.type_faults(spec.type, local))
            uri = upload_asset(self._storage, local_files(local), self._connection.operations, number)
            source = ModelSource(uri)
        return replace(source, job_name=spec.job_name or source.job_name)

    def _registered(self, path: str) -> ModelSource | None:
        """The files of a version of a model that `azureml:NAME:VERSION` names."""
        if (asset := asset_name(path)) is None:
            return None
        version = self._version(asset.name, asset.version)
        return ModelSource(version.uri, version.job_name)

    def _long(self, uri: str) -> str:
        """The form in which az ml names the place of a model."""
        place, target = datastore_path(uri), self._connection.target
        if place is None:
            return uri
        return long_uri(
            place.datastore,
            place.path,
            workspace=target.workspace_name,
            resource_group=target.resource_group,
            subscription_id=target.subscription_id,
        )

    def _update(self, name: str, version: str, tags: Mapping[str, str] | None, description: str | None) -> ModelVersion:
        with self._aliasing:
            body = self._body(name, version)
            changed: dict[str, Any] = {}
            if tags is not None:
                aliases = ",".join(aliases_of(body))
                changed["tags"] = {**tags, **({ALIASES: aliases} if aliases else {})}
            if description is not None:
                changed["description"] = description
            return self._described(self._assets.change(name, str(body["name"]), **changed))

    def _set_alias(self, name: str, alias: str, version: str | None) -> None:
        with self._aliasing:
            holders = [body for body in self._assets.versions(name) if alias in aliases_of(body)]
            if version is None and not holders:
                raise NotFoundError(f"Model {name} has no alias {alias}.")
            wanted = None if version is None else self._body(name, version)
            if wanted is not None and alias not in aliases_of(wanted):
                self._put_aliases(name, wanted, {*aliases_of(wanted), alias})
            for body in holders:
                if wanted is None or body["name"] != wanted["name"]:
                    self._put_aliases(name, body, {*aliases_of(body)} - {alias})

    def _put_aliases(self, name: str, body: Body, aliases: set[str]) -> None:
        tags = {key: value for key, value in tags_of(body).items() if key != ALIASES}
        if aliases:
            tags[ALIASES] = ",".join(sorted(aliases))
        self._assets.change(name, str(body["name"]), tags=tags)

    def _archive(self, name: str, version: str | None, *, archived: bool) -> None:
        bodies = self._assets.versions(name) if version is None else [self._body(name, version)]
        for body in bodies:
            if is_archived(body) != archived:
                self._assets.change(name, str(body["name"]), isArchived=archived)
        if version is None:
            self._assets.archive_name(name, archived=archived)


def _layout_faults(kind: str, path: str, found: Found) -> list[Fault]:
    """What files in a datastore lack for the type of the model."""
    paths = [entry.path for entry in found.entries]
    if not paths:
        return [Fault("path", f"there is nothing at {path}")]
    if kind == "mlflow_model" and (found.is_file or model_files.MLMODEL not in paths):
        return [
            Fault("path", f"{path} holds no file named MLmodel, which an MLflow model needs; custom_model needs none")
        ]
    if kind == "triton_model" and not any(re.match(r"[^/]+/\d[^/]*/model\.", inner) for inner in paths):
        return [Fault("path", f"{path} has not the layout of a Triton model repository: MODEL/1/model.*")]
    return []
