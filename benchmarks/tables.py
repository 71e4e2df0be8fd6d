"""What it takes to look into a large table: seconds and memory from nothing to what is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Table
from benchmarks.programs import ROOT
from benchmarks.table_cases import CASES

ROWS = 10_000_000
"""Rows of the table unless others are asked for: a CSV of some 1.1 GB."""
RIVALS = ("pandas", "polars")
LIMITS = {("first page", ".csv"): (1.0, 300e6), ("first page", ".parquet"): (0.3, 300e6)}
"""Seconds and bytes that the first page may take."""
TIMEOUT = 900


@dataclass(frozen=True)
class Cost:
    """What a case took: seconds, and bytes of memory at the most."""

    seconds: float
    peak: float


def measure(folder: Path, rows: int = ROWS) -> Iterator[Table]:
    """Tables beside each rival, of a CSV and a Parquet that are made in a folder."""
    for path in (folder / f"rows-{rows}.csv", folder / f"rows-{rows}.parquet"):
        make_table(path, rows)
        size = path.stat().st_size
        costs = {(engine, case): cost(engine, case, path) for case in CASES for engine in ("lapis", *RIVALS)}
        kind = "CSV" if path.suffix == ".csv" else "Parquet"
        for rival in RIVALS:
            about = (
                f"{rows:,} rows of 12 columns, {size / 1e6:,.0f} MB, each case in a process of its own from before its "
                f"imports; the rival is {rival} alone. For sorts, filters and profiles of a CSV Lapis first makes a "
                "copy that it keeps while the table is open; what comes after takes as long as from Parquet."
            )
            table = Table(f"A table as {kind}, beside {rival}", about)
            for case in CASES:
                ours, theirs = costs["lapis", case], costs[rival, case]
                if ours is None:
                    continue
                seconds, memory = LIMITS.get((case, path.suffix), (None, None))
                table.figures += [
                    Figure(case, ours.seconds, theirs.seconds if theirs else None, "s", limit=seconds),
                    Figure(f"{case}: memory", ours.peak, theirs.peak if theirs else None, "MB", limit=memory),
                ]
            yield table


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


def cost(engine: str, case: str, path: Path) -> Cost | None:
    """What a case takes; None if the engine fails or takes too long."""
    command = [sys.executable, "-m", "benchmarks.table_cases", engine, case, str(path)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=TIMEOUT)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    found = json.loads(done.stdout)
    return Cost(found["seconds"], found["peak"])
