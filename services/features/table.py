"""The columns of a table that can be scored against a target."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from services.entities.features import Task
from services.errors import MachineError, NotFoundError, UserError
from services.tables.profiles import ID_LIKE, ID_ROWS

if TYPE_CHECKING:
    from services.tables.background import Reporter
    from services.tables.frames import Frame as LazyRows
    from services.tables.table import Table

Frame: TypeAlias = Any
"""A pandas.DataFrame."""
Series: TypeAlias = Any
"""A pandas.Series."""
LISTED = 5
"""Columns that a note names."""
FEW = 20
"""Different whole numbers up to which a target is taken for classes."""
MOST_CLASSES = 100
"""Classes of a target at most: more are names, or a number."""


@dataclass(frozen=True)
class Scorable:
    """The columns to score as numbers, the target, and what was left out.

    Attributes:
        target: numbers; of a text target, the places of its classes in alphabetical order.
        is_classes: whether the target has classes: few whole numbers, truth values or texts.
    """

    features: Frame
    target: Series
    is_classes: bool
    notes: tuple[str, ...] = ()


async def whole_table(table: Table) -> Frame:
    """All rows of a table that is open. Raises what reading it raises."""
    import pandas as pd

    rows = await table.frame()
    path = table.folder / "whole.parquet"
    await table.run(lambda reporter: write_rows(rows, rows.names, path, reporter))
    return await asyncio.to_thread(pd.read_parquet, path)


def write_rows(rows: LazyRows, columns: Sequence[str], path: Path, reporter: Reporter) -> None:
    """Some columns of a table as Parquet that pandas can read; lists and records are left out."""
    import polars

    from services.tables.frames import column_named

    schema = rows.lazy.collect_schema()
    flat = [name for name in columns if not schema[name].is_nested() and schema[name] != polars.Object]
    wide = [name for name in flat if schema[name] == polars.Int128]
    lazy = rows.lazy.select(list(map(column_named, flat)))
    if wide:
        lazy = lazy.with_columns(column_named(name).cast(polars.Float64) for name in wide)
    reporter.collect(lazy.sink_parquet(path, lazy=True))


def scorable(frame: Frame, target: str, features: Sequence[str] = (), task: Task = Task.AUTO) -> Scorable:
    """What of a table can be scored. Raises NotFoundError, UserError.

    Args:
        features: the columns to score; else all numbers but those that look like an identifier.
        task: whether the target is taken for classes or for a number; found out by itself otherwise.
    """
    columns = [str(name) for name in frame.columns]
    for name in (target, *features):
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(columns[:10])}."
            raise NotFoundError(f"The table has no column {name}. {hint}", title="There is no such column")
    if target in features:
        raise UserError(f"{target} is the target and can't be a feature.", title="The target tells itself")
    chosen, notes = _chosen(frame, [name for name in features or columns if name != target], bool(features))
    complete = frame[[*chosen, target]].notna().all(axis=1)
    if (left_out := int((~complete).sum())) > 0:
        notes.append(f"left out {left_out:,} row{'s' if left_out > 1 else ''} with missing values")
    if not complete.any():
        raise UserError("No row has a value in each column.", title="There is nothing to score")
    numbers, is_classes, said = _target(frame.loc[complete, target], task)
    return Scorable(frame.loc[complete, chosen].astype("float64"), numbers, is_classes, (*notes, *said))


def require(package: str) -> None:
    """Raise MachineError if an optional package is not installed."""
    from importlib.util import find_spec

    if find_spec({"scikit-learn": "sklearn"}.get(package, package)) is None:
        raise MachineError(
            f"{package} is not installed beside Lapis.",
            title="A package is missing",
            advice="Install Lapis with it: pipx install 'lapis-workbench[features]'.",
        )


def is_id_like(series: Series) -> bool:
    """Whether nearly each row has a value of its own, which tells rows apart and nothing about them."""
    from pandas.api.types import is_float_dtype

    return not is_float_dtype(series) and len(series) >= ID_ROWS and series.nunique() > ID_LIKE * len(series)


def _chosen(frame: Frame, names: Sequence[str], named: bool) -> tuple[list[str], list[str]]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    numbers = [name for name in names if is_numeric_dtype(frame[name]) or is_bool_dtype(frame[name])]
    others = [name for name in names if name not in numbers]
    if named and others:
        raise UserError(
            f"{_listed(others)} holds no numbers.",
            title="That can't be scored",
            advice="Encode it first: a recipe's step `encode` makes numbers of categories.",
        )
    ids = [] if named else [name for name in numbers if is_id_like(frame[name])]
    constants = [name for name in numbers if name not in ids and frame[name].nunique() < 2]
    empty = ids + constants
    notes = [f"{_listed(others)} left out: no numbers"] if others else []
    notes += [f"{_listed(ids)} left out: nearly each row has a value of its own"] if ids else []
    notes += [f"{_listed(constants)} left out: the same value in each row"] if constants else []
    if not (chosen := [name for name in numbers if name not in empty]):
        raise UserError("No column but the target holds numbers that differ.", title="There is nothing to score")
    return chosen, notes


def _target(series: Series, task: Task) -> tuple[Series, bool, list[str]]:
    from pandas.api.types import is_bool_dtype, is_float_dtype, is_numeric_dtype

    if (different := series.nunique()) < 2:
        raise UserError(f"{series.name} has the same value in each row.", title="The target tells nothing")
    if is_bool_dtype(series):
        series = series.astype("int64")
    is_number = is_numeric_dtype(series)
    few = different <= FEW and (not is_float_dtype(series) or (is_number and (series % 1 == 0).all()))
    is_classes = task == Task.CLASSIFICATION or (task == Task.AUTO and (few or not is_number))
    if not is_classes:
        if not is_number:
            raise UserError(f"{series.name} holds no numbers.", title="A regression needs a number")
        return series.astype("float64"), False, []
    if different > MOST_CLASSES:
        raise UserError(
            f"{series.name} has {different:,} different values; at most {MOST_CLASSES} are taken for classes.",
            title="There are too many classes",
        )
    if is_number and few:
        return series.astype("int64"), True, []
    codes, classes = series.factorize(sort=True)
    meaning = ", ".join(f"{name} is {place}" for place, name in enumerate(classes[:LISTED]))
    import pandas as pd

    return pd.Series(codes, index=series.index, name=series.name), True, [f"{series.name} as numbers: {meaning}"]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
