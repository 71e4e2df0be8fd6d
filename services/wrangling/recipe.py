"""A recipe: a list of steps, as a YAML file that a person can read and write (docs/recipes.md)."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from services.errors import Fault, SpecError
from services.expressions.parsing import ExpressionError, parse, parse_filter
from services.specs.reading import checked, load_document, parse_document
from services.wrangling.steps import (
    KINDS,
    Bin,
    Clip,
    DateParts,
    Derive,
    DropMissing,
    Encode,
    Fill,
    Filter,
    Replace,
    Sample,
    Step,
    TrainTest,
)

ReadType: TypeAlias = Literal["integer", "number", "text", "boolean"]
_INDEX = re.compile(r"\.(\d+)(?=\.|$)")
_SHORTEST = {"columns", "into", "parts", "by", "aggregates", "rows", "keys"}
"""Lists that hold at least one thing where a step has no default for them."""


@dataclass(frozen=True)
class ReadOptions:
    """How a text table is read; what is not given, pandas finds.

    Attributes:
        types: of columns, so that a sample and the whole table are read alike (a date is a `cast`).
        missing: texts that mean a missing value, besides those of pandas.
    """

    separator: str | None = None
    encoding: str | None = None
    types: Mapping[str, ReadType] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Recipe:
    """Steps in their order, with a name for people and how the table is read."""

    steps: tuple[Step, ...] = ()
    name: str = ""
    description: str = ""
    read: ReadOptions = ReadOptions()

    @property
    def sha256(self) -> str:
        """Tells recipes apart by what they do and say, however their file is laid out."""
        text = json.dumps(recipe_document(self), ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()


@dataclass(frozen=True)
class _Head:
    name: str = ""
    description: str = ""
    read: ReadOptions = field(default_factory=ReadOptions)
    steps: list[Mapping[str, Any]] = field(default_factory=list)
    __pydantic_config__ = {"extra": "forbid"}


def read_recipe_file(path: Path) -> Recipe:
    """The recipe in a file; it is named after the file if it has no name. Raises SpecError with every fault."""
    recipe = read_recipe(load_document(path))
    return recipe if recipe.name else replace(recipe, name=path.stem)


def parse_recipe(text: str) -> Recipe:
    """The recipe in a YAML text. Raises SpecError with every fault."""
    return read_recipe(parse_document(text))


def read_recipe(document: Mapping[str, Any]) -> Recipe:
    """The recipe in plain data. Raises SpecError with every fault, each with its path: `steps[2].columns`."""
    document = {name: value for name, value in document.items() if value is not None}
    faults: list[Fault] = []
    head = _Head()
    try:
        head = checked(_Head, document)
    except SpecError as error:
        faults += [replace(fault, path=_bracketed(fault.path)) for fault in error.faults]
    found: list[Step] = []
    given = document.get("steps")
    for index, step in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(step, Mapping):
            continue  # the head has told it
        try:
            found.append(read_step(step))
        except SpecError as error:
            faults += [replace(fault, path=_join(f"steps[{index}]", fault.path)) for fault in error.faults]
    if faults:
        raise SpecError(faults, title="The recipe has faults")
    return Recipe(tuple(found), head.name, head.description, head.read)


def read_step(document: Mapping[str, Any]) -> Step:
    """One step in plain data. Raises SpecError; paths begin at the step."""
    name = document.get("step")
    if not isinstance(name, str) or name not in KINDS:
        near = difflib.get_close_matches(str(name), KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(KINDS)}"
        raise SpecError([Fault("step", f"there is no step {name}; {hint}" if name else f"is missing; {hint}")])
    try:
        step = checked(KINDS[name], document)
    except SpecError as error:
        raise SpecError([replace(fault, path=_bracketed(fault.path)) for fault in error.faults]) from error
    if faults := list(step_faults(step)):
        raise SpecError(faults)
    return step


def recipe_document(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain data, without what is as it is by default."""
    head = {"name": recipe.name, "description": recipe.description, "read": _given(recipe.read)}
    steps = [step_document(step) for step in recipe.steps]
    return {**{name: value for name, value in head.items() if value}, "steps": steps}


def step_document(step: Step) -> dict[str, Any]:
    """A step as plain data: `step` first, `muted` and `comment` last."""
    given = _given(step)
    last: dict[str, Any] = {name: given.pop(name) for name in ("muted", "comment") if name in given}
    return {"step": step.step, **given, **last}


def to_yaml(recipe: Recipe) -> str:
    """The recipe as its file."""
    from services.specs.writing import dump

    return dump(recipe_document(recipe))


def step_faults(step: Step) -> Iterator[Fault]:
    """What is wrong with a step beyond the types of its fields."""
    yield from _shape_faults(step)
    match step:
        case Fill(method="constant", value=None):
            yield Fault("value", "is missing; a constant is needed, or another method")
        case Fill(method=method, value=value) if method != "constant" and value is not None:
            yield Fault("value", f"the method {method} takes no value")
        case DropMissing(threshold=threshold) if threshold is not None and threshold < 1:
            yield Fault("threshold", "expected a number of values above 0")
        case Filter(where=text):
            yield from _expression_faults("where", text, is_filter=True)
        case Derive(value=text):
            yield from _expression_faults("value", text)
        case Replace(match=match, old=old, new=new) if match != "cell":
            if not isinstance(old, str) or not isinstance(new, str):
                yield Fault("match", f"{match} is for texts; write old and new in quotes")
            elif match == "pattern":
                yield from _pattern_faults(old, new)
        case Clip(lower=None, upper=None):
            yield Fault("lower", "is missing; give lower, upper or both")
        case Clip(lower=float() as lower, upper=float() as upper) if lower > upper:
            yield Fault("lower", f"{lower} is above upper, {upper}")
        case Encode(method="one_hot", order=[_, *_]):
            yield Fault("order", "is for ordinal; one_hot has no order")
        case Bin():
            yield from _bin_faults(step)
        case DateParts(format=""):
            yield Fault("format", "is empty; leave it out for dates in ISO 8601")
        case Sample():
            if (step.rows is None) == (step.fraction is None):
                yield Fault("rows", "give either rows or a fraction")
            elif step.rows is not None and step.rows < 1:
                yield Fault("rows", "expected a number above 0")
            elif step.fraction is not None and not 0 < step.fraction <= 1:
                yield Fault("fraction", "expected a number above 0, up to 1")
        case TrainTest(test=test) if not 0 < test < 1:
            yield Fault("test", "expected the part of the rows that tests, between 0 and 1")


def _shape_faults(step: Step) -> Iterator[Fault]:
    for each in fields(step):
        value = getattr(step, each.name)
        if isinstance(value, list | Mapping) and not value and each.name in _SHORTEST and not _has_default(each):
            yield Fault(each.name, "is empty; expected at least one")
        elif isinstance(value, list) and each.name != "aggregates" and len(set(map(str, value))) < len(value):
            yield Fault(each.name, "names something twice")
    seed = getattr(step, "seed", 0)
    if not 0 <= seed < 2**32:
        yield Fault("seed", "expected a number from 0 to 4294967295")
    if getattr(step, "separator", " ") == "" and step.step == "split":
        yield Fault("separator", "is empty")


def _expression_faults(at: str, text: str, *, is_filter: bool = False) -> Iterator[Fault]:
    try:
        (parse_filter if is_filter else parse)(text)
    except ExpressionError as error:
        yield Fault(at, error.line)


def _pattern_faults(old: str, new: str) -> Iterator[Fault]:
    try:
        pattern = re.compile(old)
    except re.error as error:
        yield Fault("old", f"is no pattern: {error}")
        return
    try:
        pattern.sub(new, "")
    except (re.error, IndexError, TypeError) as error:
        yield Fault("new", f"does not go with the pattern: {error}")


def _bin_faults(step: Bin) -> Iterator[Fault]:
    count = len(step.edges) + 1 if step.method == "edges" else step.bins
    if step.method == "edges" and not step.edges:
        yield Fault("edges", "is empty; expected the numbers at which to part")
        return
    if step.edges != sorted(step.edges):
        yield Fault("edges", "expected rising numbers")
    elif step.method != "edges" and step.edges:
        yield Fault("edges", f"the method {step.method} finds the edges itself")
    if count < 2:
        yield Fault("bins", "expected at least 2")
    elif step.labels and len(step.labels) != count:
        yield Fault("labels", f"there are {count} bins and {len(step.labels)} labels")


def _has_default(each: Any) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


def _given(thing: Any) -> dict[str, Any]:
    """The fields that differ from their defaults, as plain data."""
    given: dict[str, Any] = {}
    for each in fields(thing):
        value = getattr(thing, each.name)
        default = each.default_factory() if each.default_factory is not MISSING else each.default
        if each.name == "step" or value == default:
            continue
        if isinstance(value, list):
            given[each.name] = [_given(item) if hasattr(item, "__dataclass_fields__") else item for item in value]
        else:
            given[each.name] = dict(value) if isinstance(value, Mapping) else value
    return given


def _bracketed(path: str) -> str:
    return _INDEX.sub(r"[\1]", path)


def _join(start: str, path: str) -> str:
    return f"{start}.{path}" if path else start
