"""A recipe as a job: its script as code, its table as input, its result as output, which becomes a data asset."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobOutput, JobResources
from services.specs.spark import JobSpec, SparkEntry, SparkJob, SparkResources
from services.wrangling.recipe import Recipe, to_yaml
from services.wrangling.running import lineage
from services.wrangling.script import FILE_NAME, Engine, joined_tables, script

RECIPE_NAME = "recipe.yaml"
TABLE_NAME = "table.parquet"
"""A table that lies beside the script: a copy of what no script could read."""
EXPERIMENT = "wrangling"
RESULT = "result"
"""The output of the job."""
CLOUD_ENVIRONMENT = EnvironmentSpec(
    image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04",
    conda_file={
        "channels": ["conda-forge"],
        "dependencies": ["python=3.11", {"pip": ["pandas>=2.2,<4", "pyarrow>=17"]}],
    },
)
"""Where the pandas script runs in Azure: curated environments have pandas 1.5, or no pyarrow."""
SPARK_SIZE: Mapping[str, str | int] = {
    "spark.driver.cores": 1,
    "spark.driver.memory": "2g",
    "spark.executor.cores": 2,
    "spark.executor.memory": "2g",
    "spark.executor.instances": 2,
}
"""A small Spark, as in Azure's own examples; Azure requires each of these."""
_PLACE = "azureml://datastores/${{default_datastore}}/paths/azureml/${{name}}/${{output_name}}/"
"""Where the output of a job lies if it names no place."""


@dataclass(frozen=True)
class RecipeRun:
    """How a recipe is run as a job, and what becomes of the result.

    Attributes:
        table: the input: a path or a URI of a file that the workspace's jobs can read; empty for `TABLE_NAME`.
        origin: the table that the lineage names, where that is not `table` itself.
        tables: where the tables that steps join are, by their names in the recipe.
        asset: the data asset whose next version the result becomes; empty for none.
        result_type: of that asset; what Spark writes is a folder.
        environment: where the pandas script runs; Spark has its own.
        compute: a compute, or the attached Spark pool; empty for serverless, or this machine.
        runtime_version: of serverless Spark.
        master: the address of a Spark master, for jobs that run here; empty for this machine.
    """

    table: str
    origin: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    engine: Engine = Engine.PANDAS
    asset: str = ""
    result_type: Literal["uri_file", "uri_folder"] = "uri_file"
    format: Literal["parquet", "csv"] = "parquet"
    environment: str | EnvironmentSpec | None = None
    compute: str = ""
    instance_type: str = ""
    runtime_version: str = ""
    master: str = ""


def wrangling_job(recipe: Recipe, folder: Path, run: RecipeRun) -> JobSpec:
    """Write the code of a job into a folder and return the job.

    What the job was made of is in its properties, from which the asset of the output takes its lineage.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(script(recipe, run.engine), encoding="utf-8")
    (folder / RECIPE_NAME).write_text(to_yaml(recipe), encoding="utf-8")
    tables = {"table": run.table} if run.table else {}
    joined = joined_tables(recipe)
    tables |= {f"table_{number}": run.tables.get(name, name) for number, name in enumerate(joined, 1)}
    name = f"{_file_name(recipe.name)}.{run.format}"
    is_file = run.engine == Engine.PANDAS and run.result_type == "uri_file"
    output = f"${{{{outputs.{RESULT}}}}}" + ("" if is_file else f"/{name}")
    given = "${{inputs.table}}" if run.table else TABLE_NAME
    arguments = f'--input "{given}" --output "{output}"'
    if is_file:
        arguments += f" --ending .{run.format}"  # Azure mounts a file by the name of the output, which has none
    for number, table in enumerate(joined, 1):
        arguments += f' --table {_quoted(table)} "${{{{inputs.table_{number}}}}}"'
    result = JobOutput(
        type="uri_file" if is_file else "uri_folder", path=_PLACE + name if is_file else None, name=run.asset or None
    )
    words: dict[str, Any] = {
        "display_name": f"wrangle {recipe.name}".strip(),
        "experiment_name": EXPERIMENT,
        "properties": lineage(recipe, run.origin or run.table),
        "code": str(folder),
        "compute": run.compute or None,
    }
    if run.engine == Engine.PYSPARK:
        return SparkJob(
            entry=SparkEntry(FILE_NAME),
            args=arguments,
            conf={**SPARK_SIZE, **({"spark.master": run.master} if run.master else {})},
            resources=SparkResources(run.instance_type, run.runtime_version or None) if run.instance_type else None,
            inputs={name: JobInput(type="uri_file", path=path, mode="direct") for name, path in tables.items()},
            outputs={RESULT: replace(result, mode="direct")},
            **words,
        )
    return CommandJob(
        command=f"python {FILE_NAME} {arguments}",
        environment=run.environment,
        resources=JobResources(instance_type=run.instance_type) if run.instance_type else None,
        inputs={name: JobInput(type="uri_file", path=path) for name, path in tables.items()},
        outputs={RESULT: result},
        **words,
    )


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name) or "table"


def _quoted(text: str) -> str:
    # an expression of Azure ML would be replaced within quotes too
    return shlex.quote(text.replace("${{", "${ {"))
