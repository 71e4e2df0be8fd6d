"""What an expression is made of; positions count characters from 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from services.expressions.functions import FUNCTIONS


@dataclass(frozen=True)
class Column:
    """The value of a column."""

    name: str
    position: int


@dataclass(frozen=True)
class Constant:
    """A number, a text, true or false."""

    value: int | float | str | bool
    position: int


@dataclass(frozen=True)
class Call:
    """A function of FUNCTIONS with as many arguments as it takes."""

    function: str
    arguments: tuple[Node, ...]
    position: int


@dataclass(frozen=True)
class Negative:
    """A number with the other sign."""

    operand: Node
    position: int


@dataclass(frozen=True)
class Arithmetic:
    """`+ - * / // % **` of two numbers; `+` joins texts."""

    operator: str
    left: Node
    right: Node
    position: int


@dataclass(frozen=True)
class Comparison:
    """One of `== != < <= > >=`."""

    operator: str
    left: Node
    right: Node
    position: int


@dataclass(frozen=True)
class Membership:
    """Whether a value is one of a list."""

    value: Node
    choices: tuple[Constant, ...]
    position: int


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    operand: Node
    position: int


@dataclass(frozen=True)
class Joined:
    """Conditions joined by `and` or by `or`."""

    operator: str
    operands: tuple[Node, ...]
    position: int


Node: TypeAlias = Column | Constant | Call | Negative | Arithmetic | Comparison | Membership | Not | Joined


def children(node: Node) -> tuple[Node, ...]:
    """What a node is made of, from left to right."""
    match node:
        case Call(arguments=nodes) | Joined(operands=nodes):
            return nodes
        case Negative(operand=inner) | Not(operand=inner) | Membership(value=inner):
            return (inner,)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return left, right
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all in it, from left to right."""
    yield node
    for child in children(node):
        yield from walk(child)


def columns_of(node: Node) -> tuple[str, ...]:
    """The columns that an expression reads, in order of their first use."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Column)))


def is_condition(node: Node) -> bool:
    """Whether a node is true or false in each row, whatever the columns hold."""
    match node:
        case Comparison() | Membership() | Not() | Joined():
            return True
        case Constant(value=value):
            return isinstance(value, bool)
        case Call(function="if_else", arguments=(_, first, second)):
            return is_condition(first) and is_condition(second)
        case Call(function=name):
            return FUNCTIONS[name].is_condition
    return False


def may_be_condition(node: Node) -> bool:
    """Whether a node is a condition if the columns that it takes values from hold true and false."""
    match node:
        case Column():
            return True
        case (
            Call(function="if_else", arguments=(_, first, second))
            | Call(function="coalesce", arguments=(first, second))
        ):
            return may_be_condition(first) and may_be_condition(second)
    return is_condition(node)
