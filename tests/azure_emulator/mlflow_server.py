"""The MLflow server of the emulated workspace: a real one, over SQLite, started by its first request.

The address is bound at once and listens; nobody pays for the server (6 s of importing) but who calls it, and nobody
polls until it is up: the first request waits in the socket's queue until the server takes it.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Self

from services.local.layout import Layout
from services.local.mlflow_store import QUIET, REVISION, create_run, ensure_store, is_made, writing

CACHE = Path(__file__).parents[2] / ".cache" / "mlflow" / REVISION
"""Holds an empty store, beside the other things that tests download or make once."""
SERVE = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
import uvicorn
uvicorn.run("mlflow.server.fastapi_app:app", fd=int(sys.argv[1]), log_level="warning", timeout_keep_alive=60)
"""
"""What `mlflow server` runs, without the processes for its own jobs; its input ends when the parent does, however."""
KEPT_TABLES = ("alembic_version", "workspaces")
"""What MLflow needs in an empty store, beside the Default experiment."""


def make_template() -> Layout:
    """An empty store that servers copy; made by the first who asks on this machine."""
    CACHE.mkdir(parents=True, exist_ok=True)
    template = Layout(CACHE)
    ensure_store(template)
    return template


class MlflowServer:
    """A tracking server and model registry below `folder`, laid out like a local workspace.

    Attributes:
        url: its address on loopback; answers as soon as the object is made.
        layout: the database, and the folder that stands for the artifact store until a runner uploads what is in it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.layout = Layout(folder)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._stopped, self._stop = os.pipe()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve_on_demand, name="mlflow-on-demand", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def artifacts(self) -> Path:
        """The folder that stands for the container of `workspaceartifactstore`."""
        return self.layout.datastore("workspaceartifactstore")

    @property
    def log(self) -> Path:
        """What the server process printed."""
        return self.layout.root / "server.log"

    def close(self) -> None:
        """End the server, if it was ever started."""
        os.close(self._stop)
        self._thread.join()
        os.close(self._stopped)
        self._socket.close()
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)

    def ensure_store(self) -> None:
        """Make the database if it is missing: MLflow takes seconds for it once, later ones are copies."""
        with self._lock:
            if is_made(self.layout):
                return
            template = make_template()
            copy = self.layout.root / "copy.db"
            shutil.copyfile(template.mlflow_database, copy)
            with closing(sqlite3.connect(copy)) as connection, connection:
                place = str(self.artifacts / "ExperimentRun" / "experiment.0")
                connection.execute("UPDATE experiments SET artifact_location = ?", (place,))
            copy.rename(self.layout.mlflow_database)

    def clear(self) -> None:
        """Forget all runs, experiments and registered models, and their files."""
        if not is_made(self.layout):
            return
        with writing(self.layout) as connection:
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                if table not in KEPT_TABLES and not table.startswith("sqlite_"):
                    rows = f'FROM "{table}"' + (" WHERE experiment_id <> 0" if table == "experiments" else "")
                    # to delete from an empty table would write to the disk too
                    if connection.execute(f"SELECT 1 {rows} LIMIT 1").fetchone():
                        connection.execute(f"DELETE {rows}")
        shutil.rmtree(self.artifacts.parent, ignore_errors=True)

    def create_run(self, job: str, *, experiment: str, display_name: str, user: str, tags: Mapping[str, str]) -> None:
        """Make the run of a job as SCHEDULED. Its id is the job's name, as in Azure, which MLflow's REST can't do."""
        self.ensure_store()
        run_id, _, _ = create_run(
            self.layout, experiment_name=experiment, job_name=job, run_name=display_name, user=user, tags=tags
        )
        self.rename_run(run_id, job)

    def rename_run(self, run_id: str, job: str) -> None:
        """Give a run the name of its job as its id, wherever the id stands."""
        with writing(self.layout) as connection:
            for table in ("runs", "tags", "params", "metrics", "latest_metrics"):
                connection.execute(f"UPDATE {table} SET run_uuid = ? WHERE run_uuid = ?", (job, run_id))
            connection.execute("UPDATE logged_models SET source_run_id = ? WHERE source_run_id = ?", (job, run_id))

    def update_run(
        self, job: str, status: str, *, start_time: float | None = None, end_time: float | None = None
    ) -> None:
        """Give a run a status of MLflow (RUNNING, FINISHED, FAILED, KILLED) and its times, in seconds of the epoch."""
        milliseconds = [None if moment is None else int(moment * 1000) for moment in (start_time, end_time)]
        with writing(self.layout) as connection:
            connection.execute(
                "UPDATE runs SET status = ?, start_time = COALESCE(?, start_time), end_time = COALESCE(?, end_time)"
                " WHERE run_uuid = ?",
                (status, *milliseconds, job),
            )

    def gather_models(self, job: str) -> None:
        """Move the models that a run logged into the run's own artifacts, where Azure keeps all that a run left.

        They lie in `models/NAME`, or `models/NAME-ID` where the run logged several of one name.
        """
        folder = self.layout.run_artifacts(job) / "models"
        with writing(self.layout) as connection:
            found = connection.execute(
                "SELECT model_id, name, artifact_location FROM logged_models WHERE source_run_id = ?"
                " ORDER BY creation_timestamp_ms",
                (job,),
            ).fetchall()
            for model_id, name, location in found:
                place = folder / name
                if place.exists():
                    place = folder / f"{name}-{model_id}"
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(location, place)
                connection.execute(
                    "UPDATE logged_models SET artifact_location = ? WHERE model_id = ?", (str(place), model_id)
                )

    def _serve_on_demand(self) -> None:
        ready, _, _ = select.select([self._socket.fileno(), self._stopped], [], [])
        if self._stopped in ready:
            return
        self.ensure_store()
        environment = {
            **os.environ,
            **QUIET,
            "_MLFLOW_SERVER_FILE_STORE": self.layout.mlflow_uri,
            "_MLFLOW_SERVER_REGISTRY_STORE": self.layout.mlflow_uri,
            "_MLFLOW_SERVER_ARTIFACT_ROOT": str(self.artifacts / "ExperimentRun"),
        }
        number = self._socket.fileno()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(number)],
                env=environment,
                cwd=self.layout.root,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[number],
            )
