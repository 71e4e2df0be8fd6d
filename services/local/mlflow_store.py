"""MLflow's SQLite store of a local workspace: made by MLflow itself, once, in a process of its own.

Importing MLflow and running its migrations takes seconds; neither happens in the app.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from services.errors import MachineError, WorkspaceError
from services.local.database import translated
from services.local.layout import Layout

REVISION = "dc11669786a5"
"""`alembic_version` of MLflow 3.17.2, whose tables the SQL of this package knows."""

_MAKE = """
import sqlite3, sys
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
SqlAlchemyStore("sqlite:///" + sys.argv[1], sys.argv[2]).engine.dispose()
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode = WAL")
connection.close()
"""
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
"""MLflow phones home otherwise."""


def is_made(layout: Layout) -> bool:
    """Whether the store is there."""
    return layout.mlflow_database.exists()


def ensure_store(layout: Layout) -> None:
    """Make the store if it is missing; takes seconds then. Several processes may call it at once.

    Raises MachineError: MLflow is not installed, or the disk is full.
    """
    if is_made(layout):
        return
    with (layout.root / ".mlflow.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_made(layout):
            return
        temporary = layout.root / f".mlflow-{os.getpid()}.db"
        done = subprocess.run(
            [sys.executable, "-c", _MAKE, str(temporary), str(experiment_folder(layout, 0).parent)],
            capture_output=True,
            text=True,
            env={**os.environ, **QUIET},
            cwd=layout.root,
            check=False,
        )
        if done.returncode != 0:
            for leftover in layout.root.glob(f"{temporary.name}*"):
                leftover.unlink()
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise MachineError(f"MLflow's store could not be made: {lines[-1]}", advice="lapis doctor says what is missing.")
        temporary.rename(layout.mlflow_database)


def experiment_folder(layout: Layout, experiment_id: int) -> Path:
    """Where the logged models of an experiment go, and the artifacts of runs that no job made."""
    return layout.datastore("workspaceartifactstore") / "ExperimentRun" / f"experiment.{experiment_id}"


@contextmanager
def reading(layout: Layout) -> Iterator[sqlite3.Connection]:
    """A connection for reading, rows by name; an empty database in memory while there is no store."""
    database = layout.mlflow_database
    if not database.exists():
        raise NoStoreError
    with translated(database):
        # a store on a read-only file system can't have its -shm file made
        writable = os.access(database.parent, os.W_OK)
        mode = "ro" if writable else "ro&immutable=1"
        connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode={mode}", uri=True, timeout=20)
        connection.row_factory = sqlite3.Row
        with closing(connection):
            yield connection


class NoStoreError(Exception):
    """Nothing was ever logged in this workspace; readers answer with nothing."""


@contextmanager
def _writing(layout: Layout) -> Iterator[sqlite3.Connection]:
    with translated(layout.mlflow_database):
        connection = sqlite3.connect(layout.mlflow_database, timeout=20, isolation_level=None)
        with closing(connection):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()


def create_run(
    layout: Layout, *, experiment_name: str, job_name: str, run_name: str, user: str, tags: Mapping[str, str]
) -> tuple[str, int, Path]:
    """Make the run of a job as SCHEDULED; returns its run id, experiment id and artifact folder.

    The row is the one that MLflow's SqlAlchemyStore.create_run writes (3.17.2), without the seconds that importing it takes.

    Raises WorkspaceError: the store was made by another MLflow.
    """
    now = int(time.time() * 1000)
    run_id = uuid.uuid4().hex
    folder = layout.run_artifacts(job_name)
    with _writing(layout) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if revision != REVISION:
            raise WorkspaceError(
                f"{layout.mlflow_database} has the tables of another MLflow (revision {revision}).",
                advice="Install the MLflow that Lapis names in its requirements, or use another workspace folder.",
            )
        experiment_id = _experiment(connection, layout, experiment_name, now)
        connection.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
            " end_time, source_version, lifecycle_stage, artifact_uri, experiment_id, deleted_time)"
            " VALUES (?, ?, 'UNKNOWN', '', '', ?, 'SCHEDULED', ?, NULL, '', 'active', ?, ?, NULL)",
            (run_id, run_name, user, now, str(folder), experiment_id),
        )
        rows = {"mlflow.runName": run_name, "mlflow.user": user, **tags}
        connection.executemany(
            "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
            [(key[:250], value[:8000], run_id) for key, value in rows.items()],
        )
    return run_id, experiment_id, folder


def _experiment(connection: sqlite3.Connection, layout: Layout, name: str, now: int) -> int:
    row = connection.execute("SELECT experiment_id, lifecycle_stage FROM experiments WHERE name = ?", (name,)).fetchone()
    if row is not None:
        if row[1] != "active":
            connection.execute("UPDATE experiments SET lifecycle_stage = 'active' WHERE experiment_id = ?", (row[0],))
        return int(row[0])
    cursor = connection.execute(
        "INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)"
        " VALUES (?, '', 'active', ?, ?, 'default')",
        (name, now, now),
    )
    experiment_id = int(cursor.lastrowid or 0)
    connection.execute(
        "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
        (str(experiment_folder(layout, experiment_id)), experiment_id),
    )
    return experiment_id


def end_run(layout: Layout, run_id: str, status: str) -> None:
    """Give the run of a lost job its last status (FAILED, KILLED); one that has ended already keeps its own."""
    if is_made(layout):
        with _writing(layout) as connection:
            connection.execute(
                "UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ? AND status IN ('RUNNING', 'SCHEDULED')",
                (status, int(time.time() * 1000), run_id),
            )
