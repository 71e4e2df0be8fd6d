"""The workspaces that the contracts are checked on."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from services.local.workspace import LocalWorkspace
from tests.support.local_jobs import FinishedJob, finish_job
from tests.support.local_workspaces import copy_workspace, make_workspace


class MakeFile(Protocol):
    """Makes a file below `base`."""

    def __call__(self, name: str, content: str | bytes = ...) -> Path: ...


class FinishJob(Protocol):
    """Makes a job that has run."""

    def __call__(self, name: str, experiment: str = ...) -> FinishedJob: ...


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty workspace with MLflow's store, made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "contract-template" / "ws"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder.parent / "made").exists():
            make_workspace(folder)
            (folder.parent / "made").touch()
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """The folder of a local workspace of the test's own."""
    return copy_workspace(template, tmp_path / "ws")


@pytest.fixture(params=["local"])
async def workspace(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[LocalWorkspace]:
    """An open, empty workspace of each kind."""
    opened = await LocalWorkspace.open(folder)
    yield opened
    await opened.close()


@pytest.fixture
def finish(workspace: LocalWorkspace) -> FinishJob:
    """Make a completed job that logged params, metrics and a model, and has an output named `export`."""
    return partial(finish_job, workspace.layout)


@pytest.fixture
def job(finish: FinishJob) -> FinishedJob:
    """One such job."""
    return finish("keen_star_1")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Where relative paths of specs start."""
    folder = tmp_path / "base"
    folder.mkdir()
    return folder


@pytest.fixture
def make_file(base: Path) -> MakeFile:
    """Make a file below `base`."""

    def make(name: str, content: str | bytes = "a,b\n1,2\n") -> Path:
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make
