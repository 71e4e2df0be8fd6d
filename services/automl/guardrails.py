"""What is checked before the search, as Azure's data guardrails do, and what was done about it.

Source: https://learn.microsoft.com/azure/machine-learning/how-to-configure-auto-features#data-guardrails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.automl.featurization import Feature, Featurization, Mode, Purpose
from services.errors import UserError
from services.features.table import MOST_CLASSES, Series

SMALL_CLASS = 0.2
"""Classes are out of balance when the rarest has a smaller share of the rows than this of the most frequent one."""
LISTED = 5


class Outcome(StrEnum):
    """What a guardrail found, in Azure's words."""

    PASSED = "Passed"
    DONE = "Done"
    ALERTED = "Alerted"


@dataclass(frozen=True)
class Guardrail:
    """One check.

    Attributes:
        outcome: PASSED where nothing was found, DONE where it was mended, ALERTED where it is for the user.
        detail: what was found and what was done, one line.
        columns: which columns it is about.
    """

    name: str
    outcome: Outcome
    detail: str
    columns: tuple[str, ...] = ()


def guardrails(task: str, target: Series, columns: Sequence[Feature], settings: Featurization) -> tuple[Guardrail, ...]:
    """All checks of a table whose columns have their purposes."""
    checks = [_missing_features(columns, settings), _cardinality(columns, settings), _missing_target(target)]
    if task == "classification":
        checks.append(_balance(target))
    return tuple(checks)


def check_target(task: str, target: Series, fewest: int) -> None:
    """Refuse a target that no model can learn. Raises UserError.

    Args:
        fewest: rows that each class must have, so that each fold gets one.
    """
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    known = target.dropna()
    different = known.nunique()
    if different < 2:
        held = "no value" if not different else "the same value in each row"
        raise UserError(f"{target.name} has {held}.", title="The target tells nothing")
    if task != "classification":
        if not is_numeric_dtype(target) or is_bool_dtype(target):
            raise UserError(
                f"{target.name} holds no numbers.",
                title=f"A {task} needs a number",
                advice="Choose classification to tell classes apart.",
            )
        return
    if different > MOST_CLASSES:
        raise UserError(
            f"{target.name} has {different:,} different values; at most {MOST_CLASSES} are taken for classes.",
            title="There are too many classes",
            advice="Choose regression if it is a number.",
        )
    counts = known.value_counts()
    if counts.min() < fewest:
        raise UserError(
            f"The class {counts.idxmin()} of {target.name} has {counts.min()} "
            f"{'row' if counts.min() == 1 else 'rows'}; {fewest} are needed so that each fold has one.",
            title="A class is too small",
            advice="Use fewer folds, or leave the class out.",
        )


def _missing_features(columns: Sequence[Feature], settings: Featurization) -> Guardrail:
    name = "Missing feature values imputation"
    gaps = [one for one in columns if one.missing and one.purpose != Purpose.IGNORE]
    if not gaps:
        return Guardrail(name, Outcome.PASSED, "no value of a feature is missing")
    counts = ", ".join(f"{one.name} {one.missing:,}" for one in gaps[:LISTED])
    more = f" and {len(gaps) - LISTED} more columns" if gaps[LISTED:] else ""
    names = tuple(one.name for one in gaps)
    if settings.mode == Mode.OFF:
        return Guardrail(name, Outcome.ALERTED, f"missing and, with featurization off, left so: {counts}{more}", names)
    return Guardrail(name, Outcome.DONE, f"missing and filled: {counts}{more}", names)


def _cardinality(columns: Sequence[Feature], settings: Featurization) -> Guardrail:
    name = "High cardinality feature detection"
    dropped = [one for one in columns if one.reason]
    hashed = [one for one in columns if one.purpose == Purpose.CATEGORICAL_HASH]
    if not dropped and not hashed:
        said = "not looked for, as featurization is off" if settings.mode == Mode.OFF else "none was found"
        return Guardrail(name, Outcome.PASSED, said)
    parts = [f"{one.name} is left out: {one.reason}" for one in dropped[:LISTED]]
    parts += [f"{one.name} is hashed" for one in hashed[:LISTED]]
    return Guardrail(name, Outcome.DONE, "; ".join(parts), tuple(one.name for one in (*dropped, *hashed)))


def _missing_target(target: Series) -> Guardrail:
    name = "Missing target values"
    if missing := int(target.isna().sum()):
        rows = "row is" if missing == 1 else "rows are"
        return Guardrail(name, Outcome.DONE, f"{missing:,} {rows} left out", (str(target.name),))
    return Guardrail(name, Outcome.PASSED, "each row has a target")


def _balance(target: Series) -> Guardrail:
    name = "Class balancing detection"
    shares = target.value_counts(normalize=True)
    listed = ", ".join(f"{label} {share:.0%}" for label, share in shares.iloc[:LISTED].items())
    if shares.iloc[-1] < SMALL_CLASS * shares.iloc[0]:
        detail = f"the classes are out of balance, which accuracy hides: {listed}"
        return Guardrail(name, Outcome.ALERTED, detail, (str(target.name),))
    return Guardrail(name, Outcome.PASSED, f"the classes are in balance: {listed}")
