"""The port: what every workspace offers, on this machine or in Azure.

Rules for all methods: they are awaited on the event loop and never block it; they raise only `ServiceError`s; they may
be called from several tasks at once. Cancelling a read drops it; a write, once begun, is carried out even if the caller
is cancelled. Lists are pages: newest first unless it says otherwise, and a cursor stays good while items are added.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from services.entities import (
    Artifact,
    Compute,
    ComputeNode,
    ComputeSize,
    DataAsset,
    Datastore,
    DownloadReport,
    Environment,
    ExperimentSummary,
    FileEntry,
    Job,
    JobEvent,
    JobQuery,
    JobSummary,
    LogChunk,
    LogFile,
    MetricPoint,
    ModelCandidate,
    ModelVersion,
    Page,
    Preflight,
    RegisteredModel,
    RunData,
    WorkspaceInfo,
)
from services.entities.tables import FOUND_OUT, TableOptions

if TYPE_CHECKING:
    from services.errors import Fault
    from services.operations import OperationLog
    from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec
    from services.specs.command import CommandJob
    from services.specs.datastores import DatastoreSpec
    from services.specs.jobs import AnyJob
    from services.tables.table import Table


class JobService(ABC):
    """Jobs: what was submitted, what runs, what it left."""

    @abstractmethod
    async def list(self, query: JobQuery, cursor: str | None = None, limit: int = 100) -> Page[JobSummary]:
        """A page of the jobs that match; the order is that of the query, ties by name."""

    @abstractmethod
    async def get(self, name: str) -> Job:
        """One job. Raises NotFoundError."""

    @abstractmethod
    async def preflight(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Preflight:
        """What `submit` would do and every fault that would stop it; starts and writes nothing.

        Args:
            base: the folder that relative paths in the spec start from.
            strict: what this workspace would replace is an error instead of a note.
        """

    @abstractmethod
    async def submit(self, spec: AnyJob, *, base: Path, strict: bool = False) -> Job:
        """Start a job and return it as soon as it is queued.

        Submitting a spec with the name of a job that exists raises ConflictError unless that job came from the same
        spec; then it is returned: a retried submit is the same job. Raises SpecError with the faults of `preflight`.
        """

    @abstractmethod
    async def cancel(self, name: str) -> None:
        """Ask for the end of the job and its whole process tree; returns before it has ended.

        Does nothing to a job that is being canceled; raises ConflictError for one that has ended, NotFoundError.
        """

    @abstractmethod
    def watch(self, name: str) -> AsyncIterator[JobEvent]:
        """Everything that happens to a job, beginning with a StatusChanged of now, until it has ended.

        The first events tell all that is already there (each log's size, each metric point; that there is no point is
        told too), so that a watcher needs nothing else. Raises NotFoundError at the first step.
        """

    @abstractmethod
    async def log_files(self, name: str) -> Sequence[LogFile]:
        """The job's logs, `user_logs/std_log.txt` first."""

    @abstractmethod
    async def read_log(self, name: str, file: str, offset: int, limit: int) -> LogChunk:
        """At most `limit` bytes of a log from `offset`; a negative offset counts from the end. Empty past the end."""

    @abstractmethod
    async def artifacts(self, name: str) -> Sequence[Artifact]:
        """The outputs tree: run artifacts, outputs and logged models in one, folders before files, by path."""

    @abstractmethod
    async def read_artifact(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        """At most `limit` bytes of a file of the outputs tree. Raises NotFoundError."""

    @abstractmethod
    async def code_files(self, name: str) -> Sequence[tuple[str, int]]:
        """Relative path and bytes of each file of the code that ran."""

    @abstractmethod
    async def read_code(self, name: str, path: str, limit: int = 1_000_000) -> bytes:
        """At most `limit` bytes of a file of the code that ran. Raises NotFoundError."""

    @abstractmethod
    async def download(
        self, name: str, target: Path, *, output_name: str = "", everything: bool = False
    ) -> DownloadReport:
        """Copy artifacts (or one output, or all with logs) into `target`; never writes outside it.

        As `az ml job download`: artifacts go to `target/artifacts`, outputs to `target/named-outputs/NAME`.
        Raises NotFoundError for an unknown output, ConflictError while the job runs.
        """

    @abstractmethod
    async def archive(self, name: str, *, archived: bool = True) -> None:
        """Hide a job from lists, or show it again."""

    @abstractmethod
    async def spec(self, name: str) -> tuple[CommandJob, Path]:
        """The spec of a job for a clone, with the folder that its relative paths start from: its code as it ran.

        Raises ConflictError for a job of another type than command.
        """


class TrackingService(ABC):
    """What runs have logged. A job's run has the job's name as its run name."""

    @abstractmethod
    async def run(self, job_name: str) -> RunData:
        """Params, latest metrics and tags of a job's run; empty for a run that has logged nothing."""

    @abstractmethod
    async def history(self, job_name: str, keys: Sequence[str] = ()) -> Sequence[MetricPoint]:
        """All points of the run's metrics (or of those keys), by key, step and time."""

    @abstractmethod
    async def experiments(self, *, include_archived: bool = False) -> Sequence[ExperimentSummary]:
        """The experiments, the one that ran last first."""


class DataService(ABC):
    """Data assets and their versions."""

    @abstractmethod
    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[DataAsset]:
        """The latest version of each asset whose name, type or a tag holds each word of `text`, by name."""

    @abstractmethod
    async def versions(self, name: str) -> Sequence[DataAsset]:
        """All versions, newest first. Raises NotFoundError."""

    @abstractmethod
    async def get(self, name: str, version: str = "latest") -> DataAsset:
        """One version. Raises NotFoundError."""

    @abstractmethod
    async def create(self, spec: DataSpec, *, base: Path) -> DataAsset:
        """Register a version (the next one if the spec names none); a local path is copied into the default datastore.

        Raises SpecError (missing file, wrong type for what is there), ConflictError (the version exists).
        """

    @abstractmethod
    async def archive(self, name: str, version: str, *, archived: bool = True) -> None:
        """Hide a version from lists, or show it again."""

    @abstractmethod
    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> DataAsset:
        """Replace a version's tags or description; what it points to never changes. Raises NotFoundError."""

    @abstractmethod
    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        """Copy a version's files into `target/NAME`; never writes outside it, never over a file that is there.

        Raises ConflictError (a file is there), NotFoundError (its files are gone), UserError (they lie on the web).
        """

    @abstractmethod
    async def files(self, name: str, version: str = "latest") -> Sequence[FileEntry]:
        """The files of an asset, by path."""


class TableService(ABC):
    """Tables wherever they lie, of any size.

    A source is `azureml:NAME:VERSION` or `azureml:NAME@latest` (the asset's table: of a folder its MLTable or its first
    table file), `azureml://datastores/NAME/paths/PATH` in the short or the long form,
    `azureml://jobs/NAME/outputs/OUTPUT/paths/PATH`, `abfss://`, `wasbs://`, `http(s)://`, `file://` or a path of this
    machine.
    """

    @abstractmethod
    async def open(self, source: str, options: TableOptions = FOUND_OUT) -> Table:
        """Open a table; the first page costs no more bytes than it needs. Close it after use.

        Raises NotFoundError, AccessError, TransientError; UserError for what is no table, or is damaged.
        """

    @abstractmethod
    async def identity(self, source: str) -> str:
        """What tells a table from those of other workspaces and other versions, to keep something of it by.

        Sources that name one version of an asset give one text: `azureml:NAME@latest` is asked for its version.
        Nothing else is looked at. Raises NotFoundError for a label that no version has, AccessError, TransientError.
        """


class ModelService(ABC):
    """The model registry."""

    @abstractmethod
    async def list(self, text: str = "", *, include_archived: bool = False) -> Sequence[RegisteredModel]:
        """Registered models whose name, type or a tag holds each word of `text`, by name."""

    @abstractmethod
    async def versions(self, name: str) -> Sequence[ModelVersion]:
        """All versions, newest first. Raises NotFoundError."""

    @abstractmethod
    async def get(self, name: str, version: str = "latest") -> ModelVersion:
        """One version, by number, `latest` or an alias. Raises NotFoundError."""

    @abstractmethod
    async def candidates(self, job_name: str) -> Sequence[ModelCandidate]:
        """What a job left that can be registered: its logged models, then folders with an MLmodel file."""

    @abstractmethod
    async def register(self, spec: ModelSpec, *, base: Path) -> ModelVersion:
        """Register a local folder or file, a job's output or a logged model; a version number is given if none is set.

        Raises SpecError (no MLmodel in an MLflow model, no Triton layout, missing path), ConflictError.
        """

    @abstractmethod
    async def files(self, name: str, version: str) -> Sequence[FileEntry]:
        """The files of a version, by path."""

    @abstractmethod
    async def update(
        self, name: str, version: str, *, tags: Mapping[str, str] | None = None, description: str | None = None
    ) -> ModelVersion:
        """Replace a version's tags or description."""

    @abstractmethod
    async def set_alias(self, name: str, alias: str, version: str | None) -> None:
        """Point an alias at a version, or remove it with None. Raises UserError for `latest` and `v1`-like names."""

    @abstractmethod
    async def archive(self, name: str, version: str | None = None, *, archived: bool = True) -> None:
        """Hide a version (or the whole model) from lists, or show it again."""

    @abstractmethod
    async def download(self, name: str, version: str, target: Path) -> DownloadReport:
        """Copy a version's files into `target/NAME`; never writes outside it, never over a file that is there."""


class DatastoreService(ABC):
    """Datastores and the files in them."""

    @abstractmethod
    async def list(self) -> Sequence[Datastore]:
        """All datastores, the default first, then by name."""

    @abstractmethod
    async def get(self, name: str) -> Datastore:
        """One datastore. Raises NotFoundError."""

    @abstractmethod
    async def browse(self, name: str, path: str = "", *, limit: int | None = None) -> Sequence[FileEntry]:
        """The entries of a folder, folders first, by name. Raises NotFoundError, AccessError.

        Args:
            limit: at most so many, the first that the storage tells of, for a folder that has very many.
        """

    @abstractmethod
    async def read(self, name: str, path: str, limit: int = 4_000_000) -> bytes:
        """At most `limit` bytes of a file, from its beginning. Raises NotFoundError, AccessError."""

    @abstractmethod
    async def check(self, spec: DatastoreSpec, *, base: Path) -> Sequence[Fault]:
        """What would stop `create`, and what one should know before, worst first; changes nothing.

        A name that is taken is no fault: then `create` edits.
        """

    @abstractmethod
    async def create(self, spec: DatastoreSpec, *, base: Path) -> Datastore:
        """Register a datastore, or edit one; a secret that is `<redacted>` stays the one in force.

        Nothing is asked of the storage. Raises SpecError (faults of `check`).

        Args:
            base: the folder that a relative `path` starts from.
        """

    @abstractmethod
    async def delete(self, name: str) -> None:
        """Forget a datastore; what it points to stays. Raises NotFoundError, UserError for one that must stay."""

    @abstractmethod
    async def set_default(self, name: str) -> Datastore:
        """Make it the datastore where local files and outputs go. Raises NotFoundError, UserError."""


class ComputeService(ABC):
    """Places where jobs run.

    What takes long (create, start, stop, restart, delete) returns as soon as it was accepted and goes on by itself,
    also when Lapis is closed; the compute's state and the workspace's operations tell how far it is.
    """

    @abstractmethod
    async def list(self) -> Sequence[Compute]:
        """All computes, by name."""

    @abstractmethod
    async def get(self, name: str) -> Compute:
        """One compute. Raises NotFoundError."""

    @abstractmethod
    async def check(self, spec: ComputeSpec) -> Sequence[Fault]:
        """What would stop `create`, and what one should know before, worst first; changes nothing.

        A name that is taken is no fault: then `create` edits. A field that can't be changed any more is.
        """

    @abstractmethod
    async def create(self, spec: ComputeSpec) -> Compute:
        """Create, attach or edit a compute. Raises SpecError (faults of `check`), ConflictError."""

    @abstractmethod
    async def start(self, name: str) -> None:
        """Start an instance; nothing if it runs. Raises NotFoundError, UserError for what can't be started."""

    @abstractmethod
    async def stop(self, name: str) -> None:
        """Stop an instance; nothing if it has stopped. Raises NotFoundError, UserError for what can't be stopped."""

    @abstractmethod
    async def restart(self, name: str) -> None:
        """Restart an instance that runs. Raises NotFoundError, ConflictError, UserError."""

    @abstractmethod
    async def delete(self, name: str) -> None:
        """Delete a compute; what was attached is detached and lives on. Raises NotFoundError, UserError."""

    @abstractmethod
    async def nodes(self, name: str) -> Sequence[ComputeNode]:
        """The nodes of a cluster or the slots of a pool; empty for what has none. Raises NotFoundError."""

    @abstractmethod
    async def sizes(self) -> Sequence[ComputeSize]:
        """The sizes of machines that the workspace's region has, with quota and price where known, by name."""

    @abstractmethod
    async def preempt(self, name: str) -> str:
        """Simulate that a low-priority node is taken away; the name of the job that begins again, empty if none ran.

        Raises UserError where it can't be simulated, NotFoundError.
        """


class EnvironmentService(ABC):
    """Environments and their versions."""

    @abstractmethod
    async def list(self) -> Sequence[Environment]:
        """The latest version of each environment, own ones first, by name."""

    @abstractmethod
    async def versions(self, name: str) -> Sequence[Environment]:
        """All versions, newest first. Raises NotFoundError."""

    @abstractmethod
    async def get(self, name: str, version: str = "latest") -> Environment:
        """One version. Raises NotFoundError."""

    @abstractmethod
    async def create(self, spec: EnvironmentSpec, *, base: Path) -> Environment:
        """Register a version. Raises SpecError (also for a name that starts with AzureML-), ConflictError."""


class Workspace(ABC):
    """An open workspace and its services."""

    jobs: JobService
    tracking: TrackingService
    data: DataService
    tables: TableService
    models: ModelService
    datastores: DatastoreService
    compute: ComputeService
    environments: EnvironmentService

    @property
    @abstractmethod
    def operations(self) -> OperationLog:
        """What goes on in the background since the workspace was opened."""

    @property
    @abstractmethod
    def label(self) -> str:
        """Short words for the header: `local ~/lapis`, `azure ws·rg`."""

    @abstractmethod
    async def info(self) -> WorkspaceInfo:
        """Name, place, default resources and counts."""

    @abstractmethod
    async def diagnose(self) -> Sequence[Fault]:
        """What is wrong with the workspace and its resources, worst first; empty when all is well."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of files, threads and connections; jobs go on."""
