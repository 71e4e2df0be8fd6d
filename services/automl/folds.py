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
