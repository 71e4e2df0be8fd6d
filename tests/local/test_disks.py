"""A workspace that can't be written, because its file system is read-only or full: what the user sees, what is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.connect import open_workspace
from services.entities import JobQuery, JobStatus
from services.errors import MachineError, ServiceError, Who, WorkspaceError
from services.local.workspace import LocalWorkspace
from services.specs.assets import DataSpec, EnvironmentSpec
from services.specs.command import CommandJob
from services.targets import LocalTarget
from tests.local.conftest import opened
from tests.support.disks import fill, read_only, small_disk
from tests.support.local_jobs import finish_job
from tests.support.local_workspaces import copy_workspace
from tests.support.running_jobs import ended, log_of, reached, submitted

SPEC = CommandJob("echo hello", environment="azureml:this-interpreter:1")
WRITES: dict[str, Callable[[LocalWorkspace, Path], Awaitable[object]]] = {
    "submit": lambda ws, base: ws.jobs.submit(SPEC, base=base),
    "archive": lambda ws, _: ws.jobs.archive("calm_sea_1"),
    "create data": lambda ws, base: ws.data.create(DataSpec("d", "d.csv", type="uri_file"), base=base),
    "create an environment": lambda ws, base: ws.environments.create(EnvironmentSpec("e", image="i"), base=base),
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "d.csv").write_text("a\n1\n")
    return folder


class TestReadOnly:
    """A read-only bind mount: permission bits would not stop root."""

    @pytest.fixture
    async def local(self, local: LocalWorkspace) -> AsyncIterator[LocalWorkspace]:
        finish_job(local.layout, "calm_sea_1")
        await local.close()
        with read_only(local.layout.root):
            workspace = await open_workspace(LocalTarget(local.layout.root))
            assert isinstance(workspace, LocalWorkspace)
            yield workspace
            await workspace.close()

    async def test_everything_can_be_read(self, local: LocalWorkspace, tmp_path: Path) -> None:
        assert (await local.info()).read_only
        assert [job.name for job in (await local.jobs.list(JobQuery())).items] == ["calm_sea_1"]
        assert (await local.tracking.run("calm_sea_1")).metrics["loss"] == 0.125
        assert "roc.txt" in [artifact.path for artifact in await local.jobs.artifacts("calm_sea_1")]
        assert await local.data.list() == []
        assert await local.models.list() == []
        assert len(await local.environments.list()) > 1
        assert (await local.jobs.preflight(SPEC, base=tmp_path)).errors == ()
        await local.jobs.download("calm_sea_1", tmp_path / "to")
        assert (tmp_path / "to" / "artifacts" / "roc.txt").read_text() == "0 1\n"

    @pytest.mark.parametrize("write", WRITES)
    async def test_nothing_can_be_written_and_the_user_is_told(
        self, local: LocalWorkspace, base: Path, write: str
    ) -> None:
        with pytest.raises(WorkspaceError) as caught:
            await WRITES[write](local, base)
        error = caught.value
        assert error.title == "The workspace is read-only"
        assert str(local.layout.root) in error.detail
        assert "writable" in error.advice
        assert "-w" in error.advice
        assert (error.who, error.retryable) == (Who.YOU, False)

    async def test_a_new_workspace_can_not_be_made_there(self, local: LocalWorkspace) -> None:
        with pytest.raises(WorkspaceError) as caught:
            await open_workspace(LocalTarget(local.layout.root / "new"))
        assert "can't be opened or made" in caught.value.detail
        assert "-w" in caught.value.advice


async def test_what_a_crashed_lapis_wrote_is_seen_when_the_disk_became_read_only(local: LocalWorkspace) -> None:
    """SQLite keeps the newest rows in a file of its own until the last connection is closed."""
    job = finish_job(local.layout, "calm_sea_1")
    await local.close()
    crashed = sqlite3.connect(local.layout.database)
    crashed.execute("UPDATE jobs SET display_name = 'newest'")
    crashed.commit()
    try:
        with read_only(local.layout.root):
            workspace = await open_workspace(LocalTarget(local.layout.root))
            assert (await workspace.jobs.list(JobQuery())).items[0].display_name == "newest"
            assert (await workspace.tracking.run(job.name)).params["reg rate"] == "0.01"
            await workspace.close()
    finally:
        crashed.close()


class TestFull:
    """A file system in memory of 8 MB."""

    @pytest.fixture
    async def local(self, template: Path, tmp_path: Path) -> AsyncIterator[LocalWorkspace]:
        with small_disk(tmp_path / "disk", 8) as disk:
            async with opened(copy_workspace(template, disk / "ws")) as workspace:
                yield workspace

    @staticmethod
    def check(error: ServiceError) -> None:
        assert isinstance(error, MachineError)
        assert error.title == "The disk is full"
        assert "Free some space" in error.advice
        assert (error.who, error.retryable) == (Who.YOU, False)

    @pytest.mark.parametrize("leave", [0, 4_096, 16_384, 65_536, 131_072, 262_144])
    async def test_a_submit_is_done_or_undone(self, local: LocalWorkspace, base: Path, leave: int) -> None:
        (base / "train.py").write_text(f"# {'x' * 40_000}\n")
        spec = CommandJob("echo hello", name="mine", code=".", environment="azureml:this-interpreter:1")
        filler = fill(local.layout.root.parent, leave=leave)
        try:
            await local.jobs.submit(spec, base=base)
        except ServiceError as error:
            self.check(error)
            assert list(local.layout.jobs.iterdir()) == []
            assert list(local.layout.queue.iterdir()) == []
            filler.unlink()
            assert (await local.jobs.list(JobQuery())).total == 0
            await local.jobs.submit(spec, base=base)
        else:
            assert leave
        filler.unlink(missing_ok=True)
        assert (await ended(local.jobs, "mine")).status is not JobStatus.CANCELED
        with sqlite3.connect(local.layout.mlflow_database) as connection:
            assert connection.execute("SELECT COUNT(*) FROM runs").fetchone() == (1,)

    async def test_a_job_that_fills_the_disk_with_its_log(self, local: LocalWorkspace) -> None:
        name = await submitted(local.jobs, "echo first; yes 'and on and on'")
        job = await ended(local.jobs, name)
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert "disk of the workspace was full" in job.error.title
        assert (await log_of(local.jobs, name)).startswith("first\n")
        page = await local.jobs.list(JobQuery())
        assert [(row.status, row.error_title) for row in page.items] == [(JobStatus.FAILED, job.error.title)]

    async def test_data_is_copied_whole_or_not_at_all(self, local: LocalWorkspace, base: Path) -> None:
        (base / "big").mkdir()
        for number in range(10):
            (base / "big" / f"{number}.bin").write_bytes(bytes(1_000_000))
        with pytest.raises(MachineError) as caught:
            await local.data.create(DataSpec("d", "big", type="uri_folder"), base=base)
        self.check(caught.value)
        assert await local.data.list() == []
        assert not [path for path in local.layout.datastore("workspaceblobstore").rglob("*") if path.is_file()]
        await local.data.create(DataSpec("d", "d.csv", type="uri_file"), base=base)

    async def test_the_last_state_finds_its_place(self, local: LocalWorkspace, tmp_path: Path) -> None:
        go = tmp_path / "go"
        name = await submitted(local.jobs, f"until [ -e {go} ]; do sleep 0.02; done; exit 3")
        await reached(local.jobs, name, JobStatus.RUNNING)
        fill(local.layout.root.parent)
        assert (await local.jobs.get(name)).status is JobStatus.RUNNING
        go.touch()
        job = await ended(local.jobs, name)
        assert (job.status, job.exit_code) == (JobStatus.FAILED, 3)
        assert [change.status for change in job.timeline][-2:] == [JobStatus.FINALIZING, JobStatus.FAILED]
        assert (await local.jobs.list(JobQuery())).items[0].status is JobStatus.FAILED

    async def test_a_job_can_be_canceled(self, local: LocalWorkspace) -> None:
        name = await submitted(local.jobs, "sleep 300")
        await reached(local.jobs, name, JobStatus.RUNNING)
        fill(local.layout.root.parent)
        await local.jobs.cancel(name)
        assert (await ended(local.jobs, name)).status is JobStatus.CANCELED

    async def test_what_is_there_can_be_read(self, local: LocalWorkspace, base: Path) -> None:
        finish_job(local.layout, "calm_sea_1")
        fill(local.layout.root.parent)
        again = await open_workspace(LocalTarget(local.layout.root))
        assert not (await again.info()).read_only
        assert (await again.jobs.list(JobQuery())).total == 1
        for write in ("create data", "create an environment", "submit"):
            with pytest.raises(MachineError) as caught:
                await WRITES[write](local, base)
            self.check(caught.value)
        await again.close()

    async def test_no_workspace_is_made_on_a_full_disk(self, local: LocalWorkspace) -> None:
        fill(local.layout.root.parent)
        with pytest.raises(MachineError) as caught:
            await open_workspace(LocalTarget(local.layout.root.parent / "new"))
        self.check(caught.value)
