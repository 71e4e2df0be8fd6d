"""A recipe as a command job: its script as code, its table as input, its result as output."""

from __future__ import annotations

from pathlib import Path

from services.specs.command import CommandJob, JobInput, JobOutput
from services.wrangling.recipe import Recipe, to_yaml
from services.wrangling.running import lineage
from services.wrangling.script import FILE_NAME, joined_tables, script

RECIPE_NAME = "recipe.yaml"


def wrangling_job(
    recipe: Recipe, folder: Path, *, table: str, tables: dict[str, str] | None = None, suffix: str = ".parquet"
) -> CommandJob:
    """Write the code of a job into a folder and return the job; its `environment` and `compute` are left to choose.

    The result is a file in the output `result`. What the job was made of is in its properties, from which the asset of
    the output takes its lineage.

    Args:
        table: the input, a path or `azureml:NAME:VERSION`.
        tables: where the tables that steps join are, by their names in the recipe.
        suffix: what kind of file the result is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(script(recipe), encoding="utf-8")
    (folder / RECIPE_NAME).write_text(to_yaml(recipe), encoding="utf-8")
    inputs = {"table": JobInput(type="uri_file", path=table)}
    name = _file_name(recipe.name) + suffix
    command = f'python {FILE_NAME} --input "${{{{inputs.table}}}}" --output "${{{{outputs.result}}}}/{name}"'
    for number, joined in enumerate(joined_tables(recipe), 1):
        inputs[f"table_{number}"] = JobInput(type="uri_file", path=(tables or {}).get(joined, joined))
        command += f' --table {_quoted(joined)} "${{{{inputs.table_{number}}}}}"'
    return CommandJob(
        command=command,
        display_name=f"wrangle {recipe.name}".strip(),
        properties=lineage(recipe, table),
        code=str(folder),
        inputs=inputs,
        outputs={"result": JobOutput(type="uri_folder")},
    )


def _file_name(name: str) -> str:
    return "".join(character if character.isalnum() or character in "-_" else "_" for character in name) or "table"


def _quoted(text: str) -> str:
    import shlex

    # an expression of Azure ML would be replaced within quotes too
    return shlex.quote(text.replace("${{", "${ {"))
