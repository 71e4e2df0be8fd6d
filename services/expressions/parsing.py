"""Reads an expression (docs/expressions.md): Python's syntax for values, with columns in place of variables.

    Age >= 18 and Sex == 'female'
    `Fare paid` / 2 > 10 or is_missing(Cabin)
    Embarked in ['S', 'C'] and not contains(Name, 'Mr.')
    if_else(0 < Age <= 18, 'child', lower(Sex))

A text is cut into words and signs, these become a tree, and there is no way from either to code.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from services.errors import UserError
from services.expressions.functions import FUNCTIONS, Argument
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
    may_be_condition,
)

LENGTH = 5_000
"""Characters of an expression at most."""
WORDS = 400
"""Words and signs at most: each may be a level of the tree."""
DEPTH = 50
"""Brackets within brackets at most."""
DIGITS = 100
"""Digits of a whole number at most."""
MAX_POWER = 64
"""The largest exponent of a constant: `9 ** 9 ** 9` would take all memory before any row is read."""
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_RESERVED = frozenset(("and", "or", "not", "in", "True", "False", "true", "false", "None"))
_HINTS = {
    "=": "write ==",
    "!": "write not",
    "<>": "write !=",
    "&&": "write and",
    "||": "write or",
    "is": "write is_missing(column), or ==",
    "between": "write 1 <= Age <= 5",
    "if": "write if_else(condition, value, other)",
    "[": "a list stands behind in alone: Embarked in ['S', 'C']",
    "None": "nothing equals None; write is_missing(column)",
    **{word.upper(): f"write {word}" for word in ("and", "or", "not", "in")},
    **{name: f"write {function.usage}" for name, function in FUNCTIONS.items()},
}
"""What to write instead of a word or sign that stands where it means nothing."""
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"""
    r"""|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""|(?P<name>`(?:[^`]|``)+`)|(?P<word>[^\W\d]\w*)"""
    r"""|(?P<symbol>\*\*|//|==|!=|<>|<=|>=|&&|\|\||[-+*/%<>=()\[\],&|~!]))""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


class ExpressionError(UserError):
    """An expression can't be read, or means nothing for a table; `position` counts characters from 0."""

    title = "That expression can't be read"

    def __init__(self, reason: str, position: int, *, advice: str = "") -> None:
        super().__init__(f"{reason} (at character {position + 1}).", advice=advice)
        self.position = position

    @property
    def line(self) -> str:
        """What is wrong and what would be right, in a line without a final stop."""
        parts = [part.rstrip(".") for part in (self.detail, self.advice) if part]
        return "; ".join(part[0].lower() + part[1:] for part in parts)


def parse(text: str) -> Node:
    """The tree of an expression. Raises ExpressionError."""
    if len(text) > LENGTH:
        raise ExpressionError(f"The expression is longer than {LENGTH:,} characters", LENGTH)
    node = _Parser(_tokens(text)).whole()
    if not columns_of(node):
        raise ExpressionError("The expression names no column, so that it is the same in each row", 0)
    return node


def parse_filter(text: str) -> Node:
    """The tree of an expression that is true or false in each row. Raises ExpressionError."""
    node = parse(text)
    if not may_be_condition(node):
        raise _no_condition("A filter is a condition, and this is none", node)
    return node


def quoted(name: str) -> str:
    """The name of a column as an expression has it."""
    plain = re.fullmatch(r"[^\W\d]\w*", name) and name not in _RESERVED
    return name if plain else "`" + name.replace("`", "``") + "`"


class _Kind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    NAME = "name"
    WORD = "word"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True)
class _Token:
    kind: _Kind
    text: str
    position: int


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
                raise ExpressionError(
                    "No dots are allowed: nothing has methods here", begin, advice="Write lower(Name)."
                )
            raise ExpressionError(f"{character!r} means nothing: there are columns, values and functions alone", begin)
        found.append(_Token(_Kind(match.lastgroup), match[match.lastgroup], match.start(match.lastgroup)))
        if len(found) > WORDS:
            raise ExpressionError(f"The expression has more than {WORDS} words and signs", match.start())
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
            raise ExpressionError("The expression is empty", 0)
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

    def _taken(self, *texts: str) -> _Token | None:
        token = self._peek()
        return self._take() if token.kind in (_Kind.SYMBOL, _Kind.WORD) and token.text in texts else None

    def _expect(self, text: str) -> None:
        if not self._taken(text):
            self._unexpected(f"{text!r}")

    def _unexpected(self, wanted: str) -> NoReturn:
        token = self._peek()
        found = "the expression ends" if token.kind is _Kind.END else f"{token.text[:40]!r} stands"
        raise ExpressionError(
            f"Where {wanted} should be, {found}", token.position, advice=_sentence(_HINTS.get(token.text, ""))
        )

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise ExpressionError("There are too many brackets within brackets", self._peek().position)

    # ------------------------------------------------------------------------------------------------------ grammar

    def _or(self) -> Node:
        return self._joined("or", "|")

    def _and(self) -> Node:
        return self._joined("and", "&")

    def _joined(self, word: str, sign: str) -> Node:
        inner = self._and if word == "or" else self._not
        operands = [inner()]
        first: _Token | None = None
        while token := self._taken(word, sign):
            first = first or token
            operands.append(inner())
        if first is None:
            return operands[0]
        for operand in operands:
            _need_condition(operand, word)
        return Joined(word, tuple(operands), first.position)

    def _not(self) -> Node:
        if token := self._taken("not", "~"):
            self._deeper()
            operand = self._not()
            self._depth -= 1
            _need_condition(operand, "not")
            return Not(operand, token.position)
        return self._comparison()

    def _comparison(self) -> Node:
        """`0 < Age <= 18` is two comparisons."""
        left = self._sum()
        found: list[Node] = []
        while True:
            if token := self._taken(*_COMPARISONS):
                right = self._sum()
                found.append(Comparison(token.text, left, right, token.position))
                left = right
            elif token := self._taken("in"):
                found.append(self._membership(left, token))
            elif (token := self._taken("not")) is not None:
                self._expect("in")
                found.append(Not(self._membership(left, token), token.position))
            else:
                break
        if not found:
            return left
        return found[0] if len(found) == 1 else Joined("and", tuple(found), found[0].position)

    def _membership(self, value: Node, token: _Token) -> Membership:
        _need_column(value, "in")
        opening = self._taken("(", "[")
        if not opening:
            raise ExpressionError("Behind in stands a list of values: ['S', 'C']", self._peek().position)
        closing = ")" if opening.text == "(" else "]"
        choices: list[Constant] = []
        while not (choices and self._taken(closing)):
            choice = self._sign()
            if not isinstance(choice, Constant):
                raise ExpressionError("A list holds numbers and texts alone", choice.position)
            choices.append(choice)
            if not self._taken(","):
                self._expect(closing)
                break
        return Membership(value, tuple(choices), token.position)

    def _sum(self) -> Node:
        node = self._product()
        while token := self._taken("+", "-"):
            node = _arithmetic(token, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._sign()
        while token := self._taken("*", "/", "//", "%"):
            node = _arithmetic(token, node, self._sign())
        return node

    def _sign(self) -> Node:
        if token := self._taken("-", "+"):
            self._deeper()
            operand = self._sign()
            self._depth -= 1
            if token.text == "+":
                return operand
            if isinstance(operand, Constant) and not isinstance(operand.value, str | bool):
                return Constant(-operand.value, token.position)
            return Negative(operand, token.position)
        return self._power()

    def _power(self) -> Node:
        base = self._value()
        if token := self._taken("**"):
            self._deeper()
            exponent = self._sign()
            self._depth -= 1
            return _arithmetic(token, base, exponent)
        return base

    def _value(self) -> Node:
        token = self._peek()
        match token.kind:
            case _Kind.NUMBER:
                return Constant(_number(self._take()), token.position)
            case _Kind.TEXT:
                return Constant(_ESCAPE.sub(_unescaped, self._take().text[1:-1]), token.position)
            case _Kind.NAME:
                return Column(self._take().text[1:-1].replace("``", "`"), token.position)
            case _Kind.WORD if token.text.lower() in ("true", "false") and token.text in _RESERVED:
                return Constant(self._take().text.lower() == "true", token.position)
            case _Kind.WORD if token.text not in _RESERVED:
                self._take()
                return self._call(token) if self._taken("(") else Column(token.text, token.position)
        if self._taken("("):
            self._deeper()
            node = self._or()
            self._depth -= 1
            self._expect(")")
            return node
        return self._unexpected("a column, a number or a text")

    def _call(self, token: _Token) -> Node:
        name = token.text
        function = FUNCTIONS.get(name)
        if name == "col" and self._peek().kind is _Kind.TEXT:  # as MLTable files name a column
            column = self._value()
            self._expect(")")
            return Column(str(column.value) if isinstance(column, Constant) else "", token.position)
        if function is None:
            near = difflib.get_close_matches(name, FUNCTIONS, n=1)
            advice = f"Did you mean {near[0]}?" if near else f"There are {', '.join(FUNCTIONS)}."
            raise ExpressionError(f"There is no function {name}", token.position, advice=advice)
        self._deeper()
        arguments: list[Node] = []
        while not self._taken(")"):
            if arguments and not self._taken(","):
                self._unexpected("',' or ')'")
            arguments.append(self._or())
        self._depth -= 1
        most = len(function.arguments)
        if not most - function.optional <= len(arguments) <= most:
            raise ExpressionError(f"{name} is written {function.usage}", token.position)
        for argument, kind in zip(arguments, function.arguments, strict=False):
            _check_argument(argument, kind, name)
        return Call(name, tuple(arguments), token.position)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _number(token: _Token) -> int | float:
    if not token.text.isdigit():
        return float(token.text)
    if len(token.text) > DIGITS:
        raise ExpressionError(f"A whole number has {DIGITS} digits at most", token.position)
    return int(token.text)


def _unescaped(match: re.Match[str]) -> str:
    """As Python has it; what is no escape there stays as it is."""
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, match[0])


def _arithmetic(token: _Token, left: Node, right: Node) -> Arithmetic:
    node = Arithmetic(token.text, left, right, token.position)
    if columns_of(node):
        return node
    constants = left, right
    if any(isinstance(side, Constant) and isinstance(side.value, str) for side in constants) and token.text != "+":
        raise ExpressionError("Texts can be joined by + alone", token.position)
    if token.text == "**" and not (
        isinstance(left, Constant)
        and isinstance(right, Constant)
        and not isinstance(right.value, str)
        and abs(right.value) <= MAX_POWER
    ):
        raise ExpressionError(f"A constant has one exponent, a number up to {MAX_POWER}", token.position)
    return node


def _no_condition(words: str, node: Node) -> ExpressionError:
    return ExpressionError(words, node.position, advice="Write a comparison, such as Age > 18.")


def _need_condition(node: Node, word: str) -> None:
    if not may_be_condition(node):
        raise _no_condition(f"{word} takes conditions, and this is none", node)


def _need_column(node: Node, word: str) -> None:
    if not columns_of(node):
        raise ExpressionError(f"{word} needs a column, and this is one value", node.position)


def _check_argument(node: Node, kind: Argument, function: str) -> None:
    value = node.value if isinstance(node, Constant) else None
    match kind:
        case Argument.COLUMN:
            return _need_column(node, function)
        case Argument.CONDITION:
            _need_condition(node, function)
            return _need_column(node, function)
        case Argument.ANY:
            return None
        case Argument.VALUE:
            is_right = value is not None
        case Argument.TEXT | Argument.PATTERN:
            is_right = isinstance(value, str)
        case Argument.DIGITS:
            is_right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 15
    if not is_right:
        raise ExpressionError(f"{function} wants {kind} here", node.position)
    if kind is Argument.PATTERN:
        try:
            re.compile(str(value))
        except (re.error, OverflowError, RecursionError) as error:
            raise ExpressionError(f"This is no regular expression: {error}", node.position) from error
    return None
