"""Recipes as YAML: every fault with its path, and what is written is read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import SpecError
from services.wrangling.columns import check_columns
from services.wrangling.recipe import Recipe, parse_recipe, read_recipe_file, to_yaml
from services.wrangling.steps import Fill, Filter

WRITTEN = """\
name: titanic
description: for the course
read:
  separator: ;
  types:
    Ticket: text
steps:
- step: fill
  columns:
  - Cabin
  value: None
- step: filter
  where: Age > 18
  muted: true
  comment: grown-ups
"""


def faults(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse_recipe(text)
    return [str(fault) for fault in caught.value.faults]


def step_faults(step: str) -> list[str]:
    return faults(f"steps:\n  - {{{step}}}\n")


def test_a_recipe_is_written_as_a_person_would() -> None:
    recipe = parse_recipe(WRITTEN)
    assert recipe.steps == (
        Fill(columns=["Cabin"], value="None"),
        Filter(where="Age > 18", muted=True, comment="grown-ups"),
    )
    assert to_yaml(recipe) == WRITTEN


def test_a_recipe_without_a_name_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "clean.yaml"
    path.write_text("steps: []\n", encoding="utf-8")
    assert read_recipe_file(path) == Recipe(name="clean")


def test_the_hash_is_of_what_the_recipe_says() -> None:
    as_flow = "{name: titanic, description: for the course, read: {separator: ;, types: {Ticket: text}}, steps: "
    as_flow += "[{value: None, columns: [Cabin], step: fill, method: constant}, "
    as_flow += "{step: filter, comment: grown-ups, muted: true, where: Age > 18}]}"
    assert parse_recipe(as_flow).sha256 == parse_recipe(WRITTEN).sha256
    assert parse_recipe(WRITTEN.replace("18", "19")).sha256 != parse_recipe(WRITTEN).sha256
    assert parse_recipe(WRITTEN.replace("muted: true", "muted: false")).sha256 != parse_recipe(WRITTEN).sha256


def test_every_fault_is_told_at_once_with_its_path() -> None:
    assert faults("""
nam: t
steps:
  - {step: fil, columns: [a]}
  - {step: fill, columns: [3], valeu: None}
  - 3
  - {columns: [a]}
  - {step: group, by: [a], aggregates: [{column: b, function: men}]}
read: {types: {a: date}}
""") == [
        "nam: unknown field `nam`; did you mean `name`?",
        "read.types.a: expected integer, number, text or boolean, got the text 'date'",
        "steps[2]: expected a mapping, got the number 3",
        "steps[0].step: there is no step fil; did you mean fill?",
        "steps[1].columns[0]: expected text, got the number 3",
        "steps[1].valeu: unknown field `valeu`; did you mean `value`?",
        f"steps[3].step: is missing; expected one of {', '.join(_kinds())}",
        "steps[4].aggregates[0].function: expected count, sum, mean, median, min, max, std, nunique, first or last, "
        "got the text 'men'; did you mean mean?",
    ]


def _kinds() -> list[str]:
    from services.wrangling.steps import KINDS

    return list(KINDS)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("step: fill, columns: [a]", "value: is missing; a constant is needed, or another method"),
        ("step: fill, columns: [a], method: mean, value: 1", "value: the method mean takes no value"),
        ("step: select, columns: []", "columns: is empty; expected at least one"),
        ("step: select, columns: [a, a]", "columns: names something twice"),
        ("step: rename, columns: {}", "columns: is empty; expected at least one"),
        ("step: drop_missing, threshold: 0", "threshold: expected a number of values above 0"),
        (
            "step: filter, where: __import__('os') == Age",
            "where: there is no function __import__ (at character 1); there are is_missing",
        ),
        (
            "step: filter, where: Age + 1",
            "where: a filter is a condition, and this is none (at character 5); write a comp",
        ),
        ("step: derive, column: b, value: Age.mean()", "value: no dots are allowed: nothing has methods here"),
        ("step: replace, columns: [a], old: 1, new: x, match: part", "match: part is for texts"),
        ("step: replace, columns: [a], old: (, new: x, match: pattern", "old: is no pattern: missing )"),
        (r"step: replace, columns: [a], old: x, new: '\1', match: pattern", "new: does not go with the pattern"),
        ("step: clip, columns: [a]", "lower: is missing; give lower, upper or both"),
        ("step: clip, columns: [a], lower: 3, upper: 2", "lower: 3.0 is above upper, 2.0"),
        ("step: encode, columns: [a], order: [x]", "order: is for ordinal; one_hot has no order"),
        ("step: bin, column: a, into: b, bins: 1", "bins: expected at least 2"),
        ("step: bin, column: a, into: b, edges: [1]", "edges: the method width finds the edges itself"),
        ("step: bin, column: a, into: b, method: edges", "edges: is empty; expected the numbers at which to part"),
        ("step: bin, column: a, into: b, method: edges, edges: [2, 1]", "edges: expected rising numbers"),
        ("step: bin, column: a, into: b, bins: 2, labels: [x]", "labels: there are 2 bins and 1 labels"),
        ("step: split, column: a, separator: '', into: [b]", "separator: is empty"),
        ("step: date_parts, column: a, parts: [year], format: ''", "format: is empty"),
        ("step: sample", "rows: give either rows or a fraction"),
        ("step: sample, rows: 1, fraction: 0.5", "rows: give either rows or a fraction"),
        ("step: sample, rows: 0", "rows: expected a number above 0"),
        ("step: sample, fraction: 1.5", "fraction: expected a number above 0, up to 1"),
        ("step: sample, rows: 1, seed: -1", "seed: expected a number from 0 to 4294967295"),
        ("step: train_test, test: 1", "test: expected the part of the rows that tests, between 0 and 1"),
        ("step: sort, columns: [a], descending: 1", "descending: expected true or false, got the number 1"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(step: str, fault: str) -> None:
    found = step_faults(step)
    assert len(found) == 1
    assert found[0].startswith(f"steps[0].{fault}")


def test_columns_that_a_table_has_not_are_all_told_with_the_nearest() -> None:
    recipe = parse_recipe("""
steps:
  - {step: fill, columns: [Cabn], value: x}
  - {step: rename, columns: {Age: Years, Fare: Sex}}
  - {step: derive, column: Old, value: Years > 60}
  - {step: filter, where: Age > 18 and Old}
  - {step: drop, columns: [nothing], muted: true}
  - {step: group, by: [Old], aggregates: [{column: Ages, function: max}]}
  - {step: sort, columns: [Ages_max, Cabin]}
  - {step: encode, columns: [Old]}
  - {step: drop, columns: [anything]}
""")
    assert list(map(str, check_columns(recipe, ["Age", "Cabin", "Sex", "Fare"]))) == [
        "steps[0].columns: there is no column Cabn; did you mean Cabin?",
        "steps[1].columns.Fare: there would be two columns Sex",
        "steps[3].where: there is no column Age; there are Years, Cabin, Sex, Old",
        "steps[5].aggregates[0].column: there is no column Ages; there are Years, Cabin, Sex, Old",
        "steps[6].columns: there is no column Cabin; there are Old, Ages_max",
    ]
