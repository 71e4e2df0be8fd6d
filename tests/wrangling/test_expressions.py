"""Expressions as code of pandas: what they become, and that it can be nothing else."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.expressions.dates import DATE, OFFSET
from services.expressions.functions import FUNCTIONS
from services.expressions.parsing import ExpressionError
from services.wrangling.expressions import SPARK, filter_code, value_code

DAY = rf"df['day'].astype('str').str.replace(r'(?s)^(?:.*\n|({DATE}){OFFSET}|.*)$', r'\1', regex=True)"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Age > 3 and not is_missing(Cabin)", "(df['Age'] > 3) & ~df['Cabin'].isna()"),
        ("a or b > 1 and c", "(df['a'] == True) | (df['b'] > 1) & (df['c'] == True)"),
        ("(a or b > 1) and c", "((df['a'] == True) | (df['b'] > 1)) & (df['c'] == True)"),
        ("not (a > 1 or b > 1)", "~((df['a'] > 1) | (df['b'] > 1))"),
        ("(a > 1) == (b > 1)", "(df['a'] > 1) == (df['b'] > 1)"),
        ("0 < Age <= 18", "(0 < df['Age']) & (df['Age'] <= 18)"),
        ("`Passenger Class` in ['a', -1, 2.5]", "df['Passenger Class'].isin(['a', -1, 2.5])"),
        ("Sex not in ('m',)", "~df['Sex'].isin(['m'])"),
        ("contains(Name, '`x`...')", "df['Name'].str.contains('`x`...', regex=False, na=False)"),
        ("starts_with(Name, 'Mr')", "df['Name'].str.startswith('Mr', na=False)"),
        (r"matches(Name, '^\d+')", r"df['Name'].str.contains('^\\d+', regex=True, na=False)"),
        ("log(Fare + 1) * 2", "np.log(df['Fare'] + 1) * 2"),
        ("(a + b) * -c - (d - e)", "(df['a'] + df['b']) * -df['c'] - (df['d'] - df['e'])"),
        ("(a ** 2) ** -b", "(df['a'] ** 2) ** -df['b']"),
        ("-(a ** 2) + (-a) ** 2", "-df['a'] ** 2 + (-df['a']) ** 2"),
        ("abs(a - 1)", "(df['a'] - 1).abs()"),
        ("round(Age, 1) == -3.0", "df['Age'].round(1) == -3.0"),
        ("if_else(Sex == 'm', Fare, 0)", "df['Fare'].where(df['Sex'] == 'm', 0)"),
        ("if_else(Sex == 'm', 0, Fare)", "df['Fare'].mask(df['Sex'] == 'm', 0)"),
        ("if_else(a, 'x', 'y')", "(df['a'] == True).astype('str').map({'True': 'x', 'False': 'y'})"),
        ("year(day) - 1", "df['day'].dt.year - 1"),
        ("weekday(day) > 4", "df['day'].dt.day_of_week > 4"),
        ("date(day)", f"pd.to_datetime({DAY}.str[:26], errors='coerce', format='ISO8601')"),
        ("number(a + b)", "pd.to_numeric(df['a'] + df['b'], errors='coerce').astype('float64')"),
        ("text(Age) + '!'", "df['Age'].astype('str') + '!'"),
        ("coalesce(Age, 0)", "df['Age'].fillna(0)"),
        ("Age > 1e999", "df['Age'] > float('inf')"),
        ("df == 'df'", "df['df'] == 'df'"),
        ("`a'b\"\\` > 0", "df['a\\'b\"\\\\'] > 0"),
    ],
)
def test_an_expression_becomes_pandas_code(text: str, code: str) -> None:
    assert value_code(text).code == code


def test_code_for_spark_differs_where_spark_says_it_otherwise() -> None:
    assert value_code("weekday(date(day)) > 4", SPARK).code == f"{DAY}.astype('datetime64[ns]').dt.dayofweek > 4"


def test_a_column_filters_by_what_is_true() -> None:
    """Where a column of truth values has gaps, pandas has no mask of it."""
    assert value_code("alive").code == "df['alive']"
    assert filter_code("alive").code == "df['alive'] == True"
    with pytest.raises(ExpressionError, match="A filter is a condition"):
        filter_code("Age + 1")


def test_numpy_is_named_where_it_is_needed() -> None:
    assert filter_code("a > 1 or log(c) > 1").needs_numpy
    assert not filter_code("a > 1 or abs(c) > 1").needs_numpy


WORDS = (
    *("Age", "`a_b`", "df", "'x'", '"y"', "1", "2.5", "(", ")", "[", "]", ",", ".", ":", "=", "+", "-", "*", "/", "%"),
    *("==", "<", "and", "or", "not", "in", "if", "else", "lambda", "import", "__class__", "**", "~", "|"),
    *FUNCTIONS,
)


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)))
def test_whatever_is_typed_the_code_touches_columns_and_known_methods_alone(text: str) -> None:
    """Either a clear refusal, or code whose names are df, np, pd and float, and whose attributes are of the list."""
    try:
        code = value_code(text).code
    except ExpressionError:
        return
    nodes = list(ast.walk(ast.parse(code, mode="eval")))
    assert {node.id for node in nodes if isinstance(node, ast.Name)} <= {"df", "np", "pd", "float"}
    allowed = (
        "isna notna fillna where mask map astype isin abs round str dt replace lower upper strip len contains "
        "startswith endswith sqrt exp log log1p floor ceil year month day day_of_week hour to_datetime to_numeric"
    )
    assert {node.attr for node in nodes if isinstance(node, ast.Attribute)} <= set(allowed.split())
