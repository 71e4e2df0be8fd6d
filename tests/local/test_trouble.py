"""What else goes wrong: strange folders, several Lapis at once, killed jobs, logs without measure."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from services.connect import open_workspace
from services.entities import JobQuery, JobStatus
from services.errors import ServiceError, Who, WorkspaceError
from services.local import supervisor
from services.local.workspace import LocalWorkspace
from services.targets import LocalTarget
from tests.support.local_jobs import finish_job
from tests.support.running_jobs import LOG, ended, log_of, reached, submitted

ROOT = Path(__file__).parents[2]


async def refused(folder: Path) -> WorkspaceError:
    """What opening the folder as a workspace raises."""
    with pytest.raises(WorkspaceError) as caught:
        await open_workspace(LocalTarget(folder))
    error = caught.value
    assert "-w" in error.advice, "the way out is told"
    assert (error.who, error.retryable) == (Who.YOU, False)
    return error


class TestFolders:
    async def test_from_a_newer_lapis(self, local: LocalWorkspace) -> None:
        marker = local.layout.marker
        content = json.loads(marker.read_text())
        marker.write_text(json.dumps({**content, "layout": 2}))
        error = await refused(local.layout.root)
        assert error.title == "The workspace is from a newer Lapis"
        assert "layout 2" in error.detail
        assert "Update Lapis" in error.advice
        marker.write_text(json.dumps(content))
        with closing(sqlite3.connect(local.layout.database)) as connection:
            connection.execute("PRAGMA user_version = 2")
        assert (await refused(local.layout.root)).title == "The workspace is from a newer Lapis"
        with closing(sqlite3.connect(local.layout.database)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (2,), "it is left as it is"

    async def test_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "ws"
        file.write_text("my notes")
        for folder in (file, file / "below"):
            error = await refused(folder)
            assert str(file) in error.detail
        assert file.read_text() == "my notes"

    async def test_a_folder_with_other_things(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.tex").touch()
        error = await refused(tmp_path)
        assert error.title == "That folder is no workspace"
        assert "thesis.tex" in error.detail
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"layout": "1"}', "\xff"])
    async def test_a_damaged_marker(self, local: LocalWorkspace, content: str) -> None:
        local.layout.marker.write_bytes(content.encode("latin-1"))
        error = await refused(local.layout.root)
        assert error.title == "The workspace is damaged"
        assert str(local.layout.marker) in error.detail
        assert "backup" in error.advice

    @pytest.mark.parametrize("content", [None, b"", b"no database, but more than nothing" * 100])
    async def test_a_damaged_database(self, local: LocalWorkspace, content: bytes | None) -> None:
        for path in local.layout.root.glob("lapis.db*"):
            path.unlink()
        if content is not None:
            local.layout.database.write_bytes(content)
        error = await refused(local.layout.root)
        assert error.title == "The workspace is damaged"
        assert str(local.layout.database) in error.detail
        assert "backup" in error.advice
        if content is not None:
            assert local.layout.database.read_bytes() == content, "it is left as it is"

    async def test_a_path_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        for name in ("a\0b", "x" * 300, "loop"):
            with pytest.raises(ServiceError) as caught:
                await open_workspace(LocalTarget(tmp_path / name))
            assert caught.value.detail


class TestDamagedJobs:
    """One job that is broken hides no other."""

    async def test_without_its_folder(self, local: LocalWorkspace) -> None:
        finish_job(local.layout, "gone")
        finish_job(local.layout, "whole")
        shutil.rmtree(local.layout.job("gone"))
        page = await local.jobs.list(JobQuery())
        assert {job.name: job.status for job in page.items} == dict.fromkeys(("gone", "whole"), JobStatus.COMPLETED)
        with pytest.raises(ServiceError) as caught:
            await local.jobs.get("gone")
        assert "damaged" in caught.value.detail

    async def test_without_its_state(self, local: LocalWorkspace) -> None:
        name = await submitted(local.jobs, "echo hello")
        before = await ended(local.jobs, name)
        (local.layout.job(name) / "state.json").write_text('{"status": "Runn')
        job = await local.jobs.get(name)
        assert job.summary == before.summary
        assert await log_of(local.jobs, name) == "hello\n"


OTHER = """
import asyncio, sys
from pathlib import Path
from services.connect import open_workspace
from services.targets import LocalTarget
from services.entities import JobQuery
from services.errors import ConflictError
from services.specs.command import CommandJob

async def main():
    workspace = await open_workspace(LocalTarget(Path(sys.argv[1])))
    jobs = workspace.jobs
    spec = CommandJob("sleep 300", environment="azureml:this-interpreter:1")
    shared = CommandJob("sleep 300", name="shared", environment="azureml:this-interpreter:1")
    await asyncio.gather(*(jobs.submit(spec, base=Path("/")) for _ in range(5)), jobs.submit(shared, base=Path("/")))
    sys.stdout.write("submitted\\n"); sys.stdout.flush()
    sys.stdin.readline()
    for job in (await jobs.list(JobQuery())).items:
        try:
            await jobs.cancel(job.name)
        except ConflictError:
            pass
    await workspace.close()

asyncio.run(main())
"""


async def test_two_processes_submit_and_cancel_at_once(local: LocalWorkspace) -> None:
    others = [
        subprocess.Popen(
            [sys.executable, "-c", OTHER, str(local.layout.root)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for other in others:
        assert other.stdout is not None
        assert await asyncio.to_thread(other.stdout.readline) == b"submitted\n"
    assert (await local.jobs.list(JobQuery())).total == 11, "of the job that both submit there is one"
    for other in others:
        await asyncio.to_thread(other.communicate, b"\n")
        assert other.returncode == 0
    for job in (await local.jobs.list(JobQuery())).items:
        assert (await ended(local.jobs, job.name)).status is JobStatus.CANCELED
    assert list(local.layout.queue.iterdir()) == []
    with closing(sqlite3.connect(local.layout.mlflow_database)) as connection:
        assert connection.execute("SELECT DISTINCT status, COUNT(*) FROM runs").fetchall() == [("KILLED", 11)]


async def test_a_command_that_is_killed_says_by_what(local: LocalWorkspace) -> None:
    name = await submitted(local.jobs, "echo begin; kill -9 $$")
    job = await ended(local.jobs, name)
    assert (job.status, job.exit_code) == (JobStatus.FAILED, -9)
    assert job.error is not None
    assert "SIGKILL" in job.error.title
    assert "memory" in job.error.advice
    assert await log_of(local.jobs, name) == "begin\n"


async def test_a_part_of_a_command_that_is_killed_says_so_too(local: LocalWorkspace, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import os\nprint('begin', flush=True)\nos.kill(os.getpid(), 9)\n")
    name = await submitted(local.jobs, "python train.py; code=$?; exit $code", base=tmp_path, code=".")
    job = await ended(local.jobs, name)
    assert (job.status, job.exit_code) == (JobStatus.FAILED, 137)
    assert job.error is not None
    assert "SIGKILL" in job.error.title
    assert "memory" in job.error.advice


class TestLogsWithoutMeasure:
    """What is held in memory, and the time it takes, hangs on what is asked for, not on the log."""

    async def test_while_50_mb_are_written(self, local: LocalWorkspace) -> None:
        name = await submitted(
            local.jobs, "yes 'epoch 1: loss 0.25, and more' | head -c 50000000; echo; echo oops; exit 1"
        )
        await reached(local.jobs, name, JobStatus.RUNNING, JobStatus.FINALIZING, JobStatus.FAILED)
        tracemalloc.start()
        spent = 0.0
        while not (await local.jobs.get(name)).status.is_terminal:
            began = time.process_time()
            chunk = await local.jobs.read_log(name, LOG, -10_000, 10_000)
            spent = max(spent, time.process_time() - began)
            assert len(chunk.data) <= 10_000
        job = await local.jobs.get(name)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert spent < 0.5
        assert peak < 8_000_000
        assert job.error is not None
        assert (job.error.title, job.error.log_line) == ("oops", 50_000_000 // 29 + 2)

    async def test_one_line_of_1_mb(self, local: LocalWorkspace) -> None:
        name = await submitted(local.jobs, "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo after; exit 1")
        job = await ended(local.jobs, name)
        assert (await local.jobs.read_log(name, LOG, -6, 100)).data == b"after\n"
        assert len((await local.jobs.read_log(name, LOG, 500_000, 1000)).data) == 1000
        assert job.error is not None
        assert (job.error.title, job.error.log_line) == ("after", 2)


async def test_a_supervisor_that_never_came_to_life(local: LocalWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is out of processes, or somebody ended it at once: a retried submit begins it."""
    monkeypatch.setattr("services.local.submission.start_supervisor", lambda folder: None)
    name = await submitted(local.jobs, "echo hello", name="unborn")
    assert (await local.jobs.get(name)).status is JobStatus.NOT_STARTED
    monkeypatch.undo()
    assert await submitted(local.jobs, "echo hello", name="unborn") == name
    assert (await ended(local.jobs, name)).status is JobStatus.COMPLETED
    monkeypatch.setattr("services.local.submission.start_supervisor", lambda folder: None)
    monkeypatch.setattr(supervisor, "NEWBORN", 0.0)
    name = await submitted(local.jobs, "echo hello")
    job = await local.jobs.get(name)
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert "supervisor of the job was lost" in job.error.title
