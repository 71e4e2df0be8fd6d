"""A workspace in memory that implements the ports, for tests of screens and of the app.

fake = FakeWorkspace()                      # or FakeWorkspace(empty=True)
fake.fail("jobs.list", TransientError(...)) # the call raises until fake.mend("jobs.list")
gate = fake.slow("jobs.list")               # the call waits until gate.set()
fake.jobs.grow_log("plucky_lake_1", b"...") # what a watcher of a running job hears
fake.jobs.finish("plucky_lake_1", JobStatus.FAILED)
fake.called("jobs.cancel")                  # [("plucky_lake_1",)]
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.entities import (
    DataAsset,
    DownloadReport,
    Environment,
    FileEntry,
    ModelCandidate,
    ModelVersion,
    RegisteredModel,
    WorkspaceInfo,
)
from services.errors import ConflictError, Fault, NotFoundError, SpecError, UserError
from services.operations import OperationLog
from services.workspace import (
    DataService,
    EnvironmentService,
    ModelService,
    Workspace,
)
from tests.support import asset_entities, entities
from tests.support.fake_compute import FakeCompute
from tests.support.fake_datastores import FakeDatastores
from tests.support.fake_jobs import FakeJobs, FakeTracking, Switchboard, has_words
from tests.support.fake_tables import FakeTables

if TYPE_CHECKING:
    from services.specs.assets import DataSpec, EnvironmentSpec, ModelSpec


class FakeData(DataService):
    """Data assets in memory."""

    def __init__(self, board: Switchboard, assets: Sequence[DataAsset]) -> None:
        self._board = board
        self.all = list(assets)

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[DataAsset]:
        await self._board.enter("data.list", text, include_archived)
        return sorted(
            (
                asset
                for asset in self.all
                if asset.latest
                and (include_archived or not asset.archived)
                and has_words(text, asset.name, asset.type, dict(asset.tags))
            ),
            key=lambda asset: asset.name,
        )

    async def versions(self, name: str) -> Sequence[DataAsset]:
        await self._board.enter("data.versions", name)
        found = [asset for asset in self.all if asset.name == name]
        if not found:
            raise NotFoundError(f"There is no data asset named {name}.", advice="See the list of data assets.")
        return sorted(found, key=lambda asset: -int(asset.version))

    async def get(self, name: str, version: str = "latest") -> DataAsset:
        await self._board.enter("data.get", name, version)
        for asset in self.all:
            if asset.name == name and (asset.latest if version == "latest" else asset.version == version):
                return asset
        raise NotFoundError(f"There is no data asset {name}:{version}.")

    async def create(self, spec: DataSpec, *, base: Path) -> DataAsset:
        await self._board.enter("data.create", spec, base)
        if "missing" in spec.path:
            raise SpecError([Fault("path", f"{spec.path} does not exist")])
        older = [asset for asset in self.all if asset.name == spec.name]
        version = str(spec.version or len(older) + 1)
        if any(asset.version == version for asset in older):
            raise ConflictError(f"{spec.name}:{version} exists already.")
        self.all = [replace(a, latest=False, version_count=len(older) + 1) if a in older else a for a in self.all]
        asset = DataAsset(
            spec.name,
            version,
            spec.type,
            f"azureml://datastores/workspaceblobstore/paths/LocalUpload/new/{Path(spec.path).name}",
            entities.NOW,
            spec.description or "",
            {key: str(value) for key, value in spec.tags.items()},
            1234,
            "ada",
            len(older) + 1,
        )
        self.all.append(asset)
        return asset

    async def archive(self, name: str, version: str, *, archived: bool = True) -> None:
        await self._board.enter("data.archive", name, version, archived)
        self.all = [replace(a, archived=archived) if (a.name, a.version) == (name, version) else a for a in self.all]

    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> DataAsset:
        await self._board.enter("data.update", name, version, tags, description)
        found = await self.get(name, version)
        made = replace(
            found,
            tags=found.tags if tags is None else dict(tags),
            description=found.description if description is None else description,
        )
        self.all[self.all.index(found)] = made
        return made

    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        await self._board.enter("data.download", name, version, target)
        return DownloadReport(str(target / name), 1, 517_752)

    async def files(self, name: str, version: str = "latest") -> Sequence[FileEntry]:
        await self._board.enter("data.files", name, version)
        return asset_entities.DATA_FILES.get(name, ())


class FakeModels(ModelService):
    """The registry in memory."""

    def __init__(self, board: Switchboard, models: Sequence[RegisteredModel], versions: Sequence[ModelVersion]) -> None:
        self._board = board
        self.all = {model.name: model for model in models}
        self.all_versions = list(versions)

    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[RegisteredModel]:
        await self._board.enter("models.list", text, include_archived)
        return sorted(
            (
                model
                for model in self.all.values()
                if (include_archived or not model.archived)
                and has_words(text, model.name, model.type, dict(model.tags))
            ),
            key=lambda model: model.name,
        )

    async def versions(self, name: str) -> Sequence[ModelVersion]:
        await self._board.enter("models.versions", name)
        if name not in self.all:
            raise NotFoundError(f"There is no model named {name}.", advice="See the list of models.")
        return sorted((v for v in self.all_versions if v.name == name), key=lambda v: -int(v.version))

    async def get(self, name: str, version: str = "latest") -> ModelVersion:
        await self._board.enter("models.get", name, version)
        for found in sorted(self.all_versions, key=lambda v: (v.archived, -int(v.version))):
            if found.name == name and (version in ("latest", found.version) or version in found.aliases):
                return found
        raise NotFoundError(f"There is no model {name}:{version}.")

    async def candidates(self, job_name: str) -> Sequence[ModelCandidate]:
        await self._board.enter("models.candidates", job_name)
        return asset_entities.CANDIDATES

    async def register(self, spec: ModelSpec, *, base: Path) -> ModelVersion:
        await self._board.enter("models.register", spec, base)
        if "missing" in spec.path:
            raise SpecError([Fault("path", f"{spec.path} does not exist")])
        older = [v for v in self.all_versions if v.name == spec.name]
        version = str(spec.version or len(older) + 1)
        if any(v.version == version for v in older):
            raise ConflictError(f"{spec.name}:{version} exists already.")
        made = ModelVersion(spec.name, version, spec.type, spec.path, entities.NOW, spec.description or "", size=100)
        self.all_versions.append(made)
        row = RegisteredModel(spec.name, version, spec.type, entities.NOW, entities.NOW, version_count=len(older) + 1)
        self.all[spec.name] = row
        return made

    async def files(self, name: str, version: str) -> Sequence[FileEntry]:
        await self._board.enter("models.files", name, version)
        return asset_entities.MODEL_FILES

    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> ModelVersion:
        await self._board.enter("models.update", name, version, tags, description)
        found = await self.get(name, version)
        made = replace(
            found,
            tags=found.tags if tags is None else dict(tags),
            description=found.description if description is None else description,
        )
        self.all_versions[self.all_versions.index(found)] = made
        return made

    async def set_alias(self, name: str, alias: str, version: str | None) -> None:
        await self._board.enter("models.set_alias", name, alias, version)
        if alias == "latest":
            raise UserError("`latest` always means the newest version.")
        self.all_versions = [
            replace(
                v,
                aliases=(*(a for a in v.aliases if a != alias), *((alias,) if v.version == version else ())),
            )
            if v.name == name
            else v
            for v in self.all_versions
        ]

    async def archive(self, name: str, version: str | None = None, *, archived: bool = True) -> None:
        await self._board.enter("models.archive", name, version, archived)
        if version is None:
            self.all[name] = replace(self.all[name], archived=archived)
        self.all_versions = [
            replace(v, archived=archived) if v.name == name and version in (None, v.version) else v
            for v in self.all_versions
        ]

    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        await self._board.enter("models.download", name, version, target)
        return DownloadReport(str(target / name), 3, 2_780)


class FakeEnvironments(EnvironmentService):
    """Environments in memory."""

    def __init__(self, board: Switchboard, environments: Sequence[Environment]) -> None:
        self._board = board
        self.all = list(environments)

    async def list(self) -> Sequence[Environment]:
        await self._board.enter("environments.list")
        return sorted(self.all, key=lambda e: (e.curated, e.name))

    async def versions(self, name: str) -> Sequence[Environment]:
        await self._board.enter("environments.versions", name)
        return [e for e in self.all if e.name == name]

    async def get(self, name: str, version: str = "latest") -> Environment:
        await self._board.enter("environments.get", name, version)
        for found in self.all:
            if found.name == name and version in ("latest", found.version):
                return found
        raise NotFoundError(f"There is no environment {name}:{version}.")

    async def create(self, spec: EnvironmentSpec, *, base: Path) -> Environment:
        await self._board.enter("environments.create", spec, base)
        made = Environment(spec.name or "unnamed", str(spec.version or 1), entities.NOW, spec.image or "")
        self.all.append(made)
        return made


class FakeWorkspace(Workspace):
    """All ports in memory."""

    jobs: FakeJobs
    tracking: FakeTracking
    data: FakeData
    tables: FakeTables
    models: FakeModels
    datastores: FakeDatastores
    compute: FakeCompute
    environments: FakeEnvironments

    def __init__(self, *, empty: bool = False, read_only: bool = False) -> None:
        board = self._board = Switchboard([], {}, {})
        self.read_only = read_only
        self.closed = False
        self.jobs = FakeJobs(board, () if empty else entities.JOB_SUMMARIES)
        self.tracking = FakeTracking(board, self.jobs)
        self.data = FakeData(board, () if empty else asset_entities.DATA_ASSETS)
        self.tables = FakeTables(board)
        self.models = FakeModels(
            board, () if empty else asset_entities.MODELS, () if empty else asset_entities.MODEL_VERSIONS
        )
        self.datastores = FakeDatastores(board)
        self.compute = FakeCompute(board, asset_entities.COMPUTES)
        self.log = OperationLog()
        self.faults: tuple[Fault, ...] = ()
        self.environments = FakeEnvironments(
            board, asset_entities.ENVIRONMENTS[-1:] if empty else asset_entities.ENVIRONMENTS
        )

    @property
    def label(self) -> str:
        return "local ~/lapis"

    @property
    def operations(self) -> OperationLog:
        return self.log

    async def diagnose(self) -> Sequence[Fault]:
        await self._board.enter("diagnose")
        return self.faults

    async def info(self) -> WorkspaceInfo:
        await self._board.enter("info")
        return replace(asset_entities.INFO, read_only=self.read_only)

    async def close(self) -> None:
        self.closed = True

    def fail(self, call: str, error: Exception) -> None:
        """From now on the call (`jobs.list`) raises."""
        self._board.failing[call] = error

    def mend(self, call: str) -> None:
        """The call works again."""
        self._board.failing.pop(call, None)

    def slow(self, call: str) -> asyncio.Event:
        """From now on the call waits for the event that is returned."""
        self._board.gates[call] = asyncio.Event()
        return self._board.gates[call]

    def called(self, call: str) -> list[tuple[Any, ...]]:
        """The arguments of each such call, in order."""
        return [arguments for name, arguments in self._board.calls if name == call]
