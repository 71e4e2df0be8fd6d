"""One look at a table by one engine, in a process of its own: `python -m benchmarks.table_cases ENGINE CASE FILE`.

Prints the seconds from before the engine is imported, the peak of memory in bytes, and what was found.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILTER = "segment != 'gold' and price > 120"
CASES = ("first page", "row in the middle", "last row", "count", "sort", "filter", "profile")
PAGE = 50


def main() -> None:
    engine, case, file = sys.argv[1:]
    began = time.perf_counter()
    found = ENGINES[engine](case, Path(file))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak": peak(), "found": str(found)}))


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def lapis(case: str, path: Path) -> object:
    return asyncio.run(_lapis(case, path))


async def _lapis(case: str, path: Path) -> object:
    from services.entities.tables import SortKey, TableQuery
    from services.tables.opening import open_table

    async with open_table(path) as table:
        match case:
            case "first page":
                return (await table.page(0, PAGE)).rows[0][0]
            case "row in the middle":
                return (await table.page(rows_of(path) // 2, PAGE)).rows[0][0]
            case "last row":
                return (await table.page(rows_of(path) - 1, PAGE)).rows[0][0]
            case "count":
                return await table.count()
            case "sort":
                view = await table.view(TableQuery(sort=(SortKey("price", descending=True),)))
                return (await view.page(0, PAGE)).rows[0][4]
            case "filter":
                return await (await table.view(TableQuery(FILTER))).count()
        return len((await table.profile(exact=True)).columns)


def rows_of(path: Path) -> int:
    """How many rows the benchmark wrote, which stands in the file's name."""
    return int(path.stem.removeprefix("rows-"))


def pandas(case: str, path: Path) -> object:
    import pandas

    def read(**options: Any) -> Any:
        return pandas.read_csv(path, **options) if path.suffix == ".csv" else pandas.read_parquet(path)

    match case:
        case "first page":
            return read(nrows=PAGE).iloc[0, 0]
        case "row in the middle":
            return read(skiprows=range(1, rows_of(path) // 2 + 1), nrows=PAGE).iloc[-PAGE, 0]
        case "last row":
            return read().iloc[-1, 0]
        case "count":
            return len(read())
        case "sort":
            return read().sort_values("price", ascending=False, kind="stable").head(PAGE).iloc[0, 4]
        case "filter":
            return len(read().query(FILTER))
    frame = read()
    frame.describe(include="all")
    return len([frame[name].value_counts().head(10) for name in frame])


def polars(case: str, path: Path) -> object:
    import polars

    lazy = polars.scan_csv(path) if path.suffix == ".csv" else polars.scan_parquet(path)
    match case:
        case "first page":
            return lazy.head(PAGE).collect()[0, 0]
        case "row in the middle":
            return lazy.slice(rows_of(path) // 2, PAGE).collect()[0, 0]
        case "last row":
            return lazy.slice(rows_of(path) - 1, PAGE).collect()[0, 0]
        case "count":
            return lazy.select(polars.len()).collect().item()
        case "sort":
            return lazy.sort("price", descending=True, nulls_last=True, maintain_order=True).head(PAGE).collect()[0, 4]
        case "filter":
            kept = polars.col("segment").ne_missing("gold") & (polars.col("price") > 120)
            return lazy.filter(kept).select(polars.len()).collect().item()
    frame = lazy.collect()
    frame.describe()
    return len([frame[name].value_counts(sort=True).head(10) for name in frame.columns])


ENGINES: dict[str, Callable[[str, Path], object]] = {"lapis": lapis, "pandas": pandas, "polars": polars}

if __name__ == "__main__":
    main()
