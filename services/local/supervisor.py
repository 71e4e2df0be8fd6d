"""The supervisor of one job: `python -I -S supervise.py JOBFOLDER`, detached, so that it outlives who started it.

Standard library only (ADR 3). In the job's folder it reads `spec.json`, holds `lock` for life (that is its
liveness), replaces `state.json` atomically, and obeys files named `cancel` and `preempt`. It waits for a slot of this
machine, or for a node of a pool, in order of submission, runs the preparation, then the command, and ends whatever the
command leaves behind.

Linux: a subreaper adopts orphans, and /proc finds descendants by parent and by the marker in their environment.
Elsewhere the process table comes from `ps`, without adoption and without markers; that way is untested.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from services.local.endings import cancel_reason, describe_exit, last_line
from services.local.nodes import PREEMPTED, free_nodes

MARK = "LAPIS_JOB"
"""The environment variable that every process of a job carries, with the job's folder as its value."""
GRACE = 5.0
"""Seconds between asking a process to end and ending it; Azure ML and `docker stop` give it about as long."""
NEWBORN = 15.0
"""Seconds in which a ticket counts although its supervisor holds no lock yet."""
TICK = 0.1
"""Seconds between two looks at `cancel`; the end of a process is noticed at once."""
ANALYZED = 1000
"""Rows of an index that statistics are taken of: MLflow's sorted searches are slow without any."""
DRIVER_RESTARTS = 3
"""How often the driver of child jobs that was killed is begun again: it goes on where it was."""
RESERVE = 65536
"""Bytes kept back, so that the last state can be written on a full disk."""
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
ENDED = ("Completed", "Failed", "Canceled")
MLFLOW_STATUS = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}


class CanceledError(Exception):
    """Somebody asked for the end of the job."""


class PreemptedError(Exception):
    """The job's node was taken away."""


class FailedError(Exception):
    """The job can't go on; the text says why, in a sentence."""


# ------------------------------------------------------------------------------------------------------------- state


def write_json(path: Path, content: Any) -> None:
    """Replace a file atomically: a reader sees the old or the new whole, also after a crash."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_state(folder: Path) -> dict[str, Any]:
    """The job's state; empty when there is none."""
    try:
        state: dict[str, Any] = json.loads((folder / "state.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state


def advanced(state: Mapping[str, Any], status: str = "", detail: str = "", **more: Any) -> dict[str, Any]:
    """A state with fields set; a new status goes into the timeline as [status, seconds since the epoch, detail]."""
    new = {**state, **more}
    if status and status != new.get("status"):
        new["status"] = status
        new["timeline"] = [*new.get("timeline", ()), [status, time.time(), detail]]
    return new


def write_last(folder: Path, state: Mapping[str, Any]) -> None:
    """Write the state that a job ends with; on a full disk in the place that was kept back for it."""
    try:
        write_json(folder / "state.json", state)
    except OSError:
        (folder / "reserve").unlink(missing_ok=True)
        write_json(folder / "state.json", state)
    with contextlib.suppress(OSError):
        (folder / "reserve").unlink()


def holds_lock(folder: Path) -> bool:
    """Whether a supervisor lives: it holds the lock for life, and the system frees it at its death."""
    return is_locked(folder / "lock")


def is_locked(path: Path) -> bool:
    """Whether a process holds a lock on a file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


# --------------------------------------------------------------------------------------------------------- processes


def process_table() -> dict[int, tuple[int, bool]]:
    """Parent of every process, and whether it is a zombie."""
    table: dict[int, tuple[int, bool]] = {}
    proc = Path("/proc")
    if (proc / "self" / "stat").exists():
        for entry in os.listdir(proc):  # noqa: PTH208
            if entry.isdigit():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    fields = (proc / entry / "stat").read_bytes().rpartition(b")")[2].split()
                    table[int(entry)] = (int(fields[1]), fields[0] == b"Z")
        return table
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=False)
    for line in listing.stdout.splitlines():
        pid, parent, stat = line.split()[:3]
        table[int(pid)] = (int(parent), stat.startswith("Z"))
    return table


def descendants(root: int) -> set[int]:
    """Living processes below `root`, at any depth."""
    table = process_table()
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in table.items():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    todo = [root]
    while todo:
        for pid in children.get(todo.pop(), ()):
            if pid not in found:
                found.add(pid)
                todo.append(pid)
    return {pid for pid in found if not table[pid][1]}


def marked(folder: Path) -> set[int]:
    """Living processes that carry the job's marker, whatever their parent or session."""
    wanted = f"{MARK}={folder}".encode()
    found = set()
    for pid, (_, zombie) in process_table().items():
        if zombie or pid == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.add(pid)
    return found


def reap(main: int | None = None) -> int | None:
    """Collect ended children; the exit code of `main` if it is among them."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == main:
                code = os.waitstatus_to_exitcode(status)
    return code


def end_processes(find: Callable[[], Iterable[int]], grace: float = GRACE) -> None:
    """Ask processes to end, and after `grace` seconds end them; again until none is left."""

    def send(number: int) -> None:
        for pid in find():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    send(signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        reap()
        if not list(find()):
            return
        time.sleep(0.02)
    for _ in range(200):
        send(signal.SIGKILL)
        time.sleep(0.02)
        reap()
        if not list(find()):
            return


def end_orphans(folder: Path) -> None:
    """End what a lost supervisor left behind; called by whoever finds the lock free."""
    if marked(folder):
        end_processes(lambda: marked(folder), grace=2.0)


# -------------------------------------------------------------------------------------------------------- supervising


class Supervisor:
    """Runs one job from its ticket to its end. It alone writes the state while it lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = read_state(folder)
        self.spec: dict[str, Any] = json.loads((folder / "spec.json").read_text("utf-8"))
        self.slot: IO[bytes] | None = None
        self.ticket = Path(self.spec["queue"]) / self.spec["ticket"]
        self.interrupted = False

    def run(self) -> None:
        """Everything; the last state is written whatever happens."""
        self._protect()
        status, detail, code = "Failed", "", None
        try:
            code = self._run_until_done()
            status = "Completed" if code == 0 else "Failed"
            detail = "" if code == 0 else describe_exit(code)
        except CanceledError as request:
            status, detail = "Canceled", str(request)
        except FailedError as error:
            detail = str(error)
        except OSError as error:
            detail = f"The job could not be started: {error.strerror or error}."
        except BaseException as error:
            detail = f"The supervisor of the job failed: {error!r}."
            tell(traceback.format_exc())
        with contextlib.suppress(OSError):
            end_processes(self._own, grace=1.0)
        if status == "Failed" and is_full(self.folder):
            detail = f"The disk of the workspace was full. {detail}"
        with contextlib.suppress(OSError):
            self.ticket.unlink()
        self._end_run(status)
        error_text = detail if status == "Failed" else ""
        state = advanced(self.state, status, detail, ended_at=time.time(), error=error_text, exit_code=code)
        self._note("")
        write_last(self.folder, state)

    def _run_until_done(self) -> int:
        """The exit code of the command; begun again as often as its node is taken away."""
        while True:
            try:
                self._wait_for_slot()
                self._prepare()
                return self._execute()
            except PreemptedError:
                self._begin_again()

    def _begin_again(self) -> None:
        """Give the node back and wait in the old place for another one."""
        end_processes(self._own, grace=1.0)
        reap()
        self.ticket.touch()
        (self.folder / "preempt").unlink(missing_ok=True)
        attempt = self.state.get("attempt", 1) + 1
        told = f"Pre-empted: its low-priority node was taken away; attempt {attempt} begins anew."
        self._advance("Queued", told, attempt=attempt, started_at=None)
        self._note(PREEMPTED)
        if self.slot is not None:
            self.slot.close()
            self.slot = None

    def _note(self, text: str) -> None:
        """Write the job that has it, or what became of it, into the slot's file, whose time tells since when."""
        if self.slot is not None:
            with contextlib.suppress(OSError):
                self.slot.truncate(0)
                self.slot.write(text.encode())
                os.utime(self.slot.fileno())

    def _protect(self) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "interrupted", True))
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        with contextlib.suppress(OSError):
            (self.folder / "reserve").write_bytes(b"\0" * RESERVE)
        self._advance("Queued", supervisor=os.getpid())

    def _advance(self, status: str = "", detail: str = "", **more: Any) -> None:
        """A step on the way. On a full disk it is kept in memory; the last state brings it all."""
        self.state = advanced(self.state, status, detail, **more)
        try:
            write_json(self.folder / "state.json", self.state)
        except OSError as error:
            tell(f"The state could not be written: {error}")

    def _own(self) -> set[int]:
        below = descendants(os.getpid())
        if self.spec.get("drives_jobs"):  # those have supervisors of their own, which the driver asks to end
            below &= {self.state.get("pid", 0)}
        return below | marked(self.folder)

    def _check_requests(self) -> None:
        asked = (self.folder / "cancel").exists()
        if asked or self.interrupted:
            self._advance("CancelRequested")
            end_processes(self._own)
            reason = cancel_reason(self.folder) if asked else "Its supervisor was asked to end by a signal."
            raise CanceledError(reason)
        if self.slot is not None and (self.folder / "preempt").exists():
            raise PreemptedError

    def _wait_for_slot(self) -> None:
        while True:
            self._check_requests()
            ahead = self._ahead()
            if not ahead and self._take():
                self.ticket.unlink(missing_ok=True)
                return
            time.sleep(min(TICK * (1 + ahead), 1.0))

    def _ahead(self) -> int:
        """How many living jobs are ahead: the first in the queue takes the next slot, nobody overtakes."""
        tickets = (path for path in self.ticket.parent.iterdir() if path.name < self.ticket.name)
        return sum(ticket_lives(path, self.folder.parent) for path in tickets)

    def _take(self) -> bool:
        for path in self._free_slots():
            file = path.open("ab", buffering=0)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                continue
            self.slot = file  # held for life, or until it is taken away
            self._note(self.folder.name)
            return True
        return False

    def _free_slots(self) -> Iterable[Path]:
        if "pool" not in self.spec:
            return map(Path, self.spec["slots"])
        pool = Path(self.spec["pool"])
        nodes = free_nodes(pool)
        if nodes is None:
            raise FailedError(f"The pool {pool.name} was deleted.")
        return nodes

    def _prepare(self) -> None:
        self._advance("Preparing")
        log = self.folder / "system_logs" / "preparation.log"
        script = Path(__file__).with_name("preparation.py")
        code = self._wait(self._spawn([sys.executable, "-I", "-S", str(script), str(self.folder)], log, self.folder))
        if code != 0:
            raise FailedError(last_line(log) or f"The preparation failed. {describe_exit(code)}")

    def _execute(self) -> int:
        started = time.time()
        self._advance("Running", started_at=started)
        log = self.folder / "user_logs" / "std_log.txt"
        code = self._run_command(log, started)
        drives = self.spec.get("drives_jobs", False)
        for _ in range(DRIVER_RESTARTS if drives else 0):
            if code >= 0:
                break
            tell(f"{describe_exit(code)} It is begun again.")
            code = self._run_command(log, started)
        if code != 0 and drives:
            raise FailedError((last_line(log) if code > 0 else "") or describe_exit(code))
        self._advance("Finalizing")
        return code

    def _run_command(self, log: Path, started: float) -> int:
        process = self._spawn(self.spec["command"], log, Path(self.spec["cwd"]))
        self._advance(pid=process.pid)
        self._begin_run(started)
        return self._wait(process, self.spec.get("timeout"))

    def _spawn(self, command: list[str], log: Path, cwd: Path) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self.spec["environment"], MARK: str(self.folder)}
        with log.open("ab", buffering=0) as output:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_in_child,  # noqa: PLW1509
            )

    def _wait(self, process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        deadline = time.monotonic() + timeout if timeout else None
        while True:
            code = reap(process.pid)
            if code is not None:
                process.returncode = code
                return code
            self._check_requests()
            if deadline is not None and time.monotonic() > deadline:
                end_processes(self._own)
                raise FailedError(f"The job ran longer than its limit of {timeout:g} s.")
            _wait_for_child(TICK if deadline is None else max(0.0, min(TICK, deadline - time.monotonic())))

    def _begin_run(self, started: float) -> None:
        query = "UPDATE runs SET status = 'RUNNING', start_time = ? WHERE run_uuid = ?"
        self._update_run(query, int(started * 1000), patience=2)

    def _end_run(self, status: str) -> None:
        query = "UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ?"
        self._update_run(query, MLFLOW_STATUS[status], int(time.time() * 1000), patience=20, analyze=True)

    def _update_run(self, query: str, *values: Any, patience: float, analyze: bool = False) -> None:
        import sqlite3  # the command has started by now

        try:
            connection = sqlite3.connect(self.spec["mlflow_database"], timeout=patience)
            with contextlib.closing(connection), connection:
                connection.execute(query, (*values, self.spec["run_id"]))
                if analyze:
                    connection.execute(f"PRAGMA analysis_limit = {ANALYZED}")
                    connection.execute("ANALYZE")
        except sqlite3.Error as error:
            tell(f"MLflow's database could not be updated: {error}")


def tell(text: str) -> None:
    """A line for system_logs/supervisor.log, which may lie on a full disk."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def is_full(folder: Path) -> bool:
    """Whether hardly anything can be written."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < RESERVE


def ticket_lives(ticket: Path, jobs: Path) -> bool:
    """Whether a ticket's job still waits: its supervisor lives, or is about to be born."""
    if holds_lock(jobs / ticket.name.partition("-")[2]):
        return True
    try:
        return time.time() - ticket.stat().st_mtime < NEWBORN
    except OSError:
        return False


def _wait_for_child(seconds: float) -> None:
    """Sleep until a child ends. SIGCHLD is blocked, so one that came since the last look is still pending."""
    if hasattr(signal, "sigtimedwait"):
        signal.sigtimedwait({signal.SIGCHLD}, seconds)
    else:
        time.sleep(min(seconds, 0.05))


def _in_child() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main(folder: Path) -> None:
    """Supervise a job, unless somebody does, or it has been declared lost (this process was born too late)."""
    with (folder / "lock").open("ab") as lock:
        deadline = time.monotonic() + 2  # who looks whether we live holds the lock for a moment
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return
                time.sleep(0.005)
        if read_state(folder).get("status") not in ENDED:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
            Supervisor(folder).run()
