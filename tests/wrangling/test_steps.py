"""What each step does: its code, run by pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.entities.wrangling import StepState
from services.wrangling.execution import as_table, preview, read_sample
from services.wrangling.recipe import parse_recipe, read_recipe, recipe_document
from services.wrangling.script import Engine, script, table_paths
from services.wrangling.spark_code import spark_note
from services.wrangling.steps import KINDS
from tests.wrangling.cases import CASES, Case, shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_step_makes_the_table_that_it_says(case: Case, table: Path) -> None:
    recipe = parse_recipe(case.yaml)
    frame, _ = read_sample(table, recipe.read, 100)

    found = preview(recipe, frame, is_sample=False, rows_shown=100, tables=table_paths(recipe, table.parent))

    assert [effect.message for effect in found.effects if effect.state == StepState.FAILED] == []
    if case.name != "fill constant":  # whose None a CSV gives back as missing
        assert [effect.notes for effect in found.effects] == [()] * len(found.effects)
    names = [column.name for column in found.table.columns]
    rows = [[shown(row[names.index(name)]) for name in case.columns.split("|")] for row in found.table.rows]
    assert rows == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_whole_script_makes_the_table_that_the_preview_shows(case: Case, table: Path) -> None:
    recipe = parse_recipe(case.yaml)
    paths = table_paths(recipe, table.parent)
    names: dict[str, Any] = {"__name__": "wrangle"}
    exec(script(recipe), names)
    names.get("TABLES", {}).update(paths)
    frame, _ = read_sample(table, recipe.read, 100)

    made = names["wrangle"](names["read_table"](str(table)))

    assert as_table(made, 100) == preview(recipe, frame, is_sample=False, rows_shown=100, tables=paths).table


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_recipe_is_read_back_as_it_was_and_both_scripts_are_python(case: Case) -> None:
    recipe = parse_recipe(case.yaml)
    assert read_recipe(recipe_document(recipe)) == recipe
    for engine in Engine:
        compile(script(recipe, engine), "wrangle.py", "exec")


def test_each_kind_of_step_has_a_case() -> None:
    assert {step.step for case in CASES for step in parse_recipe(case.yaml).steps} == set(KINDS)


def test_where_spark_differs_a_note_says_so() -> None:
    """Each case that Spark can't reproduce row by row has a note."""
    for case in CASES:
        if not case.in_spark:
            assert any(spark_note(step) for step in parse_recipe(case.yaml).steps), case.name
