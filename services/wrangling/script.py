"""A recipe as a script that runs alone: pandas, or pyspark.pandas.

`lapis recipe run`, a job and whoever exports it run the same text. It prints how far it is, and one line of JSON at its
end: how many rows it read and wrote, and the names of the columns.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from services.wrangling import pandas_code, spark_code
from services.wrangling.expressions import value_code
from services.wrangling.literals import comment, literal
from services.wrangling.recipe import ReadOptions, Recipe
from services.wrangling.steps import Derive, Filter, Join, Step

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|azureml:")
FILE_NAME = "wrangle.py"
"""What the script is called where it is code of a job."""


class Engine(StrEnum):
    """What runs a recipe."""

    PANDAS = "pandas"
    PYSPARK = "pyspark"


def script(recipe: Recipe, engine: Engine = Engine.PANDAS) -> str:
    """The whole script."""
    parts = [
        _head(recipe, engine),
        *_tables(recipe),
        reader(recipe.read, engine),
        _WRITERS[engine],
        wrangle_source(recipe, engine),
        _main(recipe),
    ]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts)


def wrangle_source(recipe: Recipe, engine: Engine = Engine.PANDAS) -> str:
    """The function `wrangle`: a table in, a table out, a paragraph for each step."""
    lines = ["def wrangle(df):", '    """The table after all steps."""']
    for number, step in enumerate(recipe.steps, 1):
        said = f"{number}: {step.step.replace('_', ' ')}"
        lines.append(f"    # {said}" if step.muted else f'    print("{said}", flush=True)')
        lines += [f"    {line}" for line in step_lines(step, engine)]
    return "\n".join([*lines, "    return df"])


def step_lines(step: Step, engine: Engine = Engine.PANDAS) -> list[str]:
    """The lines of one step."""
    return spark_code.step_lines(step) if engine == Engine.PYSPARK else pandas_code.step_lines(step)


def active_steps(recipe: Recipe) -> list[Step]:
    """The steps that are not muted."""
    return [step for step in recipe.steps if not step.muted]


def joined_tables(recipe: Recipe) -> list[str]:
    """The tables that steps join, as the recipe names them."""
    return list(dict.fromkeys(step.table for step in active_steps(recipe) if isinstance(step, Join)))


def table_paths(recipe: Recipe, base: Path, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where each table that steps join is: as given, a URI as it is, else a path that starts from a folder."""
    paths = {name: name if _URI.match(name) else str(base / name) for name in joined_tables(recipe)}
    return paths | {name: path for name, path in (given or {}).items() if name in paths}


def imports(steps: Iterable[Step], engine: Engine = Engine.PANDAS) -> str:
    """The imports that steps need."""
    steps = list(steps)
    lines = ["import numpy as np"] if any(map(_needs_numpy, steps)) else []
    lines.append("import pyspark.pandas as pd" if engine == Engine.PYSPARK else "import pandas as pd")
    return "\n".join([*lines, *(spark_code.imports(steps) if engine == Engine.PYSPARK else [])])


def reader(read: ReadOptions, engine: Engine = Engine.PANDAS) -> str:
    """The function `read_table`."""
    given = [f"sep={read.separator!r}" if read.separator else "sep='\\t' if '.tsv' in name else ','"]
    given += [f"encoding={read.encoding!r}"] if read.encoding else []
    if read.types:
        given.append(f"dtype={literal({name: pandas_code.DTYPES[kind] for name, kind in read.types.items()})}")
    if engine == Engine.PYSPARK:
        # pandas takes a doubled quote for one, and line ends within quotes
        given += ["quotechar='\"'", "escapechar='\"'", "multiLine=True"]
        given += [f"nullValue={read.missing[0]!r}"] if read.missing else []
    elif read.missing:
        given.append(f"na_values={literal(read.missing)}")
    return _READERS[engine].strip("\n").replace("OPTIONS", ", ".join(given))


def _needs_numpy(step: Step) -> bool:
    match step:
        case Filter(where=text) | Derive(value=text):
            return value_code(text).needs_numpy
    return False


def _head(recipe: Recipe, engine: Engine) -> str:
    said = [comment(f"Recipe {recipe.name or 'without a name'}, sha256 {recipe.sha256}")]
    said += [comment(line) for line in textwrap.wrap(recipe.description, 100)]
    if engine == Engine.PYSPARK:
        said.append("# For Spark 3.4 and later with pandas 2; the output is a folder.")
        notes = [(number, spark_code.spark_note(step)) for number, step in enumerate(recipe.steps, 1) if not step.muted]
        said += [f"# Step {number}: {note}" for number, note in notes if note]
    else:
        said.append("# For pandas 2 and 3; Parquet needs pyarrow.")
    modules = ["import argparse", "import json"]
    modules += ["from pathlib import Path"] if engine == Engine.PANDAS else []
    return "\n".join([*said, *modules, "", imports(active_steps(recipe), engine)])


def _tables(recipe: Recipe) -> list[str]:
    tables = {name: name for name in joined_tables(recipe)}
    said = "# What steps join; --table NAME PATH puts another in its place"
    return [f"{said}\nTABLES = {literal(tables)}"] if tables else []


def _main(recipe: Recipe) -> str:
    if not joined_tables(recipe):
        return _MAIN.replace("    TABLE_OPTION\n", "").replace("    TABLE_PATHS\n", "")
    option = 'parser.add_argument("--table", nargs=2, action="append", default=[], metavar=("NAME", "PATH"))'
    return _MAIN.replace("TABLE_OPTION", option).replace("TABLE_PATHS", "TABLES.update(arguments.table)")


_READERS = {
    Engine.PANDAS: '''
def read_table(path, rows=None):
    """A table by the ending of its name, else delimited text; of a text the first `rows` alone, if given."""
    name = str(path).lower()
    if name.endswith((".parquet", ".pq")):
        return pd.read_parquet(path)
    if name.endswith((".feather", ".arrow")):
        return pd.read_feather(path)
    if ".jsonl" in name or ".ndjson" in name:
        return pd.read_json(path, lines=True, nrows=rows)
    if ".json" in name:
        return pd.read_json(path)
    return pd.read_csv(path, OPTIONS, nrows=rows, low_memory=False)
''',
    Engine.PYSPARK: '''
def read_table(path):
    """A table by the ending of its name; what has no known one is delimited text."""
    name = str(path).lower()
    if name.endswith((".parquet", ".pq")):
        return pd.read_parquet(path)
    if ".json" in name or ".ndjson" in name:
        return pd.read_json(path, lines=True)
    return pd.read_csv(path, OPTIONS)
''',
}
_WRITERS = {
    Engine.PANDAS: '''
def write_table(df, path, ending=""):
    """Write a table by the ending given, else that of its name, without the numbers of the rows."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    name = ending or str(path).lower()
    if name.endswith((".parquet", ".pq")):
        df.to_parquet(path, index=False)
    elif ".jsonl" in name or ".ndjson" in name:
        df.to_json(path, orient="records", lines=True)
    else:
        df.to_csv(path, index=False, sep="\\t" if ".tsv" in name else ",")
''',
    Engine.PYSPARK: '''
def write_table(df, path, ending=""):
    """Write a table as a folder, by the ending given, else that of its name."""
    name = ending or str(path).lower()
    if name.endswith((".parquet", ".pq")):
        df.to_parquet(path)
    elif ".jsonl" in name or ".ndjson" in name:
        df.to_json(path)
    else:
        df.to_csv(path)
''',
}
_MAIN = '''
def main():
    """Read, wrangle and write; tell how many rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--ending", default="", help="such as .parquet, where the name of the output has none")
    TABLE_OPTION
    arguments = parser.parse_args()
    TABLE_PATHS
    df = read_table(arguments.input)
    rows = len(df)
    print(f"read: {rows:,} rows", flush=True)
    df = wrangle(df)
    write_table(df, arguments.output, arguments.ending)
    print(json.dumps({"rows_read": rows, "rows_written": len(df), "columns": [str(name) for name in df.columns]}))


if __name__ == "__main__":
    main()
'''
