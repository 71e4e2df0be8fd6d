"""Expressions as code of pandas or pyspark.pandas.

Each node of the tree becomes a piece of code that is written here; a name becomes `df['name']` and a constant its repr,
so that no text of a user is ever pasted into code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from services.expressions.dates import DATE, DATE_LENGTH, OFFSET
from services.expressions.parsing import parse, parse_filter
from services.expressions.tree import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    Constant,
    Joined,
    Membership,
    Negative,
    Node,
    Not,
    columns_of,
    is_condition,
    walk,
)


@dataclass(frozen=True)
class Dialect:
    """What an engine says in its own way.

    Attributes:
        weekday: the day of the week; pandas has given up the name that Spark has.
        date: a text as a date, `{}` being the text.
    """

    weekday: str
    date: str


# left to themselves, pandas takes '-1.5' and Spark '2024' for dates; what ends with a newline comes first, because
# $ matches before it too
_ISO_TEXT = rf"{{}}.astype('str').str.replace(r'(?s)^(?:.*\n|({DATE}){OFFSET}|.*)$', r'\1', regex=True)"
PANDAS = Dialect("day_of_week", f"pd.to_datetime({_ISO_TEXT}.str[:{DATE_LENGTH}], errors='coerce', format='ISO8601')")
SPARK = Dialect("dayofweek", f"{_ISO_TEXT}.astype('datetime64[ns]')")


@dataclass(frozen=True)
class Expression:
    """An expression as code.

    Attributes:
        code: computes it from a table named `df`.
        needs_numpy: whether the code uses `np`.
    """

    code: str
    needs_numpy: bool


def value_code(text: str, dialect: Dialect = PANDAS) -> Expression:
    """What computes a column. Raises ExpressionError."""
    node = parse(text)
    return _expression(node, _Writer(dialect).of(node))


def filter_code(text: str, dialect: Dialect = PANDAS) -> Expression:
    """What tells which rows stay. Raises ExpressionError, also where it is no condition."""
    node = parse_filter(text)
    return _expression(node, _Writer(dialect).condition(node))


def _expression(node: Node, code: _Code) -> Expression:
    return Expression(code.text, any(isinstance(part, Call) and part.function in _NUMPY for part in walk(node)))


_COMPARISON, _OR, _AND, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(8)
"""How tightly Python binds, the loosest first."""
_BINDING = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT, "**": _POWER}


@dataclass(frozen=True)
class _Code:
    text: str
    binding: int = _ATOM

    def within(self, least: int) -> str:
        """In brackets where what stands around binds more tightly."""
        return self.text if self.binding >= least else f"({self.text})"


class _Writer:
    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def of(self, node: Node) -> _Code:
        """The code of a node."""
        match node:
            case Column(name=name):
                return _Code(f"df[{name!r}]")
            case Constant():
                return _constant(node)
            case Call():
                return self._call(node)
            case Negative():
                return _Code(f"-{self._within(node.operand, _SIGN)}", _SIGN)
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison():
                left, right = self._within(node.left, _OR), self._within(node.right, _OR)
                return _Code(f"{left} {node.operator} {right}", _COMPARISON)
            case Membership():
                choices = ", ".join(_constant(choice).text for choice in node.choices)
                return _Code(f"{self._within(node.value, _ATOM)}.isin([{choices}])")
            case Not():
                return _Code(f"~{self.condition(node.operand).within(_SIGN)}", _SIGN)
            case Joined():
                binding = _AND if node.operator == "and" else _OR
                sign = " & " if node.operator == "and" else " | "
                parts = [self.condition(operand).within(binding) for operand in node.operands]
                return _Code(sign.join(parts), binding)

    def condition(self, node: Node) -> _Code:
        """The code of a node as true or false: missing is false, which a column of truth values may be."""
        code = self.of(node)
        return code if is_condition(node) else _Code(f"{code.within(_OR)} == True", _COMPARISON)

    def _within(self, node: Node, least: int) -> str:
        return self.of(node).within(least)

    def _arithmetic(self, node: Arithmetic) -> _Code:
        binding = _BINDING[node.operator]
        is_power = node.operator == "**"
        left = self._within(node.left, binding + is_power)
        right = self._within(node.right, _SIGN if is_power else binding + 1)
        return _Code(f"{left} {node.operator} {right}", binding)

    def _call(self, node: Call) -> _Code:
        name, given = node.function, node.arguments
        if name == "if_else":
            return self._choice(given)
        if name in _NUMPY:
            return _Code(f"np.{name}({self.of(given[0]).text})")
        if name == "number":
            return _Code(f"pd.to_numeric({self.of(given[0]).text}, errors='coerce').astype('float64')")
        value = self._within(given[0], _ATOM)
        if name == "date":
            return _Code(self._dialect.date.replace("{}", value))
        constants = ", ".join(_constant(item).text for item in given[1:] if isinstance(item, Constant))
        method = f"dt.{self._dialect.weekday}" if name == "weekday" else _METHODS[name].replace("...", constants)
        return _Code(f"{value}.{method}")

    def _choice(self, given: tuple[Node, ...]) -> _Code:
        """By where and mask, which pandas and Spark have alike."""
        condition, yes, no = given
        test = self.condition(condition)
        if columns_of(yes):
            return _Code(f"{self._within(yes, _ATOM)}.where({test.text}, {self.of(no).text})")
        if columns_of(no):
            return _Code(f"{self._within(no, _ATOM)}.mask({test.text}, {self.of(yes).text})")
        # by the names of the answers: pyspark.pandas maps True and False to truth values alone
        answers = f"{{'True': {self.of(yes).text}, 'False': {self.of(no).text}}}"
        return _Code(f"{test.within(_ATOM)}.astype('str').map({answers})")


def _constant(node: Constant) -> _Code:
    value = node.value
    if isinstance(value, float) and not math.isfinite(value):
        return _Code(f"float({str(value)!r})")
    is_negative = isinstance(value, int | float) and value < 0
    return _Code(repr(value), _SIGN if is_negative else _ATOM)


_NUMPY = ("sqrt", "exp", "log", "log1p", "floor", "ceil")
_METHODS: Mapping[str, str] = {
    "is_missing": "isna()",
    "not_missing": "notna()",
    "coalesce": "fillna(...)",
    "abs": "abs()",
    "round": "round(...)",
    "lower": "str.lower()",
    "upper": "str.upper()",
    "strip": "str.strip()",
    "length": "str.len()",
    "contains": "str.contains(..., regex=False, na=False)",
    "starts_with": "str.startswith(..., na=False)",
    "ends_with": "str.endswith(..., na=False)",
    "matches": "str.contains(..., regex=True, na=False)",
    "year": "dt.year",
    "month": "dt.month",
    "day": "dt.day",
    "hour": "dt.hour",
    "text": "astype('str')",
}
"""The method of a function; its further arguments stand for the dots."""
