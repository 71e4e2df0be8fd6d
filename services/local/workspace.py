"""A local workspace: a folder, opened or made."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.entities import Resource, WorkspaceInfo
from services.errors import WorkspaceError
from services.local import mlflow_store
from services.local.bindings import Binder
from services.local.calls import Calls
from services.local.compute import LocalCompute
from services.local.data import LocalData
from services.local.database import Database
from services.local.datastores import DEFAULT, LocalDatastores
from services.local.environments import LocalEnvironments
from services.local.jobs import LocalJobs
from services.local.layout import DATASTORES, LAYOUT_VERSION, Layout
from services.local.models import LocalModels
from services.local.python_environments import EnvironmentResolver
from services.local.submission import Submitter, user_name
from services.local.tracking import LocalTracking
from services.workspace import Workspace

THREADS = 8


class LocalWorkspace(Workspace):
    """The services over one folder; `open` makes it."""

    def __init__(self, layout: Layout, marker: dict[str, Any], *, read_only: bool) -> None:
        self.layout = layout
        self.read_only = read_only
        self._marker = marker
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="lapis")
        self._database = Database(layout.database, read_only=read_only)
        calls = Calls(self._executor)
        slots = int(marker.get("slots") or os.cpu_count() or 1)
        self.data = LocalData(layout, self._database, self._executor)
        self.models = LocalModels(layout, self._database, self._executor)
        self.environments = LocalEnvironments(layout, self._database, self._executor)
        self.datastores = LocalDatastores(layout, calls)
        self.compute = LocalCompute(layout, self._database, calls, slots)
        self.tracking = LocalTracking(layout, self._database, calls)
        binder = Binder(layout, self.data.find, self.models.locate, self.models.find_output)
        resolver = EnvironmentResolver(layout, self.environments.find)
        submitter = Submitter(layout, self._database, binder, resolver, slots)
        self.jobs = LocalJobs(layout, self._database, self._executor, submitter)

    @classmethod
    async def open(cls, folder: Path) -> LocalWorkspace:
        """Open the workspace in a folder, or make one if the folder is missing or empty.

        MLflow's store, which takes seconds, is made in the background. Raises WorkspaceError.
        """
        layout = Layout(folder.expanduser().absolute())
        marker, read_only = await asyncio.to_thread(_open, layout)
        workspace = cls(layout, marker, read_only=read_only)
        if not read_only and not mlflow_store.is_made(layout):
            workspace._executor.submit(mlflow_store.ensure_store, layout)
        return workspace

    @property
    def label(self) -> str:
        """`local ~/lapis`."""
        home = str(Path.home())
        text = str(self.layout.root)
        return f"local {'~' + text.removeprefix(home) if text.startswith(home + os.sep) else text}"

    async def info(self) -> WorkspaceInfo:
        """Name, place, default resources and counts."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._info)

    def _info(self) -> WorkspaceInfo:
        layout = self.layout
        with self._database.read() as connection:
            jobs, data, environments = (
                connection.execute(query).fetchone()[0]
                for query in (
                    "SELECT COUNT(*) FROM jobs",
                    "SELECT COUNT(DISTINCT name) FROM data_assets",
                    "SELECT COUNT(DISTINCT name) FROM environments",
                )
            )
        models = len(self.models._list("", include_archived=True))  # noqa: SLF001: counted by its own adapter
        built = any(layout.environments.glob("*/.complete"))
        resources = (
            Resource("Storage account", str(layout.root / "datastores"), "a folder"),
            Resource("Key vault", "none", "not needed: nothing here has a secret"),
            Resource("Application Insights", str(layout.events), "a file"),
            Resource(
                "Container registry", str(layout.environments) if built else "none", "" if built else "not created yet"
            ),
        )
        return WorkspaceInfo(
            name=self._marker["name"],
            kind="local",
            location=str(layout.root),
            identity=user_name(),
            created_at=datetime.fromtimestamp(self._marker["created_at"], UTC),
            resources=resources,
            counts={"jobs": jobs, "data assets": data, "models": models, "environments": environments, "computes": 1},
            default_datastore=DEFAULT,
            mlflow_tracking_uri=layout.mlflow_uri,
            studio_url=layout.root.as_uri(),
            read_only=self.read_only,
        )

    async def close(self) -> None:
        """Let go of the threads; jobs go on."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _open(layout: Layout) -> tuple[dict[str, Any], bool]:
    """The marker, and whether the folder is read-only."""
    root = layout.root
    try:
        if not root.exists():
            root.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise _unwritable(root, error) from error
    if not root.is_dir():
        raise WorkspaceError(f"{root} is a file.", advice="Choose a folder with -w.")
    read_only = not _writable(root)
    if not layout.marker.exists():
        if read_only:
            raise _unwritable(root, None)
        _make(layout)
    try:
        marker = json.loads(layout.marker.read_text("utf-8"))
        version = int(marker["layout"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{layout.marker} is damaged: {error}.", title="The workspace is damaged") from error
    if version > LAYOUT_VERSION:
        raise WorkspaceError(
            f"{root} was written by a newer Lapis (layout {version}, this one knows {LAYOUT_VERSION}).",
            title="The workspace is from a newer Lapis",
            advice="Update Lapis, or choose another folder with -w.",
        )
    if not layout.database.exists():
        raise WorkspaceError(f"{layout.database} is missing.", title="The workspace is damaged")
    Database(layout.database, read_only=read_only).check()
    return marker, read_only


def _make(layout: Layout) -> None:
    """Make a workspace in an empty folder; of two Lapis that do so at once, one waits for the other."""
    root = layout.root
    strangers = [path.name for path in root.iterdir() if not path.name.startswith(".lapis")]
    try:
        with (root / ".lapis.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if layout.marker.exists():
                return
            if strangers and not layout.database.exists():
                raise WorkspaceError(
                    f"{root} holds other things ({', '.join(sorted(strangers)[:3])}) and is no workspace.",
                    title="That folder is no workspace",
                    advice="Choose an empty or a new folder with -w.",
                )
            root.chmod(0o700)
            for folder in (layout.jobs, layout.queue, layout.slots, *map(layout.datastore, DATASTORES)):
                folder.mkdir(parents=True, exist_ok=True)
            Database(layout.database).create()
            now = time.time()
            layout.events.write_text(f"{datetime.fromtimestamp(now, UTC).isoformat()} workspace made\n", "utf-8")
            content = {"name": root.name, "layout": LAYOUT_VERSION, "created_at": now}
            temporary = root / f".lapis-marker-{os.getpid()}"
            temporary.write_text(json.dumps(content), "utf-8")
            temporary.rename(layout.marker)
    except OSError as error:
        raise _unwritable(root, error) from error


def _writable(folder: Path) -> bool:
    """Tried, not asked: permission bits say nothing to root, nor of a read-only file system."""
    if not os.access(folder, os.W_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError as error:
        return error.errno == 28  # a full disk is writable again when there is space


def _unwritable(root: Path, error: OSError | None) -> WorkspaceError:
    reason = f": {error.strerror}" if error else ""
    return WorkspaceError(
        f"No workspace can be made in {root}{reason}.",
        title="The disk is full" if error and error.errno == 28 else "The folder can't be written",
        advice="Choose another folder with -w or LAPIS_WORKSPACE.",
    )
