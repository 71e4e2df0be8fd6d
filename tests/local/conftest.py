"""A local workspace whose jobs are real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from services.connect import open_workspace
from services.local import supervisor
from services.local.workspace import LocalWorkspace
from services.targets import LocalTarget
from tests.support.local_workspaces import copy_workspace
from tests.support.waiting import eventually


@pytest.fixture
async def local(template: Path, tmp_path: Path) -> AsyncIterator[LocalWorkspace]:
    """A workspace of its own; what still runs at the end is ended."""
    async with opened(copy_workspace(template, tmp_path / "ws")) as workspace:
        yield workspace


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[LocalWorkspace]:
    """The workspace in a folder; what still runs at the end is ended."""
    workspace = await open_workspace(LocalTarget(folder))
    assert isinstance(workspace, LocalWorkspace)
    yield workspace
    for job in workspace.layout.jobs.iterdir():
        (job / "cancel").touch()
        await eventually(partial(_is_free, job), 20)
        supervisor.end_orphans(job)
    await workspace.close()


def _is_free(folder: Path) -> bool:
    return not supervisor.holds_lock(folder)


def processes_of(workspace: LocalWorkspace, name: str) -> Callable[[], set[int]]:
    """Finds the living processes of a job's command (its supervisor carries no mark)."""
    return lambda: supervisor.marked(workspace.layout.job(name))
