"""What an expression can call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Argument(StrEnum):
    """What stands at a place of a call."""

    COLUMN = "a column"
    """Or anything that is computed from one."""
    CONDITION = "a condition"
    ANY = "a column or a value"
    VALUE = "a value such as 3 or 'S'"
    TEXT = "a text in quotes"
    PATTERN = "a regular expression in quotes"
    DIGITS = "a number of digits from 0 to 15"


@dataclass(frozen=True)
class Function:
    """How a function is written.

    Attributes:
        usage: as a person writes it.
        arguments: what it takes, in their order.
        optional: how many of the last ones may be left out.
        is_condition: whether it is true or false in each row.
    """

    usage: str
    arguments: tuple[Argument, ...] = (Argument.COLUMN,)
    optional: int = 0
    is_condition: bool = False


def _of_column(name: str) -> Function:
    return Function(f"{name}(column)")


def _test(name: str, argument: Argument = Argument.TEXT) -> Function:
    return Function(f"{name}(column, 'text')", (Argument.COLUMN, argument), is_condition=True)


FUNCTIONS: Mapping[str, Function] = {
    "is_missing": Function("is_missing(column)", is_condition=True),
    "not_missing": Function("not_missing(column)", is_condition=True),
    "coalesce": Function("coalesce(column, value)", (Argument.COLUMN, Argument.VALUE)),
    "if_else": Function("if_else(condition, value, other)", (Argument.CONDITION, Argument.ANY, Argument.ANY)),
    "abs": _of_column("abs"),
    "round": Function("round(column, digits)", (Argument.COLUMN, Argument.DIGITS), optional=1),
    "sqrt": _of_column("sqrt"),
    "exp": _of_column("exp"),
    "log": _of_column("log"),
    "log1p": _of_column("log1p"),
    "floor": _of_column("floor"),
    "ceil": _of_column("ceil"),
    "lower": _of_column("lower"),
    "upper": _of_column("upper"),
    "strip": _of_column("strip"),
    "length": _of_column("length"),
    "contains": _test("contains"),
    "starts_with": _test("starts_with"),
    "ends_with": _test("ends_with"),
    "matches": _test("matches", Argument.PATTERN),
    "date": _of_column("date"),
    "year": _of_column("year"),
    "month": _of_column("month"),
    "day": _of_column("day"),
    "weekday": _of_column("weekday"),
    "hour": _of_column("hour"),
    "number": _of_column("number"),
    "text": _of_column("text"),
}
"""The functions by name."""
