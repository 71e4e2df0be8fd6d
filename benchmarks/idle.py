"""What Lapis sends and computes while nobody touches the keyboard, and the most memory that it has held by then."""

from __future__ import annotations

from benchmarks.figures import SIZES, Figure, Table
from benchmarks.keys import open_log
from benchmarks.programs import Programs
from benchmarks.pty_probe import Probe, Usage
from benchmarks.rival import FIRST_ROW
from benchmarks.workspaces import JOBS, LOG_JOB, LOG_LINES

SECONDS = 10.0
PAGES = 60

ABOUT = (
    f"Over {SECONDS:g} s, at {SIZES[0][0]}x{SIZES[0][1]}, after {PAGES} page keys; CPU as a share of one core. Memory "
    "is the peak of what was resident. Nothing runs in the workspace. The rivals are those of the keys."
)


def measure(programs: Programs) -> Table:
    """The table of rest and memory."""
    size = SIZES[0]
    with programs.lapis(size) as probe:
        probe.start_up(LOG_JOB)
        lapis = _rest(probe, "pagedown")
    with programs.table(size) as probe:
        probe.start_up(FIRST_ROW)
        rival = _rest(probe, "pagedown")
    figures = _figures(f"list of {JOBS:,} jobs", lapis, rival)
    with programs.lapis(size) as probe:
        open_log(probe, LOG_JOB, first="enter")
        lapis = _rest(probe, "pageup")
    with programs.log_rival(size) as probe:
        open_log(probe, FIRST_ROW)
        rival = _rest(probe, "pageup")
    return Table("Idle, and memory", ABOUT, figures + _figures(f"log of {LOG_LINES:,} lines", lapis, rival))


def _rest(probe: Probe, key: str) -> tuple[Usage, int]:
    for _ in range(PAGES):
        probe.send(key)
    return probe.idle(SECONDS), probe.peak_memory


def _figures(what: str, lapis: tuple[Usage, int], rival: tuple[Usage, int]) -> list[Figure]:
    return [
        Figure(f"{what}, sent", lapis[0].sent, rival[0].sent, "B/s", limit=0),
        Figure(f"{what}, CPU", lapis[0].cpu, rival[0].cpu, "%"),
        Figure(f"{what}, peak memory", lapis[1], rival[1], "MB"),
    ]
