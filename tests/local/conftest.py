"""A local workspace whose jobs are real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from services.connect import open_workspace
from services.entities import Job, JobStatus
from services.local import supervisor
from services.local.workspace import LocalWorkspace
from services.specs.command import CommandJob, JobLimits
from services.workspace import JobService
from tests.support.local_workspaces import copy_workspace, make_workspace
from tests.support.waiting import eventually


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once a session: MLflow takes seconds for its store."""
    return make_workspace(tmp_path_factory.mktemp("original") / "ws")


@pytest.fixture
async def local(original: Path, tmp_path: Path) -> AsyncIterator[LocalWorkspace]:
    """A workspace of its own; what still runs at the end is ended."""
    workspace = await open_workspace(copy_workspace(original, tmp_path / "ws"))
    assert isinstance(workspace, LocalWorkspace)
    yield workspace
    for folder in workspace.layout.jobs.iterdir():
        (folder / "cancel").touch()
        await eventually(partial(_is_free, folder), 20)
        supervisor.end_orphans(folder)
    await workspace.close()


def _is_free(folder: Path) -> bool:
    return not supervisor.holds_lock(folder)


async def submitted(
    jobs: JobService, command: str, *, timeout: int | None = None, base: Path = Path("/"), **more: object
) -> str:
    """Submit a command; returns the job's name."""
    limits = JobLimits(timeout) if timeout else None
    spec = CommandJob(command=command, limits=limits, environment="azureml:this-interpreter:1", **more)  # type: ignore[arg-type]
    return (await jobs.submit(spec, base=base)).name


async def reached(jobs: JobService, name: str, *statuses: JobStatus, timeout: float = 30) -> Job:
    """Wait until the job is in one of the states."""
    found: list[Job] = []

    async def is_there() -> bool:
        found[:] = [await jobs.get(name)]
        return found[0].status in statuses

    await eventually(is_there, timeout, interval=0.05, what=f"{name} never reached {statuses}")
    return found[0]


async def ended(jobs: JobService, name: str, timeout: float = 30) -> Job:
    """Wait until the job has ended."""
    return await reached(jobs, name, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED, timeout=timeout)


def processes_of(workspace: LocalWorkspace, name: str) -> Callable[[], set[int]]:
    """Finds the living processes of a job's command (its supervisor carries no mark)."""
    return lambda: supervisor.marked(workspace.layout.job(name))


async def log_of(jobs: JobService, name: str, limit: int = 100_000) -> str:
    """The user's log."""
    return (await jobs.read_log(name, "user_logs/std_log.txt", 0, limit)).data.decode("utf-8", "replace")
