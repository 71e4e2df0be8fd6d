"""Filters mean what they mean in pandas, and are never code."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tables.expressions import DEPTH, FUNCTIONS, LENGTH, TEXT_TESTS, WORDS, ExpressionError, parse, quoted
from services.tables.filters import compiled
from services.tables.mltable_steps import STEPS

TABLE = polars.DataFrame(
    {
        "Age": [22.0, None, 38.0, 4.0],
        "Sex": ["male", "female", None, "male"],
        "Fare paid": [7, 71, 8, 16],
        "alive": [True, False, None, True],
        "when": [
            datetime.datetime(2024, 1, 31, 12),
            None,
            datetime.datetime(2023, 5, 1),
            datetime.datetime(2024, 2, 1),
        ],
        "day": ["2024-01-31", None, "2023-05-01T10:00:00", "soon"],
        "nested": [[1], None, [2], []],
    }
)


def kept(text: str) -> list[int]:
    """The numbers of the rows that a filter keeps."""
    return TABLE.with_row_index("#").filter(compiled(text, TABLE.schema))["#"].to_list()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Age > 10", [0, 2]),
        ("Age != 38", [0, 1, 3]),
        ("not Age > 10", [1, 3]),
        ("~(Age > 10) and Sex == 'male'", [3]),
        ("Age is missing", [1]),
        ("Age is not null", [0, 2, 3]),
        ("Sex == 'female' or Age < 5", [1, 3]),
        ('Sex = "male" and `Fare paid` >= 7 and `Fare paid` <= 15.5', [0]),
        ("Sex in ('female', 'other')", [1]),
        ("Sex not in ['female']", [0, 2, 3]),
        ("`Fare paid` between 8 and 16", [2, 3]),
        ("Age between 4 and 22 and Sex contains 'al'", [0, 3]),
        ("Sex starts with 'fe' or Sex ends with 'x'", [1]),
        ("Sex not contains 'fe'", [0, 2, 3]),
        ("Sex matches '^m.l'", [0, 3]),
        ("alive", [0, 3]),
        ("not alive", [1, 2]),
        ("alive == false", [1]),
        ("`Fare paid` * 2 - 1 > 100", [1]),
        ("-`Fare paid` < -15", [1, 3]),
        ("`Fare paid` % 2 == 0 & `Fare paid` // 3 == 2", [2]),
        ("2 ** 3 == `Fare paid`", [2]),
        ("Age / 0 > 100", [0, 2, 3]),
        ("Age + 1 == 23 or Age == null_", []),
        ("upper(Sex) == 'MALE' and length(Sex) == 4", [0, 3]),
        ("Sex + '!' == 'male!'", [0, 3]),
        ("abs(-Age) == 4 or round(Age / 3) == 7", [0, 3]),
        ("when > '2024-01-31'", [0, 3]),
        ("'2024-01-31 12:00' == when", [0]),
        ("year(when) == 2023", [2]),
        ("month(day) == 5 or hour(day) == 0", [0, 2]),
        ("col('Age') == 22 and col(\"Fare paid\") == 7", [0]),
        ("((((Age))) > (10))", [0, 2]),
    ],
)
def test_a_filter_keeps(text: str, rows: list[int]) -> None:
    if "null_" in text:
        with pytest.raises(ExpressionError, match="no column null_"):
            kept(text)
    else:
        assert kept(text) == rows


@pytest.mark.parametrize(
    ("text", "words", "position"),
    [
        ("", "nothing to filter by", 0),
        ("__import__('os').system('true')", "no dots", 16),
        ("__import__('os') == 1", "no function __import__", 0),
        ("Age.__class__", "no dots", 3),
        ("open('/etc/passwd')", "no function open", 0),
        ("exec('x') == 1", "no function exec", 0),
        ("lambda: 1", "':' means nothing", 6),
        ("Age > 1; Sex", "';' means nothing", 7),
        ("[x for x in Age]", "'[' stands", 0),
        ("Age >", "the filter ends", 5),
        ("Age > 1 Sex", "'Sex' stands", 8),
        ("Age == 'x", "never closed", 7),
        ("age > 1", "no column age", 0),
        ("Age", "This is a number", 0),
        ("Age > 'x'", "A number can't be compared with text", 4),
        ("Sex > 1", "Text can't be compared with a number", 4),
        ("Sex * 2 > 1", "* wants a number", 0),
        ("Age contains 'x'", "contains wants text", 0),
        ("Sex contains Sex", "wants a text in quotes", 13),
        ("Sex matches '('", "no regular expression", 12),
        ("Age in ('x')", "This is text", 8),
        ("Age in (Age)", "numbers and texts alone", 8),
        ("when > 'soon'", "no date", 7),
        ("year(Age) == 1", "year wants a date", 5),
        ("nested == 1", "Nested can't be compared", 7),
        ("not Age", "This is a number", 4),
        ("Age is 3", "missing or null", 7),
        ("Age between 1", "'and' should be", 13),
        ("Age not 3", "in, between, contains", 8),
        ("(" * (DEPTH + 5) + "Age", "too many brackets", DEPTH + 1),
        ("not " * 5_000 + "alive", f"longer than {LENGTH:,}", LENGTH),
        ("not " * 200 + "alive", "too many brackets", 4 * (DEPTH + 1)),
        ("-" * 200 + "Age > 1", "too many brackets", DEPTH + 1),
        ("alive and " * WORDS + "alive", f"more than {WORDS}", 5 * WORDS - 1),
    ],
)
def test_what_is_no_filter_is_told_with_its_place(text: str, words: str, position: int) -> None:
    with pytest.raises(ExpressionError) as told:
        compiled(text, TABLE.schema)
    assert words in told.value.detail
    assert told.value.position == position


def test_a_column_in_other_capitals_is_proposed() -> None:
    with pytest.raises(ExpressionError) as told:
        compiled("sex == 'x'", TABLE.schema)
    assert told.value.advice == "There is Sex."


@given(st.text(max_size=30))
def test_anything_typed_gives_a_tree_or_an_error(text: str) -> None:
    try:
        parse(text)
        place = 0
    except ExpressionError as error:
        place = error.position
    assert 0 <= place <= len(text)


def test_the_guide_names_all_that_can_be_written() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
    assert [word for word in (*FUNCTIONS, *TEXT_TESTS, *STEPS) if f"`{word}" not in guide] == []


def test_a_long_filter_is_read() -> None:
    assert kept("alive and " * (WORDS // 2 - 1) + "alive") == [0, 3]
    assert kept("1 + " * (WORDS // 2 - 2) + "Age > 1000") == []


@given(st.text(min_size=1, max_size=20))
def test_any_name_can_be_written(name: str) -> None:
    table = polars.DataFrame({name: [1, 2]})
    assert table.filter(compiled(f"{quoted(name)} > 1", table.schema)).height == 1


NUMBERS = st.lists(st.none() | st.integers(-3, 3).map(float), min_size=4, max_size=4)
TEXTS = st.lists(st.none() | st.sampled_from(["a", "b", "ab", ""]), min_size=4, max_size=4)
TESTS = st.sampled_from(
    ["x > 1", "x != 0", "x == y", "x != y", "x <= -y", "k == 'a'", "k != 'a'", "x + y >= 1", "k > 'a'"]
)


@settings(max_examples=200, deadline=None)
@given(
    x=NUMBERS, y=NUMBERS, k=TEXTS, first=TESTS, second=TESTS, join=st.sampled_from(["and", "or", "and not", "or not"])
)
def test_pandas_keeps_the_same_rows(
    x: list[float | None], y: list[float | None], k: list[str | None], first: str, second: str, join: str
) -> None:
    pandas = pytest.importorskip("pandas")
    text = f"({first}) {join} ({second})"
    table = polars.DataFrame(
        {"x": x, "y": y, "k": k}, schema={"x": polars.Float64, "y": polars.Float64, "k": polars.String}
    )
    theirs = pandas.DataFrame(
        {
            "x": pandas.Series(x, dtype="float64"),
            "y": pandas.Series(y, dtype="float64"),
            "k": pandas.Series(k, dtype="str"),
        }
    )
    ours = table.with_row_index("#").filter(compiled(text, table.schema))["#"].to_list()
    assert ours == list(theirs.query(text, engine="python").index)
