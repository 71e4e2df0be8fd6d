"""`lapis recipe ...`: recipes run, checked and exported without a workspace."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from services.errors import Fault, SpecError
from tui.cli.faults import report_faults
from tui.cli.options import Verbs, add_noun, add_verb
from tui.cli.output import emit, file_argument, say, write, write_document
from tui.cli.text import printable_lines

if TYPE_CHECKING:
    from services.wrangling.recipe import Recipe


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "recipe", "run, check and export recipes, the steps that wrangle a table")
    run = add_verb(
        verbs,
        "run",
        None,
        "write the table that a recipe makes of a table",
        output=None,
        description=(
            "Write the table that a recipe makes of a whole table, by the script that `lapis recipe export` shows. "
            "The ending of a name says what kind of file it is.\n\n"
            "  lapis recipe run titanic.yaml -i titanic.csv -o titanic.parquet"
        ),
    )
    _add_recipe(run)
    _add_input(run, required=True)
    run.add_argument(
        *("-o", "--output"), dest="output_file", type=Path, required=True, metavar="OUTPUT", help="the table to write"
    )
    run.add_argument(
        "--table",
        dest="tables",
        action="append",
        nargs=2,
        default=[],
        metavar=("NAME", "PATH"),
        help="where a table that the recipe joins is, as often as there are such",
    )
    run.add_argument("--anyway", action="store_true", help="also if the memory will hardly do")
    run.add_argument(
        "--report",
        dest="output",
        choices=("table", "json", "yaml"),
        help="how to print what was done (default: json)",
    )
    run.set_defaults(local_handler=run_recipe, default_output="json")

    check = add_verb(
        verbs,
        "check",
        None,
        "check a recipe: every fault with its path",
        output="table",
        description=(
            "Check a recipe: every fault with its path; 1 if there is one. With -i also whether its columns are in a "
            "table, and whether each step goes through on its first rows.\n\n"
            "  lapis recipe check titanic.yaml -i titanic.csv"
        ),
    )
    _add_recipe(check)
    _add_input(check, required=False)
    check.set_defaults(local_handler=check_recipe)

    export = add_verb(
        verbs,
        "export",
        None,
        "print a recipe as a script that runs alone",
        output=None,
        description=(
            "Print a recipe as a script that runs alone: pandas, or pyspark.pandas for Spark. Where Spark makes "
            "something otherwise, a comment says so. With -o json or yaml, the script in a document with the notes.\n\n"
            "  lapis recipe export titanic.yaml --to pandas > wrangle.py\n"
            "  python wrangle.py --input titanic.csv --output titanic.parquet"
        ),
    )
    _add_recipe(export)
    export.add_argument("--to", choices=("pandas", "pyspark"), default="pandas", help="what runs it (default: pandas)")
    export.add_argument("-o", "--output", choices=("json", "yaml"), help="as a document")
    export.set_defaults(local_handler=export_recipe)


def run_recipe(args: Namespace) -> int:
    """Run it over the whole table."""
    from services.wrangling.running import estimate, run

    recipe = _read(args)
    table, output = file_argument(args.input), file_argument(args.output_file)
    needed = estimate(table)
    say(f"lapis: about {needed.needed / 1e9:.1f} GB of memory, {needed.available / 1e9:.1f} GB are free")
    tables = {name: str(file_argument(Path(path))) for name, path in args.tables}
    base = file_argument(args.recipe).parent
    report = asyncio.run(run(recipe, table, output, base=base, tables=tables, check_memory=not args.anyway))
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
    return 0


def check_recipe(args: Namespace) -> int:
    """Every fault; 1 if there is an error."""
    faults: tuple[Fault, ...] = ()
    try:
        recipe = _read(args)
        if args.input:
            faults = tuple(asyncio.run(_check(recipe, file_argument(args.input), file_argument(args.recipe).parent)))
    except SpecError as error:
        faults = error.faults
    return report_faults(faults, args.recipe, args)


async def _check(recipe: Recipe, table: Path, base: Path) -> list[Fault]:
    from services.wrangling.wrangler import Wrangler

    wrangler = Wrangler()
    try:
        return await wrangler.check(recipe, table, base=base)
    finally:
        await wrangler.close()


def export_recipe(args: Namespace) -> int:
    """The script, or a document that holds it."""
    from services.wrangling.script import Engine, script
    from services.wrangling.spark_code import spark_note

    recipe, engine = _read(args), Engine(args.to)
    text = script(recipe, engine)
    if args.output is None:
        write(printable_lines(text))
        return 0
    notes = [
        {"step": index, "note": note}
        for index, step in enumerate(recipe.steps)
        if engine == Engine.PYSPARK and not step.muted and (note := spark_note(step))
    ]
    head = {"name": recipe.name, "sha256": recipe.sha256, "to": args.to}
    write_document({**head, "script": text, "notes": notes}, args.output)
    return 0


def _read(args: Namespace) -> Recipe:
    from services.wrangling.recipe import read_recipe_file

    return read_recipe_file(file_argument(args.recipe))


def _add_recipe(verb: ArgumentParser) -> None:
    verb.add_argument("recipe", type=Path, metavar="RECIPE", help="the YAML file of the recipe")


def _add_input(verb: ArgumentParser, *, required: bool) -> None:
    verb.add_argument("-i", "--input", type=Path, required=required, metavar="INPUT", help="the table")
