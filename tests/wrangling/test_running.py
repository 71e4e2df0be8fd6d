"""Runs over a whole table, here and as a job."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.errors import MachineError, NotFoundError, UserError
from services.specs.checking import check_job
from services.specs.command import CommandJob, JobOutput
from services.specs.spark import SparkJob
from services.wrangling import running
from services.wrangling.job import RecipeRun, wrangling_job
from services.wrangling.recipe import parse_recipe, read_recipe_file
from services.wrangling.running import estimate, run
from services.wrangling.script import Engine, script
from tests.support.waiting import eventually
from tests.wrangling.cases import OTHER_NAME

RECIPE = parse_recipe(f"""
name: people
steps:
  - {{step: drop_missing, columns: [age]}}
  - {{step: join, table: {OTHER_NAME}, keys: [sex]}}
""")


async def test_a_run_writes_the_whole_table_and_tells_where_it_comes_from(table: Path, tmp_path: Path) -> None:
    output = tmp_path / "deep" / "out.csv"

    report = await run(RECIPE, table, output)

    assert (report.rows_read, report.rows_written, report.output) == (5, 3, str(output))
    assert report.columns[-1] == "word"
    assert output.read_text(encoding="utf-8").splitlines()[1] == '1,"Ada, Lady",f,36.0,10.5,C85,2024-01-31,female'
    assert report.properties == {
        "lapis.table": str(table),
        "lapis.recipe": "people",
        "lapis.recipe_sha256": RECIPE.sha256,
    }
    assert [path.name for path in output.parent.iterdir()] == ["out.csv"]


async def test_a_run_that_fails_tells_why_and_leaves_the_output_as_it_was(table: Path, tmp_path: Path) -> None:
    output = tmp_path / "deep" / "out.csv"
    output.parent.mkdir()
    output.write_text("before", encoding="utf-8")
    recipe = parse_recipe("steps: [{step: cast, columns: [name], type: number}]")

    with pytest.raises(UserError) as caught:
        await run(recipe, table, output)

    assert "could not convert string to float" in caught.value.detail
    assert output.read_text(encoding="utf-8") == "before"
    assert [path.name for path in output.parent.iterdir()] == ["out.csv"]


async def test_a_run_that_is_cancelled_ends_its_process(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "pid"
    endless = f"import os, pathlib, time\npathlib.Path({str(told)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    monkeypatch.setattr(running, "script", lambda _: endless)
    task = asyncio.create_task(run(RECIPE, table, tmp_path / "out.csv"))
    await eventually(lambda: told.exists() and told.read_text())

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not Path(f"/proc/{told.read_text()}").exists()
    assert not (tmp_path / "out.csv").exists()


async def test_memory_is_estimated_first(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = estimate(table)
    assert needed.needed > 150_000_000
    assert needed.fits
    monkeypatch.setattr(running, "available_memory", lambda: 100_000_000)
    with pytest.raises(MachineError) as caught:
        await run(RECIPE, table, tmp_path / "out.csv")
    assert "0.2 GB, and 0.1 GB are free" in caught.value.detail
    assert (await run(RECIPE, table, tmp_path / "out.csv", check_memory=False)).rows_written == 3
    with pytest.raises(NotFoundError):
        await run(RECIPE, tmp_path / "nowhere.csv", tmp_path / "out.csv")


def test_the_estimate_grows_with_the_file_and_more_for_packed_ones(tmp_path: Path) -> None:
    sizes = {}
    for name in ("a.csv", "a.parquet", "a.csv.gz"):
        (tmp_path / name).write_bytes(b"x" * 1_000_000)
        sizes[name] = estimate(tmp_path / name).needed - running.BASE
    assert sizes == {"a.csv": 3_500_000, "a.parquet": 6_500_000, "a.csv.gz": 21_000_000}


def test_a_job_runs_the_script_that_is_exported(table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "code"
    tables = {OTHER_NAME: str(table.parent / OTHER_NAME)}

    job = wrangling_job(RECIPE, folder, RecipeRun("azureml:people:1", tables=tables, asset="people"))

    assert isinstance(job, CommandJob)
    assert (folder / "wrangle.py").read_text(encoding="utf-8") == script(RECIPE)
    assert read_recipe_file(folder / "recipe.yaml") == RECIPE
    assert job.command == (
        'python wrangle.py --input "${{inputs.table}}" --output "${{outputs.result}}" --ending .parquet'
        f' --table {OTHER_NAME} "${{{{inputs.table_1}}}}"'
    )
    result = job.outputs["result"]
    assert isinstance(result, JobOutput)
    assert (result.type, result.name, str(result.path).rpartition("/")[2]) == ("uri_file", "people", "people.parquet")
    assert job.properties["lapis.table"] == "azureml:people:1"
    assert [str(fault) for fault in check_job(job, tmp_path)] == ["environment: none is given; Azure requires one"]


def test_a_spark_job_runs_the_spark_script_and_lacks_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    run = RecipeRun(
        "azureml:people:1",
        tables={OTHER_NAME: "azureml:words:2"},
        engine=Engine.PYSPARK,
        asset="people-spark",
        instance_type="standard_e4s_v3",
        runtime_version="3.5",
    )

    job = wrangling_job(RECIPE, folder, run)

    assert isinstance(job, SparkJob)
    assert (folder / "wrangle.py").read_text(encoding="utf-8") == script(RECIPE, Engine.PYSPARK)
    assert job.args == (
        '--input "${{inputs.table}}" --output "${{outputs.result}}/people.parquet"'
        f' --table {OTHER_NAME} "${{{{inputs.table_1}}}}"'
    )
    assert job.outputs["result"] == JobOutput("uri_folder", mode="direct", name="people-spark")
    assert check_job(job, tmp_path) == ()
