"""A recipe run as a job: over the whole table, its result the next version of an asset that tells where it is from."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.entities import JobStatus, JobType
from services.errors import ConflictError, SpecError
from services.specs.assets import DataSpec
from services.workspace import Workspace
from services.wrangling.job import RecipeRun
from services.wrangling.recipe import parse_recipe
from services.wrangling.script import Engine
from services.wrangling.submitting import submit_recipe
from tests.contract.conftest import MakeFile
from tests.support.running_jobs import ENVIRONMENT, ended, log_of
from tests.support.spark import spark_python, why_no_spark

TABLE = "Name,Age,Cabin\nAda,36,C85\nGrace,,\nBob,3,\nMax,41,B2\n"
RECIPE = parse_recipe("""
name: passengers
steps:
  - {step: fill, columns: [Cabin], value: unknown}
  - {step: drop_missing}
""")


@pytest.fixture
async def passengers(workspace: Workspace, base: Path, make_file: MakeFile) -> Workspace:
    """A workspace with version 1 of a table."""
    make_file("passengers.csv", TABLE)
    await workspace.data.create(DataSpec("passengers", "passengers.csv", "uri_file"), base=base)
    return workspace


async def test_the_result_is_the_next_version_and_tells_where_it_is_from(passengers: Workspace) -> None:
    run = RecipeRun("azureml:passengers@latest", asset="passengers", environment=ENVIRONMENT)

    job = await submit_recipe(RECIPE, run, jobs=passengers.jobs, data=passengers.data, tables=passengers.tables)
    done = await ended(passengers.jobs, job.name)

    log = await log_of(passengers.jobs, job.name)
    assert done.status is JobStatus.COMPLETED, log
    assert log.splitlines()[:3] == ["read: 4 rows", "1: fill", "2: drop missing"]
    assert '"rows_read": 4, "rows_written": 3' in log
    assert {path for path, _ in await passengers.jobs.code_files(job.name)} == {"recipe.yaml", "wrangle.py"}
    made = await passengers.data.get("passengers")
    assert (made.version, made.type, made.path.rpartition("/")[2]) == ("2", "uri_file", "passengers.parquet")
    lineage = {
        "lapis.table": "azureml:passengers:1",
        "lapis.recipe": "passengers",
        "lapis.recipe_sha256": RECIPE.sha256,
    }
    assert lineage.items() <= done.properties.items()
    assert {**lineage, "lapis.job": job.name}.items() <= made.properties.items()
    async with await passengers.tables.open("azureml:passengers:2") as table:
        assert table.format == "Parquet"
        page = await table.page(0, 10)
    assert page.columns == ("Name", "Age", "Cabin")
    assert page.rows == (("Ada", "36.0", "C85"), ("Bob", "3.0", "unknown"), ("Max", "41.0", "B2"))


async def test_a_table_in_a_folder_is_taken_as_a_file_and_a_csv_has_no_index(
    workspace: Workspace, base: Path, make_file: MakeFile
) -> None:
    make_file("folder/passengers.csv", TABLE)
    make_file("folder/MLTable", "paths: [{file: ./passengers.csv}]\ntransformations: [read_delimited, {take: 3}]\n")
    await workspace.data.create(DataSpec("listed", "folder", "mltable"), base=base)
    run = RecipeRun("azureml:listed:1", asset="cleaned", format="csv", environment=ENVIRONMENT)

    job = await submit_recipe(RECIPE, run, jobs=workspace.jobs, data=workspace.data, tables=workspace.tables)
    assert (await ended(workspace.jobs, job.name)).status is JobStatus.COMPLETED, await log_of(workspace.jobs, job.name)

    async with await workspace.tables.open("azureml:cleaned:1") as table:
        page = await table.page(0, 10)
    assert page.columns == ("Name", "Age", "Cabin")
    assert [row[0] for row in page.rows] == ["Ada", "Bob"]
    assert (await workspace.data.get("cleaned")).properties["lapis.table"] == "azureml:listed:1"


async def test_what_an_asset_can_not_hold_is_told_before_anything_is_sent(passengers: Workspace) -> None:
    run = RecipeRun("azureml:passengers:1", asset="passengers", engine=Engine.PYSPARK)
    with pytest.raises(SpecError) as caught:
        await submit_recipe(RECIPE, run, jobs=passengers.jobs, data=passengers.data, tables=passengers.tables)
    assert [str(fault) for fault in caught.value.faults] == [
        "asset: passengers is of type uri_file, and Spark writes a folder; give it another name"
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(bool(why_no_spark()), reason=why_no_spark())
async def test_spark_runs_it_too(passengers: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPIS_SPARK_PYTHON", spark_python())
    run = RecipeRun(
        "azureml:passengers:1",
        engine=Engine.PYSPARK,
        asset="passengers-spark",
        instance_type="standard_e4s_v3",
        runtime_version="3.5",
    )

    job = await submit_recipe(RECIPE, run, jobs=passengers.jobs, data=passengers.data, tables=passengers.tables)
    done = await ended(passengers.jobs, job.name, timeout=500)

    log = await log_of(passengers.jobs, job.name)
    assert (job.summary.type, done.status) == (JobType.SPARK, JobStatus.COMPLETED), log
    assert '"rows_read": 4, "rows_written": 3' in log
    assert done.command.startswith("spark-submit wrangle.py --input")
    assert "type: spark" in done.yaml
    made = await passengers.data.get("passengers-spark")
    assert (made.version, made.type, made.properties["lapis.table"]) == ("1", "uri_folder", "azureml:passengers:1")
    assert made.properties["lapis.job"] == job.name
    with pytest.raises(ConflictError):
        await passengers.jobs.spec(job.name)
