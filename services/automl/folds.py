"""Which rows train and which judge a model: the same ones for every trial of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from services.errors import UserError
from services.features.table import Series

Split: TypeAlias = tuple[Any, Any]
"""The places of the rows that train, and of those that judge, as numpy arrays."""
MANY_ROWS = 20_000
"""Above, Azure holds back a tenth of the rows instead of folding."""
FEW_ROWS = 1_000
"""Below, Azure makes ten folds, else three."""


@dataclass(frozen=True)
class Validation:
    """How models are judged. With neither, Azure's own choice by the number of rows.

    Attributes:
        folds: cross-validation with that many folds, from 2 on.
        share: of the rows that are held back, between 0 and 1.
    """

    folds: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        """Raise UserError if it can't be done."""
        if self.folds is not None and self.share is not None:
            raise UserError("Folds and a share that is held back exclude each other.", title="Choose one validation")
        if self.folds is not None and self.folds < 2:
            raise UserError("Cross-validation needs two folds at least.", title="There are too few folds")
        if self.share is not None and not 0 < self.share < 1:
            raise UserError("The share that is held back lies between 0 and 1.", title="The share can't be")

    def resolved(self, rows: int) -> Validation:
        """With what Azure chooses where nothing is set.

        Source: https://learn.microsoft.com/azure/machine-learning/how-to-configure-cross-validation-data-splits.
        """
        if self.folds is not None or self.share is not None:
            return self
        if rows > MANY_ROWS:
            return Validation(share=0.1)
        return Validation(folds=10 if rows < FEW_ROWS else 3)


def splits(target: Series, validation: Validation, seed: int, *, is_classes: bool) -> list[Split]:
    """The folds, shuffled by the seed, each with its share of every class. Raises UserError for too few rows."""
    import numpy as np
    from sklearn import model_selection

    plan = validation.resolved(len(target))
    if len(target) < (fewest := plan.folds or 2):
        raise UserError(f"{len(target)} rows are too few; {fewest} are needed.", title="There are too few rows")
    places = np.arange(len(target))
    if plan.folds:
        kind = model_selection.StratifiedKFold if is_classes else model_selection.KFold
        return list(kind(plan.folds, shuffle=True, random_state=seed).split(places, target))
    stratify = target if is_classes else None
    return [tuple(model_selection.train_test_split(places, test_size=plan.share, random_state=seed, stratify=stratify))]


def rolling_origin(times: Series, horizon: int, folds: int) -> list[Split]:
    """The folds of a forecast: each trains on a past and judges the `horizon` periods after it.

    Source: https://learn.microsoft.com/azure/machine-learning/how-to-auto-train-forecast (rolling-origin validation).
    Raises UserError if too few periods are left to train on.

    Args:
        times: of the rows of one or many series, in any order. The last fold judges the last periods.
    """
    import numpy as np

    periods = np.sort(times.unique())
    if len(periods) <= folds * horizon + 1:
        raise UserError(
            f"{len(periods)} periods are too few for {folds} folds of {horizon}.",
            title="There are too few periods",
            advice="Use fewer folds or a nearer horizon.",
        )
    values = times.to_numpy()
    found = []
    for fold in range(folds, 0, -1):
        judged = periods[len(periods) - fold * horizon :][:horizon]
        found.append(
            (np.flatnonzero(values < judged[0]), np.flatnonzero((values >= judged[0]) & (values <= judged[-1])))
        )
    return found
