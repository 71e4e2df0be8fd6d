"""`lapis recipe run`: here, or as a job of the workspace; the result a file, a version of a data asset, or both."""

from __future__ import annotations

import asyncio
import tempfile
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from services.asset_uris import asset_name
from services.errors import UserError
from services.targets import AzureTarget
from services.workspace import Workspace
from tui.cli.documents import job_document
from tui.cli.output import emit, file_argument, say
from tui.cli.run import run_command
from tui.cli.stream import stream
from tui.cli.submit import say_notes
from tui.cli.tables import opened
from tui.cli.target import target_of

if TYPE_CHECKING:
    from services.entities.wrangling import RunReport
    from services.wrangling.recipe import Recipe

OF_JOBS = ("stream", "compute", "instance_type", "runtime_version", "spark_master")
"""Options that mean something with --job alone."""


def add_run_options(verb: ArgumentParser) -> None:
    """Where the result goes, and what computes it."""
    verb.add_argument("-o", "--output", dest="output_file", type=Path, metavar="OUTPUT", help="the table to write")
    verb.add_argument("--register", metavar="NAME", help="make the result the next version of this data asset")
    verb.add_argument(
        "--table",
        dest="tables",
        action="append",
        nargs=2,
        default=[],
        metavar=("NAME", "PATH"),
        help="where a table that the recipe joins is, as often as there are such",
    )
    verb.add_argument("--anyway", action="store_true", help="also if the memory will hardly do")
    verb.add_argument("--job", action="store_true", help="run it as a job of the workspace")
    verb.add_argument("--stream", action="store_true", help="print the log of the job; 1 if it fails")
    verb.add_argument(
        "--engine", choices=("pandas", "spark"), default="pandas", help="what runs the job (default: pandas)"
    )
    verb.add_argument(
        "--format", choices=("parquet", "csv"), default="parquet", help="of the job's result (default: parquet)"
    )
    verb.add_argument("--compute", metavar="NAME", help="of the job: a compute, or an attached Spark pool")
    verb.add_argument("--instance-type", metavar="SIZE", help="of serverless compute, such as standard_e4s_v3")
    verb.add_argument("--runtime-version", metavar="VERSION", help="of serverless Spark, such as 3.5")
    verb.add_argument("--spark-master", metavar="URL", help="such as spark://host:7077 (default: this machine)")
    verb.add_argument(
        "--report",
        dest="output",
        choices=("table", "json", "yaml"),
        help="how to print what was done (default: json)",
    )


def run_recipe(args: Namespace) -> int:
    """Run it over the whole table. Raises UserError for options that don't go together, and what the run raises."""
    if args.job:
        if args.output_file:
            raise _odd("-o", "the result of a job is its output; --register makes it a data asset")
        args.handler, args.writes = _submit, True
        return run_command(args)
    if args.engine == "spark":
        raise _odd("--engine spark", "Spark runs recipes as jobs; add --job")
    if named := [name for name in OF_JOBS if getattr(args, name)]:
        raise _odd(f"--{named[0].replace('_', '-')}", "it belongs to a job; add --job")
    if args.register:
        args.handler, args.writes = _run_and_register, True
        return run_command(args)
    if args.output_file is None:
        raise UserError("Give -o OUTPUT, --register NAME, or both.", title="Where shall the result go?")
    _report(asyncio.run(_run(args, file_argument(args.output_file))), args)
    return 0


def read_recipe(args: Namespace) -> Recipe:
    """The recipe that a command names. Raises SpecError."""
    from services.wrangling.recipe import read_recipe_file

    return read_recipe_file(file_argument(args.recipe))


def _odd(option: str, told: str) -> UserError:
    return UserError(f"{option}: {told}.", title="These options don't go together")


async def _run(args: Namespace, output: Path) -> RunReport:
    """Over the whole table, here."""
    from services.wrangling.running import estimate, run
    from services.wrangling.submitting import index_note, whole_file

    recipe, tables = read_recipe(args), {name: str(file_argument(Path(path))) for name, path in args.tables}
    async with opened(args.input, args) as table:
        with tempfile.TemporaryDirectory(prefix="lapis-recipe-") as folder:
            if note := await index_note(table):
                say(f"lapis: {note}")
            file = await whole_file(table, Path(folder))
            needed = estimate(file)
            say(f"lapis: about {needed.needed / 1e9:.1f} GB of memory, {needed.available / 1e9:.1f} GB are free")
            base = file_argument(args.recipe).parent
            origin = str(table.place) if table.place and not asset_name(args.input) else args.input
            return await run(
                recipe, file, output, base=base, tables=tables, origin=origin, check_memory=not args.anyway
            )


async def _run_and_register(workspace: Workspace, args: Namespace) -> int:
    from services.specs.assets import DataSpec

    with tempfile.TemporaryDirectory(prefix="lapis-result-") as folder:
        name = f"{read_recipe(args).name or 'table'}.{args.format}"
        output = file_argument(args.output_file) if args.output_file else Path(folder) / name
        report = await _run(args, output)
        spec = DataSpec(args.register, str(output), "uri_file", properties=report.properties)
        made = await workspace.data.create(spec, base=Path.cwd())
    say(f"lapis: registered {made.name}:{made.version}")
    _report(replace(report, output=f"azureml:{made.name}:{made.version}"), args)
    return 0


def _report(report: RunReport, args: Namespace) -> None:
    emit(
        {
            "output": report.output,
            "rows_read": report.rows_read,
            "rows_written": report.rows_written,
            "columns": list(report.columns),
            "seconds": round(report.seconds, 3),
            "properties": dict(report.properties),
        },
        args,
    )


async def _submit(workspace: Workspace, args: Namespace) -> int:
    from services.wrangling.job import CLOUD_ENVIRONMENT, RecipeRun
    from services.wrangling.script import Engine, table_paths
    from services.wrangling.submitting import submit_recipe

    recipe, base = read_recipe(args), file_argument(args.recipe).parent
    run = RecipeRun(
        table=args.input,
        tables=table_paths(recipe, base, {name: str(file_argument(Path(path))) for name, path in args.tables}),
        engine=Engine.PYSPARK if args.engine == "spark" else Engine.PANDAS,
        asset=args.register or "",
        format=args.format,
        environment=CLOUD_ENVIRONMENT if isinstance(target_of(args), AzureTarget) else None,
        compute=args.compute or "",
        instance_type=args.instance_type or "",
        runtime_version=args.runtime_version or "",
        master=args.spark_master or "",
    )
    job = await submit_recipe(recipe, run, jobs=workspace.jobs, data=workspace.data, tables=workspace.tables)
    say_notes(job.notes)
    say(f"lapis: job {job.name}")
    code = await stream(workspace, job.name) if args.stream else 0
    emit(job_document(await workspace.jobs.get(job.name) if args.stream else job), args)
    return code
