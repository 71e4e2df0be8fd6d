"""The embedded workspace: a folder of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from services.entities import Resource, WorkspaceInfo
from services.errors import Fault, MachineError, WorkspaceError
from services.local import mlflow_store
from services.local.bindings import Binder
from services.local.calls import Calls
from services.local.compute import LocalCompute
from services.local.data import LocalData
from services.local.database import Database
from services.local.datastore_registry import DatastoreRegistry
from services.local.datastores import LocalDatastores
from services.local.environments import LocalEnvironments
from services.local.folder import OpenedFolder, open_folder
from services.local.job_outputs import output_folder
from services.local.jobs import LocalJobs
from services.local.layout import Layout
from services.local.models import LocalModels
from services.local.pools import Pools
from services.local.python_environments import EnvironmentResolver
from services.local.submission import Submitter, user_name
from services.local.sweeps import LocalSweeps
from services.local.tables import LocalTables
from services.local.tracking import LocalTracking
from services.local.vault import Vault
from services.operations import OperationLog
from services.workspace import Workspace

THREADS = 8


class LocalWorkspace(Workspace):
    """An open local workspace; `open` makes it.

    Attributes:
        layout: its paths.
        submitter: starts jobs, and children of jobs.
        sweeps: how sweeps stand.
        read_only: nothing can be written; lists work.
    """

    models: LocalModels
    jobs: LocalJobs

    def __init__(self, opened: OpenedFolder, executor: ThreadPoolExecutor) -> None:
        self.layout = layout = opened.layout
        self.read_only = opened.read_only
        self._opened = opened
        self._executor = executor
        self._operations = OperationLog()
        self._calls = calls = Calls(executor)
        self._database = database = Database(layout.database, read_only=opened.read_only)
        self.compute = LocalCompute(layout, database, calls, opened.slots)
        self.datastores = LocalDatastores(layout, database, calls)
        self.data = LocalData(layout, database, calls)
        self.tables = LocalTables(layout, calls, self.data.find, self.datastores.files)
        self.environments = LocalEnvironments(layout, database, calls)
        self.tracking = LocalTracking(layout, database, calls)
        self.models = LocalModels(layout, database, calls)
        binder = Binder(layout, self.data.find, self.models.locate, lambda job, name: output_folder(layout, job, name))
        resolver = EnvironmentResolver(layout, self.environments.find)
        submitter = Submitter(layout, database, binder, resolver, opened.slots)
        self.submitter = submitter
        self.jobs = LocalJobs(layout, database, calls, submitter, self.data.add)
        self.sweeps = LocalSweeps(layout, database, calls)

    @classmethod
    async def open(cls, folder: Path) -> LocalWorkspace:
        """Open the workspace in a folder, or make one if the folder is missing or empty.

        MLflow's store, which takes seconds, is made in the background; what needs it waits for it.

        Raises WorkspaceError: the folder holds something else, is damaged, from a newer Lapis, or can't be made.
        """
        executor = ThreadPoolExecutor(THREADS, "lapis")
        try:
            opened = await Calls(executor)(open_folder, folder)
            workspace = cls(opened, executor)
            if not opened.read_only:
                # whoever needs the store tries again and tells what went wrong
                with suppress(MachineError, WorkspaceError):
                    await Calls(executor)(mlflow_store.begin_store, opened.layout)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return workspace

    @property
    def label(self) -> str:
        """`local ~/lapis`."""
        with suppress(ValueError, RuntimeError):
            return f"local {Path('~') / self.layout.root.relative_to(Path.home())}"
        return f"local {self.layout.root}"

    @property
    def operations(self) -> OperationLog:
        """What goes on in the background."""
        return self._operations

    async def diagnose(self) -> Sequence[Fault]:
        """Whether its folder can be written."""
        if self.read_only:
            return (Fault("folder", f"{self.layout.root} can't be written: lists work, nothing can be changed"),)
        return ()

    async def info(self) -> WorkspaceInfo:
        """Name, place, the four default resources and counts."""
        return await self._calls(self._info)

    def _info(self) -> WorkspaceInfo:
        with self._database.read() as connection:
            jobs, data, environments = connection.execute(
                "SELECT (SELECT COUNT(*) FROM jobs WHERE archived = 0 AND parent_name IS NULL),"
                " (SELECT COUNT(DISTINCT name) FROM data_assets WHERE archived = 0),"
                " (SELECT COUNT(DISTINCT name) FROM environments)"
            ).fetchone()
        models = self.models.count()
        counts = {"jobs": jobs, "data": data, "models": models, "environments": environments}
        counts["computes"] = 1 + len(Pools(self.layout).list())
        return WorkspaceInfo(
            name=self._opened.name,
            kind="local",
            location=str(self.layout.root),
            identity=user_name(),
            created_at=self._opened.created_at,
            resources=_resources(self.layout),
            counts=counts,
            default_datastore=DatastoreRegistry(self.layout).default,
            mlflow_tracking_uri=self.layout.mlflow_uri,
            studio_url=self.layout.root.as_uri(),
            read_only=self.read_only,
        )

    async def close(self) -> None:
        """Let go of the threads without waiting for reads; jobs go on."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _secrets(layout: Layout) -> str:
    """How many secrets datastores have."""
    count = len(Vault(layout.vault))
    return (
        f"{count} secret{'' if count == 1 else 's'}, which you alone may read" if count else "nothing here has a secret"
    )


def _resources(layout: Layout) -> tuple[Resource, ...]:
    """The four that every Azure ML workspace has, and what stands for each here."""
    built = sum(1 for _ in layout.environments.glob("*/.complete")) if layout.environments.is_dir() else 0
    events = layout.events.stat().st_size if layout.events.exists() else 0
    return (
        Resource("Storage account", "datastores", f"{len(DatastoreRegistry(layout).list())} datastores"),
        Resource("Key vault", layout.vault.name, _secrets(layout)),
        Resource("Application Insights", layout.events.name, f"{events:,} bytes"),
        Resource("Container registry", "environments", f"{built} built" if built else "not created yet"),
    )
