"""Steps and what they do, in a line."""

from __future__ import annotations

from collections.abc import Iterable

from screens.lists import counted, shown
from screens.wrangle.values import aggregate_text, value_text, values_text
from services.entities.wrangling import RecipePreview, StepEffect, StepState
from services.wrangling.steps import (
    Bin,
    Cast,
    Clip,
    DateParts,
    Derive,
    Drop,
    DropDuplicates,
    DropMissing,
    Encode,
    Fill,
    Filter,
    Group,
    Join,
    JoinText,
    Melt,
    Pivot,
    Rename,
    Replace,
    Sample,
    Scale,
    Select,
    Sort,
    Split,
    Step,
    TrainTest,
)

MARK = "▪"
"""Before a cell that the last step changed."""
GLYPHS = {
    StepState.DONE: "✓",
    StepState.FAILED: "✗",
    StepState.MUTED: "○",
    StepState.NOT_REACHED: "·",
}
NAMED = 3
"""Columns that a summary names."""


def names_text(names: Iterable[str]) -> str:
    """`Age, Cabin, Fare and 4 more`."""
    names = list(names)
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def summary(step: Step) -> str:
    """What a step is, in a few words."""
    return shown(_summary(step))


def _summary(step: Step) -> str:
    match step:
        case Fill(method="constant"):
            return f"fill {names_text(step.columns)} with {value_text(step.value)}"
        case Fill():
            return f"fill {names_text(step.columns)} {_FILLS[step.method]}"
        case DropMissing():
            where = f" in {names_text(step.columns)}" if step.columns else ""
            if step.threshold is not None:
                return f"drop rows with fewer than {counted(step.threshold, 'value', 'values')}{where}"
            return f"drop rows missing {step.how}{where}"
        case DropDuplicates():
            where = f" by {names_text(step.columns)}" if step.columns else ""
            return f"drop duplicates{where}, keep {step.keep}"
        case Sort():
            return f"sort by {names_text(step.columns)}{' ↓' if step.descending else ''}"
        case Select():
            return f"select {names_text(step.columns)}"
        case Drop():
            return f"drop {names_text(step.columns)}"
        case Rename():
            return f"rename {names_text(f'{old} to {new}' for old, new in step.columns.items())}"
        case Cast():
            return f"cast {names_text(step.columns)} to {step.type}"
        case Replace():
            kind = "" if step.match == "cell" else f"{step.match} "
            return f"replace {kind}{value_text(step.old)} by {value_text(step.new)} in {names_text(step.columns)}"
        case Filter():
            return f"keep where {step.where}"
        case Derive():
            return f"{step.column} = {step.value}"
        case Clip():
            bounds = [f"≥ {step.lower:g}" if step.lower is not None else ""]
            bounds += [f"≤ {step.upper:g}" if step.upper is not None else ""]
            return f"clip {names_text(step.columns)} to {' and '.join(filter(None, bounds))}"
        case Scale():
            return f"scale {names_text(step.columns)} by {step.method.replace('_', '-')}"
        case Encode():
            return f"encode {names_text(step.columns)} {'one-hot' if step.method == 'one_hot' else 'by place'}"
        case Bin():
            how = f"at {values_text(step.edges)}" if step.method == "edges" else f"in {step.bins} by {step.method}"
            return f"{step.into} = bins of {step.column} {how}"
        case Split():
            return f"split {step.column} at {step.separator!r} into {names_text(step.into)}"
        case JoinText():
            return f"{step.into} = text of {names_text(step.columns)}"
        case DateParts():
            return f"{names_text(step.parts)} of {step.column}"
        case Group():
            return f"group by {names_text(step.by)}: {names_text(map(aggregate_text, step.aggregates))}"
        case Pivot():
            return f"pivot {names_text(step.rows)} × {step.columns}: {step.function}({step.values})"
        case Melt():
            return f"melt {names_text(step.columns) or 'all'} beside {names_text(step.keep)}"
        case Join():
            return f"{step.how} join {step.table} on {names_text(step.keys)}"
        case Sample():
            share = f"{step.rows:,} rows" if step.rows is not None else f"{step.fraction:g} of the rows"
            return f"sample {share}, seed {step.seed}"
        case TrainTest():
            what = "mark train and test" if step.keep == "both" else f"keep the {step.keep} rows"
            return f"{what}, {step.test:g} tests, seed {step.seed}"


_FILLS = {
    "mean": "with the mean",
    "median": "with the median",
    "mode": "with the mode",
    "forward": "from above",
    "back": "from below",
}


def pair_text(pair: tuple[int, int]) -> str:
    """`891 → 712`, or the number where it stays."""
    before, after = pair
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def effect_text(effect: StepEffect) -> str:
    """`891 → 712 rows · 866 → 0 missing · 687 cells changed`."""
    parts = [f"{pair_text(effect.rows)} rows", f"{pair_text(effect.missing)} missing"]
    if effect.changed_cells:
        parts.append(counted(effect.changed_cells, "cell changed", "cells changed"))
    if effect.columns_added:
        parts.append(f"+ {names_text(effect.columns_added)}")
    if effect.columns_removed:
        parts.append(f"- {names_text(effect.columns_removed)}")
    return shown(" · ".join(parts))


def total_effect(found: RecipePreview) -> StepEffect:
    """What all steps did together, up to the one that failed; without steps, the table as it is."""
    done = [effect for effect in found.effects if effect.state in (StepState.DONE, StepState.MUTED)]
    if not done:
        rows = found.table.total_rows or 0
        missing = sum(column.nulls for column in found.table.columns)
        return StepEffect(StepState.DONE, (rows, rows), (missing, missing))
    return StepEffect(
        StepState.DONE,
        (done[0].rows[0], done[-1].rows[1]),
        (done[0].missing[0], done[-1].missing[1]),
        changed_cells=sum(effect.changed_cells for effect in done),
    )
