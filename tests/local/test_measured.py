"""What measurements asked for: how the databases are kept, and what is imported when."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

from services.local.layout import Layout
from services.local.workspace import LocalWorkspace
from tests.support.local_workspaces import copy_workspace
from tests.support.running_jobs import ended, submitted

ROOT = Path(__file__).parents[2]
HEAVY = ("azure", "mlflow", "pandas", "polars", "numpy", "sklearn", "sqlalchemy", "alembic")


def test_both_databases_write_ahead(template: Path) -> None:
    """Writers and readers don't wait for each other; set once, it stays."""
    for path in (Layout(template).database, Layout(template).mlflow_database):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",), path.name


async def test_a_job_leaves_statistics_for_the_planner(local: LocalWorkspace) -> None:
    """Without them MLflow's sorted search of 10,000 runs takes seconds."""
    await ended(local.jobs, await submitted(local.jobs, "true"))
    with closing(sqlite3.connect(local.layout.mlflow_database)) as connection:
        tables = {table for (table,) in connection.execute("SELECT DISTINCT tbl FROM sqlite_stat1")}
    assert {"runs", "experiments", "tags"} <= tables


LIFE = """
import asyncio, sys
from pathlib import Path
from services.connect import open_workspace
from services.targets import LocalTarget
from services.entities import JobQuery
from services.specs.command import CommandJob

async def main():
    workspace = await open_workspace(LocalTarget(Path(sys.argv[1])))
    spec = CommandJob("exit 1", environment="azureml:this-interpreter:1")
    job = await workspace.jobs.submit(spec, base=Path("/"))
    events = [event async for event in workspace.jobs.watch(job.name)]
    await workspace.jobs.list(JobQuery(text="exit"))
    await workspace.tracking.run(job.name)
    await workspace.tracking.experiments()
    await workspace.models.list()
    await workspace.jobs.artifacts(job.name)
    await workspace.info()
    await workspace.close()
    print(len(events), *sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[2:])))

asyncio.run(main())
"""


def test_a_job_is_run_watched_and_listed_without_a_heavy_import(template: Path, tmp_path: Path) -> None:
    folder = copy_workspace(template, tmp_path / "ws")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIFE), str(folder), *HEAVY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    count, *heavy = done.stdout.split()
    assert int(count) >= 2
    assert heavy == []


def test_the_supervisor_is_of_the_standard_library_alone() -> None:
    """It starts in milliseconds, and no package of a user can break it."""
    code = "import sys; sys.path.append('.'); from services.local import supervisor, preparation; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    own = {name for name in done.stdout.split() if name.startswith("services.local.")}
    assert own == {f"services.local.{name}" for name in ("supervisor", "endings", "nodes", "preparation")}
    known = {*sys.stdlib_module_names, "__main__", "services"}
    assert {name.partition(".")[0] for name in done.stdout.split()} <= known
