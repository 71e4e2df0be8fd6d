"""Permutation importance: how much worse a model does when the values of one column are shuffled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from services.entities.features import USUAL, FeatureScore, FeatureScores, PermutationOptions, ScoreMethod, Task
from services.entities.tables import Progress
from services.errors import UserError
from services.features.models import model_for, scorer
from services.features.table import Frame, Series, require, scorable

SPLIT_SEED = 0
"""Of the rows that are held back."""


def permutation(
    frame: Frame,
    target: str,
    features: Sequence[str] = (),
    task: Task = Task.AUTO,
    *,
    options: PermutationOptions = USUAL,
    progress: Progress | None = None,
) -> FeatureScores:
    """Train on a part of the rows and shuffle each column of the rest; the most important first.

    Raises NotFoundError, UserError, MachineError, and what `progress` raises.
    """
    require("scikit-learn")
    from sklearn.inspection import permutation_importance
    from sklearn.metrics import check_scoring
    from sklearn.model_selection import train_test_split

    if not 0 < options.test < 1 or options.repeats < 1:
        raise UserError("The part that tests is between 0 and 1, and there is at least 1 repeat.")
    found = scorable(frame, target, features, task)
    metric, scoring = scorer(options.metric, found.target, is_classes=found.is_classes)
    parts = train_test_split(found.features, found.target, test_size=options.test, random_state=SPLIT_SEED)
    train, held_back, train_target, held_back_target = parts
    if found.is_classes and train_target.nunique() < 2:
        raise UserError("The rows to train on have one class alone.", title="There are too few rows")
    model = model_for(found.target, is_classes=found.is_classes).fit(train, train_target)
    score = _counted(check_scoring(model, scoring), found.features.shape[1] * options.repeats, progress)
    baseline = score(model, held_back, held_back_target)
    shuffled = permutation_importance(
        model, held_back, held_back_target, n_repeats=options.repeats, random_state=options.seed, scoring=score
    )
    scores = [
        FeatureScore(name, float(mean), spread=float(spread))
        for name, mean, spread in zip(found.features, shuffled.importances_mean, shuffled.importances_std, strict=True)
    ]
    kind = "logistic" if found.is_classes else "linear"
    shuffles = f"{options.repeats} shuffles each with seed {options.seed}"
    note = f"a {kind} regression, {len(held_back):,} rows held back, {shuffles}"
    return FeatureScores(
        ScoreMethod.PERMUTATION,
        target,
        tuple(sorted(scores, key=lambda score: -score.score)),
        len(found.features),
        metric,
        abs(baseline),
        (*found.notes, note),
    )


def _counted(score: Callable[..., float], total: int, progress: Progress | None) -> Callable[..., float]:
    """The same score, which tells how many shuffles are done; two looks at the rows as they are come first."""
    calls = count(-1)

    def counted(model: object, features: Frame, target: Series) -> float:
        if progress and (done := next(calls)) > 0:
            progress(done, total)
        return float(score(model, features, target))

    return counted
