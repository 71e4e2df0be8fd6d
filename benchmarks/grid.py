"""How soon keys are answered on a table of 12 and of 200 columns, and what the answers send, beside a DataTable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import SIZES, Figure, Table, percentile
from benchmarks.programs import Programs
from benchmarks.pty_probe import CALM, Answer, Probe
from benchmarks.rival import FIRST_ROW

ROWS = {12: 100_000, 200: 20_000}
"""Rows of the CSV by its columns."""
RIVAL_ROWS = 1_000
"""A DataTable holds them all in memory: what a page of an older preview had."""
PRESSES = 12
"""Presses behind each p50 and p95."""
KEYS = (
    ("row key", ("down", "up"), 0.05, 2048),
    ("page key", ("pagedown", "pageup"), 0.05, 15 * 1024),
    ("cell key", ("right", "left"), 0.05, 15 * 1024),
)
"""What is pressed, there and back again, and the budgets: seconds and bytes."""
PATIENCE = 60.0
"""Seconds until a key of the rival has to be answered: of 200 columns it draws each cell anew."""
ABOUT = (
    "A CSV of {rows:,} rows, at {width}x{height}; {presses} presses of each pair of keys, there and back, each after "
    "{calm:.0f} ms of silence. The rival is a bare Textual app with a DataTable that has a cell cursor and {rival:,} "
    "such rows in memory."
)


def measure(programs: Programs, folder: Path) -> Iterator[Table]:
    """A table for each number of columns."""
    width, height = SIZES[0]
    for columns, rows in ROWS.items():
        path = folder / f"grid-{columns}.csv"
        write_csv(path, rows, columns)
        with programs.lapis(SIZES[0]) as probe:
            open_table(probe, path)
            ours = [_press(probe, keys) for _, keys, _, _ in KEYS]
        with programs.grid_rival(SIZES[0], RIVAL_ROWS, columns) as probe:
            probe.start_up(FIRST_ROW)
            theirs = [_press(probe, keys) for _, keys, _, _ in KEYS]
        about = ABOUT.format(rows=rows, width=width, height=height, presses=PRESSES, calm=CALM * 1000, rival=RIVAL_ROWS)
        table = Table(f"The grid, {columns} columns", about)
        for (what, _, seconds, most), mine, other in zip(KEYS, ours, theirs, strict=True):
            table.figures += _figures(what, mine, other, seconds, most)
        yield table


def write_csv(path: Path, rows: int, columns: int) -> None:
    """Numbers and words, other ones in each row."""
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(f"column{at}" for at in range(columns)) + "\n")
        for row in range(rows):
            cells = (f"word {row * at % 997}" if at % 3 == 2 else f"{row * (at + 1) % 9973}" for at in range(columns))
            file.write(",".join(cells) + "\n")


def open_table(probe: Probe, path: Path) -> None:
    """Start Lapis and have it open a table by its command line."""
    probe.start_up("Jobs")
    probe.send(":")
    for character in f"table {path}":
        probe.send(character)
    probe.go("enter", "column0")


def _press(probe: Probe, keys: tuple[str, str]) -> list[Answer]:
    return [probe.press(key, timeout=PATIENCE) for key in keys for _ in range(PRESSES // 2)]


def _figures(what: str, ours: list[Answer], theirs: list[Answer], seconds: float, most: int) -> list[Figure]:
    def figure(name: str, value: Callable[[Answer], float], percent: int, unit: str, limit: float | None) -> Figure:
        mine, other = (percentile([value(answer) for answer in answers], percent) for answers in (ours, theirs))
        return Figure(f"{name}, p{percent}", mine, other, unit, limit=limit)

    return [
        figure(what, lambda answer: answer.last, 50, "ms", None),
        figure(what, lambda answer: answer.last, 95, "ms", seconds),
        figure(f"{what}, sent", lambda answer: answer.sent, 95, "B", most),
    ]
