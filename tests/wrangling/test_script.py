"""The exported script: it runs alone, and gives what the preview shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.wrangling.execution import preview, read_sample
from services.wrangling.recipe import ReadOptions, Recipe, parse_recipe
from services.wrangling.script import Engine, script
from services.wrangling.steps import Fill, Rename
from tests.wrangling.cases import OTHER_NAME

TITANIC = """
name: titanic
steps:
  - {step: fill, columns: [Cabin], value: unknown}
  - {step: drop_missing}
"""


def run_alone(recipe: Recipe, folder: Path, *arguments: object) -> dict[str, object]:
    """What the script tells, started in an interpreter that can't import Lapis."""
    code = folder / "alone" / "wrangle.py"
    code.parent.mkdir()
    code.write_text(script(recipe), encoding="utf-8")
    command = [sys.executable, "-P", str(code), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=code.parent)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_titanic_filled_in_cabin_keeps_712_rows_as_the_preview_says(shared_data: Path, tmp_path: Path) -> None:
    recipe = parse_recipe(TITANIC)
    table = shared_data / "titanic.csv"
    shown = preview(recipe, read_sample(table, recipe.read, 1000)[0], is_sample=False, rows_shown=1000)
    assert [effect.rows for effect in shown.effects] == [(891, 891), (891, 712)]
    assert [effect.missing for effect in shown.effects] == [(866, 179), (179, 0)]
    assert shown.effects[0].changed_cells == 687

    told = run_alone(recipe, tmp_path, "--input", table, "--output", tmp_path / "out.csv")

    assert (told["rows_read"], told["rows_written"]) == (891, 712)
    written = read_sample(tmp_path / "out.csv", ReadOptions(), 1000)[0]
    assert preview(Recipe(), written, is_sample=False, rows_shown=1000).table == shown.table


def test_titanic_without_the_fill_keeps_183_rows(shared_data: Path) -> None:
    recipe = parse_recipe("steps: [{step: drop_missing}]")
    table = read_sample(shared_data / "titanic.csv", recipe.read, 1000)[0]
    assert preview(recipe, table, is_sample=False, rows_shown=0).effects[0].rows == (891, 183)


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "tsv", "csv.gz"])
def test_a_table_is_written_and_read_by_the_ending_of_its_name(ending: str, table: Path, tmp_path: Path) -> None:
    """And a joined table is found where --table says."""
    recipe = parse_recipe("steps: [{step: join, table: elsewhere.csv, keys: [sex]}]")
    output = tmp_path / "deep" / f"out.{ending}"

    told = run_alone(
        recipe, tmp_path, "--input", table, "--output", output, "--table", "elsewhere.csv", table.parent / OTHER_NAME
    )

    assert told["columns"] == ["id", "name", "sex", "age", "fare", "cabin", "day", "word"]
    frame, more = read_sample(output, recipe.read, 3)
    assert more
    assert frame["word"].tolist() == ["female", "male", "female"]
    assert frame["name"].tolist()[0] == "Ada, Lady"


def test_a_text_is_read_as_the_recipe_says(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_bytes("code;größe\n007;-\n1;2,5\n".encode("latin-1"))
    read = "read: {separator: ';', encoding: latin-1, types: {code: text}, missing: ['-']}\nsteps: []"
    frame, _ = read_sample(path, parse_recipe(read).read, 10)
    assert frame["code"].tolist() == ["007", "1"]
    assert frame["größe"].isna().tolist() == [True, False]


EVIL = "x'); __import__('os').system('touch pwned') #\n\"\"\"\\"


def test_no_name_and_no_value_can_become_code(tmp_path: Path) -> None:
    """Names, values, comments, the recipe's own name: whatever is in them stays text."""
    recipe = Recipe(
        (Fill(columns=[EVIL], value=EVIL, comment=EVIL), Rename(columns={EVIL: EVIL + "2"})),
        name=EVIL,
        description=EVIL,
        read=ReadOptions(missing=[EVIL]),
    )
    import csv

    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[EVIL, "b"], ["", "1"]])

    told = run_alone(recipe, tmp_path, "--input", path, "--output", tmp_path / "out.jsonl")

    assert told["columns"] == [EVIL + "2", "b"]
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))[EVIL + "2"] == EVIL
    assert not list(tmp_path.rglob("pwned"))
    compile(script(recipe, Engine.PYSPARK), "wrangle.py", "exec")


def test_both_scripts_differ_in_reading_and_writing_alone_where_spark_has_the_same_calls() -> None:
    recipe = parse_recipe(TITANIC)
    pandas, spark = (script(recipe, engine).partition("def wrangle(df):") for engine in Engine)
    assert pandas[2] == spark[2]
    assert "import pandas as pd" in pandas[0]
    assert "import pyspark.pandas as pd" in spark[0]
