"""How long a start takes: until something is painted, and until the list of 1,000 jobs can be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.figures import SIZES, Figure, Table, median
from benchmarks.programs import Programs
from benchmarks.pty_probe import Probe, Start
from benchmarks.rival import FIRST_ROW, row_name
from benchmarks.workspaces import JOBS, LOG_JOB, job_name

REPEATS = 7

ABOUT = (
    f"From exec to the first character, and until the newest of {JOBS:,} jobs is on the screen and a `down` that was "
    "pressed then is answered. The rival of the first paint is a bare Textual app with a DataTable of one row; of the "
    f"list the same app with {JOBS:,} rows, which come from no file. Medians of {REPEATS} starts, in turns."
)


def measure(programs: Programs) -> Table:
    """The table of starts."""
    table = Table("Start", ABOUT)
    for size in SIZES:
        lapis, bare, rows = _starts(programs, size)
        at = f"{size[0]}x{size[1]}"
        table.figures += [
            _figure(f"first paint, wall, {at}", lapis, bare, lambda s: s.painted, "ms", times=1.5),
            _figure(f"first paint, CPU, {at}", lapis, bare, lambda s: s.painted_cpu, "ms", times=1.5),
            _figure(f"usable list of {JOBS:,} jobs, wall, {at}", lapis, rows, lambda s: s.usable, "ms"),
            _figure(f"usable list of {JOBS:,} jobs, CPU, {at}", lapis, rows, lambda s: s.usable_cpu, "ms"),
            _figure(f"until nothing more comes, CPU, {at}", lapis, rows, lambda s: s.settled_cpu, "ms"),
            _figure(f"sent until then, {at}", lapis, rows, lambda s: s.sent, "B"),
            _figure(f"peak memory until then, {at}", lapis, rows, lambda s: s.peak_memory, "MB"),
        ]
    return table


def _starts(programs: Programs, size: tuple[int, int]) -> tuple[list[Start], list[Start], list[Start]]:
    """Starts of Lapis, of the bare app and of the app with rows; a first round, which warms the disk, is left out."""

    def start(make: Callable[[tuple[int, int]], Probe], first: str, second: str) -> Start:
        with make(size) as probe:
            return probe.start_up(first, "down" if second else "", second)

    rounds = [
        (
            start(programs.lapis, LOG_JOB, job_name(JOBS - 1)),
            start(programs.bare, FIRST_ROW, ""),
            start(programs.table, FIRST_ROW, row_name(1)),
        )
        for _ in range(REPEATS + 1)
    ]
    lapis, bare, rows = zip(*rounds[1:], strict=True)
    return list(lapis), list(bare), list(rows)


def _figure(
    what: str,
    lapis: Sequence[Start],
    rival: Sequence[Start],
    value: Callable[[Start], float],
    unit: str,
    *,
    times: float | None = None,
) -> Figure:
    return Figure(what, median([*map(value, lapis)]), median([*map(value, rival)]), unit, times=times)
