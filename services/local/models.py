"""The model registry of a local workspace: MLflow's. Read by SQL, written through MlflowClient."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from services.entities import DownloadReport, FileEntry, ModelCandidate, ModelVersion, RegisteredModel
from services.errors import ConflictError, Fault, MachineError, NotFoundError, SpecError, UserError, WorkspaceError
from services.local import job_files, mlflow_store, model_files
from services.local.data import entries_below
from services.local.database import Database
from services.local.layout import Layout
from services.local.mlflow_store import NoStoreError, reading
from services.local.submission import user_name
from services.local.uris import asset_name, job_output, resolve
from services.specs.assets import ModelSpec
from services.workspace import ModelService

T = TypeVar("T")
TYPE, ARCHIVED, JOB, USER = "lapis.type", "lapis.archived", "lapis.job", "mlflow.user"
_OWN_TAGS = frozenset((TYPE, ARCHIVED, JOB, USER))
"""Kept as tags of a version in the registry, and not shown among the user's."""


class LocalModels(ModelService):
    """MLflow's registry in mlflow.db; the files of each version are copied into the default datastore."""

    def __init__(self, layout: Layout, database: Database, executor: Executor) -> None:
        self._layout = layout
        self._database = database
        self._executor = executor

    async def _call(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*arguments))

    async def _write(self, function: Callable[..., T], *arguments: Any) -> T:
        """A write is carried out even if its caller is cancelled."""
        if self._database.read_only:
            raise WorkspaceError(f"{self._layout.root} can't be written.", title="The workspace is read-only")
        return await asyncio.shield(asyncio.ensure_future(self._call(function, *arguments)))

    # -------------------------------------------------------------------------------------------------------- reads

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[RegisteredModel]:
        """Registered models, by name."""
        return await self._call(self._list, text, include_archived)

    def _list(self, text: str, include_archived: bool) -> Sequence[RegisteredModel]:
        by_name: dict[str, builtins.list[ModelVersion]] = {}
        for version in self._all():
            by_name.setdefault(version.name, []).append(version)
        words = text.lower().split()
        found = []
        for name, versions in by_name.items():
            shown = [v for v in versions if include_archived or not v.archived]
            if not shown:
                continue
            latest = shown[0]
            searched = f"{name} {latest.type} {latest.description} {latest.tags}".lower()
            if all(word in searched for word in words):
                found.append(
                    RegisteredModel(
                        name=name,
                        latest_version=latest.version,
                        type=latest.type,
                        created_at=versions[-1].created_at,
                        updated_at=latest.created_at,
                        description=latest.description,
                        tags=latest.tags,
                        aliases={alias: v.version for v in versions for alias in v.aliases},
                        version_count=len(versions),
                        archived=all(v.archived for v in versions),
                    )
                )
        return found

    def _all(self, name: str = "") -> Sequence[ModelVersion]:
        """All versions (of one model), by name, the newest first; without what only their files tell."""
        where, values = (" WHERE name = ?", (name,)) if name else ("", ())
        try:
            with reading(self._layout) as connection:
                rows = connection.execute(
                    f"SELECT * FROM model_versions{where} ORDER BY name, version DESC", values
                ).fetchall()
                tags = connection.execute(f"SELECT * FROM model_version_tags{where}", values).fetchall()
                aliases = connection.execute(
                    f"SELECT * FROM registered_model_aliases{where} ORDER BY alias", values
                ).fetchall()
        except NoStoreError:
            return []
        tags_of: dict[tuple[str, int], dict[str, str]] = {}
        for tag in tags:
            tags_of.setdefault((tag["name"], tag["version"]), {})[tag["key"]] = tag["value"]
        aliases_of: dict[tuple[str, int], builtins.list[str]] = {}
        for alias in aliases:
            aliases_of.setdefault((alias["name"], alias["version"]), []).append(alias["alias"])
        keys = [(row["name"], row["version"]) for row in rows]
        return [_version(row, tags_of.get(k, {}), aliases_of.get(k, [])) for row, k in zip(rows, keys, strict=True)]

    def _versions(self, name: str) -> Sequence[ModelVersion]:
        found = self._all(name)
        if not found:
            raise NotFoundError(f"There is no model named {name}.", advice="lapis model list shows the models.")
        return [model_files.described(version, Path(version.uri)) for version in found]

    async def versions(self, name: str) -> Sequence[ModelVersion]:
        """All versions, newest first."""
        return await self._call(self._versions, name)

    async def get(self, name: str, version: str = "latest") -> ModelVersion:
        """One version, by number, `latest` or an alias."""
        return await self._call(self._find, name, version)

    def _find(self, name: str, version: str) -> ModelVersion:
        versions = self._versions(name)
        latest = next((v for v in versions if not v.archived), versions[0])
        for found in versions:
            if version in (found.version, *found.aliases) or (version == "latest" and found is latest):
                return found
        known = ", ".join(v.version for v in versions)
        raise NotFoundError(f"Model {name} has no version {version}; it has {known}.")

    def locate(self, name: str, version: str) -> Path:
        """The folder or file of a version, blocking. Raises NotFoundError."""
        return Path(self._find(name, version).uri)

    async def candidates(self, job_name: str) -> Sequence[ModelCandidate]:
        """What a job left that can be registered."""
        return await self._call(self._candidates, job_name)

    def _candidates(self, job_name: str) -> Sequence[ModelCandidate]:
        run_id, display_name = self._job(job_name)
        suggested = re.sub(r"[^A-Za-z0-9._-]+", "-", display_name).strip("-") or "model"
        models = job_files.logged_models(self._layout, run_id)
        found = [
            ModelCandidate(f"logged model {name}", f"models:/{model_id}", "mlflow_model", suggested)
            for name, model_id, _ in models
        ]
        for output in ("artifacts", *self._outputs(job_name)):
            root = self.find_output(job_name, output)
            for mlmodel in sorted(root.rglob("MLmodel")) if root.is_dir() else []:
                path = mlmodel.parent.relative_to(root).as_posix()
                uri = f"azureml://jobs/{job_name}/outputs/{output}/paths/{'' if path == '.' else path + '/'}"
                found.append(ModelCandidate(f"{output}/{path}".removesuffix("/."), uri, "mlflow_model", suggested))
        return found

    def _job(self, name: str) -> tuple[str, str]:
        with self._database.read() as connection:
            row = connection.execute("SELECT run_id, display_name FROM jobs WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise NotFoundError(f"There is no job named {name}.")
        return row["run_id"], row["display_name"]

    def _outputs(self, job_name: str) -> Sequence[str]:
        return [name for name, _ in model_files.job_outputs(self._layout, job_name)]

    def find_output(self, job_name: str, output: str) -> Path:
        """The folder of a job's output; `artifacts` is the run's own. Raises NotFoundError."""
        self._job(job_name)
        if output in ("artifacts", "default"):
            return self._layout.run_artifacts(job_name)
        outputs = dict(model_files.job_outputs(self._layout, job_name))
        if output not in outputs:
            known = ", ".join(["artifacts", *outputs])
            raise NotFoundError(f"Job {job_name} has no output {output}; it has {known}.")
        return outputs[output]

    async def files(self, name: str, version: str) -> Sequence[FileEntry]:
        """The files of a version."""
        return await self._call(lambda: entries_below(Path(self._find(name, version).uri)))

    # ------------------------------------------------------------------------------------------------------- writes

    async def register(self, spec: ModelSpec, *, base: Path) -> ModelVersion:
        """Register a local folder or file, a job's output or a logged model."""
        return await self._write(self._register, spec, base)

    def _register(self, spec: ModelSpec, base: Path) -> ModelVersion:
        model_files.check_name(spec.name)
        source, run_id, job_name = self._source(spec, base)
        model_files.check(spec.type, source)
        number = max((int(v.version) for v in self._all(spec.name)), default=0) + 1
        if spec.version is not None and str(spec.version) != str(number):
            raise ConflictError(
                f"The next version of {spec.name} is {number}; {spec.version} can't be made here.",
                title="The version can't be chosen",
                advice="Leave the version out: MLflow's registry numbers versions itself.",
            )
        target = self._layout.models / spec.name / str(number)
        self._copy(source, target)
        tags = {key: "" if value is None else str(value) for key, value in spec.tags.items()}
        tags |= {TYPE: spec.type, JOB: job_name, USER: user_name()}
        place = target if source.is_dir() else target / source.name
        try:
            with self._client() as client:
                if number == 1 and not self._is_registered(spec.name):
                    client.create_registered_model(spec.name)
                made = client.create_model_version(
                    spec.name, source=str(place), run_id=run_id or None, tags=tags, description=spec.description
                )
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        return self._find(spec.name, str(made.version))

    def _is_registered(self, name: str) -> bool:
        with reading(self._layout) as connection:
            return connection.execute("SELECT 1 FROM registered_models WHERE name = ?", (name,)).fetchone() is not None

    def _source(self, spec: ModelSpec, base: Path) -> tuple[Path, str, str]:
        """The files of a model, and the run and job that made them."""
        run_id = job_name = ""
        if spec.path.startswith("models:/"):
            source, run_id = self._logged_model(spec.path.removeprefix("models:/"))
        elif spec.path.startswith("runs:/"):
            run_id, _, path = spec.path.removeprefix("runs:/").partition("/")
            source = self._of_run(run_id, path)
        elif output := job_output(spec.path):
            run_id = self._job(output.job)[0]
            source = self.find_output(output.job, output.output) / output.path
        elif asset := asset_name(spec.path):
            source = self.locate(asset.name, asset.version)
        else:
            source = resolve(self._layout, spec.path, base)
        if not source.exists():
            raise SpecError([Fault("path", f"there is no file or folder {source}")])
        if spec.job_name:
            run_id = self._job(spec.job_name)[0]
        if run_id:
            with self._database.read() as connection:
                row = connection.execute("SELECT name FROM jobs WHERE run_id = ?", (run_id,)).fetchone()
            job_name = row["name"] if row else ""
        return source, run_id, job_name

    def _of_run(self, run_id: str, path: str) -> Path:
        with self._database.read() as connection:
            row = connection.execute("SELECT name FROM jobs WHERE run_id = ? OR name = ?", (run_id, run_id)).fetchone()
        if row is None:
            raise SpecError([Fault("path", f"there is no run {run_id}")])
        folder = self._layout.run_artifacts(row["name"]) / path
        logged = {name: place for name, _, place in job_files.logged_models(self._layout, run_id)}
        return folder if folder.exists() else logged.get(path, folder)

    def _logged_model(self, model_id: str) -> tuple[Path, str]:
        try:
            with reading(self._layout) as connection:
                row = connection.execute("SELECT * FROM logged_models WHERE model_id = ?", (model_id,)).fetchone()
        except NoStoreError:
            row = None
        if row is None:
            raise SpecError([Fault("path", f"there is no logged model {model_id}")])
        return Path(row["artifact_location"].removeprefix("file://")), row["source_run_id"] or ""

    def _copy(self, source: Path, target: Path) -> None:
        temporary = target.parent / f".{target.name}.{os.getpid()}"
        try:
            temporary.mkdir(parents=True)
            if source.is_dir():
                shutil.copytree(source, temporary, dirs_exist_ok=True)
            else:
                shutil.copyfile(source, temporary / source.name)
            shutil.rmtree(target, ignore_errors=True)  # left by a registration that was cut off
            temporary.rename(target)
        except OSError as error:
            raise MachineError(
                f"The model can't be copied into the workspace: {error.strerror}. Nothing was registered.",
                title="The disk is full" if error.errno == 28 else "The model can't be copied",
                advice="Free some space and register again.",
            ) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    @contextlib.contextmanager
    def _client(self) -> Any:
        """MLflow's client, imported here; what it prints and logs stays off the terminal."""
        mlflow_store.ensure_store(self._layout)
        os.environ.update(mlflow_store.QUIET)
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        try:
            yield MlflowClient(tracking_uri=self._layout.mlflow_uri, registry_uri=self._layout.mlflow_uri)
        except MlflowException as error:
            raise UserError(f"MLflow's registry refused: {error.message}") from error

    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> ModelVersion:
        """Replace a version's tags or description."""

        def write() -> ModelVersion:
            found = self._find(name, version)
            with self._client() as client:
                if description is not None:
                    client.update_model_version(name, found.version, description)
                if tags is not None:
                    for key in found.tags.keys() - tags.keys():
                        client.delete_model_version_tag(name, found.version, key)
                    for key, value in tags.items():
                        client.set_model_version_tag(name, found.version, key, value)
            return self._find(name, found.version)

        return await self._write(write)

    async def set_alias(self, name: str, alias: str, version: str | None) -> None:
        """Point an alias at a version, or remove it."""

        def write() -> None:
            if alias.lower() == "latest" or re.fullmatch(r"v?\d+", alias.lower()) or not re.fullmatch(r"[\w-]+", alias):
                raise UserError(
                    f"{alias!r} can't be an alias: letters, digits, `-` and `_`, not `latest`, not a version.",
                    title="The alias is reserved",
                )
            found = self._find(name, version or "latest")
            with self._client() as client:
                if version is None:
                    client.delete_registered_model_alias(name, alias)
                else:
                    client.set_registered_model_alias(name, alias, found.version)

        await self._write(write)

    async def archive(self, name: str, version: str | None = None, *, archived: bool = True) -> None:
        """Hide a version (or the whole model), or show it again."""

        def write() -> None:
            chosen = [self._find(name, version)] if version else self._versions(name)
            with self._client() as client:
                for found in chosen:
                    client.set_model_version_tag(name, found.version, ARCHIVED, str(archived).lower())

        await self._write(write)

    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        """Copy a version's files into `target/NAME`."""

        def copy() -> DownloadReport:
            root = Path(self._find(name, version).uri)
            base = root.parent if root.is_file() else root
            wanted = [(entry.path, base / entry.path) for entry in entries_below(root)]
            return job_files.copy_files(wanted, target / name)

        return await asyncio.shield(asyncio.ensure_future(self._call(copy)))


def _version(row: Mapping[str, Any], tags: Mapping[str, str], aliases: Sequence[str]) -> ModelVersion:
    return ModelVersion(
        name=row["name"],
        version=str(row["version"]),
        type=tags.get(TYPE, "mlflow_model"),
        uri=(row["storage_location"] or row["source"]).removeprefix("file://"),
        created_at=datetime.fromtimestamp(row["creation_time"] / 1000, UTC),
        description=row["description"] or "",
        tags={key: value for key, value in tags.items() if key not in _OWN_TAGS},
        aliases=tuple(aliases),
        job_name=tags.get(JOB, ""),
        created_by=tags.get(USER, "") or row["user_id"] or "",
        archived=tags.get(ARCHIVED) == "true",
    )
