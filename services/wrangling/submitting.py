"""A recipe run as a job of a workspace, whatever the table is and wherever it lies."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from services.asset_uris import asset_name
from services.entities import Job
from services.errors import Fault, NotFoundError, SpecError
from services.specs.spark import JobSpec
from services.wrangling.job import TABLE_NAME, RecipeRun, wrangling_job
from services.wrangling.recipe import Recipe
from services.wrangling.script import Engine

if TYPE_CHECKING:
    from services.tables.table import Table
    from services.workspace import DataService, JobService, TableService

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_INDEX = re.compile(r"Unnamed: \d+(\.\d+)*")


async def index_note(table: Table) -> str:
    """A warning of a column that holds the row numbers of an earlier CSV; empty if there is none."""
    found = [column.name for column in (await table.schema()).columns if _INDEX.fullmatch(column.name)]
    if not found:
        return ""
    return f"{found[0]} looks like the row numbers of an earlier CSV; a step that drops it keeps them out of the result"


def proposed_asset(source: str, recipe: Recipe) -> str:
    """The data asset that a result becomes by default: the table's own, else one named as the recipe or the file."""
    if asset := asset_name(source):
        return asset.name
    name = recipe.name or Path(source.partition("?")[0].rstrip("/")).name.partition(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_") or "table"


async def whole_file(table: Table, folder: Path) -> Path:
    """A file with all of a table that a script can read: the table's own, else Parquet in `folder`."""
    place = await table.head_file(sys.maxsize)
    if place.is_file() and not _is_workbook(place.name):
        return place
    return await write_parquet(table, folder / TABLE_NAME)


async def write_parquet(table: Table, target: Path) -> Path:
    """Write all of a table, of a folder, an MLTable or a workbook, which no script can read; returns where."""
    target.parent.mkdir(parents=True, exist_ok=True)
    frame = await table.frame()
    await table.run(lambda _: frame.lazy.sink_parquet(target))
    return target


async def submit_recipe(
    recipe: Recipe, run: RecipeRun, *, jobs: JobService, data: DataService, tables: TableService
) -> Job:
    """Start the job. Raises SpecError with faults at the fields of `run`, and what `JobService.submit` raises."""
    async with recipe_job(recipe, run, data=data, tables=tables) as (spec, base):
        return await jobs.submit(spec, base=base)


@asynccontextmanager
async def recipe_job(
    recipe: Recipe, run: RecipeRun, *, data: DataService, tables: TableService
) -> AsyncIterator[tuple[JobSpec, Path]]:
    """The job, and the folder that its paths start from, as long as the block lasts. Raises as `submit_recipe` does."""
    run = await _with_result_type(run, data)
    with tempfile.TemporaryDirectory(prefix="lapis-recipe-") as made:
        base = Path(made)
        code = base / "code"
        run = await _with_table(run, code, data, tables)
        yield wrangling_job(recipe, code, run), base


async def _with_result_type(run: RecipeRun, data: DataService) -> RecipeRun:
    """The type of an asset is that of its first version."""
    if not run.asset:
        return run
    try:
        there = (await data.get(run.asset)).type
    except NotFoundError:
        return replace(run, result_type="uri_folder") if run.engine == Engine.PYSPARK else run
    if there == "mltable":
        told = f"{run.asset} is of type mltable, and the result is a table file; give it another name"
        raise SpecError([Fault("asset", told)])
    if there == "uri_file" and run.engine == Engine.PYSPARK:
        told = f"{run.asset} is of type uri_file, and Spark writes a folder; give it another name"
        raise SpecError([Fault("asset", told)])
    return replace(run, result_type="uri_folder" if there == "uri_folder" else "uri_file")


async def _with_table(run: RecipeRun, code: Path, data: DataService, tables: TableService) -> RecipeRun:
    """The table as a script can read it: an asset by its version, a path in full, else a copy beside the script."""
    if asset := asset_name(run.table):
        found = await data.get(asset.name, asset.version)
        name = f"azureml:{found.name}:{found.version}"
        run = replace(run, table=name, origin=name)
        is_file = found.type == "uri_file" and not _is_workbook(found.path)
    elif run.table.startswith("file://") or not _SCHEME.match(run.table):
        place = str(Path(run.table.removeprefix("file://")).expanduser().absolute())
        run = replace(run, table=place, origin=place)
        is_file = not Path(place).is_dir() and not _is_workbook(place)
    else:
        run = replace(run, origin=run.table)
        is_file = not _is_workbook(run.table)
    if is_file:
        return run
    if run.engine == Engine.PYSPARK:
        told = "Spark reads a file, no MLTable, workbook or folder; run it on pandas"
        raise SpecError([Fault("engine", told)])
    async with await tables.open(run.table) as table:
        await write_parquet(table, code / TABLE_NAME)
    return replace(run, table="")


def _is_workbook(path: str) -> bool:
    return path.partition("?")[0].lower().endswith((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"))
