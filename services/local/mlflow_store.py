"""MLflow's SQLite store of a local workspace: made by MLflow itself, once, in a process of its own.

Importing MLflow and running its migrations takes seconds; neither happens in the app.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.errors import MachineError, WorkspaceError
from services.local import database
from services.local.layout import Layout

REVISION = "dc11669786a5"
"""`alembic_version` of MLflow 3.17.2, whose tables the SQL of this package knows."""

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
"""MLflow phones home otherwise."""


def is_made(layout: Layout) -> bool:
    """Whether the store is there."""
    try:
        return layout.mlflow_database.stat().st_size > 0
    except OSError:
        return False


def begin_store(layout: Layout) -> None:
    """Begin to make the store if it is missing, without waiting: a process of its own, which outlives the app."""
    if not is_made(layout):
        subprocess.Popen(
            _maker(layout),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **QUIET},
            cwd=layout.root,
            start_new_session=True,
        )


def ensure_store(layout: Layout) -> None:
    """Make the store if it is missing, or wait until another process has made it; takes seconds then.

    Raises MachineError: MLflow is not installed, or the disk is full.
    """
    if is_made(layout):
        return
    done = subprocess.run(
        _maker(layout),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, **QUIET},
        cwd=layout.root,
        check=False,
    )
    if is_made(layout):
        return
    if "disk is full" in done.stderr or "No space left" in done.stderr:
        raise MachineError(
            f"The disk of {layout.root} is full; MLflow's store could not be made.",
            title="The disk is full",
            advice="Free some space and do it again.",
        )
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    raise MachineError(f"MLflow's store could not be made: {lines[-1]}", advice="lapis doctor says what is missing.")


def _maker(layout: Layout) -> list[str]:
    # -P: the modules beside the maker are no packages of its path
    maker = Path(__file__).with_name("mlflow_maker.py")
    artifacts = experiment_folder(layout, 0).parent
    return [sys.executable, "-P", str(maker), str(layout.root), str(layout.mlflow_database), str(artifacts)]


def experiment_folder(layout: Layout, experiment_id: int) -> Path:
    """Where the logged models of an experiment go, and the artifacts of runs that no job made."""
    return layout.datastore("workspaceartifactstore") / "ExperimentRun" / f"experiment.{experiment_id}"


class NoStoreError(Exception):
    """Nothing was ever logged in this workspace; readers answer with nothing."""


@contextmanager
def reading(layout: Layout) -> Iterator[sqlite3.Connection]:
    """A connection for reading, rows by name. Raises NoStoreError while there is no store."""
    if not is_made(layout):
        raise NoStoreError
    with database.reading(layout.mlflow_database) as connection:
        yield connection


@contextmanager
def writing(layout: Layout) -> Iterator[sqlite3.Connection]:
    """A transaction: committed at the end, rolled back on an error.

    Raises WorkspaceError: the store was made by another MLflow, whose tables nothing here knows.
    """
    with database.writing(layout.mlflow_database) as connection:
        _check_revision(connection, layout)
        yield connection


def _check_revision(connection: sqlite3.Connection, layout: Layout) -> None:
    (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision != REVISION:
        raise WorkspaceError(
            f"{layout.mlflow_database} has the tables of another MLflow (revision {revision}).",
            advice="Install the MLflow that Lapis names in its requirements, or use another workspace folder.",
        )


def create_run(
    layout: Layout, *, experiment_name: str, job_name: str, run_name: str, user: str, tags: Mapping[str, str]
) -> tuple[str, int, Path]:
    """Make the run of a job as SCHEDULED; returns its run id, experiment id and artifact folder.

    The row is the one that MLflow's SqlAlchemyStore.create_run writes (3.17.2), without the seconds of importing it.

    Raises WorkspaceError: the store was made by another MLflow.
    """
    now = int(time.time() * 1000)
    run_id = uuid.uuid4().hex
    folder = layout.run_artifacts(job_name)
    with writing(layout) as connection:
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
    row = connection.execute(
        "SELECT experiment_id, lifecycle_stage FROM experiments WHERE name = ?", (name,)
    ).fetchone()
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


def forget_run(layout: Layout, run_id: str) -> None:
    """Remove the row of a run whose job was never started."""
    with writing(layout) as connection:
        connection.execute("DELETE FROM tags WHERE run_uuid = ?", (run_id,))
        connection.execute("DELETE FROM runs WHERE run_uuid = ?", (run_id,))


def end_run(layout: Layout, run_id: str, status: str) -> None:
    """Give the run of a lost job its last status (FAILED, KILLED); one that has ended already keeps its own."""
    if is_made(layout):
        with writing(layout) as connection:
            connection.execute(
                "UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ? AND status IN ('RUNNING', 'SCHEDULED')",
                (status, int(time.time() * 1000), run_id),
            )
