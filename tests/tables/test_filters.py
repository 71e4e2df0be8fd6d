"""Filters of views mean what they mean in pandas, whose code a recipe makes of them."""

from __future__ import annotations

import datetime
from typing import Any

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.expressions.functions import FUNCTIONS
from services.expressions.parsing import WORDS, ExpressionError, quoted
from services.tables.filters import compiled
from services.wrangling.expressions import filter_code

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


def kept_by_pandas(text: str, table: polars.DataFrame) -> list[int]:
    """The same by the code that a recipe makes of it."""
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    df = pandas.DataFrame({series.name: _series(pandas, series) for series in table.iter_columns()})
    names = {"df": df, "np": numpy, "pd": pandas}
    with numpy.errstate(all="ignore"):
        found = eval(f"df[{filter_code(text).code}]", names)
    return [int(number) for number in found.index]


def _series(pandas: Any, series: polars.Series) -> Any:
    """A column as pandas' readers have it."""
    gaps = series.null_count() > 0
    types = {
        polars.String: "str",
        polars.Boolean: "object" if gaps else "bool",
        polars.Int64: "float64" if gaps else "int64",
        polars.Float64: "float64",
    }
    return pandas.Series(series.to_list(), dtype=types.get(series.dtype.base_type()))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Age > 10", [0, 2]),
        ("Age != 38", [0, 1, 3]),
        ("not Age > 10", [1, 3]),
        ("~(Age > 10) & Sex == 'male'", [3]),
        ("Sex == 'male' and Age > 5 | alive", [0, 3]),
        ("is_missing(Age)", [1]),
        ("not_missing(Age)", [0, 2, 3]),
        ("Sex == 'female' or Age < 5", [1, 3]),
        ('Sex == "male" and 7 <= `Fare paid` <= 15.5', [0]),
        ("Sex in ('female', 'other')", [1]),
        ("Sex not in ['female']", [0, 2, 3]),
        ("`Fare paid` in [7, 16, 8.5]", [0, 3]),
        ("Age in [4, 38,]", [2, 3]),
        ("alive in [False]", [1]),
        ("8 <= `Fare paid` < 17", [2, 3]),
        ("4 <= Age <= 22 and contains(Sex, 'al')", [0, 3]),
        ("contains(Sex, 'm.l')", []),
        ("starts_with(Sex, 'fe') or ends_with(Sex, 'x')", [1]),
        ("not contains(Sex, 'fe')", [0, 2, 3]),
        ("matches(Sex, '^m.l')", [0, 3]),
        ("alive", [0, 3]),
        ("not alive", [1, 2]),
        ("alive == False", [1]),
        ("alive != True", [1, 2]),
        ("coalesce(alive, True)", [0, 2, 3]),
        ("`Fare paid` * 2 - 1 > 100", [1]),
        ("-`Fare paid` < -15", [1, 3]),
        ("-`Fare paid` % 3 == 2", [0, 3]),
        ("`Fare paid` % 2 == 0 and `Fare paid` // 3 == 2", [2]),
        ("2 ** 3 == `Fare paid` and -2 ** 2 + `Fare paid` == 4", [2]),
        ("Age / 0 > 100", [0, 2, 3]),
        ("Age / 0 - Age / 0 > 100", []),
        ("upper(Sex) == 'MALE' and length(Sex) == 4", [0, 3]),
        ("Sex + '!' == 'male!'", [0, 3]),
        ("abs(-Age) == 4 or round(Age / 3) == 7", [0, 3]),
        ("round(Age / 3, 1) == 12.7", [2]),
        ("if_else(Sex == 'male', Age, `Fare paid`) > 8", [0, 1]),
        ("if_else(Age > 10, 'old', 'young') == 'young'", [1, 3]),
        ("if_else(alive, 0, Age) == 38", [2]),
        ("coalesce(Age, -1) < 0", [1]),
        ("when > '2024-01-31'", [0, 3]),
        ("'2024-01-31 12:00' == when", [0]),
        ("year(when) == 2023", [2]),
        ("weekday(when) == 2 or hour(when) == 12", [0]),
        ("year(date(when)) == 2024 and date(when) == when", [0, 3]),
        ("month(date(day)) == 5 or day(date(day)) == 31", [0, 2]),
        ("date(day) < '2024-01-01'", [2]),
        ("is_missing(date(day))", [1, 3]),
        ("number(Sex) > 0 or number(text(Age)) == 22", [0]),
        ("text(`Fare paid`) == '71' or text(alive) == 'True'", [0, 1, 3]),
        ("col('Age') == 22 and col(\"Fare paid\") == 7", [0]),
        ("Age > 99999999999999999999999999999999999999999999", []),
        ("((((Age))) > (10))", [0, 2]),
    ],
)
def test_a_filter_keeps_what_its_pandas_code_keeps(text: str, rows: list[int]) -> None:
    assert kept(text) == rows
    assert kept_by_pandas(text, TABLE) == rows


@pytest.mark.parametrize(
    ("text", "words", "position"),
    [
        ("age > 1", "no column age", 0),
        ("Age and alive", "This is a number", 0),
        ("Age", "This is a number", 0),
        ("Age > 'x'", "A number can't be compared with text", 4),
        ("Sex > 1", "Text can't be compared with a number", 4),
        ("Sex * 2 > 1", "* wants a number", 0),
        ("-Sex > 1", "- wants a number", 1),
        ("contains(Age, 'x')", "contains wants text", 9),
        ("matches(Sex, '(?=a)')", "no regular expression here", 13),
        ("Age in ('x',)", "in wants a number, and this is text", 8),
        ("coalesce(Age, 'x') == 'x'", "coalesce wants a number", 14),
        ("if_else(alive, Age, Sex) == 1", "if_else wants a number, and this is text", 20),
        ("when > 'soon'", "no date", 7),
        ("when > '2024-01-31 12:00+02:00'", "no date", 7),
        ("year(Age) == 1", "year wants a date", 5),
        ("year(day) == 1", "year wants a date, and this is text", 5),
        ("date(Age) == day", "date wants text", 5),
        ("number(when) == 1", "number wants text", 7),
        ("text(when) == 'x'", "text wants a number", 5),
        ("nested == 1", "Nested can't be compared", 7),
    ],
)
def test_what_means_nothing_for_the_table_is_told_with_its_place(text: str, words: str, position: int) -> None:
    with pytest.raises(ExpressionError) as told:
        compiled(text, TABLE.schema)
    assert words in told.value.detail
    assert told.value.position == position


def test_a_column_in_other_capitals_is_proposed() -> None:
    with pytest.raises(ExpressionError) as told:
        compiled("sex == 'x'", TABLE.schema)
    assert told.value.advice == "There is Sex."


def test_a_long_filter_is_read() -> None:
    assert kept("alive and " * (WORDS // 2 - 1) + "alive") == [0, 3]
    long = "1 + " * (WORDS // 2 - 2) + "Age > 1000"
    assert kept(long) == kept_by_pandas(long, TABLE) == []


@given(st.text(min_size=1, max_size=20))
def test_any_column_can_be_filtered(name: str) -> None:
    table = polars.DataFrame({name: [1, 2]})
    assert table.filter(compiled(f"{quoted(name)} > 1", table.schema)).height == 1


SMALL = st.none() | st.integers(-3, 3)
HALVES = st.none() | st.integers(-6, 6).map(lambda number: number / 2)
DATES = ["2024-02-29", "2023-12-31 23:05", "2023-12-31T23:05:59.1234567Z", "2023-12-31 23:05+02:00", "1700-01-01"]
# of some of these pandas makes dates when it is left to itself
NO_DATES = ["-1.5", "2024", "2024-05", "20240131", "2024-1-3", "2024/01/31", "2023-02-29", "9999-12-31", "now"]
NO_DATES += [" 2024-02-29", "\n2024-02-29", "2024-02-29\n", "２024-02-29", "2024-02-29 12", "2024-02-29 24:00"]
NO_DATES += ["2024-02-29 23:05:60"]
TEXTS = st.none() | st.sampled_from(["a", "b", " aB", "", "7", "1.5", *DATES, *NO_DATES])
ROWS = st.lists(st.tuples(SMALL, HALVES, TEXTS, st.none() | st.booleans()), min_size=1, max_size=6)


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(lambda p: f"({' '.join(p)})")
        | st.tuples(inner, st.sampled_from([0, 1, 2])).map(lambda p: f"({p[0]} ** {p[1]})")
        | st.tuples(st.sampled_from(["abs", "sqrt", "exp", "log", "log1p", "floor", "ceil", "round"]), inner).map(_call)
        | inner.map(lambda text: f"(-{text})")
        | st.sampled_from(["length(k)", "number(k)", "year(date(k))", "month(date(k))", "day(date(k))"])
        | st.sampled_from(["weekday(date(k))", "hour(date(k))", "coalesce(n, 1)", "round(f, 1)", "if_else(t, n, f)"])
    )


def _call(parts: Any) -> str:
    return f"{parts[0]}({parts[1]})"


NUMBERS = st.recursive(st.sampled_from(["n", "f", "n", "f", "(n + 1)", "(f * 2.5)"]), _numbers, max_leaves=3)
WORDS_OF = st.sampled_from(
    ["k", "lower(k)", "upper(k)", "strip(k)", "(k + 'a')", "coalesce(k, 'b')", "if_else(n > 0, k, 'a')"]
)
COMPARED = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
TESTS = (
    st.tuples(NUMBERS, COMPARED, NUMBERS | st.sampled_from(["0", "1", "-2", "0.5"])).map(" ".join)
    | st.tuples(WORDS_OF, COMPARED, WORDS_OF | st.sampled_from(["'a'", "'B'", "''"])).map(" ".join)
    | st.tuples(NUMBERS, st.sampled_from([" in [1, -2]", " not in [0.5, 3]"])).map("".join)
    | st.tuples(st.sampled_from(["is_missing", "not_missing"]), NUMBERS | WORDS_OF | st.just("t")).map(_call)
    | st.tuples(st.sampled_from(["contains", "starts_with", "ends_with", "matches"]), WORDS_OF).map(
        lambda parts: f"{parts[0]}({parts[1]}, 'a')"
    )
    | st.sampled_from(["t", "t == True", "t != False", "coalesce(t, False)", "0 < n <= f", "if_else(t, n > 0, f > 0)"])
)
FILTERS = st.recursive(
    TESTS,
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or", "and not", "or not"]), inner).map(
        lambda parts: f"({' '.join(parts)})"
    ),
    max_leaves=3,
)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, text=FILTERS)
def test_a_view_keeps_the_rows_that_a_recipe_keeps(rows: list[tuple[Any, ...]], text: str) -> None:
    types = {"n": polars.Int64, "f": polars.Float64, "k": polars.String, "t": polars.Boolean}
    table = polars.DataFrame(rows, schema=types, orient="row")
    ours = table.with_row_index("#").filter(compiled(text, table.schema))["#"].to_list()
    assert ours == kept_by_pandas(text, table), text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("not_missing(date(k))", [0, 1, 2, 3, 4]),
        ("hour(date(k)) == 23", [1, 2, 3]),
        ("date(k) >= '2023-12-31T23:05:59.123456'", [0, 2]),
    ],
)
def test_the_same_texts_are_dates_in_a_view_and_in_a_recipe(text: str, rows: list[int]) -> None:
    table = polars.DataFrame({"k": [*DATES, *NO_DATES, None]})
    assert table.with_row_index("#").filter(compiled(text, table.schema))["#"].to_list() == rows
    assert kept_by_pandas(text, table) == rows


def test_each_function_is_compared_with_pandas() -> None:
    """So that a new one can't be forgotten above."""
    import inspect
    import sys

    source = inspect.getsource(sys.modules[__name__])
    assert [name for name in FUNCTIONS if name not in source] == []
