"""What the form of a step means: every kind of step is shown and read again as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App

from screens.fields import Field
from screens.wrangle.completion import Columns, complete_expression
from screens.wrangle.kinds import meaning
from screens.wrangle.step_fields import fields_of, first_values, make_field, read_document
from screens.wrangle.texts import summary
from screens.wrangle.values import read_value, read_values, value_text, values_text
from services.entities import TableColumn
from services.wrangling.recipe import parse_recipe, read_step
from services.wrangling.steps import KINDS, Step
from tests.wrangling.cases import CASES

STEPS = tuple(step for case in CASES for step in parse_recipe(case.yaml).steps)
COLUMNS = ("id", "name", "sex", "age", "fare", "cabin", "day", "two words")


async def no_assets() -> list[str]:
    return []


def columns() -> Columns:
    return Columns(tuple(TableColumn(name, "str", 0) for name in COLUMNS), no_assets)


def form_of(step: Step) -> dict[str, Field]:
    values = first_values(step.step, step, "", COLUMNS)
    return {field.name: make_field(field, values[field.name], columns()) for field in fields_of(step.step)}


async def test_every_step_is_shown_and_read_again_as_it_was() -> None:
    assert {step.step for step in STEPS} == set(KINDS)
    async with App[None]().run_test():
        for step in STEPS:
            assert read_step(read_document(step.step, form_of(step))) == replace(step, muted=False)


def test_every_step_has_a_summary_and_a_meaning() -> None:
    summaries = {summary(step) for step in STEPS}
    assert {
        "fill cabin with None",
        "fill age with the mean",
        "drop rows missing any in age",
        "sort by sex, age ↓",
        "rename id to number, sex to a b",
        "keep where age > 18",
        "double = fare * 2 + id",
    } <= summaries
    assert all(len(meaning(kind)) > 10 and meaning(kind)[-1] not in ".:" for kind in KINDS)
    assert meaning("drop_duplicates") == "Leave out rows that are there already, by columns or by all"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18", 18),
        ("-2.5", -2.5),
        ("1e3", 1000.0),
        ("true", True),
        ("None", "None"),
        ("no", "no"),
        ("'18'", "18"),
        ('"it\'s"', "it's"),
        ("' '", " "),
        ("unknown", "unknown"),
    ],
)
def test_values_are_read_as_they_are_written(text: str, value: object) -> None:
    found = read_value(text)
    assert (found, type(found)) == (value, type(value))
    assert read_value(value_text(found)) == found


def test_lists_are_parted_by_commas_outside_quotes() -> None:
    assert read_values("a, 'b, c', 3,") == ["a", "b, c", 3]
    assert read_values(values_text(["a", "b, c", "3", 3])) == ["a", "b, c", "3", 3]
    assert read_values("it's, b") == ["it's", "b"]


def test_an_expression_is_completed_at_its_last_word() -> None:
    def proposed(text: str) -> list[str]:
        return [whole for whole, _ in complete_expression(text, columns())]

    assert proposed("age > 18 and ca") == ["age > 18 and cabin"]
    assert proposed("tw") == ["`two words`"]
    assert proposed("`two") == ["`two words`"]
    assert "is_missing(" in proposed("is_m")
    assert proposed("sex == 'ag") == []
    assert proposed("age > ") == []


def test_the_column_under_the_cursor_is_taken_first() -> None:
    def begins(kind: str) -> dict[str, object]:
        return {name: value for name, value in first_values(kind, None, "age", COLUMNS).items() if "age" in str(value)}

    assert begins("fill") == {"columns": ["age"]}
    assert begins("bin") == {"column": "age"}
    assert begins("rename") == {"columns": {"age": ""}}
    assert begins("drop_missing") == {}
    assert begins("train_test") == {}
