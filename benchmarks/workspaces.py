"""A local workspace as months of work leave it: 1,000 jobs that have ended, one with a log of 100,000 lines."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from services.connect import open_workspace
from services.entities import Job, JobStatus
from services.local import supervisor
from services.local.layout import Layout
from services.local.mlflow_store import create_run, writing
from services.specs.reading import read_job
from services.targets import LocalTarget

JOBS = 1_000
LOG_LINES = 100_000
LOG_FILE = Path("user_logs") / "std_log.txt"
STATUSES = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}
EXPERIMENTS = ("diabetes-train", "churn", "price-forecast")
SPEC = {"type": "command", "command": "echo done", "environment": "azureml:AzureML-sklearn-1.5@latest"}


def job_name(number: int) -> str:
    """The name of a job, counted from 1, the highest being the newest; short, so that no list cuts it."""
    return f"lake_{number}"


LOG_JOB = job_name(JOBS)
"""The newest job, on which the cursor is after a start; its log is the long one."""


def log_line(number: int) -> str:
    """A line of the long log, counted from 1; a little more than 80 columns."""
    return f"2026-03-01 12:00:00 INFO  step {number:6d}  loss {1 / number:.6f}  lr 0.000300  grad {number % 97:4d}.5"


def log_lines() -> Iterator[str]:
    """The long log."""
    return map(log_line, range(1, LOG_LINES + 1))


def make_workspace(folder: Path) -> None:
    """Make the workspace: one job runs, and its folder and its row are the pattern of all."""
    pattern = asyncio.run(_run_pattern(folder))
    layout = Layout(folder)
    now = time.time()
    with closing(sqlite3.connect(layout.database)) as connection, connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM jobs WHERE name = ?", (pattern,)).fetchone())
        connection.execute("DELETE FROM jobs")
        for number in range(1, JOBS + 1):
            made = _make_job(layout, pattern, row, number, now - (JOBS - number + 1) * 3000)
            connection.execute(
                f"INSERT INTO jobs ({', '.join(made)}) VALUES ({', '.join('?' * len(made))})", [*made.values()]
            )
    shutil.rmtree(layout.job(pattern))
    with (layout.job(LOG_JOB) / LOG_FILE).open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in log_lines())


async def _run_pattern(folder: Path) -> str:
    workspace = await open_workspace(LocalTarget(folder))
    try:
        job: Job = await workspace.jobs.submit(read_job(SPEC), base=folder)
        async for _ in workspace.jobs.watch(job.name):
            pass
        job = await workspace.jobs.get(job.name)
        if job.status is not JobStatus.COMPLETED:
            raise RuntimeError(f"the job that is the pattern of all has ended as {job.status}")
    finally:
        await workspace.close()
    return job.name


def _make_job(layout: Layout, pattern: str, row: dict[str, Any], number: int, created: float) -> dict[str, Any]:
    """A job's run with its metrics, and its folder; returns its row in lapis.db."""
    name, experiment = job_name(number), EXPERIMENTS[number % len(EXPERIMENTS)]
    # three of five have completed, as has the newest
    status = ("Completed", "Completed", "Failed", "Completed", "Canceled")[number % 5]
    started, ended = created + 1.5, created + 60 + number % 40
    run_id, _, _ = create_run(
        layout, experiment_name=experiment, job_name=name, run_name=name, user="ada", tags={"lapis.job": name}
    )
    points = [("loss", 1 / step, step, int((started + step) * 1000), run_id) for step in range(1, 21)]
    with writing(layout) as connection:
        connection.execute(
            "UPDATE runs SET status = ?, start_time = ?, end_time = ? WHERE run_uuid = ?",
            (STATUSES[status], int(started * 1000), int(ended * 1000), run_id),
        )
        connection.execute("INSERT INTO params (key, value, run_uuid) VALUES ('reg_rate', '0.01', ?)", (run_id,))
        columns = "(key, value, is_nan, step, timestamp, run_uuid) VALUES (?, ?, 0, ?, ?, ?)"
        connection.executemany(f"INSERT INTO metrics {columns}", points)
        connection.execute(f"INSERT INTO latest_metrics {columns}", points[-1])
    folder = layout.job(name)
    shutil.copytree(layout.job(pattern), folder, symlinks=True)
    timeline = [["NotStarted", created, ""], ["Running", started, ""], [status, ended, ""]]
    state = supervisor.read_state(folder) | {
        "status": status,
        "started_at": started,
        "ended_at": ended,
        "exit_code": 0 if status == "Completed" else 1,
        "timeline": timeline,
    }
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
    return row | {
        "name": name,
        "sequence": number,
        "display_name": name,
        "experiment_name": experiment,
        "status": status,
        "created_at": created,
        "started_at": started,
        "ended_at": ended,
        "tags": json.dumps({"model_type": "LogisticRegression", "try": str(number % 7)}),
        "run_id": run_id,
    }
