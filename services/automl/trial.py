"""One trial: a pipeline is fitted and judged on each fold, then fitted on all rows.

A child process runs it, `python -m services.automl.trial FOLDER`, where FOLDER/trial.json is the configuration; it
leaves result.json, model.pkl and predictions.npz there. Its parent ends it in time (services.automl.children).
"""

from __future__ import annotations

import json
import math
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from services.automl import ensembles
from services.automl.components import OWN, Component, build, from_json, to_json
from services.automl.folds import Split, Validation, splits
from services.automl.metrics import classification_metrics, mean_metrics, regression_metrics
from services.automl.predictions import Predictions
from services.errors import NotFoundError
from services.features.table import Frame
from services.wrangling.execution import plain_words

CONFIGURATION, RESULT, MODEL, PREDICTIONS = "trial.json", "result.json", "model.pkl", "predictions.npz"


@dataclass(frozen=True)
class TrialConfig:
    """What a trial does.

    Attributes:
        data: a Parquet or CSV file with the target and all features.
        pipeline: what is fitted: featurizer, scaler and estimator.
        positive: the true class, for the `_binary` metrics.
        members: of an ensemble, the predictions of its members; it is judged by them instead of fitting all once more.
        weights: of a voting ensemble, one for each member; empty for a stacking ensemble.
    """

    task: str
    data: str
    target: str
    pipeline: Component
    validation: Validation = field(default_factory=Validation)
    seed: int = 0
    positive: Any = None
    members: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A document that JSON can hold."""
        return {**asdict(replace(self, pipeline=Component(""))), "pipeline": to_json(self.pipeline)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TrialConfig:
        """A configuration from its document."""
        return cls(
            **{
                **document,
                "pipeline": from_json(document["pipeline"]),
                "validation": Validation(**document["validation"]),
                "members": tuple(document["members"]),
                "weights": tuple(document["weights"]),
            }
        )


@dataclass(frozen=True)
class TrialResult:
    """How a trial went.

    Attributes:
        metrics: the mean of each metric over the folds; NaN where it is not defined.
        folds: the metrics of each fold.
        seconds: how long it took.
        reason: why it failed or was cut, one line; empty if it completed.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    folds: tuple[dict[str, float], ...] = ()
    seconds: float = 0.0
    reason: str = ""

    @property
    def completed(self) -> bool:
        """Whether there are a score and a model."""
        return not self.reason


@dataclass(frozen=True)
class Trained:
    """A trial's result with what was made."""

    result: TrialResult
    model: Any
    predictions: Predictions


def run_trial(config: TrialConfig, data: Frame, folds: Sequence[Split]) -> Trained:
    """Fit and judge a pipeline. Raises what fitting raises.

    Args:
        data: rows without a target are left out already (`rows_of`).
        folds: of those rows.
    """
    started = time.monotonic()
    features, target = data.drop(columns=config.target), data[config.target]
    if config.members:
        members = [Predictions.load(Path(path)) for path in config.members]
        predictions = (
            ensembles.voted(members, config.weights)
            if config.weights
            else ensembles.stacked(members, config.task, config.seed)
        )
    else:
        predictions = _fold_predictions(config, features, target, folds)
    scores = fold_metrics(config.task, predictions, target, config.positive)
    model = build(config.pipeline).fit(features, target)
    result = TrialResult(mean_metrics(scores), tuple(scores), round(time.monotonic() - started, 3))
    return Trained(result, model, predictions)


def rows_of(data: Frame, target: str) -> Frame:
    """The rows that have a target, numbered from 0."""
    return data[data[target].notna()].reset_index(drop=True)


def read_rows(path: Path) -> Frame:
    """A table from a Parquet or CSV file. Raises NotFoundError."""
    import pandas as pd

    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.")
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def fold_metrics(
    task: str, predictions: Predictions, target: Any, positive: Any = None, *, only: str = ""
) -> list[dict[str, float]]:
    """The metrics of each fold; of classes just the one that is named by `only`, if any."""
    import numpy as np

    values = np.asarray(target)
    spread = 0.0 if task == "classification" else float(np.ptp(values.astype(float)))
    found = []
    for fold in np.unique(predictions.folds):
        here = predictions.folds == fold
        truth, told = values[predictions.rows[here]], predictions.values[here]
        if task == "classification":
            found.append(classification_metrics(truth, told, predictions.classes, positive, only=only))
        else:
            found.append(regression_metrics(truth, told[:, 0], spread))
    return found


def save_model(model: Any, path: Path) -> None:
    """Pickle a model so that it loads where Lapis is not installed."""
    import importlib

    import cloudpickle

    own = importlib.import_module(OWN)
    cloudpickle.register_pickle_by_value(own)
    try:
        path.write_bytes(cloudpickle.dumps(model))
    finally:
        cloudpickle.unregister_pickle_by_value(own)


def read_result(folder: Path) -> TrialResult | None:
    """The result that a child left; None if it left none."""
    try:
        document = json.loads((folder / RESULT).read_text("utf-8"))
    except FileNotFoundError:
        return None
    numbers = [{k: math.nan if v is None else v for k, v in one.items()} for one in document["folds"]]
    metrics = {k: math.nan if v is None else v for k, v in document["metrics"].items()}
    return TrialResult(metrics, tuple(numbers), document["seconds"], document["reason"])


def main(folder: Path) -> int:
    """Run the trial of a folder. What goes wrong is its result, in a line."""
    warnings.simplefilter("ignore")
    started = time.monotonic()
    config = TrialConfig.from_json(json.loads((folder / CONFIGURATION).read_text("utf-8")))
    try:
        data = rows_of(read_rows(Path(config.data)), config.target)
        is_classes = config.task == "classification"
        folds = splits(data[config.target], config.validation, config.seed, is_classes=is_classes)
        trained = run_trial(config, data, folds)
        trained.predictions.save(folder / PREDICTIONS)
        save_model(trained.model, folder / MODEL)
        result = trained.result
    except Exception as error:
        result = TrialResult(seconds=round(time.monotonic() - started, 3), reason=plain_words(error))
    _write(folder / RESULT, result)
    return 0 if result.completed else 1


def _fold_predictions(config: TrialConfig, features: Frame, target: Any, folds: Sequence[Split]) -> Predictions:
    import numpy as np

    is_classes = config.task == "classification"
    classes = np.unique(target) if is_classes else np.array([])
    values, rows, numbers = [], [], []
    for number, (train, judge) in enumerate(folds):
        model = build(config.pipeline).fit(features.iloc[train], target.iloc[train])
        if is_classes:
            told = np.zeros((len(judge), len(classes)))
            # a class that no row of the training part has gets no chance
            told[:, np.searchsorted(classes, model.classes_)] = model.predict_proba(features.iloc[judge])
        else:
            told = np.asarray(model.predict(features.iloc[judge]), dtype=float).reshape(-1, 1)
        values.append(told)
        rows.append(judge)
        numbers.append(np.full(len(judge), number))
    labels = tuple(label.item() if hasattr(label, "item") else label for label in classes)
    return Predictions(
        np.concatenate(values), np.concatenate(rows), np.concatenate(numbers), labels, np.asarray(target)
    )


def _write(path: Path, result: TrialResult) -> None:
    """As JSON that every reader takes: NaN is null."""

    def plain(values: Mapping[str, float]) -> dict[str, float | None]:
        return {name: None if math.isnan(value) else value for name, value in values.items()}

    document = {**asdict(result), "metrics": plain(result.metrics), "folds": [plain(one) for one in result.folds]}
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(document), "utf-8")
    beside.replace(path)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
