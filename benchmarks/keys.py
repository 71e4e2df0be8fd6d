"""How soon keys are answered and what the answers send, on a list of 1,000 jobs and in a log of 100,000 lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.figures import SIZES, Figure, Table, percentile
from benchmarks.programs import Programs
from benchmarks.pty_probe import CALM, KEY_QUIET, Answer, Probe
from benchmarks.rival import FIRST_ROW
from benchmarks.workspaces import JOBS, LOG_JOB, LOG_LINES

STRETCH = 10
"""Presses of a row key in one direction that stay on the page, also of 24 lines."""
PRESSES = 40
"""Presses behind each p50 and p95."""
HELD = 2.0
"""Seconds that a key is held; more rows than a page has."""
REST = 0.3
"""Seconds after a key in which what follows the cursor when it rests is drawn."""
LOGS_TAB = "4"

LIST = (
    f"From the write of a key to the last byte of its answer, which {KEY_QUIET * 1000:.0f} ms without a byte end; "
    f"{PRESSES} presses of each kind, each after {CALM * 1000:.0f} ms of silence. "
    f"A held key repeats 30 times a second for {HELD:g} s; its lag is from the last "
    f"repeat to the last byte. The rival is a bare Textual app with a DataTable of {JOBS:,} rows, as wide as the "
    "screen; at 120 columns the list of Lapis is 76 wide, and beside it is the job under the cursor, once it rests."
)
LOG = (
    "As above; a row key scrolls by a line. The rival is Textual's Log with the same lines in memory. Opening is from "
    "the key that asks for it until the last line is on the screen."
)


@dataclass(frozen=True)
class Keys:
    """The answers to row keys on the page and at its edge, to page keys, and to row keys with what comes at rest.

    `lag` is of a held row key, in seconds.
    """

    row: list[Answer]
    edge: list[Answer]
    page: list[Answer]
    rested: list[Answer]
    lag: float


def measure(programs: Programs) -> list[Table]:
    """The tables of the list and of the log."""
    jobs = Table(f"Keys on a list of {JOBS:,} jobs", LIST)
    log = Table(f"Keys in a log of {LOG_LINES:,} lines", LOG)
    for size in SIZES:
        with programs.lapis(size) as probe:
            probe.start_up(LOG_JOB)
            lapis = _press(probe, "down", "up")
        with programs.table(size) as probe:
            probe.start_up(FIRST_ROW)
            jobs.figures += _figures(size, lapis, _press(probe, "down", "up"))
        opened, lapis = _log(programs.lapis, size, LOG_JOB, first="enter")
        rival_opened, rival = _log(programs.log_rival, size, FIRST_ROW)
        log.figures.append(Figure(f"open, {size[0]}x{size[1]}", opened, rival_opened, "ms"))
        log.figures += _figures(size, lapis, rival)
    with programs.log_rival(SIZES[0], rich=True) as probe:
        slower = open_log(probe, FIRST_ROW)
    at_first = log.figures[0]
    log.figures.insert(1, Figure(f"{at_first.what}, beside RichLog", at_first.measured, slower, "ms"))
    return [jobs, log]


def open_log(probe: Probe, ready: str, first: str = "") -> float:
    """Start, press a first key that opens the job, then the key of the log; seconds until its end is there."""
    probe.start_up(ready)
    if first:
        probe.go(first, "Logs")
    return probe.go(LOGS_TAB, f"step {LOG_LINES}")


def _log(
    start: Callable[[tuple[int, int]], Probe], size: tuple[int, int], ready: str, first: str = ""
) -> tuple[float, Keys]:
    with start(size) as probe:
        return open_log(probe, ready, first), _press(probe, "up", "down", is_log=True)


def _press(probe: Probe, there: str, back: str, *, is_log: bool = False) -> Keys:
    """Keys from one end of what is shown away and back again."""
    row = [] if is_log else [probe.press(key) for key in (there, back, there, back) for _ in range(STRETCH)]
    lag = probe.hold(there, HELD)
    edge = [probe.press(there) for _ in range(PRESSES)]
    rested = [probe.press(there, quiet=REST) for _ in range(STRETCH)]
    page = [probe.press(f"page{key}") for key in (there, back) for _ in range(PRESSES // 2)]
    return Keys(row, edge, page, rested, lag)


def _figures(size: tuple[int, int], lapis: Keys, rival: Keys) -> list[Figure]:
    """The rows of a table; bytes have budgets at 120x40."""
    at = f"{size[0]}x{size[1]}"
    full = size == SIZES[0]

    def figures(what: str, of: Callable[[Keys], list[Answer]], limit: float | None, most: int) -> list[Figure]:
        ours, theirs = of(lapis), of(rival)
        if not ours:
            return []

        def figure(name: str, value: Callable[[Answer], float], percent: int, unit: str, limit: float | None) -> Figure:
            values = [percentile([value(answer) for answer in answers], percent) for answers in (ours, theirs)]
            return Figure(f"{name}, p{percent}, {at}", values[0], values[1], unit, limit=limit)

        return [
            figure(what, lambda answer: answer.last, 50, "ms", None),
            figure(what, lambda answer: answer.last, 95, "ms", limit),
            figure(f"{what}, sent", lambda answer: answer.sent, 50, "B", None),
            figure(f"{what}, sent", lambda answer: answer.sent, 95, "B", most if full else None),
        ]

    ours, theirs = (percentile([answer.sent for answer in who.rested], 95) for who in (lapis, rival))
    return [
        *figures("row key", lambda keys: keys.row, 0.05, 2048),
        *figures("row key that scrolls", lambda keys: keys.edge, 0.05, 2048),
        Figure(f"the same and what follows at rest, sent, p95, {at}", ours, theirs, "B"),
        *figures("page key", lambda keys: keys.page, None, 15 * 1024),
        Figure(f"held row key, lag, {at}", lapis.lag, rival.lag, "ms", limit=0.15),
    ]
