"""Filters as Polars queries, with pandas' meaning of missing values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.tables.expressions import (
    TEXT_TESTS,
    Arithmetic,
    Both,
    Call,
    Column,
    Comparison,
    ExpressionError,
    Literal,
    Membership,
    Missing,
    Node,
    Not,
    parse,
)
from services.tables.frames import column_named

if TYPE_CHECKING:
    import polars

NUMBER, TEXT, TRUTH, TIME, OTHER = "a number", "text", "true or false", "a date", "nested"


def compiled(text: str, schema: Mapping[str, polars.DataType]) -> polars.Expr:
    """A filter for a table of that schema; it is never null. Raises ExpressionError."""
    node = parse(text)
    kind, expression = _Compiler(schema).of(node)
    if kind != TRUTH:
        raise ExpressionError(f"This is {kind}, and a filter is true or false", node.position)
    return expression.fill_null(False)


class _Compiler:
    def __init__(self, schema: Mapping[str, polars.DataType]) -> None:
        self._schema = schema

    def of(self, node: Node) -> tuple[str, polars.Expr]:
        """The kind of a value and its expression."""
        import polars

        match node:
            case Column():
                return self._column(node)
            case Literal():
                return _kind_of(node.value), polars.lit(node.value)
            case Call():
                return self._call(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison():
                return TRUTH, self._comparison(node)
            case Membership():
                return TRUTH, self._membership(node)
            case Missing():
                return TRUTH, self.of(node.value)[1].is_null()
            case Not():
                return TRUTH, ~self._truth(node.operand)
            case Both():
                left, right = self._truth(node.left), self._truth(node.right)
                return TRUTH, left & right if node.operator == "and" else left | right

    def _truth(self, node: Node) -> polars.Expr:
        kind, expression = self.of(node)
        if kind != TRUTH:
            raise ExpressionError(f"This is {kind}, where true or false is wanted", node.position)
        return expression.fill_null(False)

    def _column(self, node: Column) -> tuple[str, polars.Expr]:
        import polars

        if node.name not in self._schema:
            alike = [name for name in self._schema if name.lower() == node.name.lower()]
            advice = f"There is {alike[0]}." if alike else f"Columns are {', '.join(list(self._schema)[:12])}."
            raise ExpressionError(f"There is no column {node.name}", node.position, advice=advice)
        dtype = self._schema[node.name]
        column = column_named(node.name)
        if dtype.is_numeric():
            return NUMBER, column
        if dtype == polars.Boolean:
            return TRUTH, column
        if dtype == polars.String or dtype.base_type() in (polars.Categorical, polars.Enum):
            return TEXT, column.cast(polars.String)
        if dtype.base_type() in (polars.Date, polars.Datetime):
            wide = column.cast(polars.Datetime("us", getattr(dtype, "time_zone", None)))
            return TIME, wide.dt.replace_time_zone(None)
        return OTHER, column

    def _call(self, node: Call) -> tuple[str, polars.Expr]:
        import polars

        kind, value = self.of(node.argument)
        numbers = {
            "abs": value.abs, "round": value.round, "floor": value.floor, "ceil": value.ceil,
            "sqrt": value.sqrt, "log": value.log, "exp": value.exp,
        }  # fmt: skip
        texts = {"lower": value.str.to_lowercase, "upper": value.str.to_uppercase, "strip": value.str.strip_chars}
        if node.function in numbers:
            self._need(node.argument, kind, NUMBER, node.function)
            result: polars.Expr = numbers[node.function]()
            return NUMBER, result.fill_nan(None) if node.function in ("sqrt", "log") else result
        if node.function in texts:
            self._need(node.argument, kind, TEXT, node.function)
            return TEXT, texts[node.function]()
        if node.function == "length":
            self._need(node.argument, kind, TEXT, node.function)
            return NUMBER, value.str.len_chars()
        if kind == TEXT:
            value = (
                value.str.slice(0, 19)
                .str.replace("T", " ")
                .str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
                .fill_null(value.str.slice(0, 10).str.to_datetime("%Y-%m-%d", strict=False))
            )
        elif kind != TIME:
            raise ExpressionError(f"{node.function} wants a date, and this is {kind}", node.argument.position)
        parts = {"year": value.dt.year, "month": value.dt.month, "day": value.dt.day, "hour": value.dt.hour}
        return NUMBER, parts[node.function]().cast(polars.Int64)

    def _arithmetic(self, node: Arithmetic) -> tuple[str, polars.Expr]:
        (left_kind, left), (right_kind, right) = self.of(node.left), self.of(node.right)
        if node.operator == "+" and left_kind == right_kind == TEXT:
            return TEXT, left + right
        self._need(node.left, left_kind, NUMBER, node.operator)
        self._need(node.right, right_kind, NUMBER, node.operator)
        import polars

        wide = polars.Float64
        match node.operator:
            case "+":
                return NUMBER, left + right
            case "-":
                return NUMBER, left - right
            case "*":
                return NUMBER, left * right
            case "/":
                return NUMBER, (left / right).fill_nan(None)
            case "//":
                return NUMBER, (left.cast(wide) / right).fill_nan(None).floor()
            case "%":
                return NUMBER, (left.cast(wide) % right).fill_nan(None)
        return NUMBER, (left.cast(wide) ** right).fill_nan(None)

    def _comparison(self, node: Comparison) -> polars.Expr:
        (left_kind, left), (right_kind, right) = self.of(node.left), self.of(node.right)
        if node.operator in TEXT_TESTS:
            return self._text_test(node, left_kind, left, right_kind)
        if left_kind == TIME and right_kind == TEXT and isinstance(node.right, Literal):
            right_kind, right = TIME, _moment(node.right)
        elif right_kind == TIME and left_kind == TEXT and isinstance(node.left, Literal):
            left_kind, left = TIME, _moment(node.left)
        if left_kind != right_kind or left_kind == OTHER:
            raise ExpressionError(f"{left_kind.capitalize()} can't be compared with {right_kind}", node.position)
        return _compared(node.operator, left, right)

    def _text_test(self, node: Comparison, kind: str, left: polars.Expr, right_kind: str) -> polars.Expr:
        import polars

        self._need(node.left, kind, TEXT, node.operator)
        if not isinstance(node.right, Literal) or right_kind != TEXT:
            raise ExpressionError(f"{node.operator} wants a text in quotes", node.right.position)
        wanted = str(node.right.value)
        match node.operator:
            case "contains":
                found = left.str.contains(wanted, literal=True)
            case "starts with":
                found = left.str.starts_with(wanted)
            case "ends with":
                found = left.str.ends_with(wanted)
            case _:
                found = left.str.contains(wanted)
                try:
                    polars.Series([""]).str.contains(wanted)
                except polars.exceptions.ComputeError as error:
                    raise ExpressionError("This is no regular expression", node.right.position) from error
        return found.fill_null(False)

    def _membership(self, node: Membership) -> polars.Expr:
        import polars

        kind, value = self.of(node.value)
        for choice in node.choices:
            if _kind_of(choice.value) != kind:
                raise ExpressionError(f"This is {_kind_of(choice.value)}, and the value is {kind}", choice.position)
        values = polars.Series([choice.value for choice in node.choices], strict=False)
        return value.is_in(values.implode()).fill_null(False)

    def _need(self, node: Node, kind: str, wanted: str, what: str) -> None:
        if kind != wanted:
            raise ExpressionError(f"{what} wants {wanted}, and this is {kind}", node.position)


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return TRUTH
    return TEXT if isinstance(value, str) else NUMBER


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


def _moment(literal: Literal) -> polars.Expr:
    """A text in quotes beside a date, as one."""
    import polars

    try:
        moment = datetime.fromisoformat(str(literal.value)).replace(tzinfo=None)
    except ValueError as error:
        raise ExpressionError(
            "This is no date, such as '2024-01-31' or '2024-01-31 12:30'", literal.position
        ) from error
    return polars.lit(moment, dtype=polars.Datetime("us"))
