"""`python -m benchmarks`: all tables as Markdown, or those that are named; `--write FILE` makes the page of them.

No figure is asserted: a busy machine is no fault. A budget that isn't kept is a **no** in the last column.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import azure, grid, idle, job_cost, job_index, keys, remote_tables, start, tables
from benchmarks.figures import Table
from benchmarks.programs import ROOT, Programs
from benchmarks.workspaces import JOBS, make_workspace

PARTS = ("start", "keys", "grid", "idle", "jobs", "azure", "index", "tables", "tables-remote")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    # argparse takes the empty list for a choice as well
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--rows", type=int, default=tables.ROWS, metavar="N", help="rows of the large tables")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page too, such as docs/benchmarks.md")
    args = parser.parse_args()
    if not sys.platform.startswith("linux"):
        parser.error("the figures are read from Linux: /proc, and the clocks of other processes")
    facts = machine()
    page = [HEAD, facts, ""]
    found = []
    for table in measure(args.parts or PARTS, args.rows):
        print(f"{table.markdown()}\n", flush=True)
        found.append(table)
        page += [table.markdown(), ""]
    print(verdict(found))
    if args.write:
        page.insert(2, f"\n{verdict(found)}")
        args.write.write_text("\n".join(page), encoding="utf-8")
    return 0


def measure(parts: Sequence[str], rows: int) -> Iterator[Table]:
    """The tables, each as soon as it is there, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="lapis-bench-") as name:
        folder = Path(name)
        (folder / "homes").mkdir()
        programs = Programs(folder / "workspace", folder / "homes")
        if set(parts) - {"jobs", "azure", "index", "tables", "tables-remote"}:
            say(f"making a workspace with {JOBS:,} jobs")
            make_workspace(programs.workspace)
        if "start" in parts:
            say("starts")
            yield start.measure(programs)
        if "keys" in parts:
            say("keys")
            yield from keys.measure(programs)
        if "grid" in parts:
            say("grid")
            yield from grid.measure(programs, folder)
        if "idle" in parts:
            say("idle")
            yield idle.measure(programs)
        if "jobs" in parts:
            say("jobs")
            yield job_cost.measure(programs, folder)
        if "azure" in parts:
            say("azure")
            yield from azure.measure(programs, folder)
        if "index" in parts:
            say("index")
            yield job_index.measure(folder)
        if "tables" in parts:
            say(f"tables of {rows:,} rows")
            yield from tables.measure(folder, rows)
        if "tables-remote" in parts:
            say(f"tables of {rows:,} rows in storage")
            yield from remote_tables.measure(folder, rows)


def say(text: str) -> None:
    """What is going on, apart from the tables."""
    print(f"... {text}", file=sys.stderr, flush=True)


def machine() -> str:
    """The facts that figures depend on; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    versions = " ".join(f"{name} {importlib.metadata.version(name)}," for name in ("textual", "rich", "mlflow-skinny"))
    lines = [
        f"- {datetime.now(UTC):%Y-%m-%d}, Lapis {importlib.metadata.version('lapis-workbench')}"
        + (f" at commit {commit}" if commit else ""),
        f"- {os.cpu_count()} cores ({platform.machine()}), {memory / 1e9:.0f} GB of memory, "
        f"load average {os.getloadavg()[0]:.1f} before the run",
        f"- {versions} Python {platform.python_version()}, {platform.system()} {platform.release().split('-')[0]}",
        "- terminal: a pseudo-terminal that knows synchronised output, TERM=xterm-256color without COLORTERM",
    ]
    return "\n".join(lines)


def verdict(tables: list[Table]) -> str:
    """How many budgets are kept, and which are not."""
    judged = [figure for table in tables for figure in table.figures if figure.within is not None]
    short = [
        f"- {table.title}: {figure.what} ({figure.cells()[1]}, budget {figure.budget})"
        for table in tables
        for figure in table.figures
        if figure.within is False
    ]
    if not judged:
        return "None of these figures has a budget."
    text = f"{len(judged) - len(short)} of {len(judged)} budgets are kept."
    return "\n".join([f"{text} Not kept:", "", *short]) if short else text


HEAD = f"""\
# Benchmarks

Written by `python -m benchmarks --write docs/benchmarks.md`; do not edit. `make bench` prints the same tables, each
figure beside its rival, measured in the same run in a pseudo-terminal, with the installed `lapis` on a workspace of
{JOBS:,} jobs. `× rival` is Lapis divided by the rival. The budgets are those of the design; figures without one are
there to be watched. Times depend on the machine and on what else it does; bytes hardly do.
"""


if __name__ == "__main__":
    sys.exit(main())
