"""The workspaces that the contracts are checked on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from services.local.workspace import LocalWorkspace
from services.workspace import Workspace
from tests.contract.backends import AzureBackend, Backend, LocalBackend
from tests.support.local_jobs import FinishedJob
from tests.support.local_workspaces import copy_workspace

if TYPE_CHECKING:
    from tests.azure_emulator.lab import AzureLab


class MakeFile(Protocol):
    """Makes a file below `base`."""

    def __call__(self, name: str, content: str | bytes = ...) -> Path: ...


class FinishJob(Protocol):
    """Makes a job that has run."""

    def __call__(self, name: str, experiment: str = ...) -> FinishedJob: ...


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """The folder of a local workspace of the test's own."""
    return copy_workspace(template, tmp_path / "ws")


@pytest.fixture(params=["local", pytest.param("azure", marks=pytest.mark.azure)])
def ground(request: pytest.FixtureRequest) -> Iterator[Path | AzureLab]:
    """What a workspace of each kind stands on: a folder, or the emulator with its storage and a machine for jobs."""
    if request.param == "local":
        yield request.getfixturevalue("folder")
        return
    if reason := request.node.get_closest_marker("only_local"):
        pytest.skip(reason.args[0])
    request.getfixturevalue("azure_storage")
    # the jobs of tests are shorter than the pause between two looks at a job that somebody waits for
    request.getfixturevalue("monkeypatch").setattr("services.azure.watching.SHORTEST", 0.05)
    lab: AzureLab = request.getfixturevalue("azure_lab")
    with lab.run_jobs():
        yield lab


@pytest.fixture
async def backend(ground: Path | AzureLab) -> AsyncIterator[Backend]:
    """A workspace of each kind, open and empty."""
    made: Backend
    if isinstance(ground, Path):
        made = LocalBackend(await LocalWorkspace.open(ground))
    else:
        made = await AzureBackend.open(ground)
    yield made
    await made.workspace.close()


@pytest.fixture
def workspace(backend: Backend) -> Workspace:
    """An open, empty workspace of each kind."""
    return backend.workspace


@pytest.fixture
def finish(backend: Backend) -> FinishJob:
    """Make a completed job that logged params, metrics and a model, and has an output named `export`."""
    return backend.finish


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
