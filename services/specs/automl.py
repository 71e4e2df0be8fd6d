"""The automated ML job of the Azure ML CLI v2 YAML schema.

Sources: https://learn.microsoft.com/azure/machine-learning/reference-automated-ml-forecasting (the YAML of AutoML) and
azure-ai-ml 1.35 (azure.ai.ml._schema.automl).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from services.specs.automl_names import (
    ALGORITHMS,
    META_LEARNERS,
    PARAMETRISED_TRANSFORMERS,
    PRIMARY_METRICS,
    TABULAR_TASKS,
    TASKS,
    TRANSFORMERS,
    known_name,
)
from services.specs.command import JobInput, JobOutput, JobResources

AutoMLTask: TypeAlias = Literal[
    "classification",
    "regression",
    "forecasting",
    "image_classification",
    "image_classification_multilabel",
    "image_object_detection",
    "image_instance_segmentation",
    "text_classification",
    "text_classification_multilabel",
    "text_ner",
]
DATA_FIELDS = ("training_data", "validation_data", "test_data")


@dataclass(frozen=True)
class AutoMLLimits:
    """When the search ends; what is None is the service's default: 1000 trials, one at a time, 6 days.

    Attributes:
        exit_score: the search ends as soon as a trial's metric reaches this.
        max_cores_per_trial: -1 for all that there are.
    """

    timeout_minutes: int | None = None
    trial_timeout_minutes: int | None = None
    max_trials: int | None = None
    max_concurrent_trials: int | None = None
    max_nodes: int | None = None
    max_cores_per_trial: int | None = None
    exit_score: int | float | None = None
    enable_early_termination: bool | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class StackEnsembleSettings:
    """The model that a stack ensemble learns from the predictions of others."""

    stack_meta_learner_type: str
    stack_meta_learner_train_percentage: int | float | None = None
    stack_meta_learner_kwargs: Mapping[str, Any] | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class AutoMLTraining:
    """Which algorithms are tried, and what is made of them; all of the task's where none are named."""

    allowed_training_algorithms: list[str] | None = None
    blocked_training_algorithms: list[str] | None = None
    enable_vote_ensemble: bool | None = None
    enable_stack_ensemble: bool | None = None
    stack_ensemble_settings: StackEnsembleSettings | None = None
    ensemble_model_download_timeout_minutes: int | None = None
    enable_model_explainability: bool | None = None
    enable_onnx_compatible_models: bool | None = None
    enable_dnn_training: bool | None = None
    training_mode: Literal["auto", "distributed", "non_distributed"] | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class ColumnTransformer:
    """The parameters of a transformer for some columns."""

    fields: list[str] | None = None
    parameters: Mapping[str, str | int | float | bool | None] | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Featurization:
    """How columns become features; all but `mode` and the language belong to the mode custom.

    The mode is auto where none is given; texts have no mode, and nothing but their language.
    """

    mode: Literal["auto", "off", "custom"] | None = None
    column_name_and_types: Mapping[str, str] | None = None
    blocked_transformers: list[str] | None = None
    transformer_params: Mapping[str, list[ColumnTransformer]] | None = None
    dataset_language: str | None = None
    enable_dnn_featurization: bool | None = None
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Forecasting:
    """The series in a table.

    Attributes:
        forecast_horizon: how many periods are forecast.
        target_lags: which earlier values of the target are features, in periods.
        target_rolling_window_size: over how many periods statistics of the target are features.
        frequency: the period, as an offset alias of pandas.
        cv_step_size: the periods between the beginnings of two folds.
    """

    time_column_name: str | None = None
    time_series_id_column_names: str | list[str] | None = None
    forecast_horizon: Literal["auto"] | int | None = None
    frequency: str | None = None
    target_lags: Literal["auto"] | int | list[int] | None = None
    target_rolling_window_size: Literal["auto"] | int | None = None
    feature_lags: Literal["none", "auto"] | None = None
    seasonality: Literal["auto"] | int | None = None
    use_stl: Literal["none", "season", "seasontrend"] | None = None
    short_series_handling_config: Literal["none", "auto", "pad", "drop"] | None = None
    target_aggregate_function: Literal["none", "sum", "max", "min", "mean"] | None = None
    country_or_region_for_holidays: str | None = None
    cv_step_size: int | None = None
    features_unknown_at_forecast_time: str | list[str] | None = None
    __pydantic_config__ = {"extra": "forbid"}

    @property
    def series(self) -> list[str]:
        """The columns that tell the series apart."""
        named = self.time_series_id_column_names
        return [named] if isinstance(named, str) else list(named or ())


@dataclass(frozen=True)
class AutoMLJob:
    """A search for the best model of a table; also of images and texts, which Azure alone does.

    `sweep`, `training_parameters` and `search_space` belong to images and texts, and are passed on as they are.
    """

    task: AutoMLTask
    training_data: JobInput
    type: Literal["automl"] = "automl"
    name: str | None = None
    display_name: str | None = None
    experiment_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    properties: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    target_column_name: str | None = None
    primary_metric: str | None = None
    positive_label: str | int | float | bool | None = None
    validation_data: JobInput | None = None
    validation_data_size: int | float | None = None
    n_cross_validations: Literal["auto"] | int | None = None
    cv_split_column_names: list[str] | None = None
    weight_column_name: str | None = None
    test_data: JobInput | None = None
    test_data_size: int | float | None = None
    featurization: Featurization | None = None
    forecasting: Forecasting | None = None
    limits: AutoMLLimits | None = None
    training: AutoMLTraining | None = None
    training_parameters: Mapping[str, Any] | None = None
    sweep: Mapping[str, Any] | None = None
    search_space: list[Any] | None = None
    log_verbosity: Literal["not_set", "debug", "info", "warning", "error", "critical"] | None = None
    compute: str | None = None
    resources: JobResources | None = None
    environment_id: str | None = None
    environment_variables: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    outputs: Mapping[str, JobOutput | str | None] = field(default_factory=dict)
    identity: Mapping[str, Any] | None = None
    services: Mapping[str, Any] | None = None
    queue_settings: Mapping[str, Any] | None = None
    __pydantic_config__ = {"extra": "forbid"}

    @property
    def metric(self) -> str:
        """The metric that models are judged by: the given one, or the task's default."""
        return self.primary_metric or PRIMARY_METRICS[self.task][0]

    @property
    def is_tabular(self) -> bool:
        """Whether it is about a table, which also this machine can search models for."""
        return self.task in TABULAR_TASKS

    @property
    def inputs(self) -> Mapping[str, JobInput]:
        """Its data, by the names of their fields."""
        given = {name: getattr(self, name) for name in DATA_FIELDS}
        return {name: data for name, data in given.items() if data is not None}


_WORDS = {
    "feature_lags": ("none", "auto"),
    "use_stl": ("none", "season", "seasontrend"),
    "short_series_handling_config": ("none", "auto", "pad", "drop"),
    "target_aggregate_function": ("none", "sum", "max", "min", "mean"),
    **dict.fromkeys(("forecast_horizon", "target_lags", "target_rolling_window_size", "seasonality"), ("auto",)),
}


def canonical(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with the names of automated ML as az ml YAML writes them; what is no such name stays."""
    result = dict(document)
    _rename(result, "task", TASKS)
    task = str(result.get("task"))
    _rename(result, "primary_metric", PRIMARY_METRICS.get(task, ()))
    _rename(result, "log_verbosity", ("not_set", "debug", "info", "warning", "error", "critical"))
    _rename(result, "n_cross_validations", ("auto",))
    for name in DATA_FIELDS:
        if isinstance(given := result.get(name), Mapping):
            result[name] = {"type": "mltable", **given}
    if training := _section(result, "training"):
        for name in ("allowed_training_algorithms", "blocked_training_algorithms"):
            _rename(training, name, ALGORITHMS.get(task, ()))
        _rename(training, "training_mode", ("auto", "distributed", "non_distributed"))
        if stack := _section(training, "stack_ensemble_settings"):
            _rename(stack, "stack_meta_learner_type", tuple(META_LEARNERS))
    if featurization := _section(result, "featurization"):
        _rename(featurization, "mode", ("auto", "off", "custom"))
        _rename(featurization, "blocked_transformers", TRANSFORMERS)
        if params := _section(featurization, "transformer_params"):
            renamed = {known_name(str(key), PARAMETRISED_TRANSFORMERS): value for key, value in params.items()}
            featurization["transformer_params"] = renamed
    if forecasting := _section(result, "forecasting"):
        for name, words in _WORDS.items():
            _rename(forecasting, name, words)
    return result


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A copy of a section in its place, to be changed; empty where there is none."""
    if not isinstance(given := document.get(name), Mapping):
        return {}
    document[name] = copy = dict(given)
    return copy


def _rename(section: dict[str, Any], name: str, known: tuple[str, ...]) -> None:
    value = section.get(name)
    if isinstance(value, str):
        section[name] = known_name(value, known)
    elif value is False and "off" in known:
        section[name] = "off"  # which YAML reads as a truth value
    elif isinstance(value, list):
        section[name] = [known_name(item, known) if isinstance(item, str) else item for item in value]
