"""Local workspaces for tests, with MLflow's store already in them: MLflow takes seconds to make one."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from services.connect import open_workspace
from services.local.layout import Layout
from services.local.mlflow_store import ensure_store
from services.targets import LocalTarget


def make_workspace(folder: Path) -> Path:
    """An empty workspace with its store; to be copied."""

    async def make() -> None:
        workspace = await open_workspace(LocalTarget(folder))
        await workspace.close()

    with ThreadPoolExecutor(1) as thread:  # a fixture may want it while a loop runs
        thread.submit(lambda: asyncio.run(make())).result()
    ensure_store(Layout(folder))
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty workspace with its store, made once for all workers; to be copied."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "template"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "made").exists():
            make_workspace(shared / "workspace")
            (shared / "made").touch()
    return shared / "workspace"


def copy_workspace(original: Path, folder: Path) -> Path:
    """A copy that knows its own place."""
    shutil.copytree(original, folder)
    with closing(sqlite3.connect(Layout(folder).mlflow_database)) as connection, connection:
        connection.execute(
            "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)", (str(original), str(folder))
        )
    return folder
