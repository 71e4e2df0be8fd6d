"""`lapis recipe ...`: recipes run, checked and exported."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from services.errors import Fault, SpecError
from tui.cli.faults import report_faults
from tui.cli.options import Verbs, add_noun, add_verb
from tui.cli.output import file_argument, write, write_document
from tui.cli.recipe_run import add_run_options, read_recipe, run_recipe
from tui.cli.tables import opened
from tui.cli.text import printable_lines

if TYPE_CHECKING:
    from services.wrangling.recipe import Recipe

FIRST_ROWS = 10_000
"""A check looks at these of a table."""


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
            "The ending of a name says what kind of file it is. With --register the result becomes the next version of "
            "a data asset; with --job all of it happens in a job of the workspace, on pandas or on Spark.\n\n"
            "  lapis recipe run titanic.yaml -i titanic.csv -o titanic.parquet\n"
            "  lapis recipe run titanic.yaml -i azureml:titanic:1 --register titanic --job --stream"
        ),
    )
    _add_recipe(run)
    _add_input(run, required=True)
    add_run_options(run)
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


def check_recipe(args: Namespace) -> int:
    """Every fault; 1 if there is an error."""
    faults: tuple[Fault, ...] = ()
    try:
        recipe = read_recipe(args)
        if args.input:
            faults = tuple(asyncio.run(_check(recipe, args)))
    except SpecError as error:
        faults = error.faults
    return report_faults(faults, args.recipe, args)


async def _check(recipe: Recipe, args: Namespace) -> list[Fault]:
    from services.wrangling.wrangler import Wrangler

    wrangler = Wrangler()
    try:
        async with opened(args.input, args) as table:
            first = await table.head_file(FIRST_ROWS)
            return await wrangler.check(recipe, first, base=file_argument(args.recipe).parent)
    finally:
        await wrangler.close()


def export_recipe(args: Namespace) -> int:
    """The script, or a document that holds it."""
    from services.wrangling.script import Engine, script
    from services.wrangling.spark_code import spark_note

    recipe, engine = read_recipe(args), Engine(args.to)
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


def _add_recipe(verb: ArgumentParser) -> None:
    verb.add_argument("recipe", type=Path, metavar="RECIPE", help="the YAML file of the recipe")


def _add_input(verb: ArgumentParser, *, required: bool) -> None:
    what = "the table: a file, azureml:NAME:VERSION, a datastore's URI or an address"
    verb.add_argument("-i", "--input", required=required, metavar="INPUT", help=what)
