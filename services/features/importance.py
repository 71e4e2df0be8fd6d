"""Permutation importance: how much worse a model does when the values of one column are shuffled."""

from __future__ import annotations

from collections.abc import Sequence

from services.entities.features import FeatureScore, FeatureScores, ScoreMethod
from services.errors import UserError
from services.features.models import model_for, scorer
from services.features.table import Frame, require, scorable

SEED = 1023
"""The seed of the shuffles that the Azure ML Designer's labs use."""


def permutation(
    frame: Frame,
    target: str,
    features: Sequence[str] = (),
    *,
    metric: str = "",
    seed: int = SEED,
    repeats: int = 5,
    test: float = 0.3,
    split_seed: int = 0,
) -> FeatureScores:
    """Train on a part of the rows and shuffle each column of the rest; the most important first.

    Raises NotFoundError, UserError, MachineError.

    Args:
        metric: accuracy, precision, recall; mae, rmse, rae, rse, r2; by default accuracy, or r2 of numbers.
        test: the part of the rows that is held back.
    """
    require("scikit-learn")
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import train_test_split

    if not 0 < test < 1 or repeats < 1:
        raise UserError("The part that tests is between 0 and 1, and there is at least 1 repeat.")
    found = scorable(frame, target, features)
    metric, scoring = scorer(metric, found.target, is_classes=found.is_classes)
    parts = train_test_split(found.features, found.target, test_size=test, random_state=split_seed)
    train, held_back, train_target, held_back_target = parts
    if found.is_classes and train_target.nunique() < 2:
        raise UserError("The rows to train on have one class alone.", title="There are too few rows")
    model = model_for(found.target, is_classes=found.is_classes).fit(train, train_target)
    shuffled = permutation_importance(
        model, held_back, held_back_target, n_repeats=repeats, random_state=seed, scoring=scoring
    )
    scores = [
        FeatureScore(name, float(mean), spread=float(spread))
        for name, mean, spread in zip(found.features, shuffled.importances_mean, shuffled.importances_std, strict=True)
    ]
    kind = "logistic" if found.is_classes else "linear"
    note = f"a {kind} regression, {len(held_back):,} rows held back, {repeats} shuffles each with seed {seed}"
    return FeatureScores(
        ScoreMethod.PERMUTATION,
        target,
        tuple(sorted(scores, key=lambda score: -score.score)),
        len(found.features),
        metric,
        abs(_score(model, held_back, held_back_target, scoring)),
        (*found.notes, note),
    )


def _score(model: object, features: Frame, target: object, scoring: object) -> float:
    from sklearn.metrics import check_scoring

    return float(check_scoring(model, scoring)(model, features, target))
