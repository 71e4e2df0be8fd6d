"""What it costs to run a script as a job: `lapis job create --stream` beside `python script.py`."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Table, median
from benchmarks.programs import LAPIS, ROOT, Programs
from benchmarks.pty_probe import peak_memory
from services.local.layout import Layout
from services.local.mlflow_store import QUIET, ensure_store

REPEATS = 5
SLOW_REPEATS = 3
WATCHED = 3.0
"""Seconds over which the supervisor of a job that sleeps is watched."""
EXAMPLE = ROOT / "examples" / "diabetes"

ABOUT = (
    "The same script, run by `lapis job create -f job.yml --stream` and by `python script.py`; medians of "
    f"{REPEATS} runs in turns, {SLOW_REPEATS} of the example. Waiting is from the command to its end; the script alone "
    "is from its start to its end as the supervisor sees it, so the difference is Lapis: the command that submits and "
    "streams, the run in MLflow, the snapshot of the code, the supervisor. CPU is that of all processes."
)


@dataclass(frozen=True)
class Run:
    """Seconds from the command to its end, CPU seconds of all its processes, seconds of the script itself."""

    wall: float
    cpu: float
    script: float


def measure(programs: Programs, folder: Path) -> Table:
    """The table of the cost of jobs, run in a workspace in a folder."""
    adopt_orphans()
    table = Table("The cost of a job", ABOUT)
    workspace = Layout(folder / "jobs")
    env = {**programs.env(), **QUIET, "LAPIS_WORKSPACE": str(workspace.root)}
    (trivial := folder / "trivial").mkdir()
    (trivial / "script.py").write_text("print('done')\n", encoding="utf-8")
    file = _job_file(trivial)
    _submit(file, workspace, env)  # makes the workspace
    plain: list[str | Path] = [sys.executable, trivial / "script.py"]
    table.figures += _figures("a script that prints a line", _in_turns(file, workspace, env, plain, REPEATS))
    if importlib.util.find_spec("sklearn"):
        command, tracked = _example(folder, env)
        runs = _in_turns(EXAMPLE / "job.yml", workspace, env, command, SLOW_REPEATS, tracked)
        table.figures += _figures("the example with scikit-learn and MLflow", runs)
    table.figures += _watch_supervisor(folder, workspace, env)
    return table


def adopt_orphans() -> None:
    """Become the parent of processes whose own has ended, so that the CPU of supervisors is counted (Linux)."""
    set_child_subreaper = 36  # linux/prctl.h
    ctypes.CDLL(None, use_errno=True).prctl(set_child_subreaper, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _job_file(folder: Path, command: str = "python script.py") -> Path:
    file = folder / "job.yml"
    document = {"type": "command", "code": ".", "command": command, "environment": "azureml:AzureML-sklearn-1.5@latest"}
    file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    return file


def _example(folder: Path, env: Mapping[str, str]) -> tuple[list[str | Path], dict[str, str]]:
    """The example's command as a person would type it, with an MLflow store that is there already."""
    (store := Layout(folder / "plain")).root.mkdir()
    ensure_store(store)
    data, script = EXAMPLE / "data" / "patients.csv", EXAMPLE / "src" / "train.py"
    command: list[str | Path] = [
        sys.executable,
        script,
        "--training-data",
        data,
        "--predictions",
        folder / "predictions",
    ]
    return command, {**env, "MLFLOW_TRACKING_URI": store.mlflow_uri}


def _in_turns(
    file: Path,
    workspace: Layout,
    env: Mapping[str, str],
    command: Sequence[str | Path],
    repeats: int,
    plain_env: Mapping[str, str] | None = None,
) -> tuple[list[Run], list[Run]]:
    pairs = [(_submit(file, workspace, env), _plain(command, workspace, plain_env or env)) for _ in range(repeats)]
    return [job for job, _ in pairs], [plain for _, plain in pairs]


def _submit(file: Path, workspace: Layout, env: Mapping[str, str]) -> Run:
    before = {path.name for path in workspace.jobs.iterdir()} if workspace.jobs.exists() else set()
    wall, cpu = _timed([LAPIS, "job", "create", "-f", file, "--stream"], file.parent, env)
    (name,) = {path.name for path in workspace.jobs.iterdir()} - before
    state = json.loads((workspace.job(name) / "state.json").read_text("utf-8"))
    return Run(wall, cpu, state["ended_at"] - state["started_at"])


def _plain(command: Sequence[str | Path], workspace: Layout, env: Mapping[str, str]) -> Run:
    wall, cpu = _timed(command, workspace.root, env)
    return Run(wall, cpu, wall)


def _timed(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command, with the CPU of processes that it leaves, which `adopt_orphans` collects."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=True)
    wall = time.perf_counter() - begun
    _wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _watch_supervisor(folder: Path, workspace: Layout, env: Mapping[str, str]) -> list[Figure]:
    """Memory and CPU of a supervisor while its script sleeps."""
    (sleepy := folder / "sleepy").mkdir()
    (sleepy / "script.py").write_text(f"import time; time.sleep({WATCHED + 1})\n", encoding="utf-8")
    created = subprocess.run(
        [LAPIS, "job", "create", "-f", _job_file(sleepy), "-o", "json"],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    state = workspace.job(json.loads(created.stdout)["name"]) / "state.json"
    while (now := json.loads(state.read_text("utf-8")))["status"] in ("NotStarted", "Queued", "Preparing"):
        time.sleep(0.02)
    clock = (~int(now["supervisor"]) << 3) | 2  # as in Probe.cpu
    before = time.clock_gettime(clock)
    time.sleep(WATCHED)
    cpu, memory = (time.clock_gettime(clock) - before) / WATCHED, peak_memory(int(now["supervisor"]))
    _wait_for_orphans()
    return [
        Figure("supervisor of a script that sleeps, CPU", cpu, None, "%"),
        Figure("supervisor of a script that sleeps, peak memory", memory, None, "MB"),
    ]


def _figures(what: str, runs: tuple[list[Run], list[Run]]) -> list[Figure]:
    jobs, plain = runs
    return [
        Figure(f"{what}, waiting", median([r.wall for r in jobs]), median([r.wall for r in plain]), "s"),
        Figure(f"{what}, the script alone", median([r.script for r in jobs]), median([r.script for r in plain]), "s"),
        Figure(f"{what}, CPU", median([r.cpu for r in jobs]), median([r.cpu for r in plain]), "s"),
    ]
