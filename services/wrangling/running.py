"""A recipe over a whole table: by its script, in a process of its own, after an estimate of the memory."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from services.entities.wrangling import MemoryEstimate, RunReport
from services.errors import MachineError, NotFoundError, UserError
from services.text import masked
from services.wrangling.recipe import Recipe
from services.wrangling.script import FILE_NAME, script, table_paths

PACKED = 6
"""How many times larger gzip and zstd tables are when they are unpacked, as a rule of thumb."""
COPIES = 3.5
"""Bytes of memory for each byte of a text table: measured 3.4 for six steps on ten million rows of CSV."""
PARQUET_COPIES = 6.5
"""The same for Parquet, which is packed itself: measured 6.1."""
BASE = 150_000_000
"""What Python and pandas take before any row."""
_LAST_LINE = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Interrupt)): ?(.*)$")


def estimate(table: Path) -> MemoryEstimate:
    """What a run over a table will take. Raises NotFoundError."""
    if not table.exists():
        raise NotFoundError(f"There is no table {table}.", title="There is no such table")
    files = [table] if table.is_file() else [path for path in table.rglob("*") if path.is_file()]
    return MemoryEstimate(BASE + sum(rows_memory(file.name, file.stat().st_size) for file in files), available_memory())


def rows_memory(name: str, size: int) -> int:
    """Bytes of memory that the rows of a file of that name and size take."""
    name = name.lower()
    copies = PARQUET_COPIES if name.endswith((".parquet", ".pq")) else COPIES
    return int(size * copies) * (PACKED if name.endswith((".gz", ".zst", ".xz", ".bz2")) else 1)


def available_memory() -> int:
    """Bytes that a process can still have here, within the limit of a container (Linux, cgroup v2)."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        with suppress(OSError, ValueError):
            group = Path("/sys/fs/cgroup")
            limit = int((group / "memory.max").read_text("ascii"))
            free = min(free, limit - int((group / "memory.current").read_text("ascii")))
        return free
    return sys.maxsize


def lineage(recipe: Recipe, table: str, job: str = "") -> dict[str, str]:
    """The properties of an output that tell where it comes from.

    Args:
        table: the input, as a path or as `azureml:NAME:VERSION`.
        job: the name of the job that made it, if one did.
    """
    properties = {
        "lapis.table": masked(table),
        "lapis.recipe": recipe.name,
        "lapis.recipe_sha256": recipe.sha256,
        "lapis.job": job,
    }
    return {name: value for name, value in properties.items() if value}


async def run(
    recipe: Recipe,
    table: Path,
    output: Path,
    *,
    base: Path | None = None,
    tables: Mapping[str, str] | None = None,
    origin: str = "",
    check_memory: bool = True,
) -> RunReport:
    """Write the table that a recipe makes of a whole table, by the script that an export shows.

    The output appears at once, when it is whole. Cancelling ends the process and leaves nothing.

    Args:
        base: the folder from which the paths of joined tables start; the table's own if not given.
        tables: where joined tables are instead, by their names in the recipe.
        origin: the table that the lineage names, where `table` is a copy of it.

    Raises:
        NotFoundError: there is no such table.
        MachineError: it will not fit into memory.
        UserError: a step failed, the table can't be read or the output not be written.
    """
    needed = await asyncio.to_thread(estimate, table)
    if check_memory and not needed.fits:
        raise MachineError(
            f"The run will take about {needed.needed / 1e9:.1f} GB, and {needed.available / 1e9:.1f} GB are free.",
            title="The table is too large for this machine",
            advice="Run it as a job on a larger compute, or on Spark; --anyway tries it here.",
        )
    start = time.monotonic()
    part = output.with_name(f".part-{output.name}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="lapis-") as folder:
            code = Path(folder) / FILE_NAME
            code.write_text(script(recipe), encoding="utf-8")
            told = await _run_script(code, table, part, table_paths(recipe, base or table.parent, tables))
        part.replace(output)
    except OSError as error:
        raise UserError(f"{output}: {error.strerror}.", title="The output can't be written") from error
    finally:
        part.unlink(missing_ok=True)
    columns = tuple(told["columns"])
    seconds = time.monotonic() - start
    properties = lineage(recipe, origin or str(table))
    return RunReport(told["rows_read"], told["rows_written"], columns, str(output), seconds, properties)


async def _run_script(code: Path, table: Path, output: Path, tables: Mapping[str, str]) -> dict[str, Any]:
    arguments = ["--input", str(table), "--output", str(output)]
    for name, path in tables.items():
        arguments += ["--table", name, path]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", str(code), *arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise _failure(process.returncode, err.decode("utf-8", "replace"))
    told: dict[str, Any] = json.loads(out.decode("utf-8").splitlines()[-1])
    return told


def _failure(code: int, text: str) -> UserError | MachineError:
    """What the script ended with: the last line of its traceback."""
    if code == -9:
        return MachineError(
            "The run was ended from outside, most likely for want of memory.", title="The run broke off"
        )
    lines = [line for line in text.strip().splitlines() if line.strip()]
    match = next((found for line in reversed(lines) if (found := _LAST_LINE.match(line))), None)
    what = (match[2] or match[1]) if match else (lines[-1] if lines else f"it ended with {code}")
    advice = "`lapis recipe check` tells which step it is on a sample."
    return UserError(f"{masked(what[:300])}.", title="The recipe failed on the table", advice=advice)
