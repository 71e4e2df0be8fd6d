"""Columns scored one by one: Pearson's correlation, and the chi-squared statistic."""

from __future__ import annotations

from collections.abc import Sequence

from services.entities.features import FeatureScore, FeatureScores, ScoreMethod, Task
from services.errors import UserError
from services.features.table import Frame, require, scorable

SCALE_NOTE = "chi-squared grows with the scale of a column: a column in grams scores a thousand times one in kilograms"


def pearson(frame: Frame, target: str, features: Sequence[str] = (), task: Task = Task.AUTO) -> FeatureScores:
    """Pearson's r of each column with the target, the strongest first whatever its sign.

    Raises NotFoundError, UserError, MachineError.
    """
    require("scikit-learn")
    from sklearn.feature_selection import r_regression

    found = scorable(frame, target, features, task)
    if found.is_classes and found.target.nunique() > 2 and frame[target].dtype.kind not in "iufb":
        raise UserError(
            f"{target} has {found.target.nunique()} classes without an order, so that nothing can rise with it.",
            title="Pearson needs a number or two classes",
            advice="Score it by chi2 or by permutation.",
        )
    values = r_regression(found.features, found.target)
    scores = [FeatureScore(name, float(r)) for name, r in zip(found.features, values, strict=True)]
    ordered = sorted(scores, key=lambda score: -abs(score.score))
    return FeatureScores(ScoreMethod.PEARSON, target, tuple(ordered), len(found.features), notes=found.notes)


def chi2(frame: Frame, target: str, features: Sequence[str] = (), task: Task = Task.AUTO) -> FeatureScores:
    """The chi-squared statistic of each column's sums over the classes of the target, the largest first.

    Columns with values below zero are left out: sums of counts are never negative.
    Raises NotFoundError, UserError, MachineError.
    """
    require("scikit-learn")
    from sklearn import feature_selection

    found = scorable(frame, target, features, task)
    if not found.is_classes:
        raise UserError(
            f"{target} is a number with many values, and chi-squared compares classes.",
            title="Chi-squared needs classes",
            advice="Put it into bins by a recipe, or score it by pearson.",
        )
    negative = [name for name in found.features if (found.features[name] < 0).any()]
    if len(negative) == found.features.shape[1]:
        raise UserError("Each column has values below zero.", title="There is nothing to score")
    columns = found.features.drop(columns=negative)
    statistics, chances = feature_selection.chi2(columns, found.target)
    scores = [
        FeatureScore(name, float(value), float(chance))
        for name, value, chance in zip(columns, statistics, chances, strict=True)
    ]
    notes = (*found.notes, *(f"{name} left out: values below zero" for name in negative), SCALE_NOTE)
    ordered = sorted(scores, key=lambda score: -score.score)
    return FeatureScores(ScoreMethod.CHI2, target, tuple(ordered), len(columns), notes=notes)
