"""The expressions of `filter` and `derive`: a small language that becomes pandas code and can't do anything else.

It is Python's syntax for values, with column names in place of variables (`Age`, or `` `Passenger Class` `` where a
name is no identifier), `and`, `or`, `not`, comparisons, `in`, arithmetic, and the functions of FUNCTIONS. The text is
parsed, never evaluated; only what is listed here goes through, and each node is built anew as a node of pandas code. A
name becomes `df['name']` and a constant its repr, so that no text of a user is ever pasted into code.
"""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MAX_LENGTH = 5_000
"""Characters; a longer text is no expression that a person wrote."""
MAX_POWER = 64
"""The largest constant exponent: `9 ** 9 ** 9` would take all memory before any row is read."""

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_TICKED = re.compile(r"`([^`\n]+)`")
_PLACEHOLDER = "_lapis_column_"


class ExpressionError(ValueError):
    """What is wrong with an expression, in one line."""


@dataclass(frozen=True)
class Expression:
    """An expression that was found to be allowed.

    Attributes:
        code: pandas code that computes it from a table named `df`.
        columns: the columns that it reads, in order of their first use.
        is_condition: whether it is true or false in each row, so that it can filter.
        needs_numpy: whether the code uses `np`.
    """

    code: str
    columns: tuple[str, ...]
    is_condition: bool
    needs_numpy: bool


@dataclass(frozen=True)
class _Part:
    """A piece of an expression: its code, whether it is a column (else one value), and whether it is a condition."""

    node: ast.expr
    is_column: bool
    is_condition: bool = False


def parse_expression(text: str, *, weekday: str = "day_of_week") -> Expression:
    """Check an expression and translate it. Raises ExpressionError.

    Args:
        weekday: what the engine calls the day of the week; pandas has given up the name that Spark has.
    """
    if not text.strip():
        raise ExpressionError("the expression is empty")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH:,} characters")
    plain, names = _without_ticks(text)
    try:
        tree = ast.parse(plain.strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"that is no expression: {error.msg} (column {error.offset})") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError("that is no expression: it is nested too deep or holds a NUL character") from error
    try:
        translation = _Translation(names, weekday)
        part = translation.part(tree.body)
        code = ast.unparse(ast.fix_missing_locations(part.node))
    except RecursionError as error:
        raise ExpressionError("the expression is nested too deep") from error
    if not part.is_column:
        raise ExpressionError("the expression names no column, so that it is the same in each row")
    return Expression(code, tuple(translation.columns), part.is_condition, translation.needs_numpy)


def _without_ticks(text: str) -> tuple[str, Mapping[str, str]]:
    """The text with an identifier for each `name in ticks`, and what each stands for; strings stay as they are."""
    names: dict[str, str] = {}

    def put(match: re.Match[str]) -> str:
        if match[0][0] != "`":  # a string
            return match[0]
        placeholder = f"{_PLACEHOLDER}{len(names)}"
        names[placeholder] = match[1]
        return placeholder

    pattern = rf"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|{_TICKED.pattern}"
    return re.sub(pattern, put, text), names


class _Translation:
    """Builds pandas nodes for the nodes of an expression."""

    def __init__(self, names: Mapping[str, str], weekday: str) -> None:
        self._names = names
        self._weekday = weekday
        self.columns: dict[str, None] = {}
        self.needs_numpy = False

    def part(self, node: ast.expr) -> _Part:
        """One node, and all in it. Raises ExpressionError for what the language hasn't got."""
        match node:
            case ast.Constant():
                return _Part(_constant(node.value), is_column=False, is_condition=isinstance(node.value, bool))
            case ast.Name():
                return self._column(node.id)
            case ast.BoolOp():
                return self._joined(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                raise ExpressionError(f"`.{node.attr}` is not allowed: an expression has columns, values and functions")
            case ast.List() | ast.Tuple() | ast.Set():
                raise ExpressionError("a list may stand only behind `in`")
        raise ExpressionError(f"`{ast.unparse(node)[:60]}` is not allowed in an expression")

    def _column(self, name: str) -> _Part:
        name = self._names.get(name, name)
        if name.startswith("__"):
            raise ExpressionError(f"`{name}` is not allowed: a name with two underscores in front is no column here")
        self.columns[name] = None
        return _Part(_item("df", name), is_column=True)

    def _condition(self, node: ast.expr, word: str) -> _Part:
        part = self.part(node)
        if not part.is_condition and not isinstance(node, ast.Name):
            raise ExpressionError(f"`{word}` joins conditions, and `{self._shown(node)}` is none")
        return part

    def _joined(self, node: ast.BoolOp) -> _Part:
        is_and = isinstance(node.op, ast.And)
        parts = [self._condition(value, "and" if is_and else "or") for value in node.values]
        joined = parts[0].node
        for part in parts[1:]:
            joined = ast.BinOp(joined, ast.BitAnd() if is_and else ast.BitOr(), part.node)
        return _Part(joined, any(part.is_column for part in parts), is_condition=True)

    def _unary(self, node: ast.UnaryOp) -> _Part:
        if isinstance(node.op, ast.Not):
            part = self._condition(node.operand, "not")
            return _Part(ast.UnaryOp(ast.Invert(), part.node), part.is_column, is_condition=True)
        if isinstance(node.op, ast.USub | ast.UAdd):
            part = self.part(node.operand)
            return _Part(ast.UnaryOp(node.op, part.node), part.is_column)
        raise ExpressionError("`~` is not allowed; write `not`")

    def _arithmetic(self, node: ast.BinOp) -> _Part:
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            word = "and" if isinstance(node.op, ast.BitAnd) else "or"
            raise ExpressionError(f"`{'&' if word == 'and' else '|'}` is not allowed; write `{word}`")
        if not isinstance(node.op, _ARITHMETIC):
            raise ExpressionError(f"`{self._shown(node)}` is not allowed: the operators are + - * / // % **")
        left, right = self.part(node.left), self.part(node.right)
        if not (left.is_column or right.is_column):
            _check_size(node)
        return _Part(ast.BinOp(left.node, node.op, right.node), left.is_column or right.is_column)

    def _comparison(self, node: ast.Compare) -> _Part:
        """`0 < Age <= 18` becomes two comparisons: pandas has no chains."""
        found: list[_Part] = []
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            found.append(self._compared(left, operator, right))
        joined = found[0].node
        for part in found[1:]:
            joined = ast.BinOp(joined, ast.BitAnd(), part.node)
        return _Part(joined, any(part.is_column for part in found), is_condition=True)

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> _Part:
        if isinstance(operator, ast.In | ast.NotIn):
            part = self._series(left, "in")
            if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
                raise ExpressionError("behind `in` stands a list of values: `Embarked in ['S', 'C']`")
            inside = _method(part.node, "isin", ast.List([self._value(item) for item in right.elts]))
            found = ast.UnaryOp(ast.Invert(), inside) if isinstance(operator, ast.NotIn) else inside
            return _Part(found, is_column=True, is_condition=True)
        if not isinstance(operator, _COMPARISONS):
            raise ExpressionError("`is` is not allowed; write `==`, or is_missing(column)")
        for side in (left, right):
            if isinstance(side, ast.Constant) and side.value is None:
                raise ExpressionError("nothing equals None; write is_missing(column)")
        parts = self.part(left), self.part(right)
        node = ast.Compare(parts[0].node, [operator], [parts[1].node])
        return _Part(node, any(part.is_column for part in parts), is_condition=True)

    def _call(self, node: ast.Call) -> _Part:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        if function is None:
            if not name:
                raise ExpressionError("a method is not allowed; the functions stand alone: lower(Name)")
            near = difflib.get_close_matches(name, FUNCTIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FUNCTIONS)}"
            raise ExpressionError(f"there is no function {name}; {hint}")
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise ExpressionError(f"{name} takes values alone, by their order: {function.usage}")
        if not function.least <= len(node.args) <= function.most:
            raise ExpressionError(f"{name} is written {function.usage}")
        return function.build(self, node.args)

    def _series(self, node: ast.expr, word: str) -> _Part:
        part = self.part(node)
        if not part.is_column:
            raise ExpressionError(f"`{word}` needs a column, and `{self._shown(node)}` is one value")
        return part

    def _value(self, node: ast.expr) -> ast.expr:
        """A constant, which may be negative."""
        sign = node.op if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else None
        inner = node.operand if sign and isinstance(node, ast.UnaryOp) else node
        if not isinstance(inner, ast.Constant):
            raise ExpressionError(f"expected a value such as 3 or 'S', got `{self._shown(node)}`")
        return ast.UnaryOp(sign, _constant(inner.value)) if sign else _constant(inner.value)

    def _text(self, node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            raise ExpressionError(f"expected a text in quotes, got `{self._shown(node)}`")
        return _constant(node.value)

    def _shown(self, node: ast.expr) -> str:
        text = ast.unparse(node)[:60]
        for placeholder, name in self._names.items():
            text = text.replace(placeholder, f"`{name}`")
        return text

    def method(self, arguments: Sequence[ast.expr], path: str, is_condition: bool, texts: bool) -> _Part:
        """`lower(Name)` as `df['Name'].str.lower()`; what follows the column are constants."""
        part = self._series(arguments[0], path.rpartition(".")[2])
        given = [self._text(item) if texts else self._value(item) for item in arguments[1:]]
        return _Part(_method(part.node, path, *given), is_column=True, is_condition=is_condition)

    def attribute(self, arguments: Sequence[ast.expr], path: str) -> _Part:
        """`year(Date)` as `df['Date'].dt.year`."""
        part = self._series(arguments[0], path.rpartition(".")[2])
        return _Part(_path(part.node, path), is_column=True)

    def weekday(self, arguments: Sequence[ast.expr]) -> _Part:
        """`weekday(Date)` as `df['Date'].dt.day_of_week`."""
        return self.attribute(arguments, f"dt.{self._weekday}")

    def numpy(self, arguments: Sequence[ast.expr], name: str) -> _Part:
        """`log(Fare)` as `np.log(df['Fare'])`."""
        part = self._series(arguments[0], name)
        self.needs_numpy = True
        return _Part(_method(ast.Name("np"), name, part.node), is_column=True)

    def contains(self, arguments: Sequence[ast.expr]) -> _Part:
        """A text within a text, letter by letter: no pattern, which could take for ever."""
        part = self._series(arguments[0], "contains")
        call = _method(part.node, "str.contains", self._text(arguments[1]))
        call.keywords = [ast.keyword("regex", ast.Constant(False)), ast.keyword("na", ast.Constant(False))]
        return _Part(call, is_column=True, is_condition=True)

    def cast(self, arguments: Sequence[ast.expr], kind: str) -> _Part:
        """Another type."""
        return _Part(_method(self._series(arguments[0], kind).node, "astype", ast.Constant(kind)), is_column=True)

    def choice(self, arguments: Sequence[ast.expr]) -> _Part:
        """`if_else(condition, value, other)`: by where and mask, which pandas and Spark have alike."""
        condition = self._condition(arguments[0], "if_else")
        if not condition.is_column:
            raise ExpressionError("if_else needs a condition on a column")
        yes, no = self.part(arguments[1]), self.part(arguments[2])
        both = yes.is_condition and no.is_condition
        if yes.is_column:
            return _Part(_method(yes.node, "where", condition.node, no.node), True, both)
        if no.is_column:
            return _Part(_method(no.node, "mask", condition.node, yes.node), True, both)
        # by the names of the answers: pyspark.pandas maps True and False to truth values alone
        answers = ast.Dict([ast.Constant("True"), ast.Constant("False")], [yes.node, no.node])
        names = _method(condition.node, "astype", ast.Constant("str"))
        return _Part(_method(names, "map", answers), True, both)


@dataclass(frozen=True)
class Function:
    """A function of the language: how it is written, how many arguments it takes, how it becomes code."""

    usage: str
    build: Callable[[_Translation, Sequence[ast.expr]], _Part]
    least: int = 1
    most: int = 1


def _of_method(usage: str, path: str, *, condition: bool = False, texts: int = 0, values: int = 0) -> Function:
    count = 1 + texts + values
    least = count if texts else 1
    return Function(usage, lambda t, a: t.method(a, path, condition, texts > 0), least, count)


FUNCTIONS: Mapping[str, Function] = {
    "is_missing": _of_method("is_missing(column)", "isna", condition=True),
    "not_missing": _of_method("not_missing(column)", "notna", condition=True),
    "coalesce": Function("coalesce(column, value)", lambda t, a: t.method(a, "fillna", False, False), 2, 2),
    "if_else": Function("if_else(condition, value, other)", _Translation.choice, 3, 3),
    "abs": _of_method("abs(column)", "abs"),
    "round": _of_method("round(column, digits)", "round", values=1),
    "sqrt": Function("sqrt(column)", lambda t, a: t.numpy(a, "sqrt")),
    "exp": Function("exp(column)", lambda t, a: t.numpy(a, "exp")),
    "log": Function("log(column)", lambda t, a: t.numpy(a, "log")),
    "log1p": Function("log1p(column)", lambda t, a: t.numpy(a, "log1p")),
    "floor": Function("floor(column)", lambda t, a: t.numpy(a, "floor")),
    "ceil": Function("ceil(column)", lambda t, a: t.numpy(a, "ceil")),
    "lower": _of_method("lower(column)", "str.lower"),
    "upper": _of_method("upper(column)", "str.upper"),
    "strip": _of_method("strip(column)", "str.strip"),
    "length": _of_method("length(column)", "str.len"),
    "contains": Function("contains(column, 'text')", _Translation.contains, 2, 2),
    "starts_with": _of_method("starts_with(column, 'text')", "str.startswith", condition=True, texts=1),
    "ends_with": _of_method("ends_with(column, 'text')", "str.endswith", condition=True, texts=1),
    "year": Function("year(column)", lambda t, a: t.attribute(a, "dt.year")),
    "month": Function("month(column)", lambda t, a: t.attribute(a, "dt.month")),
    "day": Function("day(column)", lambda t, a: t.attribute(a, "dt.day")),
    "weekday": Function("weekday(column)", _Translation.weekday),
    "hour": Function("hour(column)", lambda t, a: t.attribute(a, "dt.hour")),
    "number": Function("number(column)", lambda t, a: t.cast(a, "float64")),
    "text": Function("text(column)", lambda t, a: t.cast(a, "str")),
}
"""What an expression can call, by name. Each works on a column; what follows the column are constants."""


def _constant(value: object) -> ast.expr:
    if isinstance(value, float) and not math.isfinite(value):
        return ast.Call(ast.Name("float"), [ast.Constant(str(value))], [])
    if isinstance(value, bool | int | float | str):
        return ast.Constant(value)
    raise ExpressionError("the values are numbers, texts in quotes, True and False")


def _check_size(node: ast.BinOp) -> None:
    """Refuse constants that would be computed into something huge: `9 ** 9 ** 9`, `'x' * 10 ** 9`."""
    exponent = node.right.value if isinstance(node.right, ast.Constant) else None
    if isinstance(node.op, ast.Pow) and not (isinstance(exponent, int | float) and abs(exponent) <= MAX_POWER):
        raise ExpressionError(f"an exponent without a column is a number up to {MAX_POWER}")
    texts = [side for side in ast.walk(node) if isinstance(side, ast.Constant) and isinstance(side.value, str)]
    if texts and not isinstance(node.op, ast.Add):
        raise ExpressionError("texts can be joined by `+` alone")


def _item(table: str, name: str) -> ast.expr:
    return ast.Subscript(ast.Name(table), ast.Constant(name))


def _path(node: ast.expr, path: str) -> ast.expr:
    for part in path.split("."):
        node = ast.Attribute(node, part)
    return node


def _method(node: ast.expr, path: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_path(node, path), list(arguments), [])
