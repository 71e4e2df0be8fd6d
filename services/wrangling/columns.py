"""Which columns a step reads and which it leaves: what a recipe asks of a table is known before anything runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from services.errors import Fault
from services.expressions.parsing import parse
from services.expressions.tree import columns_of
from services.wrangling.recipe import Recipe
from services.wrangling.steps import (
    Bin,
    DateParts,
    Derive,
    Drop,
    Encode,
    Filter,
    Group,
    Join,
    JoinText,
    Melt,
    Pivot,
    Rename,
    Select,
    Split,
    Step,
    TrainTest,
)

MAX_NAMED = 10
"""Columns that a fault lists when nothing is near."""


def check_columns(recipe: Recipe, columns: Sequence[str]) -> list[Fault]:
    """Every column that a step reads and a table hasn't got, as far as the columns are known.

    They are no longer known after a step whose columns depend on the cells: one_hot, pivot, join.
    """
    faults = []
    known: list[str] | None = list(columns)
    for index, step in enumerate(recipe.steps):
        if step.muted:
            continue
        if known is None:
            break
        at = f"steps[{index}]."
        faults += [Fault(at + fault.path, fault.message) for fault in missing_columns(step, known)]
        known = columns_after(step, known)
    return faults


def missing_columns(step: Step, columns: Sequence[str]) -> Iterator[Fault]:
    """The columns that a step reads and that are not there, by the field that names them; names that are taken."""
    there = set(columns)
    for field, name in reads(step):
        if name not in there:
            near = difflib.get_close_matches(name, columns, n=1)
            hint = f"did you mean {near[0]}?" if near else _listed(columns)
            yield Fault(field, f"there is no column {name}; {hint}")
    if isinstance(step, Rename):
        others = there - set(step.columns)
        for old, new in step.columns.items():
            if new in others or list(step.columns.values()).count(new) > 1:
                yield Fault(f"columns.{old}", f"there would be two columns {new}")


def reads(step: Step) -> list[tuple[str, str]]:
    """The columns that a step reads, each with the field that names it."""
    match step:
        case Filter(where=text):
            return [("where", name) for name in columns_of(parse(text))]
        case Derive(value=text):
            return [("value", name) for name in columns_of(parse(text))]
        case Group():
            found = [("by", name) for name in step.by]
            return found + [(f"aggregates[{i}].column", each.column) for i, each in enumerate(step.aggregates)]
        case Pivot():
            return [*(("rows", name) for name in step.rows), ("columns", step.columns), ("values", step.values)]
        case Melt():
            return [*(("keep", name) for name in step.keep), *(("columns", name) for name in step.columns)]
        case Join():
            return [("keys", name) for name in step.keys]
        case TrainTest(stratify=name):
            return [("stratify", name)] if name else []
        case Bin(column=name) | Split(column=name) | DateParts(column=name):
            return [("column", name)]
    return [("columns", name) for name in getattr(step, "columns", ())]


def columns_after(step: Step, columns: Sequence[str]) -> list[str] | None:
    """The columns that a step leaves; None if that depends on the cells."""
    match step:
        case Select():
            return list(step.columns)
        case Drop():
            return [name for name in columns if name not in step.columns]
        case Rename():
            return [step.columns.get(name, name) for name in columns]
        case Derive(column=name) | Bin(into=name) | JoinText(into=name):
            return _with(columns, [name])
        case Split():
            return _with(columns, step.into)
        case DateParts():
            return _with(columns, [f"{step.column}_{part}" for part in step.parts])
        case TrainTest(keep="both"):
            return _with(columns, [step.into])
        case Group():
            return _with(step.by, [each.name for each in step.aggregates])
        case Melt():
            return [*step.keep, step.name_into, step.value_into]
        case Encode(method="one_hot") | Pivot() | Join():
            return None
    return list(columns)


def _with(columns: Sequence[str], new: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*columns, *new]))


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - MAX_NAMED:,} more" if len(columns) > MAX_NAMED else ""
    return f"there are {', '.join(columns[:MAX_NAMED])}{more}" if columns else "there are no columns"
