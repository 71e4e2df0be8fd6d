"""The language of filter and derive: what it becomes, and that it can be nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.wrangling.expressions import FUNCTIONS, ExpressionError, parse_expression


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Age > 3 and not is_missing(Cabin)", "(df['Age'] > 3) & ~df['Cabin'].isna()"),
        ("a or b > 1 and c", "df['a'] | (df['b'] > 1) & df['c']"),
        ("0 < Age <= 18", "(0 < df['Age']) & (df['Age'] <= 18)"),
        ("`Passenger Class` in ['a', -1, 2.5]", "df['Passenger Class'].isin(['a', -1, 2.5])"),
        ("Sex not in ('m',)", "~df['Sex'].isin(['m'])"),
        ("contains(Name, '`x`')", "df['Name'].str.contains('`x`', regex=False, na=False)"),
        ("starts_with(Name, 'Mr')", "df['Name'].str.startswith('Mr')"),
        ("log(Fare + 1) * 2", "np.log(df['Fare'] + 1) * 2"),
        ("round(Age, 1) == -3.0", "df['Age'].round(1) == -3.0"),
        ("if_else(Sex == 'm', Fare, 0)", "df['Fare'].where(df['Sex'] == 'm', 0)"),
        ("if_else(Sex == 'm', 0, Fare)", "df['Fare'].mask(df['Sex'] == 'm', 0)"),
        ("year(day) - 1", "df['day'].dt.year - 1"),
        ("weekday(day) > 4", "df['day'].dt.day_of_week > 4"),
        ("text(Age) + '!'", "df['Age'].astype('str') + '!'"),
        ("coalesce(Age, 0)", "df['Age'].fillna(0)"),
        ("Age > 1e999", "df['Age'] > float('inf')"),
        ("df == 'df'", "df['df'] == 'df'"),
    ],
)
def test_an_expression_becomes_pandas_code(text: str, code: str) -> None:
    assert parse_expression(text).code == code


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("__import__('os').system('x') == 1", "a method is not allowed"),
        ("__import__('os') == Age", "no function __import__"),
        ("__builtins__ == 1", "two underscores"),
        ("Age.__class__ == 1", "`.__class__` is not allowed"),
        ("Age.mean() > 1", "a method is not allowed"),
        ("open('/etc/passwd') == Age", "no function open"),
        ("eval('1') == Age", "no function eval"),
        ("lowr(Name) == 'a'", "did you mean lower?"),
        ("(lambda: 1)() == Age", "not allowed"),
        ("[x for x in Age] == 1", "not allowed"),
        ("f'{Age}' == Age", "not allowed"),
        ("Age[0] == 1", "not allowed"),
        ("(x := Age) > 1", "not allowed"),
        ("Age if Sex else 1", "not allowed"),
        ("Age & 3", "write `and`"),
        ("Age | 3", "write `or`"),
        ("~Age", "write `not`"),
        ("Age is None", "is_missing(column)"),
        ("Age == None", "is_missing(column)"),
        ("Age in Name", "a list of values"),
        ("Age in [Name]", "expected a value"),
        ("[1, 2] == Age", "only behind `in`"),
        ("Age > 3 and Fare + 1", "`Fare + 1` is none"),
        ("9 ** 9 ** 9 > Age", "an exponent"),
        ("Age ** (9 ** 999)", "an exponent"),
        ("Name + 'x' * 10 ** 9", "joined by `+` alone"),
        ("1 + 1", "names no column"),
        ("abs(1) > Age", "needs a column"),
        ("abs() > Age", "abs(column)"),
        ("abs(Age, key=1)", "abs(column)"),
        ("contains(Name, Age)", "a text in quotes"),
        ("round(Age, Fare)", "expected a value"),
        ("Age >", "that is no expression"),
        ("Age > b'x'", "the values are"),
        ("Age > 1j", "the values are"),
        ("Age\0 > 1", "no expression"),
        ("(" * 300 + "Age" + ")" * 300, "no expression"),
        ("-" * 4000 + "Age", "nested too deep"),
        ("Age > " + "1" * 6000, "longer than 5,000"),
    ],
)
def test_what_is_no_expression_is_refused_in_clear_words(text: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert words in str(caught.value)
    assert "_lapis_column_" not in str(caught.value)


def test_what_an_expression_reads_and_is() -> None:
    found = parse_expression("`a b` > 1 and log(c) > 1 or `a b` < 0")
    assert found.columns == ("a b", "c")
    assert found.is_condition
    assert found.needs_numpy
    assert not parse_expression("Age + 1").is_condition


WORDS = (
    *[
        "Age",
        "`a_b`",
        "df",
        "'x'",
        '"y"',
        "1",
        "2.5",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        ":",
        "=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "<",
        "and",
        "or",
        "not",
        "in",
        "if",
        "else",
        "lambda",
        "import",
        "__class__",
    ],
    *FUNCTIONS,
)


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)))
def test_whatever_is_typed_the_code_touches_columns_and_known_methods_alone(text: str) -> None:
    """Either a clear refusal, or code whose names are df, np and float, and whose attributes are of the list."""
    import ast

    try:
        code = parse_expression(text).code
    except ExpressionError:
        return
    nodes = list(ast.walk(ast.parse(code, mode="eval")))
    assert {node.id for node in nodes if isinstance(node, ast.Name)} <= {"df", "np", "float"}
    allowed = (
        "isna notna fillna where mask map astype isin abs round str dt lower upper strip len contains startswith "
        "endswith sqrt exp log log1p floor ceil year month day day_of_week hour"
    )
    assert {node.attr for node in nodes if isinstance(node, ast.Attribute)} <= set(allowed.split())
