"""The same steps for pyspark.pandas: the lines that must differ, and what Spark makes otherwise.

Measured on Spark 3.5 with pandas 2.2, and on 3.4 and 4.3: only what is the same in all of them is generated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.wrangling import pandas_code
from services.wrangling.expressions import SPARK
from services.wrangling.literals import column, literal
from services.wrangling.steps import (
    Bin,
    Cast,
    DateParts,
    Derive,
    Fill,
    Filter,
    Group,
    Replace,
    Sample,
    Sort,
    Split,
    Step,
    TrainTest,
)

ORDER = "Spark gives the same rows in another order."


def step_lines(step: Step) -> list[str]:
    """The lines of a step; those of pandas where Spark takes them."""
    own = _CODE.get(step.step)
    lines = pandas_code.step_lines(step)
    if own is None or step.muted:
        return lines
    return [*lines[: 1 if step.comment else 0], *own(step)]


def spark_note(step: Step) -> str:
    """What Spark makes otherwise, in one or two sentences; empty where the result is the same."""
    match step:
        case Fill(method="median"):
            return "Spark's median is approximate."
        case Fill(method="mode"):
            return "Where several values are equally frequent, Spark may take another one."
        case Fill(method="forward" | "back"):
            return "Spark takes the order of the file and brings all rows to one worker: slow on a large table."
        case Sort():
            return "Rows that are equal by these columns may come in another order: Spark's sort is not stable."
        case Cast(type="integer" | "number" | "boolean" | "date"):
            return "What can't be converted becomes missing in Spark, also where pandas stops."
        case Replace(match="pattern"):
            return "The pattern runs in Python on Spark's workers, which is slow on a large table."
        case Derive(value=text) if "//" in text or "%" in text:
            return "Spark makes a number with decimals of // where pandas makes an integer."
        case Bin(method="quantile"):
            return "Spark's quantiles are approximate: rows near an edge may go to the next bin."
        case Group(aggregates=aggregates):
            inexact = {"median", "first", "last"} & {each.function for each in aggregates}
            said = f" Its {', '.join(sorted(inexact))} may differ: approximate, or of another row." if inexact else ""
            return f"{ORDER}{said}"
        case Sample(rows=rows):
            count = "about as many rows" if rows is None else f"about {rows:,} rows, as it samples by fraction alone"
            return f"Spark draws other rows, and {count}."
        case TrainTest(stratify=stratify):
            said = " Each value is parted in about the same proportion, not exactly." if stratify else ""
            return f"Spark draws other rows, and about as many.{said}"
    if step.step in ("drop_duplicates", "join", "melt", "pivot"):
        return ORDER
    return ""


def imports(steps: Iterable[Step]) -> list[str]:
    """What the lines of steps need from pyspark.sql."""
    lines = [line for step in steps for line in step_lines(step)]
    names = [name for name, used in (("functions as F", "F."), ("Window", "Window.")) if any(used in x for x in lines)]
    return [f"from pyspark.sql import {', '.join(sorted(names))}"] if names else []


def _fill(step: Fill) -> list[str]:
    # what Series.ffill makes can't be assigned in Spark 3.5
    if step.method not in ("forward", "back"):
        return pandas_code.fill(step)
    pick, bounds = _NEIGHBOURS[step.method]
    rows = f"rows = Window.orderBy(F.monotonically_increasing_id()).rowsBetween({bounds})"
    nearest = f"lambda cells: F.{pick}(cells, ignorenulls=True).over(rows)"
    return [rows, *(f"{column(name)} = {column(name)}.spark.transform({nearest})" for name in step.columns)]


def _sort(step: Sort) -> list[str]:
    return pandas_code.sort(step, stable=False)


def _split(step: Split) -> list[str]:
    # pyspark.pandas passes the arguments of str.split by place, which pandas 2 refuses
    limit = len(step.into) if len(step.into) > 1 else -1
    parts = f"F.split(text, {re.escape(step.separator)!r}, {limit})"
    return [
        f"{column(name)} = {column(step.column)}.spark.transform(lambda text: F.get({parts}, F.lit({place})))"
        for place, name in reversed(list(enumerate(step.into)))
    ]


def _date_parts(step: DateParts) -> list[str]:
    # to_datetime of pyspark.pandas refuses what is a date already
    dates = "" if step.format else f"{column(step.column)}.astype('datetime64[ns]')"
    return pandas_code.date_parts(step, dates=dates, dialect=SPARK)


def _filter(step: Filter) -> list[str]:
    return pandas_code.filter_rows(step, dialect=SPARK)


def _derive(step: Derive) -> list[str]:
    return pandas_code.derive(step, dialect=SPARK)


def _cast(step: Cast) -> list[str]:
    if step.type == "date":
        return [f"{column(name)} = {column(name)}.astype('datetime64[ns]')" for name in step.columns]
    return pandas_code.cast(step)


def _sample(step: Sample) -> list[str]:
    fraction = literal(step.fraction) if step.rows is None else f"min(1.0, {step.rows} / max(1, len(df)))"
    return [f"df = df.sample(frac={fraction}, random_state={step.seed})"]


def _train_test(step: TrainTest) -> list[str]:
    drawn = f"F.rand({step.seed}) < {literal(step.test)}"
    return [f"is_test = df[df.columns[0]].spark.transform(lambda _: {drawn})", *pandas_code.parted(step)]


_NEIGHBOURS = {
    "forward": ("last", "Window.unboundedPreceding, 0"),
    "back": ("first", "0, Window.unboundedFollowing"),
}
_CODE: Mapping[str, Callable[[Any], list[str]]] = {
    "fill": _fill,
    "sort": _sort,
    "split": _split,
    "cast": _cast,
    "filter": _filter,
    "derive": _derive,
    "date_parts": _date_parts,
    "sample": _sample,
    "train_test": _train_test,
}
