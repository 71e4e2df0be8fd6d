"""The models by which columns are judged together, and their metrics."""

from __future__ import annotations

from typing import Any

from services.errors import UserError
from services.features.table import Series

CLASS_METRICS = {"accuracy": "accuracy", "precision": "precision_macro", "recall": "recall_macro"}
"""Metrics of classes, and what scikit-learn calls them."""
NUMBER_METRICS = {
    "mae": "neg_mean_absolute_error",
    "rmse": "neg_root_mean_squared_error",
    "rae": "",
    "rse": "",
    "r2": "r2",
}
"""Metrics of numbers; relative errors are our own scorers, as scikit-learn has none."""
METRICS = (*CLASS_METRICS, *NUMBER_METRICS)


def model_for(target: Series, *, is_classes: bool) -> Any:
    """A logistic regression for classes (C=100, as the Azure ML labs use it), a linear one for numbers."""
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if not is_classes:
        return LinearRegression()
    if target.nunique() == 2:
        return LogisticRegression(C=100, solver="liblinear")
    return make_pipeline(StandardScaler(), LogisticRegression(C=100, max_iter=1000))


def scorer(metric: str, target: Series, *, is_classes: bool) -> tuple[str, Any]:
    """The name of a metric and what computes it; greater is better. Raises UserError for one of the other kind.

    Args:
        metric: empty for accuracy, or for R² of numbers.
    """
    metric = metric or ("accuracy" if is_classes else "r2")
    allowed = CLASS_METRICS if is_classes else NUMBER_METRICS
    if metric not in allowed:
        kind = "classes" if is_classes else "numbers"
        raise UserError(
            f"{metric} is no metric of {kind}; there are {', '.join(allowed)}.", title="The metric does not fit"
        )
    if metric in ("rae", "rse"):
        return metric, _relative(absolute=metric == "rae")
    name = allowed[metric]
    # of two classes the second one is what is looked for
    return metric, name.removesuffix("_macro") if is_classes and target.nunique() == 2 else name


def _relative(*, absolute: bool) -> Any:
    """The error beside that of always guessing the mean: 0 is perfect, 1 is no better than the mean."""

    def score(model: Any, features: Any, target: Any) -> float:
        missed, spread = target - model.predict(features), target - target.mean()
        if absolute:
            return -float(abs(missed).sum() / abs(spread).sum())
        return -float((missed**2).sum() / (spread**2).sum())

    return score
