"""Jobs outlive what happens to Lapis, to the terminal and to their own supervisors."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

from services.connect import open_workspace
from services.entities import JobQuery, JobStatus, LogAppended, StatusChanged
from services.local import supervisor
from services.local.workspace import LocalWorkspace
from services.targets import LocalTarget
from tests.local.conftest import processes_of
from tests.support.running_jobs import ended, log_of, reached, submitted
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]

TREE = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "300"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("daemon up", flush=True)
        time.sleep(300)
    os._exit(0)
time.sleep(300)
"""


def tree(folder: Path) -> str:
    """A command that ignores SIGTERM, with a child in another session and a daemon that forked twice."""
    script = folder / "tree.py"
    script.write_text(TREE)
    return f"{sys.executable} {script} & sleep 300"


async def running_tree(local: LocalWorkspace, folder: Path) -> str:
    name = await submitted(local.jobs, tree(folder))
    await eventually(lambda: _logged(local, name, "daemon up"), 20)
    assert len(processes_of(local, name)()) >= 4
    return name


async def _logged(local: LocalWorkspace, name: str, text: str) -> bool:
    return text in await log_of(local.jobs, name)


def state_of(local: LocalWorkspace, name: str) -> dict[str, object]:
    return supervisor.read_state(local.layout.job(name))


async def test_a_job_runs_and_its_timeline_tells_when(local: LocalWorkspace) -> None:
    name = await submitted(local.jobs, "echo hello; echo $AZUREML_RUN_ID")
    job = await ended(local.jobs, name)
    assert job.status is JobStatus.COMPLETED, job.error
    assert (job.exit_code, await log_of(local.jobs, name)) == (0, f"hello\n{name}\n")
    assert [change.status for change in job.timeline] == [
        JobStatus.NOT_STARTED,
        JobStatus.QUEUED,
        JobStatus.PREPARING,
        JobStatus.RUNNING,
        JobStatus.FINALIZING,
        JobStatus.COMPLETED,
    ]
    assert sorted(change.at for change in job.timeline) == [change.at for change in job.timeline]
    with sqlite3.connect(local.layout.mlflow_database) as connection:
        assert connection.execute("SELECT status FROM runs WHERE run_uuid = ?", (job.run_id,)).fetchone() == (
            "FINISHED",
        )


async def test_the_exit_code_decides(local: LocalWorkspace) -> None:
    job = await ended(local.jobs, await submitted(local.jobs, "echo before; exit 3"))
    assert (job.status, job.exit_code) == (JobStatus.FAILED, 3)
    assert job.error is not None
    page = await local.jobs.list(JobQuery())
    assert page.items[0].error_title == job.error.title


async def test_cancel_ends_the_whole_tree(local: LocalWorkspace, tmp_path: Path) -> None:
    name = await running_tree(local, tmp_path)
    await local.jobs.cancel(name)
    job = await ended(local.jobs, name)
    assert job.status is JobStatus.CANCELED
    assert processes_of(local, name)() == set()


async def test_cancel_in_the_queue_never_starts(local: LocalWorkspace) -> None:
    slots = (await local.compute.list())[0].slots
    blockers = [await submitted(local.jobs, "sleep 300") for _ in range(slots)]
    for blocker in blockers:
        await reached(local.jobs, blocker, JobStatus.RUNNING)
    waiting = await submitted(local.jobs, "echo never")
    job = await reached(local.jobs, waiting, JobStatus.QUEUED)
    assert job.queue_position == 1
    await local.jobs.cancel(waiting)
    job = await ended(local.jobs, waiting)
    assert job.status is JobStatus.CANCELED
    assert JobStatus.RUNNING not in {change.status for change in job.timeline}


async def test_jobs_start_in_order_of_submission(local: LocalWorkspace) -> None:
    names = [await submitted(local.jobs, "sleep 0.1") for _ in range(6)]
    jobs = [await ended(local.jobs, name) for name in names]
    starts = [job.summary.started_at for job in jobs]
    assert starts == sorted(starts)  # type: ignore[type-var]


async def test_a_killed_supervisor_leaves_a_failed_job_and_no_process(local: LocalWorkspace, tmp_path: Path) -> None:
    name = await running_tree(local, tmp_path)
    os.kill(int(str(state_of(local, name)["supervisor"])), signal.SIGKILL)
    await eventually(lambda: not supervisor.holds_lock(local.layout.job(name)))
    assert state_of(local, name)["status"] == "Running"
    job = await ended(local.jobs, name)
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert "supervisor of the job was lost" in job.error.title
    assert processes_of(local, name)() == set()
    with sqlite3.connect(local.layout.mlflow_database) as connection:
        assert connection.execute("SELECT status FROM runs WHERE run_uuid = ?", (job.run_id,)).fetchone() == ("FAILED",)


async def test_a_time_out_fails_the_job(local: LocalWorkspace) -> None:
    job = await ended(local.jobs, await submitted(local.jobs, "sleep 300", timeout=1))
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert "longer than its limit of 1 s" in job.error.title


async def test_what_a_finished_command_leaves_behind_is_ended(local: LocalWorkspace) -> None:
    name = await submitted(local.jobs, "(setsid sleep 300 &); echo done")
    assert (await ended(local.jobs, name)).status is JobStatus.COMPLETED
    assert processes_of(local, name)() == set()


SUBMITTER = """
import asyncio, sys, time
from pathlib import Path
from services.connect import open_workspace
from services.targets import LocalTarget
from services.specs.command import CommandJob

async def main():
    workspace = await open_workspace(LocalTarget(Path(sys.argv[1])))
    spec = CommandJob(command="for i in 1 2 3 4 5 6; do echo tick $i; sleep 0.2; done", name="survivor")
    await workspace.jobs.submit(spec, base=Path("/"))
    print("submitted", flush=True)
    time.sleep(300)

asyncio.run(main())
"""


def submitter(local: LocalWorkspace) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(SUBMITTER), str(local.layout.root)]


async def test_a_job_survives_kill_9_of_who_submitted_it(local: LocalWorkspace) -> None:
    process = subprocess.Popen(submitter(local), cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == b"submitted\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert (await ended(local.jobs, "survivor")).status is JobStatus.COMPLETED
    assert (await log_of(local.jobs, "survivor")).count("tick") == 6


async def test_a_job_survives_the_end_of_its_terminal(local: LocalWorkspace) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, and whoever is started inherits that
        os.chdir(ROOT)
        os.execv(sys.executable, submitter(local))
    os.set_blocking(terminal, False)
    seen = bytearray()

    def is_submitted() -> bool:
        try:
            seen.extend(os.read(terminal, 4096))
        except BlockingIOError:
            return False
        return b"submitted" in seen

    await eventually(is_submitted, 20)
    os.close(terminal)
    _, status = await asyncio.to_thread(os.waitpid, pid, 0)
    assert os.WTERMSIG(status) == signal.SIGHUP
    assert (await ended(local.jobs, "survivor")).status is JobStatus.COMPLETED
    assert (await log_of(local.jobs, "survivor")).count("tick") == 6


async def test_two_lapis_on_one_workspace_see_the_same(local: LocalWorkspace) -> None:
    other = await open_workspace(LocalTarget(local.layout.root))
    names = await asyncio.gather(*(submitted(workspace.jobs, "true") for workspace in (local, other) for _ in range(4)))
    assert len(set(names)) == 8
    for name in names:
        assert (await ended(other.jobs, name)).status is JobStatus.COMPLETED
    mine, theirs = await local.jobs.list(JobQuery()), await other.jobs.list(JobQuery())
    assert mine == theirs
    assert mine.total == 8
    name = await submitted(local.jobs, "sleep 300")
    await other.jobs.cancel(name)
    assert (await ended(local.jobs, name)).status is JobStatus.CANCELED
    await other.close()


WRITER = """
import sys
from pathlib import Path
from services.local.supervisor import write_json
for i in range(300):
    write_json(Path(sys.argv[1]), {"status": "Running", "error": "x" * (i % 50)})
"""


async def test_the_state_is_never_torn(tmp_path: Path) -> None:
    supervisor.write_json(tmp_path / "state.json", {"status": "Queued"})
    writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "state.json"], cwd=ROOT)
    reads = 0
    while writer.poll() is None:
        json.loads((tmp_path / "state.json").read_text())
        reads += 1
        await asyncio.sleep(0)
    assert writer.returncode == 0
    assert reads > 50


async def test_a_line_of_1_mb_does_no_harm(local: LocalWorkspace) -> None:
    name = await submitted(local.jobs, "head -c 1000000 /dev/zero | tr '\\0' x; exit 1")
    job = await ended(local.jobs, name)
    assert job.error is not None
    assert len(job.error.title) < 500
    assert len(job.error.message) <= 4000


async def test_watch_tells_all_and_ends(local: LocalWorkspace) -> None:
    name = await submitted(local.jobs, "echo one; sleep 0.5; echo two")
    events = [event async for event in local.jobs.watch(name)]
    first, last = events[0], [event for event in events if isinstance(event, StatusChanged)][-1]
    assert isinstance(first, StatusChanged)
    assert last.job.status is JobStatus.COMPLETED
    assert max(e.size for e in events if isinstance(e, LogAppended) and e.file == "user_logs/std_log.txt") == 8
