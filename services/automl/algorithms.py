"""The algorithms by Azure's names: which this machine has, a sensible configuration of each, what to search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from services.automl.components import OWN, Component
from services.errors import UserError


@dataclass(frozen=True)
class Whole:
    """Whole numbers from low to high, both included; on a logarithmic scale if `log`."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True)
class Real:
    """Numbers from low to high; on a logarithmic scale if `log`."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Pick:
    """One of a few values."""

    options: tuple[str | int | float | bool | None, ...]


Space: TypeAlias = Mapping[str, Whole | Real | Pick]
Parameters: TypeAlias = Mapping[str, Any]

_BOOSTED: Space = {
    "n_estimators": Whole(50, 600, log=True),
    "learning_rate": Real(0.02, 0.3, log=True),
    "subsample": Real(0.6, 1.0),
}
_FOREST: Space = {
    "n_estimators": Whole(50, 400, log=True),
    "max_features": Real(0.1, 1.0),
    "min_samples_leaf": Whole(1, 20, log=True),
}
_FOREST_FIRST = {"n_estimators": 100, "max_features": 0.5, "min_samples_leaf": 2}
_SCALERS = Pick(("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler"))


@dataclass(frozen=True)
class Algorithm:
    """One algorithm for one task.

    Attributes:
        name: as Azure writes it.
        path: the class that does it.
        first: the configuration that is tried first; a `scaler` among it goes before the estimator.
        space: what is searched afterwards.
        fixed: arguments that are never searched.
        seeded: whether it draws random numbers.
        package: what has to be installed.
        calibrated: whether it has no probabilities of its own.
        threads: the argument that tells how many cores it may use; empty if it always uses one.
    """

    name: str
    path: str
    first: Parameters
    space: Space
    fixed: Parameters = field(default_factory=dict)
    seeded: bool = True
    package: str = "sklearn"
    calibrated: bool = False
    threads: str = ""


_LIGHTGBM: dict[str, Any] = {
    "first": {"n_estimators": 200, "learning_rate": 0.05, "subsample": 0.9, "num_leaves": 15, "min_child_samples": 20},
    "space": {**_BOOSTED, "num_leaves": Whole(4, 64, log=True), "min_child_samples": Whole(5, 100, log=True)},
    "fixed": {"subsample_freq": 1, "verbosity": -1, "deterministic": True, "force_row_wise": True},
    "package": "lightgbm",
    "threads": "n_jobs",
}
_XGBOOST: dict[str, Any] = {
    "first": {"n_estimators": 200, "learning_rate": 0.05, "subsample": 0.9, "max_depth": 4, "min_child_weight": 1.0},
    "space": {**_BOOSTED, "max_depth": Whole(2, 9), "min_child_weight": Real(0.5, 30, log=True)},
    "fixed": {"tree_method": "hist"},
    "package": "xgboost",
    "threads": "n_jobs",
}
_GRADIENT: dict[str, Any] = {
    "first": {"n_estimators": 150, "learning_rate": 0.1, "subsample": 0.8, "max_depth": 4},
    "space": {**_BOOSTED, "n_estimators": Whole(50, 300, log=True), "max_depth": Whole(2, 7)},
}
_KNN: dict[str, Any] = {
    "first": {"scaler": "StandardScaler", "n_neighbors": 15, "weights": "distance"},
    "space": {
        "scaler": _SCALERS,
        "n_neighbors": Whole(2, 60, log=True),
        "weights": Pick(("uniform", "distance")),
    },
    "seeded": False,
    "threads": "n_jobs",
}
_TREE: dict[str, Any] = {
    "first": {"max_depth": 8, "min_samples_leaf": 10},
    "space": {"max_depth": Whole(2, 20), "min_samples_leaf": Whole(1, 50, log=True)},
}
_SGD_SPACE: Space = {"scaler": _SCALERS, "alpha": Real(1e-6, 1e-1, log=True)}

CLASSIFICATION = (
    Algorithm("LightGBM", "lightgbm.LGBMClassifier", **_LIGHTGBM),
    Algorithm("XGBoostClassifier", "xgboost.XGBClassifier", **_XGBOOST),
    Algorithm(
        "LogisticRegression",
        "sklearn.linear_model.LogisticRegression",
        {"scaler": "StandardScaler", "C": 1.0, "class_weight": None},
        {"scaler": _SCALERS, "C": Real(1e-3, 100, log=True), "class_weight": Pick((None, "balanced"))},
        {"max_iter": 2000},
    ),
    Algorithm("RandomForest", "sklearn.ensemble.RandomForestClassifier", _FOREST_FIRST, _FOREST, threads="n_jobs"),
    Algorithm("ExtremeRandomTrees", "sklearn.ensemble.ExtraTreesClassifier", _FOREST_FIRST, _FOREST, threads="n_jobs"),
    Algorithm("GradientBoosting", "sklearn.ensemble.GradientBoostingClassifier", **_GRADIENT),
    Algorithm("DecisionTree", "sklearn.tree.DecisionTreeClassifier", **_TREE),
    Algorithm("KNN", "sklearn.neighbors.KNeighborsClassifier", **_KNN),
    Algorithm(
        "SGD",
        "sklearn.linear_model.SGDClassifier",
        {"scaler": "StandardScaler", "alpha": 1e-4},
        _SGD_SPACE,
        {"loss": "modified_huber", "max_iter": 2000},
    ),
    Algorithm(
        "BernoulliNaiveBayes",
        "sklearn.naive_bayes.BernoulliNB",
        {"scaler": "StandardScaler", "alpha": 1.0},
        {"scaler": Pick(("StandardScaler", "RobustScaler")), "alpha": Real(1e-3, 10, log=True)},
        seeded=False,
    ),
    Algorithm(
        "MultinomialNaiveBayes",
        "sklearn.naive_bayes.MultinomialNB",
        {"alpha": 1.0},
        {"alpha": Real(1e-3, 10, log=True)},
        {"scaler": "MinMaxScaler"},
        seeded=False,
    ),
    Algorithm(
        "LinearSVM",
        "sklearn.svm.LinearSVC",
        {"scaler": "StandardScaler", "C": 0.5},
        {"scaler": _SCALERS, "C": Real(1e-3, 10, log=True)},
        {"dual": False, "max_iter": 5000},
        calibrated=True,
    ),
    Algorithm(
        "SVM",
        "sklearn.svm.SVC",
        {"scaler": "StandardScaler", "C": 1.0, "gamma": "scale"},
        {"scaler": _SCALERS, "C": Real(1e-2, 100, log=True), "gamma": Pick(("scale", "auto"))},
        {"cache_size": 500},
        calibrated=True,
    ),
)
"""For classification, in the order of their first trials: what usually wins comes first, what takes long last."""
REGRESSION = (
    Algorithm("LightGBM", "lightgbm.LGBMRegressor", **_LIGHTGBM),
    Algorithm("XGBoostRegressor", "xgboost.XGBRegressor", **_XGBOOST),
    Algorithm(
        "ElasticNet",
        "sklearn.linear_model.ElasticNet",
        {"scaler": "StandardScaler", "alpha": 0.001, "l1_ratio": 0.5},
        {"scaler": _SCALERS, "alpha": Real(1e-5, 10, log=True), "l1_ratio": Real(0.01, 1.0)},
        {"max_iter": 5000},
    ),
    Algorithm("RandomForest", "sklearn.ensemble.RandomForestRegressor", _FOREST_FIRST, _FOREST, threads="n_jobs"),
    Algorithm("ExtremeRandomTrees", "sklearn.ensemble.ExtraTreesRegressor", _FOREST_FIRST, _FOREST, threads="n_jobs"),
    Algorithm("GradientBoosting", "sklearn.ensemble.GradientBoostingRegressor", **_GRADIENT),
    Algorithm("DecisionTree", "sklearn.tree.DecisionTreeRegressor", **_TREE),
    Algorithm("KNN", "sklearn.neighbors.KNeighborsRegressor", **_KNN),
    Algorithm(
        "LassoLars",
        "sklearn.linear_model.LassoLars",
        {"scaler": "StandardScaler", "alpha": 0.001},
        {"scaler": _SCALERS, "alpha": Real(1e-5, 1, log=True)},
    ),
    Algorithm(
        "SGD",
        "sklearn.linear_model.SGDRegressor",
        {"scaler": "StandardScaler", "alpha": 1e-4},
        _SGD_SPACE,
        {"max_iter": 2000},
    ),
)
"""For regression, likewise."""


def algorithms(task: str) -> tuple[Algorithm, ...]:
    """The algorithms of a task in the order of their first trials."""
    return CLASSIFICATION if task == "classification" else REGRESSION


def why_not(algorithm: Algorithm) -> str:
    """Why this machine can't run an algorithm; empty if it can."""
    from importlib.util import find_spec

    if find_spec(algorithm.package):
        return ""
    return f"{algorithm.package} is not installed: pipx install 'lapis-workbench[automl]'"


def chosen(task: str, allowed: tuple[str, ...] = (), blocked: tuple[str, ...] = ()) -> tuple[Algorithm, ...]:
    """The algorithms that will be tried. Raises UserError if none is left, or a name is not known.

    Args:
        allowed: all if empty; `LogisticRegression` and `logistic_regression` are the same.
    """
    known = {_plain(one.name): one for one in algorithms(task)}
    for name in (*allowed, *blocked):
        if _plain(name) not in known:
            names = ", ".join(one.name for one in known.values())
            raise UserError(
                f"{name} is no algorithm for {task} that this machine can run; there are {names}.",
                title="The algorithm is not known",
            )
    wanted, unwanted = set(map(_plain, allowed)), set(map(_plain, blocked))
    left = tuple(
        one for key, one in known.items() if (not wanted or key in wanted) and key not in unwanted and not why_not(one)
    )
    if not left:
        raise UserError(
            "Every algorithm is blocked, not allowed or not installed.", title="There is no algorithm to try"
        )
    return left


def estimator(
    algorithm: Algorithm, parameters: Parameters, *, task: str, seed: int, cores: int, dense: bool
) -> Component:
    """The scaler, if there is one, and the estimator, as a pipeline.

    Args:
        dense: whether the features are a dense array; a sparse one can't be centred.
    """
    arguments = {**algorithm.fixed, **parameters}
    scaler = arguments.pop("scaler", None)
    if algorithm.seeded:
        arguments["random_state"] = seed
    if algorithm.threads:
        arguments[algorithm.threads] = cores
    model = Component(algorithm.path, arguments)
    if algorithm.calibrated and task == "classification":
        model = Component(
            "sklearn.calibration.CalibratedClassifierCV", {"estimator": model, "cv": 3, "ensemble": False}
        )
    if algorithm.package == "xgboost" and task == "classification":
        model = Component(f"{OWN}.LabelEncoded", {"estimator": model})
    steps = [("scaler", _scaler(str(scaler), dense))] if scaler else []
    return Component("sklearn.pipeline.Pipeline", {"steps": [*steps, ("model", model)]})


def _scaler(name: str, dense: bool) -> Component:
    if not dense and name == "MinMaxScaler":
        name = "MaxAbsScaler"
    centred = {"StandardScaler": "with_mean", "RobustScaler": "with_centering"}
    arguments: dict[str, Any] = {} if dense or name not in centred else {centred[name]: False}
    if name == "MinMaxScaler":
        arguments["clip"] = True
    return Component(f"sklearn.preprocessing.{name}", arguments)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
