"""The metrics that Azure's automated ML reports, as Azure defines them.

Source: https://learn.microsoft.com/azure/machine-learning/how-to-understand-automated-ml, whose rules are:

- Metrics ending in macro, micro and weighted average over all classes, also of two: no class is the true one.
- `norm_macro_recall` is (R - C) / (1 - C), with R the macro recall and C that of guessing, 1 / number of classes; it is
  never below 0.
- `weighted_accuracy` weighs each row by the number of rows of its class.
- Normalised errors are divided by the range of the target; `r2_score` is cut at -1.
- Of many time series, normalised errors are taken for each series by its own range and then averaged; the others look
  at all predictions at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from services.errors import UserError

Values: TypeAlias = Any
"""A numpy array, a pandas.Series or a list."""

CLASSIFICATION_PRIMARY = (
    "AUC_weighted",
    "accuracy",
    "norm_macro_recall",
    "average_precision_score_weighted",
    "precision_score_weighted",
)
"""By which a classification can be judged."""
REGRESSION_PRIMARY = (
    "spearman_correlation",
    "normalized_root_mean_squared_error",
    "r2_score",
    "normalized_mean_absolute_error",
)
"""By which a regression or a forecast can be judged."""
NORMALIZED = ("mean_absolute_error", "median_absolute_error", "root_mean_squared_error", "root_mean_squared_log_error")
"""The errors that have a normalised twin, `normalized_...`."""


def primary_metric(task: str, name: str) -> str:
    """A primary metric by its MLflow name; `AUCWeighted` and `auc_weighted` are `AUC_weighted`. Raises UserError."""
    names = CLASSIFICATION_PRIMARY if task == "classification" else REGRESSION_PRIMARY
    for known in names:
        if known.replace("_", "").lower() == name.replace("_", "").lower():
            return known
    raise UserError(
        f"{name} is no primary metric of {task}; there are {', '.join(names)}.", title="The metric does not fit"
    )


def is_minimized(metric: str) -> bool:
    """Whether less is better."""
    return metric.endswith("_error") or metric == "log_loss"


def classification_metrics(
    truth: Values, probabilities: Values, classes: Sequence[Any], positive: Any = None, *, only: str = ""
) -> dict[str, float]:
    """All metrics of a classification; NaN where a metric is not defined.

    Args:
        truth: the true class of each row.
        probabilities: a row for each row, with a column for each class.
        classes: all classes of the data set, in the order of the columns.
        positive: the true class, which adds the `_binary` metrics.
        only: the one metric that is wanted.
    """
    import numpy as np
    from sklearn import metrics

    places = {label: place for place, label in enumerate(classes)}
    codes = np.array([places[label] for label in truth])
    chances = np.asarray(probabilities, dtype=float)
    chances = chances / chances.sum(axis=1, keepdims=True)  # those of 32 bits add up to nearly 1
    predicted = chances.argmax(axis=1)
    hot = np.eye(len(classes))[codes]
    right = (codes == predicted).astype(float)
    guess = 1 / len(classes)

    def macro_recall() -> float:
        return float(metrics.recall_score(codes, predicted, average="macro", zero_division=0))

    measures: dict[str, Callable[[], float]] = {
        "accuracy": right.mean,
        "balanced_accuracy": macro_recall,
        "weighted_accuracy": lambda: np.average(right, weights=hot.sum(axis=0)[codes]),
        "norm_macro_recall": lambda: max(0.0, (macro_recall() - guess) / (1 - guess)),
        "matthews_correlation": lambda: metrics.matthews_corrcoef(codes, predicted),
        "log_loss": lambda: metrics.log_loss(codes, chances, labels=range(len(classes))),
    }
    for average in ("macro", "micro", "weighted"):
        for score in (metrics.f1_score, metrics.precision_score, metrics.recall_score):
            measures[f"{score.__name__}_{average}"] = partial(score, codes, predicted, average=average, zero_division=0)
        measures[f"AUC_{average}"] = partial(_over_classes, metrics.roc_auc_score, hot, chances, average)
        measures[f"average_precision_score_{average}"] = partial(
            _over_classes, metrics.average_precision_score, hot, chances, average
        )
    if positive is not None:
        one = places[positive]
        measures |= _binary(codes == one, predicted == one, chances[:, one])
    return {name: float(measure()) for name, measure in measures.items() if only in ("", name)}


def regression_metrics(truth: Values, predicted: Values, spread: float) -> dict[str, float]:
    """All metrics of a regression; NaN where a metric is not defined.

    Args:
        spread: the greatest less the least value of the target in the whole data set.
    """
    found = _errors(truth, predicted)
    for name in NORMALIZED:
        found[f"normalized_{name}"] = found[name] / spread if spread > 0 else math.nan
    return found


def forecasting_metrics(
    truth: Values, predicted: Values, series: Sequence[Any], spreads: dict[Any, float]
) -> dict[str, float]:
    """All metrics of forecasts of one or many series.

    Args:
        series: which series each row belongs to.
        spreads: the range of the target in each series. A series that never changes has no normalised error.
    """
    import numpy as np

    truth, predicted = np.asarray(truth, dtype=float), np.asarray(predicted, dtype=float)
    found = _errors(truth, predicted)
    own = []
    for key, spread in spreads.items():
        rows = np.array([one == key for one in series], dtype=bool)
        if spread > 0 and rows.any():
            own.append({name: value / spread for name, value in _errors(truth[rows], predicted[rows]).items()})
    for name in NORMALIZED:
        found[f"normalized_{name}"] = float(np.mean([one[name] for one in own])) if own else math.nan
    return found


def mean_metrics(folds: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of each metric over the folds in which it is defined."""
    means = {}
    for name in folds[0]:
        values = [fold[name] for fold in folds if not math.isnan(fold[name])]
        means[name] = sum(values) / len(values) if values else math.nan
    return means


def _over_classes(score: Any, hot: Values, chances: Values, average: str) -> float:
    """One class against the rest, of each class that has rows and is not all rows."""
    sizes = hot.sum(axis=0)
    told = [place for place, size in enumerate(sizes) if 0 < size < len(hot)]
    if not told:
        return math.nan
    if average == "micro":
        return float(score(hot.ravel(), chances.ravel()))
    each = [float(score(hot[:, place], chances[:, place])) for place in told]
    weights = sizes[told] if average == "weighted" else [1] * len(told)
    return float(sum(one * weight for one, weight in zip(each, weights, strict=True)) / sum(weights))


def _binary(truth: Values, predicted: Values, chances: Values) -> dict[str, Callable[[], float]]:
    from sklearn import metrics

    both = 0 < truth.sum() < len(truth)
    return {
        "AUC_binary": lambda: metrics.roc_auc_score(truth, chances) if both else math.nan,
        "average_precision_score_binary": lambda: metrics.average_precision_score(truth, chances) if both else math.nan,
        "f1_score_binary": lambda: metrics.f1_score(truth, predicted, zero_division=0),
        "precision_score_binary": lambda: metrics.precision_score(truth, predicted, zero_division=0),
        "recall_score_binary": lambda: metrics.recall_score(truth, predicted, zero_division=0),
    }


def _errors(truth: Values, predicted: Values) -> dict[str, float]:
    """The metrics that need no range. MAPE is in per cent and leaves out rows whose true value is 0."""
    import numpy as np
    from scipy import stats

    truth, predicted = np.asarray(truth, dtype=float), np.asarray(predicted, dtype=float)
    missed = predicted - truth
    around = float(((truth - truth.mean()) ** 2).sum())
    told = truth != 0
    can_log = truth.min() > -1 and predicted.min() > -1
    can_rank = np.ptp(truth) > 0 and np.ptp(predicted) > 0
    logs = np.log1p(predicted) - np.log1p(truth) if can_log else np.array([math.nan])
    found = {
        "explained_variance": 1 - missed.var() / truth.var() if around else math.nan,
        "mean_absolute_error": np.abs(missed).mean(),
        "mean_absolute_percentage_error": 100 * np.abs(missed[told] / truth[told]).mean() if told.any() else math.nan,
        "median_absolute_error": np.median(np.abs(missed)),
        "r2_score": max(-1.0, 1 - float((missed**2).sum()) / around) if around else math.nan,
        "root_mean_squared_error": math.sqrt((missed**2).mean()),
        "root_mean_squared_log_error": math.sqrt((logs**2).mean()),
        "spearman_correlation": stats.spearmanr(truth, predicted).statistic if can_rank else math.nan,
    }
    return {name: float(value) for name, value in found.items()}
