"""One look at a table by one engine, in a process of its own: `python -m benchmarks.table_cases ENGINE CASE FILE`.

Prints the seconds from before the engine is imported, those of CPU, the peak of memory in bytes, and what was found.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILTER = "segment != 'gold' and price > 120"
RECIPE = f"""
steps:
  - {{step: fill, columns: [segment], value: none}}
  - {{step: filter, where: "{FILTER}"}}
  - {{step: derive, column: total, value: price * visits}}
  - {{step: scale, columns: [ratio], method: z_score}}
  - {{step: drop_duplicates, columns: [code]}}
  - {{step: sort, columns: [price, id]}}
"""
CASES = (
    *("first page", "row in the middle", "last row", "count", "sort", "filter", "filter once sorted"),
    *("profile", "recipe of six steps"),
)
PAGE = 50


def main() -> None:
    engine, case, file = sys.argv[1:]
    began = time.perf_counter()
    found = ENGINES[engine](case, Path(file))
    seconds = time.perf_counter() - began
    cpu: float | None = sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    if isinstance(found, Took):
        seconds, cpu = found.seconds, None
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak(), "found": str(found)}))


def peak() -> int:
    """The most memory that this process or one that it started has had, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    own = int(status.split("VmHWM:")[1].split()[0])
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


@dataclass(frozen=True)
class Took:
    """The seconds of one thing that follows others."""

    seconds: float


def timed(work: Callable[[], object]) -> Took:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return Took(time.perf_counter() - began)


def lapis(case: str, path: Path) -> object:
    return asyncio.run(_recipe(path) if case == "recipe of six steps" else _lapis(case, path))


async def _lapis(case: str, path: Path) -> object:
    from services.entities.tables import SortKey, TableQuery
    from services.tables.opening import open_table

    sorting = TableQuery(sort=(SortKey("price", descending=True),))
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
                return (await (await table.view(sorting)).page(0, PAGE)).rows[0][4]
            case "filter":
                return await (await table.view(TableQuery(FILTER))).count()
            case "filter once sorted":
                await table.view(sorting)
                began = time.perf_counter()
                await (await table.view(TableQuery(FILTER))).count()
                return Took(time.perf_counter() - began)
        return len((await table.profile(exact=True)).columns)


async def _recipe(path: Path) -> int:
    from services.wrangling.recipe import parse_recipe
    from services.wrangling.running import run

    report = await run(parse_recipe(RECIPE), path, path.with_suffix(".made.parquet"))
    return report.rows_written


def rows_of(path: Path) -> int:
    """How many rows the benchmark wrote, which stands in the file's name."""
    return int(path.stem.removeprefix("rows-"))


def pandas(case: str, path: Path) -> object:
    import pandas

    def read(**options: Any) -> Any:
        if path.suffix == ".csv":
            return pandas.read_csv(path, low_memory=False, **options)
        return pandas.read_parquet(path)

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
        case "filter once sorted":
            frame = read()
            return timed(lambda: len(frame.query(FILTER)))
        case "recipe of six steps":
            frame = read()
            frame = frame.fillna({"segment": "none"})
            frame = frame[(frame["segment"] != "gold") & (frame["price"] > 120)].copy()
            frame["total"] = frame["price"] * frame["visits"]
            frame["ratio"] = (frame["ratio"] - frame["ratio"].mean()) / frame["ratio"].std()
            frame = frame.drop_duplicates(subset=["code"]).sort_values(["price", "id"], kind="stable")
            frame.to_parquet(path.with_suffix(".made.parquet"), index=False)
            return len(frame)
    frame = read()
    frame.describe(include="all")
    return len([frame[name].value_counts().head(10) for name in frame])


def polars(case: str, path: Path) -> object:
    import polars

    lazy = polars.scan_csv(path) if path.suffix == ".csv" else polars.scan_parquet(path)
    kept = polars.col("segment").ne_missing("gold") & (polars.col("price") > 120)
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
            return lazy.filter(kept).select(polars.len()).collect().item()
        case "filter once sorted":
            return timed(lambda: lazy.filter(kept).select(polars.len()).collect().item())
        case "recipe of six steps":
            ratio = polars.col("ratio")
            frame = (
                lazy.with_columns(polars.col("segment").fill_null("none"))
                .filter(kept)
                .with_columns(
                    total=polars.col("price") * polars.col("visits"), ratio=(ratio - ratio.mean()) / ratio.std()
                )
                .unique(subset=["code"], keep="first", maintain_order=True)
                .sort("price", "id", maintain_order=True)
                .collect()
            )
            frame.write_parquet(path.with_suffix(".made.parquet"))
            return frame.height
    frame = lazy.collect()
    frame.describe()
    return len([frame[name].value_counts(sort=True).head(10) for name in frame.columns])


ENGINES: dict[str, Callable[[str, Path], object]] = {"lapis": lapis, "pandas": pandas, "polars": polars}

if __name__ == "__main__":
    main()
