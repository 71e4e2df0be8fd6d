"""What is an expression, what is none, and that nothing else comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.expressions.functions import FUNCTIONS
from services.expressions.parsing import DEPTH, LENGTH, WORDS, ExpressionError, parse, parse_filter, quoted
from services.expressions.tree import Column, Constant, columns_of, may_be_condition, walk


@pytest.mark.parametrize(
    ("text", "words", "position"),
    [
        ("", "is empty", 0),
        ("__import__('os').system('true')", "No dots are allowed", 16),
        ("__import__('os') == Age", "no function __import__", 0),
        ("Age.__class__ == 1", "No dots", 3),
        ("Age.mean() > 1", "Write lower(Name)", 3),
        ("open('/etc/passwd') == Age", "no function open", 0),
        ("eval('1') == Age", "no function eval", 0),
        ("lowr(Name) == 'a'", "Did you mean lower?", 0),
        ("(lambda: 1)() == Age", "':' means nothing: there are columns, values and functions alone", 7),
        ("[x for x in Age] == 1", "Where a column, a number or a text should be, '[' stands", 0),
        ("[1, 2] == Age", "A list stands behind in alone", 0),
        ("Age[0] == 1", "'[' stands", 3),
        ("f'{Age}' == Age", "stands", 1),
        ("(x := Age) > 1", "':' means nothing", 3),
        ("Age > 1; Sex", "';' means nothing", 7),
        ("Age if Sex else 1", "Write if_else(condition, value, other)", 4),
        ("Age = 3", "Write ==", 4),
        ("Age > 3 AND Age < 9", "Write and", 8),
        ("Age > 3 && Age < 9", "Write and", 8),
        ("Age is None", "Write is_missing(column), or ==", 4),
        ("Age == None", "Nothing equals None; write is_missing(column)", 7),
        ("Name contains 'x'", "Write contains(column, 'text')", 5),
        ("Age between 1 and 5", "Write 1 <= Age <= 5", 4),
        ("Age not 3", "Where 'in' should be", 8),
        ("Age >", "the expression ends", 5),
        ("Age > 1 Sex", "'Sex' stands", 8),
        ("Age == 'x", "never closed", 7),
        ("Age\0 > 1", "means nothing", 3),
        ("Age in Name", "a list of values", 7),
        ("Age in [Name]", "numbers and texts alone", 8),
        ("Age in []", "']' stands", 8),
        ("3 in [3] and Age", "in needs a column", 0),
        ("Age > 3 and Fare + 1", "and takes conditions, and this is none", 17),
        ("not Age + 1", "not takes conditions", 8),
        ("if_else(Age + 1, 1, 2) == 1", "if_else takes conditions", 12),
        ("1 + 1", "names no column", 0),
        ("abs(1) > Age", "abs needs a column", 4),
        ("abs() > Age", "abs is written abs(column)", 0),
        ("abs(Age, key=1)", "',' or ')' should be, '=' stands", 12),
        ("abs(Age, 2)", "abs is written abs(column)", 0),
        ("contains(Name, Age)", "contains wants a text in quotes here", 15),
        ("matches(Name, '(')", "no regular expression", 14),
        ("round(Age, 99)", "round wants a number of digits from 0 to 15", 11),
        ("coalesce(Age, Fare)", "coalesce wants a value", 14),
        ("9 ** 9 ** 9 > Age", "A constant has one exponent", 2),
        ("9 ** 99 > Age", "a number up to 64", 2),
        ("Age ** (9 ** 999)", "a number up to 64", 10),
        ("((9 ** 64) ** 64) ** 64 + Age", "A constant has one exponent", 11),
        ("Name + 'x' * 10", "joined by + alone", 11),
        ("Age > " + "1" * 500, "100 digits at most", 6),
        ("Age > " + "1" * LENGTH, f"longer than {LENGTH:,}", LENGTH),
        ("(" * (DEPTH + 5) + "Age", "too many brackets", DEPTH + 1),
        ("not " * 90 + "alive", "too many brackets", 4 * (DEPTH + 1)),
        ("-" * 90 + "Age > 1", "too many brackets", DEPTH + 1),
        ("2 ** " * 90 + "Age > 1", "too many brackets", 5 * (DEPTH + 1)),
        ("abs(" * 90 + "Age > 1", "too many brackets", 4 * (DEPTH + 1)),
        ("alive and " * (WORDS // 2 + 1), f"more than {WORDS}", 5 * WORDS - 1),
    ],
)
def test_what_is_no_expression_is_told_with_its_place(text: str, words: str, position: int) -> None:
    with pytest.raises(ExpressionError) as told:
        parse(text)
    assert words in f"{told.value.detail} {told.value.advice}"
    assert told.value.position == position


@pytest.mark.parametrize("text", ["Age + 1", "abs(Age)", "if_else(Age > 1, 'a', 'b')", "coalesce(Age, 1)"])
def test_what_is_true_or_false_can_filter_alone(text: str) -> None:
    assert not may_be_condition(parse(text))
    with pytest.raises(ExpressionError, match="A filter is a condition") as told:
        parse_filter(text)
    assert told.value.line == (
        f"a filter is a condition, and this is none (at character {told.value.position + 1}); "
        "write a comparison, such as Age > 18"
    )


@pytest.mark.parametrize(
    "text", ["alive", "coalesce(alive, False)", "if_else(Age > 1, alive, True)", "Age > 1", "is_missing(Age)"]
)
def test_what_may_be_true_or_false_can_filter(text: str) -> None:
    assert parse_filter(text) == parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", "a"),
        ('"it\'s"', "it's"),
        (r"'it\'s'", "it's"),
        (r"'\d+\n\t\\ \x41\u00e9'", "\\d+\n\t\\ Aé"),
        ("-3", -3),
        ("2.5e3", 2500.0),
        (".5", 0.5),
        ("1e999", float("inf")),
        ("True", True),
        ("false", False),
    ],
)
def test_a_value_is_written_as_in_python(text: str, value: object) -> None:
    assert [node.value for node in walk(parse(f"x == {text}")) if isinstance(node, Constant)] == [value]


@given(st.text(min_size=1, max_size=20))
def test_any_name_can_be_written(name: str) -> None:
    assert parse(quoted(name)) == Column(name, 0)


def test_a_column_is_named_as_in_mltable_files_too() -> None:
    assert columns_of(parse("col(\"a b\") > 1 and `c` < 2 or col('a b') == `d``e`")) == ("a b", "c", "d`e")


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from([*FUNCTIONS, *"xy(),[]'\"`.=<>!+-*/%&|~01", "in", "not"])).map(" ".join)
)
def test_anything_typed_gives_a_tree_or_an_error(text: str) -> None:
    try:
        parse(text)
        place = 0
    except ExpressionError as error:
        place = error.position
    assert 0 <= place <= len(text)


def test_the_guide_names_all_that_can_be_called() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")
    assert [function.usage for function in FUNCTIONS.values() if f"`{function.usage}`" not in guide] == []
