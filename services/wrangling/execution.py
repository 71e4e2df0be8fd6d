"""Runs the code of a recipe on rows in view, step by step, and tells what each step did.

It is the code that is shown and exported, line by line; it runs in a process of its own (`services.wrangling.child`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from services.entities.assets import TableColumn, TablePreview
from services.entities.wrangling import RecipePreview, StepEffect, StepState
from services.tables.inference import MISSING, shown
from services.text import masked
from services.wrangling.columns import missing_columns
from services.wrangling.recipe import ReadOptions, Recipe
from services.wrangling.script import imports, reader, step_lines
from services.wrangling.steps import (
    Bin,
    Cast,
    Clip,
    DateParts,
    Derive,
    Encode,
    Fill,
    Group,
    JoinText,
    Melt,
    Pivot,
    Rename,
    Replace,
    Scale,
    Split,
    Step,
    TrainTest,
)

Frame: TypeAlias = Any
"""A pandas.DataFrame."""
_NEW_ROWS = (Group, Pivot, Melt)
"""Steps after which no row is one of before."""

_RAGGED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_UNCLOSED = re.compile(r"EOF inside string starting at row (\d+)")


def read_sample(path: Path, read: ReadOptions, limit: int) -> tuple[Frame, bool]:
    """The first rows of a table as the recipe's script reads it, and whether there are more.

    Raises OSError, ValueError, and whatever pandas raises for a damaged file.
    """
    if path.suffix.lower() in (".parquet", ".pq") and path.is_file():
        frame = _parquet_head(path, limit + 1)
    else:
        names = _namespace(read, [])
        frame = names["read_table"](str(path), limit + 1)
    return frame.iloc[:limit], len(frame) > limit


def preview(
    recipe: Recipe, frame: Frame, *, is_sample: bool, rows_shown: int, tables: Mapping[str, str] | None = None
) -> RecipePreview:
    """What the steps do to a table, up to the first that fails; the table then is that of the step before.

    Args:
        tables: the paths of the tables that steps join, by the names that they have in the recipe.
    """
    names = _namespace(recipe.read, [step for step in recipe.steps if not step.muted])
    names["TABLES"] = dict(tables or {})
    effects: list[StepEffect] = []
    before, current, last = frame, frame, None
    for step in recipe.steps:
        if any(effect.state == StepState.FAILED for effect in effects):
            effects.append(StepEffect(StepState.NOT_REACHED))
        elif step.muted:
            rows, missing = len(current), _missing(current)
            effects.append(StepEffect(StepState.MUTED, (rows, rows), (missing, missing)))
        else:
            effect, after = _taken(step, current, names, is_sample)
            effects.append(effect)
            if effect.state == StepState.DONE:
                before, current, last = current, after, step
    changed = changed_cells(last, before, current, rows_shown)[1] if last else frozenset()
    return RecipePreview(tuple(effects), as_table(current, rows_shown), changed, len(frame), is_sample)


def _taken(step: Step, before: Frame, names: dict[str, Any], is_sample: bool) -> tuple[StepEffect, Frame]:
    """One step on a copy of the table."""
    faults = list(missing_columns(step, [str(name) for name in before.columns]))
    rows, missing = len(before), _missing(before)
    failed = StepEffect(StepState.FAILED, (rows, rows), (missing, missing))
    if faults:
        return replace(failed, message="; ".join(fault.message for fault in faults)), before
    names["df"] = before.copy()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            exec("\n".join(step_lines(step)), names)  # noqa: S102 - generated from checked values by repr alone
            after = names["df"]
            if not after.columns.is_unique:
                twice = after.columns[after.columns.duplicated()][0]
                raise ValueError(f"there would be two columns {twice}")
        except Exception as error:
            return replace(failed, message=plain_words(error)), before
    old, new = dict.fromkeys(before.columns), dict.fromkeys(after.columns)
    return StepEffect(
        StepState.DONE,
        (rows, len(after)),
        (missing, _missing(after)),
        tuple(str(name) for name in new if name not in old),
        tuple(str(name) for name in old if name not in new),
        changed_cells(step, before, after, 0)[0],
        notes=tuple(dict.fromkeys(filter(None, [_fitted(step, is_sample), _unreadable(step), *map(_warning, said)]))),
    ), after


def changed_cells(step: Step, before: Frame, after: Frame, rows_shown: int) -> tuple[int, frozenset[tuple[int, int]]]:
    """How many cells that were there have another value now; and which of the rows shown are other or new cells."""
    if isinstance(step, _NEW_ROWS):
        return 0, frozenset()
    there = set(before.columns)
    places = {
        (row, at)
        for at, name in enumerate(after.columns)
        if name not in there
        for row in range(min(rows_shown, len(after)))
    }
    comparable = after.index.is_unique and before.index.is_unique
    count = 0
    for name in there.intersection(written(step)).intersection(after.columns) if comparable else ():
        old, new = before[name].reindex(after.index), after[name]
        if old.equals(new):
            continue
        old, new = old.astype(object), new.astype(object)
        differs = ((old != new) & ~(old.isna() & new.isna())).to_numpy(dtype=bool, na_value=True)
        count += int(differs.sum())
        at = after.columns.get_loc(name)
        places |= {(int(row), at) for row in differs[:rows_shown].nonzero()[0]}
    return count, frozenset(places)


def written(step: Step) -> Sequence[str]:
    """The columns whose cells a step may set; those of all others stay as they are, in the rows that are left."""
    match step:
        case Derive(column=name) | Bin(into=name) | JoinText(into=name) | TrainTest(into=name):
            return [name]
        case Rename():
            return list(step.columns.values())
        case Split():
            return step.into
        case DateParts():
            return [f"{step.column}_{part}" for part in step.parts]
        case Fill() | Cast() | Replace() | Clip() | Scale() | Encode():
            return step.columns
    return ()


def as_table(frame: Frame, rows: int) -> TablePreview:
    """The first rows as text, the missing cells None; types and counts are of all rows of the frame."""
    described = zip(frame.columns, frame.dtypes, frame.isna().sum(), strict=True)
    columns = tuple(TableColumn(str(name), str(kind), int(nulls)) for name, kind, nulls in described)
    head = frame.head(rows)
    pairs = zip(head.isna().to_numpy().tolist(), head.astype(object).to_numpy().tolist(), strict=True)
    cells = (zip(gone, values, strict=True) for gone, values in pairs)
    texts = tuple(tuple(None if gone else shown(str(value)) for gone, value in row) for row in cells)
    return TablePreview(columns, texts, len(frame))


def _missing(frame: Frame) -> int:
    return int(frame.isna().sum().sum())


def plain_words(error: BaseException) -> str:
    """An error of pandas in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, FileNotFoundError):
        text = f"there is no file {error.filename}"
    elif isinstance(error, KeyError):
        text = f"there is no {text}"
    elif isinstance(error, MemoryError):
        text = "there is not enough memory"
    elif found := _RAGGED.search(text):
        text = f"line {found[2]} has {found[3]} fields and those before it {found[1]}; pandas reads no such file"
    elif found := _UNCLOSED.search(text):
        text = f"a quote that opens in line {int(found[1]) + 1} is never closed"
    return masked(text[:300])


def _namespace(read: ReadOptions, steps: list[Step]) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "wrangle"}
    exec(f"{imports(steps)}\n\n{reader(read)}\n", names)  # noqa: S102 - generated from checked values by repr alone
    return names


def _parquet_head(path: Path, rows: int) -> Frame:
    """The first rows without reading the rest, typed as pandas.read_parquet types them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    batches, count = [], 0
    for batch in file.iter_batches(batch_size=min(rows, 16_384)):
        batches.append(batch)
        if (count := count + batch.num_rows) >= rows:
            break
    return pa.Table.from_batches(batches, file.schema_arrow).slice(0, rows).to_pandas()


def _fitted(step: Step, is_sample: bool) -> str:
    """What a step takes from the table itself, said where that is a sample."""
    what = ""
    match step:
        case Fill(method="mean" | "median" | "mode" as method):
            what = f"the {method} is"
        case Scale(method=method):
            what = "least and greatest value are" if method == "min_max" else "mean and standard deviation are"
        case Encode(method="one_hot") | Encode(order=[]):
            what = "the categories are"
        case Bin(method="width" | "quantile"):
            what = "the edges are"
    return f"{what} of the sample; a run takes all rows" if what and is_sample else ""


def _unreadable(step: Step) -> str:
    """Of a text that fills gaps and is a gap again for whoever reads it from a CSV."""
    if isinstance(step, Fill) and step.method == "constant" and step.value in MISSING:
        return f"{step.value!r} in a CSV is read as missing again; write Parquet, or fill with another text"
    return ""


def _warning(said: warnings.WarningMessage) -> str:
    return masked(re.split(r"(?<=\.)\s|\n", str(said.message), maxsplit=1)[0][:200])
