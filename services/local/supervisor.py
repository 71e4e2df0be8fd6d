"""The supervisor of one job: `python -I -S supervisor.py JOBFOLDER`, a detached process that outlives whoever started it.

Standard library only, one file (ADR 3). In the job's folder it reads `spec.json`, holds `lock` for life (that is its
liveness), replaces `state.json` atomically, and obeys a file named `cancel`. It waits for a slot in order of submission,
runs the preparation, then the command, and ends whatever the command leaves behind.

Linux: a subreaper adopts orphans, and /proc finds every descendant by parent and by the marker in its environment.
Elsewhere the process table comes from `ps`, without adoption; that way is untested.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

MARK = "LAPIS_JOB"
"""The environment variable that every process of a job carries, with the job's folder as its value."""
GRACE = 5.0
"""Seconds between asking a process to end and ending it, as `docker stop` and Azure ML have them of the same order."""
NEWBORN = 15.0
"""Seconds in which a ticket counts although its supervisor holds no lock yet."""
TICK = 0.1
RESERVE = 65536
"""Bytes kept back, so that the last state can be written on a full disk."""
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MLFLOW_STATUS = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}


class Canceled(Exception):
    """Somebody asked for the end of the job."""


class TimedOut(Exception):
    """The command ran longer than its limit."""


# ------------------------------------------------------------------------------------------------------------- state


def write_json(path: Path, content: Any) -> None:
    """Replace a file atomically: a reader sees the old or the new whole, also after a crash."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_state(folder: Path) -> dict[str, Any]:
    """The job's state; empty when there is none."""
    try:
        state: dict[str, Any] = json.loads((folder / "state.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state


def change_state(folder: Path, status: str = "", detail: str = "", **more: Any) -> dict[str, Any]:
    """Set fields of the state; a new status goes into the timeline as [status, seconds since the epoch, detail]."""
    state = read_state(folder)
    state.update(more)
    if status and status != state.get("status"):
        state["status"] = status
        state.setdefault("timeline", []).append([status, time.time(), detail])
    try:
        write_json(folder / "state.json", state)
    except OSError:
        (folder / "reserve").unlink(missing_ok=True)
        write_json(folder / "state.json", state)
    return state


def holds_lock(folder: Path) -> bool:
    """Whether a supervisor lives: it holds the lock for life, and the system frees it at its death."""
    try:
        with (folder / "lock").open("rb") as file:
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
        for entry in os.listdir(proc):
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
    """Runs one job from its ticket to its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spec: dict[str, Any] = json.loads((folder / "spec.json").read_text("utf-8"))
        self.slot: IO[bytes] | None = None
        self.ticket = Path(self.spec["queue"]) / self.spec["ticket"]
        self.interrupted = False

    def run(self) -> None:
        """Everything, with the lock held; the last state is written whatever happens."""
        with (self.folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._protect()
            status, detail, more = "Failed", "", {}
            try:
                self._wait_for_slot()
                self._prepare()
                code = self._execute()
                status = "Completed" if code == 0 else "Failed"
                detail = "" if code == 0 else describe_exit(code)
                more = {"exit_code": code}
            except Canceled:
                status, detail = "Canceled", "canceled by request"
            except TimedOut:
                detail = f"The job ran longer than its limit of {self.spec['timeout']} s."
            except PreparationFailed as error:
                detail = str(error)
            except OSError as error:
                detail = f"The job could not be started: {error.strerror or error}."
            finally:
                end_processes(self._own, grace=1.0)
                self.ticket.unlink(missing_ok=True)
                self._end_run(status)
                error_text = detail if status == "Failed" else ""
                change_state(self.folder, status, detail, ended_at=time.time(), error=error_text, **more)

    def _own(self) -> set[int]:
        return descendants(os.getpid()) | marked(self.folder)

    def _protect(self) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "interrupted", True))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        with contextlib.suppress(OSError):
            (self.folder / "reserve").write_bytes(b"\0" * RESERVE)
        change_state(self.folder, supervisor=os.getpid())

    def _check_cancel(self) -> None:
        if self.interrupted or (self.folder / "cancel").exists():
            change_state(self.folder, "CancelRequested")
            end_processes(self._own)
            raise Canceled

    def _wait_for_slot(self) -> None:
        change_state(self.folder, "Queued")
        slots = [Path(path) for path in self.spec["slots"]]
        while True:
            self._check_cancel()
            if self._turn() and self._take(slots):
                self.ticket.unlink(missing_ok=True)
                return
            time.sleep(TICK)

    def _turn(self) -> bool:
        """Whether no living job is ahead: the first in the queue takes the next slot, nobody overtakes."""
        ahead = (name for name in os.listdir(self.ticket.parent) if name < self.ticket.name and name[0] != ".")
        return not any(ticket_lives(self.ticket.parent / name, self.folder.parent) for name in ahead)

    def _take(self, slots: list[Path]) -> bool:
        for path in slots:
            file = path.open("ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                continue
            self.slot = file
            return True
        return False

    def _prepare(self) -> None:
        change_state(self.folder, "Preparing")
        log = self.folder / "system_logs" / "preparation.log"
        script = Path(__file__).with_name("preparation.py")
        code = self._wait(self._spawn([sys.executable, "-I", "-S", str(script), str(self.folder)], log, self.folder))
        if code != 0:
            lines = log.read_text("utf-8", "replace").strip().splitlines()
            raise PreparationFailed(lines[-1] if lines else f"The preparation {describe_exit(code)}")

    def _execute(self) -> int:
        result = self.folder / "prepared.json"
        prepared: dict[str, str] = json.loads(result.read_text("utf-8")) if result.exists() else {}
        started = time.time()
        change_state(self.folder, "Running", started_at=started)
        self._begin_run(started)
        log = self.folder / "user_logs" / "std_log.txt"
        process = self._spawn(self.spec["command"], log, Path(self.spec["cwd"]), prepared)
        change_state(self.folder, pid=process.pid)
        code = self._wait(process, self.spec.get("timeout"))
        change_state(self.folder, "Finalizing")
        return code

    def _spawn(
        self, command: list[str], log: Path, cwd: Path, more: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self.spec["environment"], **(more or {})}
        environment |= self.spec["environment_variables"] | {MARK: str(self.folder)}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab", buffering=0) as output:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def _wait(self, process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        deadline = time.monotonic() + timeout if timeout else None
        while True:
            code = reap(process.pid)
            if code is not None:
                process.returncode = code
                return code
            self._check_cancel()
            if deadline is not None and time.monotonic() > deadline:
                end_processes(self._own)
                raise TimedOut
            # a SIGCHLD that comes between reap and sleep costs one tick, no more
            _pause(TICK)

    def _begin_run(self, started: float) -> None:
        self._update_run("UPDATE runs SET status = 'RUNNING', start_time = ? WHERE run_uuid = ?", int(started * 1000))

    def _end_run(self, status: str) -> None:
        query = "UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ?"
        self._update_run(query, MLFLOW_STATUS[status], int(time.time() * 1000))

    def _update_run(self, query: str, *values: Any) -> None:
        try:
            connection = sqlite3.connect(self.spec["mlflow_database"], timeout=20)
            with contextlib.closing(connection), connection:
                connection.execute(query, (*values, self.spec["run_id"]))
        except sqlite3.Error as error:
            print(f"MLflow's database could not be updated: {error}", file=sys.stderr)  # noqa: T201: its log


class PreparationFailed(Exception):
    """The environment or an input could not be made ready; the text says why."""


def ticket_lives(ticket: Path, jobs: Path) -> bool:
    """Whether a ticket's job still waits: its supervisor lives, or is about to be born."""
    if holds_lock(jobs / ticket.name.partition("-")[2]):
        return True
    try:
        return time.time() - ticket.stat().st_mtime < NEWBORN
    except OSError:
        return False


def describe_exit(code: int) -> str:
    """An exit code in words, a full sentence for a failed command."""
    if code >= 0:
        return f"The command ended with exit code {code}."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"The command was ended by {name}."


def _pause(seconds: float) -> None:
    if hasattr(signal, "sigtimedwait"):
        signal.sigtimedwait({signal.SIGCHLD}, seconds)
    else:
        time.sleep(seconds)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def main() -> None:
    """Supervise the job whose folder is the argument."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    Supervisor(Path(sys.argv[1])).run()


if __name__ == "__main__":
    main()
