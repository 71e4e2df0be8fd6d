"""Filters as Polars queries, with pandas' meaning of missing values (what a recipe would keep, a view keeps)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from services.expressions.dates import DATE, DATE_LENGTH, DATE_YEARS, OFFSET
from services.expressions.parsing import ExpressionError, parse_filter
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
    children,
)
from services.tables.frames import column_named

if TYPE_CHECKING:
    import polars


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "a number"
    TEXT = "text"
    TRUTH = "true or false"
    DATE = "a date"
    OTHER = "nested"


def compiled(text: str, schema: Mapping[str, polars.DataType]) -> polars.Expr:
    """A filter for a table of that schema; it is never null. Raises ExpressionError."""
    return _Compiler(schema).condition(parse_filter(text))


class _Compiler:
    def __init__(self, schema: Mapping[str, polars.DataType]) -> None:
        self._schema = schema

    def condition(self, node: Node) -> polars.Expr:
        """Whether it is true, and false where it is missing."""
        kind, expression = self.of(node)
        if kind != Kind.TRUTH:
            raise ExpressionError(f"This is {kind}, where true or false is wanted", node.position)
        return expression.fill_null(False)

    def of(self, node: Node) -> tuple[Kind, polars.Expr]:
        """The kind of a value and its expression."""
        import polars

        match node:
            case Column():
                return self._column(node)
            case Constant(value=value):
                # Polars has no whole number of more than 128 bits
                is_wide = isinstance(value, int) and value.bit_length() > 100
                return _kind_of(value), polars.lit(float(value) if is_wide else value)
            case Call():
                return self._call(node)
            case Negative():
                kind, positive = self.of(node.operand)
                self._need(node.operand, kind, Kind.NUMBER, "-")
                return kind, -positive
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison():
                return Kind.TRUTH, self._comparison(node)
            case Membership():
                return Kind.TRUTH, self._membership(node)
            case Not():
                return Kind.TRUTH, ~self.condition(node.operand)
            case Joined():
                joined = and_ if node.operator == "and" else or_
                return Kind.TRUTH, reduce(joined, map(self.condition, node.operands))

    def _column(self, node: Column) -> tuple[Kind, polars.Expr]:
        import polars

        if node.name not in self._schema:
            alike = [name for name in self._schema if name.lower() == node.name.lower()]
            advice = f"There is {alike[0]}." if alike else f"Columns are {', '.join(list(self._schema)[:12])}."
            raise ExpressionError(f"There is no column {node.name}", node.position, advice=advice)
        dtype = self._schema[node.name]
        column = column_named(node.name)
        if dtype.is_numeric():
            return Kind.NUMBER, column
        if dtype == polars.Boolean:
            return Kind.TRUTH, column
        if dtype == polars.String or dtype.base_type() in (polars.Categorical, polars.Enum):
            return Kind.TEXT, column.cast(polars.String)
        if dtype.base_type() in (polars.Date, polars.Datetime):
            wide = column.cast(polars.Datetime("us", getattr(dtype, "time_zone", None)))
            return Kind.DATE, wide.dt.replace_time_zone(None)
        return Kind.OTHER, column

    def _call(self, node: Call) -> tuple[Kind, polars.Expr]:
        name, given = node.function, node.arguments
        if name == "if_else":
            return self._choice(given)
        kind, value = self._settled(given[0])
        constants = [item.value for item in given[1:] if isinstance(item, Constant)]
        if name in ("is_missing", "not_missing"):
            return Kind.TRUTH, value.is_null() if name == "is_missing" else value.is_not_null()
        if name == "coalesce":
            self._need(given[1], _kind_of(constants[0]), kind, name)
            return kind, value.fill_null(constants[0])
        if name in _CONVERSIONS:
            return _CONVERSIONS[name](given[0], kind, value)
        if name == "matches":
            _check_pattern(given[1], str(constants[0]))
        wanted, result, build = _FUNCTIONS[name]
        self._need(given[0], kind, wanted, name)
        return result, build(value, *constants)

    def _choice(self, given: tuple[Node, ...]) -> tuple[Kind, polars.Expr]:
        import polars

        (kind, value), (other_kind, other) = self.of(given[1]), self.of(given[2])
        self._need(given[2], other_kind, kind, "if_else")
        return kind, polars.when(self.condition(given[0])).then(value).otherwise(other)

    def _arithmetic(self, node: Arithmetic) -> tuple[Kind, polars.Expr]:
        import polars

        (left_kind, left), (right_kind, right) = self.of(node.left), self.of(node.right)
        if node.operator == "+" and left_kind == right_kind == Kind.TEXT:
            return Kind.TEXT, left + right
        self._need(node.left, left_kind, Kind.NUMBER, node.operator)
        self._need(node.right, right_kind, Kind.NUMBER, node.operator)
        wide = left.cast(polars.Float64)
        match node.operator:
            case "+":
                return Kind.NUMBER, left + right
            case "-":
                return Kind.NUMBER, left - right
            case "*":
                return Kind.NUMBER, left * right
            case "/":
                return Kind.NUMBER, left / right
            case "//":
                return Kind.NUMBER, (wide / right).floor()
            case "%":
                return Kind.NUMBER, wide % right
        # what is missing, to the power of 0, is 1 to pandas: there it is NaN
        nan = float("nan")
        return Kind.NUMBER, wide.fill_null(nan) ** right.cast(polars.Float64).fill_null(nan)

    def _comparison(self, node: Comparison) -> polars.Expr:
        (left_kind, left), (right_kind, right) = self._settled(node.left), self._settled(node.right)
        if left_kind == Kind.DATE and right_kind == Kind.TEXT and isinstance(node.right, Constant):
            right_kind, right = Kind.DATE, _moment(node.right)
        elif right_kind == Kind.DATE and left_kind == Kind.TEXT and isinstance(node.left, Constant):
            left_kind, left = Kind.DATE, _moment(node.left)
        if left_kind != right_kind or left_kind == Kind.OTHER:
            raise ExpressionError(f"{left_kind.capitalize()} can't be compared with {right_kind}", node.position)
        return _compared(node.operator, left, right)

    def _membership(self, node: Membership) -> polars.Expr:
        import polars

        kind, value = self._settled(node.value)
        for choice in node.choices:
            self._need(choice, _kind_of(choice.value), kind, "in")
        choices = [choice.value for choice in node.choices]
        if kind == Kind.NUMBER:
            # Polars compares numbers of one type alone here
            value, values = value.cast(polars.Float64), polars.Series(list(map(float, choices)))
        else:
            values = polars.Series(choices)
        return value.is_in(values.implode()).fill_null(False)

    def _settled(self, node: Node) -> tuple[Kind, polars.Expr]:
        """A value that is null where it is missing, as columns are; what was computed may be NaN until here."""
        import polars

        kind, value = self.of(node)
        if isinstance(node, Column) or kind != Kind.NUMBER or not self._is_float(node):
            return kind, value
        # Expr.fill_nan has its operand three times, so that nested ones would grow without bounds
        wide = value.cast(polars.Float64)
        return kind, wide.map_batches(_without_nan, return_dtype=polars.Float64, is_elementwise=True)

    def _is_float(self, node: Node) -> bool:
        match node:
            case Column(name=name):
                return self._schema[name].is_float()
            case Constant(value=value):
                return isinstance(value, float)
            case Arithmetic(operator=operator) if operator not in ("+", "-", "*"):
                return True
            case Call(function=name) if name in ("sqrt", "exp", "log", "log1p", "number"):
                return True
        return any(map(self._is_float, children(node)))

    def _need(self, node: Node, kind: Kind, wanted: Kind, what: str) -> None:
        if kind != wanted:
            raise ExpressionError(f"{what} wants {wanted}, and this is {kind}", node.position)


def _kind_of(value: Any) -> Kind:
    if isinstance(value, bool):
        return Kind.TRUTH
    return Kind.TEXT if isinstance(value, str) else Kind.NUMBER


def _without_nan(series: polars.Series) -> polars.Series:
    return series.fill_nan(None)


def _compared(operator: str, left: polars.Expr, right: polars.Expr) -> polars.Expr:
    match operator:
        case "==":
            return (left == right).fill_null(False)
        case "!=":
            # a missing value differs from everything, also from another: NaN != NaN
            return (left != right).fill_null(True)
        case "<":
            return (left < right).fill_null(False)
        case "<=":
            return (left <= right).fill_null(False)
        case ">":
            return (left > right).fill_null(False)
    return (left >= right).fill_null(False)


def _moment(constant: Constant) -> polars.Expr:
    """A text in quotes beside a date, as one. pandas compares no time that has an offset with one that has none."""
    import polars

    try:
        moment = datetime.fromisoformat(str(constant.value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo:
        raise ExpressionError("This is no date, such as '2024-01-31' or '2024-01-31 12:30'", constant.position)
    return polars.lit(moment, dtype=polars.Datetime("us"))


def _date(node: Node, kind: Kind, value: polars.Expr) -> tuple[Kind, polars.Expr]:
    """A text that is DATE, else missing; dates of other years are missing too."""
    import polars

    if kind == Kind.TEXT:
        text = value.str.extract(f"^({DATE}){OFFSET}$").str.slice(0, DATE_LENGTH).str.replace("T", " ", literal=True)
        forms = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f")
        return Kind.DATE, polars.coalesce(
            [text.str.strptime(polars.Datetime("us"), form, strict=False) for form in forms]
        )
    if kind != Kind.DATE:
        raise ExpressionError(f"date wants text, and this is {kind}", node.position)
    return kind, polars.when(value.dt.year().is_between(*DATE_YEARS)).then(value)


def _as_number(node: Node, kind: Kind, value: polars.Expr) -> tuple[Kind, polars.Expr]:
    import polars

    if kind not in (Kind.NUMBER, Kind.TEXT, Kind.TRUTH):
        raise ExpressionError(f"number wants text, and this is {kind}", node.position)
    text = value.str.strip_chars() if kind == Kind.TEXT else value
    return Kind.NUMBER, text.cast(polars.Float64, strict=False)


def _as_text(node: Node, kind: Kind, value: polars.Expr) -> tuple[Kind, polars.Expr]:
    import polars

    if kind not in (Kind.NUMBER, Kind.TEXT, Kind.TRUTH):
        raise ExpressionError(f"text wants a number, and this is {kind}", node.position)
    text = value.cast(polars.String)
    return Kind.TEXT, text.str.to_titlecase() if kind == Kind.TRUTH else text


def _check_pattern(node: Node, pattern: str) -> None:
    import polars

    try:
        polars.Series([""]).str.contains(pattern)
    except polars.exceptions.ComputeError as error:
        raise ExpressionError(
            "This is no regular expression here: it can't look ahead or back", node.position
        ) from error


_CONVERSIONS = {"date": _date, "number": _as_number, "text": _as_text}
_FUNCTIONS: Mapping[str, tuple[Kind, Kind, Callable[..., polars.Expr]]] = {
    "abs": (Kind.NUMBER, Kind.NUMBER, lambda value: value.abs()),
    "round": (Kind.NUMBER, Kind.NUMBER, lambda value, digits=0: value.round(digits)),
    "sqrt": (Kind.NUMBER, Kind.NUMBER, lambda value: value.sqrt()),
    "exp": (Kind.NUMBER, Kind.NUMBER, lambda value: value.exp()),
    "log": (Kind.NUMBER, Kind.NUMBER, lambda value: value.log()),
    "log1p": (Kind.NUMBER, Kind.NUMBER, lambda value: value.log1p()),
    "floor": (Kind.NUMBER, Kind.NUMBER, lambda value: value.floor()),
    "ceil": (Kind.NUMBER, Kind.NUMBER, lambda value: value.ceil()),
    "lower": (Kind.TEXT, Kind.TEXT, lambda value: value.str.to_lowercase()),
    "upper": (Kind.TEXT, Kind.TEXT, lambda value: value.str.to_uppercase()),
    "strip": (Kind.TEXT, Kind.TEXT, lambda value: value.str.strip_chars()),
    "length": (Kind.TEXT, Kind.NUMBER, lambda value: value.str.len_chars().cast(int)),
    "contains": (Kind.TEXT, Kind.TRUTH, lambda value, text: value.str.contains(text, literal=True).fill_null(False)),
    "starts_with": (Kind.TEXT, Kind.TRUTH, lambda value, text: value.str.starts_with(text).fill_null(False)),
    "ends_with": (Kind.TEXT, Kind.TRUTH, lambda value, text: value.str.ends_with(text).fill_null(False)),
    "matches": (Kind.TEXT, Kind.TRUTH, lambda value, pattern: value.str.contains(pattern).fill_null(False)),
    "year": (Kind.DATE, Kind.NUMBER, lambda value: value.dt.year().cast(int)),
    "month": (Kind.DATE, Kind.NUMBER, lambda value: value.dt.month().cast(int)),
    "day": (Kind.DATE, Kind.NUMBER, lambda value: value.dt.day().cast(int)),
    "weekday": (Kind.DATE, Kind.NUMBER, lambda value: value.dt.weekday().cast(int) - 1),
    "hour": (Kind.DATE, Kind.NUMBER, lambda value: value.dt.hour().cast(int)),
}
"""What each function takes and gives, and its expression."""
