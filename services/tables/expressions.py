"""The language of filters: comparisons of columns, joined by and, or, not. Nothing of it is ever run as code.

    Age >= 18 and Sex == 'female'
    `Fare paid` / 2 > 10 or Cabin is missing
    Embarked in ('S', 'C') and not Name contains 'Mr.'
    lower(Name) starts with 'b' and year(Joined) between 2020 and 2024

A column is named as it is, or between backticks if its name is no word; `col("Fare paid")`, as in MLTable files, is the
same. Missing values mean what they mean in pandas: a comparison with one is false, `!=` is true, and `not` turns both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, TypeAlias

from services.errors import UserError

LENGTH = 10_000
"""Characters of an expression at most."""
WORDS = 500
"""Words and signs at most: each may be a level of the tree."""
DEPTH = 100
"""Brackets within brackets at most."""
COMPARISONS = {"==": "==", "=": "==", "!=": "!=", "<>": "!=", "<=": "<=", "<": "<", ">=": ">=", ">": ">"}
TEXT_TESTS = ("contains", "starts with", "ends with", "matches")
FUNCTIONS = (
    "abs",
    "round",
    "floor",
    "ceil",
    "sqrt",
    "log",
    "exp",
    "lower",
    "upper",
    "strip",
    "length",
    "year",
    "month",
    "day",
    "hour",
)
"""What can be called, each with one argument."""


class ExpressionError(UserError):
    """A filter can't be read, or means nothing for this table; `position` counts characters from 0."""

    title = "That filter can't be read"

    def __init__(self, detail: str, position: int, *, advice: str = "") -> None:
        super().__init__(f"{detail} (at character {position + 1}).", advice=advice)
        self.position = position


@dataclass(frozen=True)
class Column:
    """The value of a column."""

    name: str
    position: int


@dataclass(frozen=True)
class Literal:
    """A number, a text, true or false."""

    value: int | float | str | bool
    position: int


@dataclass(frozen=True)
class Call:
    """A function of one value."""

    function: str
    argument: Node
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
    """One of `== != < <= > >=`, or a test of text."""

    operator: str
    left: Node
    right: Node
    position: int


@dataclass(frozen=True)
class Membership:
    """Whether a value is one of a list."""

    value: Node
    choices: tuple[Literal, ...]
    position: int


@dataclass(frozen=True)
class Missing:
    """Whether a value is missing."""

    value: Node
    position: int


@dataclass(frozen=True)
class Not:
    """The opposite."""

    operand: Node
    position: int


@dataclass(frozen=True)
class Both:
    """`and`, `or`."""

    operator: str
    left: Node
    right: Node
    position: int


Node: TypeAlias = Column | Literal | Call | Arithmetic | Comparison | Membership | Missing | Not | Both


class _Kind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True)
class _Token:
    kind: _Kind
    text: str
    position: int


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")"""
    r"""|(?P<name>`(?:[^`]|``)+`)|(?P<word>[^\W\d]\w*)|(?P<symbol>\*\*|//|==|!=|<>|<=|>=|&&|\|\||[-+*/%<>=()\[\],&|~!]))"""
)
_RESERVED = frozenset(
    (
        "and",
        "or",
        "not",
        "in",
        "is",
        "missing",
        "null",
        "between",
        "contains",
        "starts",
        "ends",
        "matches",
        "true",
        "false",
    )
)


def parse(text: str) -> Node:
    """The tree of an expression. Raises ExpressionError."""
    if len(text) > LENGTH:
        raise ExpressionError(f"The filter is longer than {LENGTH:,} characters", LENGTH)
    return _Parser(_tokens(text)).whole()


def quoted(name: str) -> str:
    """The name of a column as an expression has it."""
    plain = re.fullmatch(r"[^\W\d]\w*", name) and name.lower() not in _RESERVED
    return name if plain else "`" + name.replace("`", "``") + "`"


def _tokens(text: str) -> list[_Token]:
    found, place = [], 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            begin = place + len(text[place:]) - len(text[place:].lstrip())
            character = text[begin]
            if character in "'\"`":
                raise ExpressionError(f"The {character} here is never closed", begin)
            if character == ".":
                raise ExpressionError("A filter has no dots: it compares columns and calls no code", begin)
            raise ExpressionError(f"{character!r} means nothing here", begin)
        found.append(_Token(_Kind(match.lastgroup), match[match.lastgroup], match.start(match.lastgroup)))
        if len(found) > WORDS:
            raise ExpressionError(f"The filter has more than {WORDS} words and signs", match.start())
        place = match.end()
    return [*found, _Token(_Kind.END, "", end)]


class _Parser:
    """Recursive descent: or, and, not, comparison, sum, product, sign, power, value."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._peek().kind is _Kind.END:
            raise ExpressionError("There is nothing to filter by", 0)
        node = self._or()
        if self._peek().kind is not _Kind.END:
            self._unexpected("and, or, or the end")
        return node

    # ------------------------------------------------------------------------------------------------------- tokens

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _next_is(self, *texts: str) -> bool:
        token = self._peek()
        return token.kind in (_Kind.SYMBOL, _Kind.WORD) and token.text.lower() in texts

    def _taken(self, *texts: str) -> _Token | None:
        return self._take() if self._next_is(*texts) else None

    def _expect(self, text: str) -> None:
        if not self._taken(text):
            self._unexpected(f"{text!r}")

    def _unexpected(self, wanted: str) -> NoReturn:
        token = self._peek()
        found = "the filter ends" if token.kind is _Kind.END else f"{token.text!r} stands"
        raise ExpressionError(f"Where {wanted} should be, {found}", token.position)

    # ------------------------------------------------------------------------------------------------------ grammar

    def _or(self) -> Node:
        node = self._and()
        while token := self._taken("or", "|", "||"):
            node = Both("or", node, self._and(), token.position)
        return node

    def _and(self) -> Node:
        node = self._not()
        while token := self._taken("and", "&", "&&"):
            node = Both("and", node, self._not(), token.position)
        return node

    def _not(self) -> Node:
        if token := self._taken("not", "~", "!"):
            self._deeper()
            node = Not(self._not(), token.position)
            self._depth -= 1
            return node
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._sum()
        if (token := self._peek()).kind is _Kind.SYMBOL and token.text in COMPARISONS:
            self._take()
            return Comparison(COMPARISONS[token.text], left, self._sum(), token.position)
        if word := self._taken("is"):
            negated = self._taken("not")
            if not self._taken("missing", "null"):
                self._unexpected("missing or null")
            missing = Missing(left, word.position)
            return Not(missing, word.position) if negated else missing
        turned = self._taken("not")
        node = self._test(left)
        return Not(node, turned.position) if turned else node

    def _test(self, left: Node) -> Node:
        if token := self._taken("in"):
            return Membership(left, self._choices(), token.position)
        if token := self._taken("between"):
            low = self._sum()
            self._expect("and")
            high = self._sum()
            return Both(
                "and",
                Comparison(">=", left, low, token.position),
                Comparison("<=", left, high, token.position),
                token.position,
            )
        if token := self._taken("contains", "matches"):
            return Comparison(token.text.lower(), left, self._sum(), token.position)
        if token := self._taken("starts", "ends"):
            self._expect("with")
            return Comparison(f"{token.text.lower()} with", left, self._sum(), token.position)
        if self._tokens[self._at - 1].text.lower() == "not":
            self._unexpected("in, between, contains, starts with, ends with or matches")
        return left

    def _choices(self) -> tuple[Literal, ...]:
        opening = self._taken("(", "[")
        if not opening:
            self._unexpected("'('")
        choices = []
        while True:
            value = self._sign()
            if not isinstance(value, Literal):
                raise ExpressionError("A list holds numbers and texts alone", value.position)
            choices.append(value)
            if not self._taken(","):
                break
        self._expect(")" if opening.text == "(" else "]")
        return tuple(choices)

    def _sum(self) -> Node:
        node = self._product()
        while token := self._taken("+", "-"):
            node = Arithmetic(token.text, node, self._product(), token.position)
        return node

    def _product(self) -> Node:
        node = self._sign()
        while token := self._taken("*", "/", "//", "%"):
            node = Arithmetic(token.text, node, self._sign(), token.position)
        return node

    def _sign(self) -> Node:
        if token := self._taken("-"):
            self._deeper()
            operand = self._sign()
            self._depth -= 1
            if isinstance(operand, Literal) and not isinstance(operand.value, str | bool):
                return Literal(-operand.value, token.position)
            return Arithmetic("-", Literal(0, token.position), operand, token.position)
        return self._power()

    def _power(self) -> Node:
        base = self._value()
        if token := self._taken("**"):
            return Arithmetic("**", base, self._sign(), token.position)
        return base

    def _value(self) -> Node:
        token = self._take()
        match token.kind:
            case _Kind.NUMBER:
                is_whole = token.text.isdigit()
                return Literal(int(token.text) if is_whole else float(token.text), token.position)
            case _Kind.TEXT:
                quote = token.text[0]
                return Literal(token.text[1:-1].replace(quote * 2, quote), token.position)
            case _Kind.NAME:
                return Column(token.text[1:-1].replace("``", "`"), token.position)
            case _Kind.WORD:
                return self._word(token)
        if token.text == "(":
            self._deeper()
            node = self._or()
            self._depth -= 1
            self._expect(")")
            return node
        self._at -= 1
        return self._unexpected("a column, a number or a text")

    def _word(self, token: _Token) -> Node:
        low = token.text.lower()
        if low in ("true", "false"):
            return Literal(low == "true", token.position)
        if low in _RESERVED:
            self._at -= 1
            self._unexpected("a column, a number or a text")
        if not self._taken("("):
            return Column(token.text, token.position)
        if low == "col" and self._peek().kind is _Kind.TEXT:
            name = self._value()
            self._expect(")")
            return Column(str(name.value), token.position) if isinstance(name, Literal) else name
        if low not in FUNCTIONS:
            raise ExpressionError(
                f"There is no function {token.text}", token.position, advice=f"There are {', '.join(FUNCTIONS)}."
            )
        self._deeper()
        argument = self._sum()
        self._depth -= 1
        self._expect(")")
        return Call(low, argument, token.position)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise ExpressionError("The filter has too many brackets within brackets", self._peek().position)
