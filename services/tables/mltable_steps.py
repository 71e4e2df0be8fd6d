"""The transformations of an MLTable file, as Polars queries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.errors import Fault, SpecError
from services.expressions.parsing import ExpressionError, parse_filter
from services.tables.background import Reporter
from services.tables.filters import compiled
from services.tables.frames import column_named
from services.tables.mltable_paths import FAULTY

if TYPE_CHECKING:
    import polars

STEPS = (
    *("filter", "take", "skip", "sample", "take_random_sample", "select_partitions"),
    *("keep_columns", "drop_columns", "convert_column_types"),
)
_TYPES = ("string", "int", "float", "boolean", "datetime", "stream_info")
_RESOLUTION = 1_000_000
"""Parts that a probability is told in."""


@dataclass(frozen=True)
class Step:
    """A transformation: its place in the file, such as `transformations[1].take`, its name, and its argument."""

    where: str
    name: str
    value: Any


def step_faults(where: str, name: str, value: Any) -> list[Fault]:
    """What is wrong with a transformation, without looking at the table."""
    match name:
        case "take" | "skip":
            is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            return [] if is_number else [Fault(where, "must be a number of rows")]
        case "select_partitions":
            is_list = isinstance(value, list) and all(isinstance(number, int) for number in value)
            return [] if is_list else [Fault(where, "must be a list of numbers of files, from 0")]
        case "filter":
            return _filter_faults(where, value)
        case "keep_columns" | "drop_columns":
            return [] if _is_selection(value) else [Fault(where, "must be a name, a list of names, or {pattern: ...}")]
        case "sample" | "take_random_sample":
            probability = _probability(name, value)
            is_share = isinstance(probability, int | float) and 0 <= probability <= 1
            return [] if is_share else [Fault(where, "needs a probability from 0 to 1")]
    return _conversion_faults(where, value)


def _filter_faults(where: str, value: Any) -> list[Fault]:
    if not isinstance(value, str):
        return [Fault(where, "must be an expression such as col('age') > 18")]
    try:
        parse_filter(value)
    except ExpressionError as error:
        return [Fault(where, error.line)]
    return []


def _conversion_faults(where: str, value: Any) -> list[Fault]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return [Fault(where, "must be a list of {columns: ..., column_type: ...}")]
    faults = []
    for number, entry in enumerate(value):
        if not _is_selection(entry.get("columns")):
            faults.append(Fault(f"{where}[{number}].columns", "must be a name, a list of names, or {pattern: ...}"))
        kind, options = _type(entry.get("column_type"))
        if kind not in _TYPES:
            faults.append(Fault(f"{where}[{number}].column_type", f"must be one of {', '.join(_TYPES)}, not {kind}"))
        if kind == "datetime" and not options.get("formats"):
            faults.append(Fault(f"{where}[{number}].column_type.datetime", "needs formats, such as '%Y-%m-%d'"))
    return faults


def _is_selection(value: Any) -> bool:
    if isinstance(value, dict):
        try:
            re.compile(value["pattern"])
        except (KeyError, TypeError, re.error):
            return False
        return True
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(name, str) for name in value))


def _type(value: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(value, dict) and len(value) == 1:
        kind, options = next(iter(value.items()))
        return str(kind), options if isinstance(options, dict) else {}
    return str(value), {}


def _probability(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    return (value.get("sampler_arguments") or {}).get("probability") if name == "sample" else value.get("probability")


def apply_step(lazy: polars.LazyFrame, step: Step, reporter: Reporter) -> polars.LazyFrame:
    """The table after a transformation that has no fault; a reader's is the table. Raises SpecError: no such column."""
    reporter.check()
    name, value = step.name, step.value
    match name:
        case "take":
            return lazy.head(value)
        case "skip":
            return lazy.slice(value)
        case "filter":
            return lazy.filter(compiled(value, lazy.collect_schema()))
        case "keep_columns":
            return lazy.select([column_named(column) for column in _selected(lazy, step.where, value)])
        case "drop_columns":
            dropped = set(_selected(lazy, step.where, value))
            return lazy.select([column_named(column) for column in lazy.collect_schema() if column not in dropped])
        case "sample" | "take_random_sample":
            arguments = value.get("sampler_arguments") or {} if name == "sample" else value
            return _sampled(lazy, float(arguments["probability"]), int(arguments.get("seed") or 0))
        case "convert_column_types":
            for number, entry in enumerate(value):
                lazy = _converted(lazy, f"{step.where}[{number}].columns", entry)
    return lazy


def _selected(lazy: polars.LazyFrame, where: str, value: Any) -> list[str]:
    names = lazy.collect_schema().names()
    if isinstance(value, dict):
        pattern = re.compile(value["pattern"], re.IGNORECASE if value.get("ignore_case") else 0)
        return [name for name in names if (pattern.search(name) is not None) != bool(value.get("invert"))]
    wanted = [value] if isinstance(value, str) else list(value)
    if missing := [name for name in wanted if name not in names]:
        known = ", ".join(names[:12])
        fault = Fault(where, f"there is no column {missing[0]}; columns are {known}")
        raise SpecError([fault], title=FAULTY)
    return wanted


def _sampled(lazy: polars.LazyFrame, probability: float, seed: int) -> polars.LazyFrame:
    """Each row with that probability, the same rows at each reading."""
    import polars

    draw = polars.int_range(polars.len(), dtype=polars.UInt64).hash(seed) % _RESOLUTION
    return lazy.filter(draw < int(probability * _RESOLUTION))


def _converted(lazy: polars.LazyFrame, where: str, entry: dict[str, Any]) -> polars.LazyFrame:
    kind, options = _type(entry["column_type"])
    names = _selected(lazy, where, entry["columns"])
    return lazy.with_columns([_as_type(column_named(name), kind, options).alias(name) for name in names])


def _as_type(column: polars.Expr, kind: str, options: dict[str, Any]) -> polars.Expr:
    """What can't be converted is missing."""
    import polars

    match kind:
        case "int":
            return column.cast(polars.Float64, strict=False).cast(polars.Int64, strict=False)
        case "float":
            return column.cast(polars.Float64, strict=False)
        case "boolean":
            return _as_boolean(column.cast(polars.String), options)
        case "datetime":
            formats = options["formats"]
            text = column.cast(polars.String)
            tries: Sequence[str] = [formats] if isinstance(formats, str) else formats
            return polars.coalesce(text.str.to_datetime(form, strict=False) for form in tries)
    return column.cast(polars.String)


def _as_boolean(text: polars.Expr, options: dict[str, Any]) -> polars.Expr:
    import polars

    true = [str(value).lower() for value in options.get("true_values") or ("true", "1", "1.0")]
    false = [str(value).lower() for value in options.get("false_values") or ("false", "0", "0.0")]
    low = text.str.to_lowercase()
    found = polars.when(low.is_in(true)).then(True).when(low.is_in(false)).then(False)
    mismatch = {"true": True, "false": False}.get(str(options.get("mismatch_as", "error")).lower())
    return found.otherwise(polars.when(low.is_not_null()).then(polars.lit(mismatch, dtype=polars.Boolean)))
