"""The model registry of a local workspace: MLflow's, with the files of each version in the default datastore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from services import model_files, names
from services.asset_uris import asset_name
from services.entities import DownloadReport, FileEntry, ModelCandidate, ModelVersion, RegisteredModel
from services.errors import Fault, NotFoundError, SpecError, UserError
from services.local import events, files, mlflow_store, registry
from services.local.calls import Calls
from services.local.database import Database
from services.local.job_files import copy_files
from services.local.layout import Layout
from services.local.model_sources import ModelSource, ModelSources
from services.local.registry import ModelRow, VersionRow
from services.local.submission import user_name
from services.specs.assets import ModelSpec
from services.uris import datastore_uri
from services.workspace import ModelService

TYPE, ARCHIVED = "lapis.type", "lapis.archived"
"""Tags of a version for what MLflow's registry has no field for; they are not among the tags that are shown."""


class LocalModels(ModelService):
    """Registered models; every version owns a copy of its files."""

    def __init__(self, layout: Layout, database: Database, calls: Calls) -> None:
        self._layout = layout
        self._database = database
        self._calls = calls
        self._sources = ModelSources(layout, database)

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[RegisteredModel]:
        """Registered models, by name."""
        return await self._calls(self._list, text, include_archived)

    async def versions(self, name: str) -> Sequence[ModelVersion]:
        """All versions, newest first."""
        return await self._calls(lambda: [self._described(row) for row in self._rows(name)])

    async def get(self, name: str, version: str = "latest") -> ModelVersion:
        """One version, by number, `latest` or an alias."""
        return await self._calls(lambda: self._described(self._row(name, version)))

    async def candidates(self, job_name: str) -> Sequence[ModelCandidate]:
        """What a job left that can be registered."""
        return await self._calls(self._sources.candidates, job_name)

    async def register(self, spec: ModelSpec, *, base: Path) -> ModelVersion:
        """Register a local folder or file, a job's output or a logged model."""
        return await self._calls(self._register, spec, base)

    async def files(self, name: str, version: str) -> Sequence[FileEntry]:
        """The files of a version."""
        return await self._calls(lambda: files.entries_below(self.locate(name, version)))

    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> ModelVersion:
        """Replace a version's tags or description."""
        return await self._calls(self._update, name, version, tags, description)

    async def set_alias(self, name: str, alias: str, version: str | None) -> None:
        """Point an alias at a version, or remove it."""
        await self._calls(self._set_alias, name, alias, version)

    async def archive(self, name: str, version: str | None = None, *, archived: bool = True) -> None:
        """Hide a version (or all of them), or show it again."""
        await self._calls(self._archive, name, version, archived)

    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        """Copy a version's files into `target/NAME`."""
        return await self._calls(self._download, name, version, target)

    # -------------------------------------------------------------------------------------------------------- reads

    def locate(self, name: str, version: str) -> Path:
        """The folder or the file of a version, blocking. Raises NotFoundError."""
        return Path(self._row(name, version).place)

    def count(self) -> int:
        """How many models are not archived, blocking."""
        return len({row.name for row in registry.versions(self._layout) if not _is_archived(row)})

    def _list(self, text: str, include_archived: bool) -> Sequence[RegisteredModel]:
        rows = {row.name: row for row in registry.models(self._layout)}
        found = []
        for name, group in groupby(registry.versions(self._layout), key=lambda row: row.name):
            model = _model(rows[name], list(group))
            words = (model.name, model.type, *model.tags, *model.tags.values())
            if (include_archived or not model.archived) and names.has_words(text, *words):
                found.append(model)
        return found

    def _rows(self, name: str) -> Sequence[VersionRow]:
        rows = registry.versions(self._layout, name)
        if not rows:
            raise NotFoundError(f"There is no model named {name}.", advice="See the list of models.")
        return rows

    def _row(self, name: str, version: str) -> VersionRow:
        rows = self._rows(name)
        if version == "latest":
            return _latest(rows)
        for row in rows:
            if version == str(row.version) or version in row.aliases:
                return row
        known = ", ".join(str(row.version) for row in rows[:10])
        raise NotFoundError(f"Model {name} has no version or alias {version}; it has {known}.")

    def _described(self, row: VersionRow) -> ModelVersion:
        place = Path(row.place)
        mlmodel = model_files.described(place)
        return ModelVersion(
            name=row.name,
            version=str(row.version),
            type=_type(row),
            uri=self._uri(place),
            created_at=names.utc(row.created_at),
            description=row.description,
            tags=names.shown_tags(row.tags),
            aliases=row.aliases,
            flavors=mlmodel.flavors,
            signature=mlmodel.signature,
            mlmodel=mlmodel.text,
            job_name=self._sources.jobs_of_runs({row.run_id}).get(row.run_id, ""),
            created_by=row.user,
            size=files.size_of(place) if place.exists() else 0,
            archived=_is_archived(row),
        )

    def _uri(self, place: Path) -> str:
        """The datastore URI of a place, if it lies in one."""
        for store in ("workspaceblobstore", "workspaceartifactstore"):
            folder = self._layout.datastore(store)
            if place.is_relative_to(folder):
                return datastore_uri(store, place.relative_to(folder).as_posix() + ("/" if place.is_dir() else ""))
        return str(place)

    def _download(self, name: str, version: str, target: Path) -> DownloadReport:
        place = self.locate(name, version)
        root = place.parent if place.is_file() else place
        wanted = [(entry.path, root / entry.path) for entry in files.entries_below(place)]
        if not wanted:
            raise NotFoundError(f"The files of {name}:{version} are not there any more ({place}).")
        if "/" in name or name in (".", ".."):  # only MLflow makes such names
            raise UserError(f"{name!r} can't be the name of a folder.")
        return copy_files(wanted, target, name)

    # ------------------------------------------------------------------------------------------------------- writes

    def _register(self, spec: ModelSpec, base: Path) -> ModelVersion:
        names.check(names.name_faults(spec.name), names.version_faults(spec.version))
        tags = names.text_tags(spec.tags)
        names.check_tags(tags)
        self._database.check_writable()
        source = self._source(spec, base)
        names.check(model_files.type_faults(spec.type, source.place))
        mlflow_store.ensure_store(self._layout)
        folder = self._layout.models / spec.name
        taken: list[Path] = []
        with files.staged(source.place, folder) as copy:

            def take(version: int) -> Path:
                place = folder / str(version)
                files.remove(place)  # left by a registration that was cut off
                taken.append(place)
                if not source.place.is_file():
                    return copy.rename(place)
                place.mkdir()
                return copy.rename(place / source.place.name)

            try:
                version = registry.add_version(
                    self._layout,
                    spec.name,
                    wanted=None if spec.version is None else str(spec.version),
                    source=spec.path,
                    run_id=source.run_id,
                    user=user_name(),
                    description=spec.description,
                    tags={**tags, TYPE: spec.type},
                    take_files=take,
                )
            except BaseException:
                for place in taken:
                    files.remove(place)
                raise
        events.record(self._layout, f"model {spec.name}:{version} registered from {spec.path}")
        return self._described(self._row(spec.name, str(version)))

    def _source(self, spec: ModelSpec, base: Path) -> ModelSource:
        try:
            if asset := asset_name(spec.path):
                row = self._row(asset.name, asset.version)
                source = ModelSource(Path(row.place), row.run_id)
            else:
                source = self._sources.find(spec.path, base)
        except UserError as error:
            raise SpecError([Fault("path", error.detail)], advice=error.advice) from error
        if spec.job_name is None:
            return source
        try:
            return ModelSource(source.place, self._sources.run_id(spec.job_name))
        except NotFoundError as error:
            raise SpecError([Fault("job_name", error.detail)]) from error

    def _update(self, name: str, version: str, tags: Mapping[str, str] | None, description: str | None) -> ModelVersion:
        self._database.check_writable()
        row = self._row(name, version)
        drop: frozenset[str] = frozenset()
        if tags is not None:
            names.check_tags(tags)
            drop = frozenset(names.shown_tags(row.tags).keys() - tags.keys())
        registry.update_version(self._layout, name, row.version, description=description, put=tags, drop=drop)
        return self._described(self._row(name, str(row.version)))

    def _set_alias(self, name: str, alias: str, version: str | None) -> None:
        self._database.check_writable()
        if version is None:
            self._rows(name)
            registry.set_alias(self._layout, name, alias, None)
            return
        names.check_alias(alias)
        row = self._row(name, version)
        registry.set_alias(self._layout, name, alias, row.version)
        events.record(self._layout, f"model {name}:{row.version} is now {alias}")

    def _archive(self, name: str, version: str | None, archived: bool) -> None:
        self._database.check_writable()
        for row in self._rows(name) if version is None else [self._row(name, version)]:
            registry.update_version(self._layout, name, row.version, put={ARCHIVED: str(archived).lower()})
        what = name if version is None else f"{name}:{version}"
        events.record(self._layout, f"model {what} {'archived' if archived else 'restored'}")


def _model(row: ModelRow, versions: Sequence[VersionRow]) -> RegisteredModel:
    latest = _latest(versions)
    return RegisteredModel(
        name=row.name,
        latest_version=str(latest.version),
        type=_type(latest),
        created_at=names.utc(row.created_at),
        updated_at=names.utc(row.updated_at),
        description=row.description or latest.description,
        tags={**names.shown_tags(row.tags), **names.shown_tags(latest.tags)},
        aliases={alias: str(version.version) for version in versions for alias in version.aliases},
        version_count=len(versions),
        archived=all(map(_is_archived, versions)),
    )


def _latest(rows: Sequence[VersionRow]) -> VersionRow:
    """The newest that is not archived, as data assets have it; the newest if all are."""
    return next((row for row in rows if not _is_archived(row)), rows[0])


def _is_archived(row: VersionRow) -> bool:
    return row.tags.get(ARCHIVED) == "true"


def _type(row: VersionRow) -> str:
    """What it was registered as; one that a script registered through MLflow is what its files are."""
    is_mlflow = (Path(row.place) / model_files.MLMODEL).is_file()
    return row.tags.get(TYPE) or ("mlflow_model" if is_mlflow else "custom_model")
