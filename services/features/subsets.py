"""Wrapper selection: try subsets of the columns with a model, and keep the best."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations
from math import comb

from services.entities.features import SubsetScore, Task
from services.entities.tables import Progress
from services.errors import UserError
from services.features.models import model_for, scorer
from services.features.table import Frame, require, scorable

MOST = 5_000
"""Subsets that are tried at most; ten thousand rows take about 50 ms each."""
FOLDS = 3
OVERFITTING = "the best of many subsets does well on these rows by chance too: check it on rows that were held back"


def count_subsets(features: int, at_most: int | None = None) -> int:
    """How many subsets of so many columns there are, the empty one apart.

    Args:
        at_most: the columns of a subset.
    """
    return sum(comb(features, size) for size in range(1, min(at_most or features, features) + 1))


def best_subsets(
    frame: Frame,
    target: str,
    features: Sequence[str] = (),
    task: Task = Task.AUTO,
    *,
    at_most: int | None = None,
    metric: str = "",
    keep: int = 10,
    progress: Progress | None = None,
) -> tuple[SubsetScore, ...]:
    """Each subset's score by cross-validation, the best first; of equal ones the smaller.

    Raises NotFoundError, UserError (also for more than MOST subsets), MachineError, and what `progress` raises.

    Args:
        keep: how many are given back.
        progress: is told after each subset how many are done, of how many.
    """
    require("scikit-learn")
    from sklearn.model_selection import cross_val_score

    found = scorable(frame, target, features, task)
    names = list(found.features)
    total = count_subsets(len(names), at_most)
    if total > MOST:
        raise UserError(
            f"{len(names)} columns have {total:,} subsets, and at most {MOST:,} are tried.",
            title="There are too many subsets",
            advice="Name fewer columns, or the most that a subset may have.",
        )
    _, scoring = scorer(metric, found.target, is_classes=found.is_classes)
    sizes = range(1, min(at_most or len(names), len(names)) + 1)
    scores = []
    for done, subset in enumerate(chain.from_iterable(combinations(names, size) for size in sizes), 1):
        model = model_for(found.target, is_classes=found.is_classes)
        values = cross_val_score(model, found.features[list(subset)], found.target, cv=FOLDS, scoring=scoring)
        scores.append(SubsetScore(subset, float(values.mean())))
        if progress is not None:
            progress(done, total)
    return tuple(sorted(scores, key=lambda score: (-score.score, len(score.features)))[:keep])
