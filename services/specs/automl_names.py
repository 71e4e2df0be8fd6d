"""The names that automated ML has for its tasks, metrics, algorithms and transformers, as az ml YAML writes them.

Read off azure-ai-ml 1.35 (azure.ai.ml._restclient.arm_ml_service.models), which takes `AUCWeighted`, `AUC_weighted` and
`auc_weighted` alike; so do we.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

TABULAR_TASKS = ("classification", "regression", "forecasting")
"""The tasks on tables; those on images and texts run in Azure alone."""
_IMAGE_TASKS = (
    "image_classification",
    "image_classification_multilabel",
    "image_object_detection",
    "image_instance_segmentation",
)
_TEXT_TASKS = ("text_classification", "text_classification_multilabel", "text_ner")
TASKS = (*TABULAR_TASKS, *_IMAGE_TASKS, *_TEXT_TASKS)

_CLASSIFICATION_METRICS = (
    "auc_weighted",
    "accuracy",
    "norm_macro_recall",
    "average_precision_score_weighted",
    "precision_score_weighted",
)
_REGRESSION_METRICS = (
    "normalized_root_mean_squared_error",
    "r2_score",
    "normalized_mean_absolute_error",
    "spearman_correlation",
)
PRIMARY_METRICS: Mapping[str, tuple[str, ...]] = {
    "classification": _CLASSIFICATION_METRICS,
    "regression": _REGRESSION_METRICS,
    "forecasting": _REGRESSION_METRICS,
    "image_classification": ("accuracy", *(name for name in _CLASSIFICATION_METRICS if name != "accuracy")),
    "image_classification_multilabel": ("iou", *_CLASSIFICATION_METRICS),
    "image_object_detection": ("mean_average_precision",),
    "image_instance_segmentation": ("mean_average_precision",),
    "text_classification": ("accuracy", *(name for name in _CLASSIFICATION_METRICS if name != "accuracy")),
    "text_classification_multilabel": ("accuracy",),
    "text_ner": ("accuracy",),
}
"""The metrics that a task can be judged by, its default first."""

_BOTH = (
    "elastic_net",
    "gradient_boosting",
    "decision_tree",
    "knn",
    "lasso_lars",
    "sgd",
    "random_forest",
    "extreme_random_trees",
    "light_gbm",
    "xg_boost_regressor",
)
ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "classification": (
        "logistic_regression",
        "sgd",
        "multinomial_naive_bayes",
        "bernoulli_naive_bayes",
        "svm",
        "linear_svm",
        "knn",
        "decision_tree",
        "random_forest",
        "extreme_random_trees",
        "light_gbm",
        "gradient_boosting",
        "xg_boost_classifier",
    ),
    "regression": _BOTH,
    "forecasting": (
        "auto_arima",
        "prophet",
        "naive",
        "seasonal_naive",
        "average",
        "seasonal_average",
        "exponential_smoothing",
        "arimax",
        "tcn_forecaster",
        *_BOTH,
    ),
}
"""The algorithms of the tasks on tables."""
META_LEARNERS: Mapping[str, str] = {
    "none": "None",
    "logistic_regression": "LogisticRegression",
    "logistic_regression_cv": "LogisticRegressionCV",
    "light_gbm_classifier": "LightGBMClassifier",
    "elastic_net": "ElasticNet",
    "elastic_net_cv": "ElasticNetCV",
    "light_gbm_regressor": "LightGBMRegressor",
    "linear_regression": "LinearRegression",
}
"""What a stack ensemble can learn with, and its name in the REST API, which the SDK's class expects."""
TRANSFORMERS = (
    "text_target_encoder",
    "one_hot_encoder",
    "cat_target_encoder",
    "tf_idf",
    "wo_e_target_encoder",
    "label_encoder",
    "word_embedding",
    "naive_bayes",
    "count_vectorizer",
    "hash_one_hot_encoder",
)
"""The transformers that can be blocked."""
PARAMETRISED_TRANSFORMERS = ("imputer", "tf_idf", "hash_one_hot_encoder")
COLUMN_PURPOSES = ("Numeric", "DateTime", "Categorical", "CategoricalHash", "Text", "Ignore")
"""What a column can be told to be.

Source: https://learn.microsoft.com/azure/machine-learning/how-to-configure-auto-features
"""


def known_name(name: str, known: Iterable[str]) -> str:
    """The name among `known` that is meant, whichever way its words are joined; the name itself if there is none."""
    meant = _squashed(name)
    return next((candidate for candidate in known if _squashed(candidate) == meant), name)


def nearest_name(name: str, known: Iterable[str]) -> str:
    """The name among `known` that is most like another, or begins like it; empty if none does."""
    squashed, meant = {_squashed(candidate): candidate for candidate in known}, _squashed(name)
    near = difflib.get_close_matches(meant, list(squashed), n=1)
    near += [candidate for candidate in squashed if meant and candidate.startswith(meant)]
    return squashed[near[0]] if near else ""


def _squashed(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
