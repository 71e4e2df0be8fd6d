"""What it takes to look into a large table: seconds and memory from nothing to what is asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, Table, shown
from benchmarks.programs import ROOT
from benchmarks.table_cases import CASES

ROWS = 10_000_000
"""Rows of the largest table unless others are asked for: a CSV of some 1.2 GB."""
RIVALS = ("pandas", "polars", "visidata")
VISIDATA = ("first page", "last row", "count", "sort")
"""What VisiData does by itself; it reads CSV, and takes 1 GB of memory for a million rows."""
VISIDATA_ROWS = 1_000_000
COLD = ("first page", "last row", "count")
"""What is measured once more with a file that is not in memory."""
LIMITS = {("first page", ".csv"): (1.0, 300e6), ("first page", ".parquet"): (0.3, 300e6)}
"""Seconds and bytes that the first page may take."""
TIMES = {"profile": "polars", "recipe of six steps": "pandas"}
"""What may take 1.2 times as long as the engine by itself."""
TIMEOUT = 900


@dataclass(frozen=True)
class Cost:
    """What a case took: seconds, those of CPU, and bytes of memory at the most."""

    seconds: float
    cpu: float | None
    peak: float

    def cell(self) -> str:
        """The cost in a cell."""
        cpu = "" if self.cpu is None else f" ({self.cpu:,.2f})"
        return f"{self.seconds:,.2f} s{cpu}, {shown(self.peak, 'MB')}"


@dataclass
class Comparison(Table):
    """Costs of several engines, a row a case; the figures are those that have a budget."""

    costs: dict[str, dict[str, Cost | None]] = field(default_factory=dict)

    def markdown(self) -> str:
        """The table under its heading."""
        rows = [
            ("", "Lapis", *RIVALS, "budget", "within"),
            (":--", *("--:",) * (len(RIVALS) + 2), "--:"),
            *(self._row(case, costs) for case, costs in self.costs.items()),
        ]
        return "\n".join([f"## {self.title}", "", self.about, "", *(f"| {' | '.join(row)} |" for row in rows)])

    def _row(self, case: str, costs: dict[str, Cost | None]) -> tuple[str, ...]:
        cells = [found.cell() if (found := costs.get(engine)) else "–" for engine in ("lapis", *RIVALS)]
        mine = [figure.cells() for figure in self.figures if figure.what.partition(":")[0] == case]
        budget, within = (
            ("<br>".join(column) for column in zip(*(row[-2:] for row in mine), strict=True)) if mine else ("–", "–")
        )
        return (case, *cells, budget, within)


def measure(folder: Path, rows: int = ROWS) -> Iterator[Table]:
    """A table of costs for the CSV and the Parquet of each size up to `rows`, which are made in a folder."""
    for size in [size for size in (100_000, 1_000_000) if size < rows] + [rows]:
        for path in (folder / f"rows-{size}.csv", folder / f"rows-{size}.parquet"):
            make_table(path, size)
            yield compared(path, size, is_judged=size == rows)
            path.unlink()


def compared(path: Path, rows: int, *, is_judged: bool) -> Comparison:
    """The costs of each engine, for one file; budgets are of the largest."""
    kind = "CSV" if path.suffix == ".csv" else "Parquet"
    about = (
        f"{rows:,} rows of 12 columns, {path.stat().st_size / 1e6:,.0f} MB: seconds (those of CPU in brackets) and the "
        f"most memory of a process, from before its imports; load average {os.getloadavg()[0]:.1f} before. The file is "
        "in the page cache but for cold cases. `filter once sorted` is the filter alone, of a table that is open. "
        "Recipes are pandas by themselves: beside it, Lapis starts a process of its own for them."
    )
    table = Comparison(f"A table of {rows:,} rows as {kind}", about)
    for case in CASES:
        table.costs[case] = {engine: cost(engine, case, path) for engine in ("lapis", *RIVALS)}
        if case in COLD:
            cold = f"{case}, cold"
            table.costs[cold] = {engine: cost(engine, case, path, is_cold=True) for engine in ("lapis", *RIVALS)}
        if is_judged:
            table.figures += _judged(case, path.suffix, table.costs[case])
    return table


def _judged(case: str, suffix: str, costs: dict[str, Cost | None]) -> Iterator[Figure]:
    ours = costs["lapis"]
    if ours is None:
        return
    if (case, suffix) in LIMITS:
        seconds, memory = LIMITS[case, suffix]
        yield Figure(case, ours.seconds, None, "s", limit=seconds)
        yield Figure(f"{case}: memory", ours.peak, None, "MB", limit=memory)
    if case in TIMES and (rival := costs[TIMES[case]]):
        yield Figure(case, ours.seconds, rival.seconds, "s", times=1.2)


def make_table(path: Path, rows: int) -> None:
    """Twelve columns: an id, a moment, texts with gaps and quotes, numbers, truth; the same at each run."""
    import polars

    number = polars.col("id")

    def draw(seed: int, below: int) -> polars.Expr:
        return (number.hash(seed) % below).cast(polars.Int64)

    moments = polars.datetime(2020, 1, 1) + polars.duration(seconds=draw(1, 100_000_000))
    names = polars.lit(polars.Series(["Ada", "Grace", "Alan, T.", 'Edsger "W"']))
    segments = polars.lit(polars.Series(["gold", "silver", "bronze", None]))
    lazy = polars.LazyFrame({"id": polars.int_range(rows, eager=True)}).with_columns(
        moment=moments.dt.to_string("iso"),
        name=names.gather(draw(2, 4)),
        segment=segments.gather(draw(3, 4)),
        price=draw(4, 20_000) / 100,
        age=18 + draw(5, 72),
        visits=draw(6, 1_000),
        ratio=draw(7, 10_000) / 10_000,
        is_member=draw(8, 2) == 1,
        code=draw(9, 1_000_000_000),
        latitude=draw(10, 180_000_000) / 1e6 - 90,
        longitude=draw(11, 360_000_000) / 1e6 - 180,
    )
    lazy.sink_csv(path) if path.suffix == ".csv" else lazy.sink_parquet(path)


def cost(engine: str, case: str, path: Path, *, is_cold: bool = False) -> Cost | None:
    """What a case takes; None if the engine hasn't got it, fails or takes too long."""
    command = _command(engine, case, path)
    if not command:
        return None
    if is_cold:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    finally:
        path.with_suffix(".made.parquet").unlink(missing_ok=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return Cost(found["seconds"], found["cpu"], found["peak"])


def _command(engine: str, case: str, path: Path) -> list[str]:
    if engine != "visidata":
        return [sys.executable, "-m", "benchmarks.table_cases", engine, case, str(path)]
    program = shutil.which("vd")
    rows = int(path.stem.removeprefix("rows-"))
    if not program or path.suffix != ".csv" or case not in VISIDATA or (rows > VISIDATA_ROWS and case != "first page"):
        return []
    python = Path(program).resolve().parent / "python"
    return [str(python), str(ROOT / "benchmarks" / "visidata_cases.py"), case, str(path)]
