"""Lapis on an Azure workspace of 5,000 jobs, played on this machine, beside azure-ai-ml as a script uses it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.azure_client import TICK
from benchmarks.azure_service import JOBS, LATENCY, AzureService, Traffic
from benchmarks.figures import SIZES, Figure, Table, median, percentile
from benchmarks.programs import LAPIS, Programs
from benchmarks.pty_probe import Probe, Start
from tests.azure_emulator.__main__ import PROFILE

T = TypeVar("T")

REPEATS = 5
SIZE = SIZES[0]
LISTED = 50
"""Jobs that the rival lists."""
WATCHED = 60.0
"""Seconds over which traffic is counted."""
STEADY = 10.0
"""Seconds with less than a call each, after which it is."""
IMPORTING = 4.0
"""Seconds of keys while azure-ai-ml is imported."""
KEYS_BEFORE = 2.0
"""Seconds of keys before."""
PAUSE = 0.06
"""Seconds without a byte after which the next of these keys is pressed."""
ROW = 6
"""The row below the first one at which they are pressed."""
ARCHIVE = "A"
ENVIRONMENT = "azureml:AzureML-sklearn-1.5@latest"
SCRIPT = """\
import time
import mlflow
for step in range(1, 600):
    print(f"step {step} loss {1 / step:.6f}", flush=True)
    mlflow.log_metric("loss", 1 / step, step=step)
    time.sleep(1)
"""

STARTS = (
    f"At {SIZE[0]}x{SIZE[1]}, until the newest of {JOBS:,} jobs is on the screen and a `down` that was pressed then is "
    "answered; cold is without the copy of the list that Lapis keeps, cached with it. The rival prints the "
    f"{LISTED} newest jobs by `MLClient(...).jobs.list()` and ends, which is what a command of `az ml` does at least; "
    f"its memory is that of the process. Medians of {REPEATS}, in turns. Both sign in with a client secret. Azure is "
    f"the emulator of the tests, in a process of its own on the same cores; each of its answers takes "
    f"{LATENCY * 1000:.0f} ms longer than it would on loopback."
)
TRAFFIC = (
    f"Counted for {WATCHED:g} s at the emulator. Calls are those to Azure ML; bytes are those of all connections, both "
    "directions, TLS and storage included. The job writes a line and logs a metric each second; Lapis shows its log, "
    "the rival is `jobs.stream` of the SDK, which asks ever more seldom and shows no metrics. Answers of the "
    "emulator aren't compressed, as Azure's are."
)
IMPORT = (
    "Lapis imports azure-ai-ml in a thread when a call first needs it: the first submit, change of a compute, look at "
    f"a sweep. The loop looks at the clock every {TICK * 1000:.0f} ms, in a bare process; the rival is the same loop "
    f"with nothing to do. Keys are row keys on the list of jobs in the {IMPORTING:g} s after a press that archives a "
    "job, which is the first call to need it; from the press to the first byte. The rival is the same keys before. "
    f"{REPEATS} runs."
)


@dataclass(frozen=True)
class Ended:
    """A program that ended: seconds from exec, CPU seconds, and the most bytes that were resident."""

    wall: float
    cpu: float
    peak_memory: int


def measure(programs: Programs, folder: Path) -> Iterator[Table]:
    """The tables of Azure, each as soon as it is there."""
    (folder / "azure").mkdir()
    with AzureService(folder / "azure") as azure:
        bench = AzureBench(programs, azure, folder)
        yield bench.starts()
        yield bench.imports()
        yield bench.traffic()


class AzureBench:
    """One emulator, and what is measured on it."""

    def __init__(self, programs: Programs, azure: AzureService, folder: Path) -> None:
        self._programs = programs
        self._azure = azure
        self._folder = folder
        self._kept = folder / "kept-cache"

    # Starts

    def starts(self) -> Table:
        """The table of starts; a first round, which fills the cache and warms the disk, is left out."""
        rounds = []
        for number in range(REPEATS + 1):
            cold = self._start(self._folder / f"cache-{number}")
            cached = self._start(self._kept)
            rounds.append((cold, cached, self._list()))
        rival = [ended for _, _, ended in rounds[1:]]
        figures = _figures("cold", [cold for cold, _, _ in rounds[1:]], rival)
        figures += _figures("cached", [cached for _, cached, _ in rounds[1:]], rival)
        return Table(f"Azure: start on a workspace of {JOBS:,} jobs", STARTS, figures)

    def _start(self, cache: Path) -> Start:
        with self._lapis(cache) as probe:
            return probe.start_up(self._azure.newest[0], "down", self._azure.newest[1])

    def _list(self) -> Ended:
        begun = time.perf_counter()
        process = subprocess.Popen(self._script("list", str(LISTED)), env=self._env(), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"the rival's list ended with {process.returncode}")
        wall = time.perf_counter() - begun
        return Ended(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

    # Traffic

    def traffic(self) -> Table:
        """The table of what goes over the network."""
        table = Table("Azure: traffic a minute", TRAFFIC)
        with self._lapis(self._kept) as probe:
            probe.start_up(self._azure.newest[0])
            while len(self._counted(lambda: probe.idle(STEADY))[1].targets) > STEADY:
                pass  # the list is still being read to its end
            table.figures += self._resting("list of jobs, four of which are under way", probe)
            self._azure.settle()
            probe.idle(2 * STEADY)  # the list sees it, and then looks more seldom
            table.figures += self._resting("list of jobs, none of which is under way", probe)
        name = self._submit()
        with self._lapis(self._kept) as probe:
            probe.start_up(name)
            probe.send("home")
            probe.go("enter", "Logs")
            probe.go("4", "step ")
            watched = self._counted(lambda: probe.idle(WATCHED))
            peak = probe.peak_memory
        with self._streaming(name):
            rival = self._counted(lambda: time.sleep(WATCHED))
        calls, wire = (len(watched[1].targets), len(rival[1].targets)), (watched[1].wire, rival[1].wire)
        table.figures += [
            Figure("job that runs, its log shown, calls", calls[0] * 60 / WATCHED, calls[1] * 60 / WATCHED, "calls"),
            Figure("job that runs, its log shown, bytes", wire[0] * 60 / WATCHED, wire[1] * 60 / WATCHED, "B"),
            Figure("job that runs, its log shown, CPU", watched[0].cpu, None, "%"),
            Figure("job that runs, its log shown, sent to the terminal", watched[0].sent * 60, None, "B"),
            Figure("job that runs, its log shown, peak memory", peak, None, "MB"),
        ]
        return table

    def _counted(self, work: Callable[[], T]) -> tuple[T, Traffic]:
        """What a work comes to, and the traffic meanwhile."""
        self._azure.forget()
        done = work()
        return done, self._azure.traffic()

    def _resting(self, what: str, probe: Probe) -> list[Figure]:
        usage, traffic = self._counted(lambda: probe.idle(WATCHED))
        return [
            Figure(f"{what}, calls", len(traffic.targets) * 60 / WATCHED, None, "calls"),
            Figure(f"{what}, bytes", traffic.wire * 60 / WATCHED, None, "B"),
            Figure(f"{what}, CPU", usage.cpu, None, "%"),
            Figure(f"{what}, sent to the terminal", usage.sent * 60, None, "B"),
        ]

    def _submit(self) -> str:
        """Submit the job that is watched; its name."""
        (folder := self._folder / "job").mkdir()
        (folder / "train.py").write_text(SCRIPT, encoding="utf-8")
        file = folder / "job.yml"
        document = {"type": "command", "code": ".", "command": "python train.py", "environment": ENVIRONMENT}
        file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
        done = subprocess.run(
            [LAPIS, "job", "create", "-f", file, "-w", f"azure:{PROFILE}"],
            env=self._env(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return str(json.loads(done.stdout)["name"])

    @contextmanager
    def _streaming(self, job: str) -> Iterator[None]:
        """The rival prints the job's log, from its first line on."""
        command = self._script("stream", job)
        with subprocess.Popen(command, env=self._env(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            while b"step " not in (line := process.stdout.readline()):
                if not line:
                    raise RuntimeError("the rival's stream ended before the log began")
            try:
                yield
            finally:
                process.kill()

    # The import

    def imports(self) -> Table:
        """The table of what is felt of the import."""
        table = Table("Azure: the import of azure-ai-ml", IMPORT)
        busy = [late for _ in range(REPEATS) for late in self._lag("--import")]
        idle = [late for _ in range(REPEATS) for late in self._lag()]
        before, during = [], []
        for _ in range(REPEATS):
            with self._lapis(self._kept) as probe:
                probe.start_up(self._azure.newest[0])
                for _ in range(ROW):
                    probe.send("down")
                before += _latencies(probe, KEYS_BEFORE)
                probe.send(ARCHIVE)
                during += _latencies(probe, IMPORTING)
        for what, measured, rival in (("loop, late", busy, idle), ("row key", during, before)):
            table.figures += [
                Figure(f"{what}, p50", percentile(measured, 50), percentile(rival, 50), "ms"),
                Figure(f"{what}, p95", percentile(measured, 95), percentile(rival, 95), "ms"),
                Figure(f"{what}, longest", max(measured), max(rival), "ms"),
            ]
        return table

    def _lag(self, *options: str) -> list[float]:
        command = [sys.executable, "-m", "benchmarks.azure_client", "lag", *options]
        done = subprocess.run(command, env=self._env(), stdout=subprocess.PIPE, check=True)
        return [float(late) for late in json.loads(done.stdout)]

    # Programs

    def _env(self) -> dict[str, str]:
        return {**self._programs.env(), **self._azure.environ}

    def _lapis(self, cache: Path) -> Probe:
        env = {**self._env(), "XDG_CACHE_HOME": str(cache)}
        return Probe([LAPIS, "-w", f"azure:{PROFILE}"], env, columns=SIZE[0], lines=SIZE[1])

    def _script(self, what: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "benchmarks.azure_client", what, *self._azure.workspace, *arguments]


def _latencies(probe: Probe, seconds: float) -> list[float]:
    """Seconds until row keys were answered, one after the other for a while."""
    found, until = [], time.perf_counter() + seconds
    for key in itertools.cycle(["down", "up"]):
        found.append(probe.press(key, quiet=PAUSE).first)
        if time.perf_counter() > until:
            return found
    raise AssertionError


def _figures(name: str, starts: Sequence[Start], rival: Sequence[Ended]) -> list[Figure]:
    """The rows of one kind of start."""
    walls, rival_walls = [start.usable for start in starts], [ended.wall for ended in rival]
    return [
        Figure(f"{name}: first paint, wall", median([start.painted for start in starts]), None, "s"),
        Figure(f"{name}: usable list, wall", median(walls), median(rival_walls), "s"),
        Figure(f"{name}: usable list, wall, quickest", min(walls), min(rival_walls), "s"),
        Figure(f"{name}: usable list, wall, slowest", max(walls), max(rival_walls), "s"),
        Figure(
            f"{name}: usable list, CPU",
            median([start.usable_cpu for start in starts]),
            median([e.cpu for e in rival]),
            "s",
        ),
        Figure(
            f"{name}: peak memory",
            median([start.peak_memory for start in starts]),
            median([e.peak_memory for e in rival]),
            "MB",
        ),
    ]
