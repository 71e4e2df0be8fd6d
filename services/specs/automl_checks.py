"""What is wrong with an automated ML job beyond its types.

Rules: https://learn.microsoft.com/azure/machine-learning/how-to-configure-auto-train and how-to-auto-train-forecast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.errors import Fault
from services.specs.automl import AutoMLJob, Featurization, Forecasting
from services.specs.automl_names import (
    ALGORITHMS,
    COLUMN_PURPOSES,
    META_LEARNERS,
    PARAMETRISED_TRANSFORMERS,
    PRIMARY_METRICS,
    TRANSFORMERS,
    nearest_name,
)
from services.specs.common_checks import check_input

_OWN = ("featurization", "forecasting", "training")
"""Sections of the tasks on tables."""
_OTHERS = ("training_parameters", "sweep", "search_space")
"""Sections of the tasks on images and texts."""
_STRATEGIES = ("mean", "median", "most_frequent", "constant", "ffill")
_FREQUENCY = re.compile(r"^-?\d*[A-Za-z]+(-[A-Za-z]{3})?$")


def automl_faults(spec: AutoMLJob, base: Path) -> Iterator[Fault]:
    """Every fault but those of names and outputs."""
    yield from _check_data(spec, base)
    yield from _check_metric(spec)
    yield from _check_validation(spec)
    yield from _check_limits(spec)
    for name in _OTHERS if spec.is_tabular else _OWN:
        if getattr(spec, name) and not (name == "featurization" and spec.task.startswith("text")):
            yield Fault(name, f"means nothing to the task {spec.task}")
    if spec.is_tabular:
        yield from _check_training(spec)
        yield from _check_forecasting(spec)
        if spec.featurization:
            yield from _check_featurization(spec, spec.featurization)


def unknown_name(at: str, kind: str, name: str, known: Sequence[str]) -> Iterator[Fault]:
    """A fault, with the name that is nearest, where a name is not known."""
    if name not in known:
        near = nearest_name(name, known)
        hint = f"did you mean {near}?" if near else f"expected {', '.join(known)}"
        yield Fault(at, f"{name} is no {kind}; {hint}")


def _check_data(spec: AutoMLJob, base: Path) -> Iterator[Fault]:
    for name, given in spec.inputs.items():
        if given.type != "mltable":
            yield Fault(f"{name}.type", f"automated ML reads an mltable, not {given.type}; wrap the data in an MLTable")
        else:
            yield from check_input(name, given, base)
    if not (spec.target_column_name or "").strip():
        if spec.task != "text_ner":
            yield Fault("target_column_name", "this field is required")
    elif spec.target_column_name == spec.weight_column_name:
        yield Fault("weight_column_name", f"{spec.weight_column_name} is the target")
    if spec.positive_label is not None and spec.task != "classification":
        yield Fault("positive_label", f"is of classification; {spec.task} has none")


def _check_metric(spec: AutoMLJob) -> Iterator[Fault]:
    if spec.primary_metric is not None:
        known = PRIMARY_METRICS[spec.task]
        yield from unknown_name("primary_metric", f"metric of {spec.task}", spec.primary_metric, known)


def _check_validation(spec: AutoMLJob) -> Iterator[Fault]:
    ways = ("validation_data", "validation_data_size", "n_cross_validations", "cv_split_column_names")
    given = [name for name in ways if getattr(spec, name) not in (None, [])]
    if "validation_data" in given and len(given) > 1:
        yield Fault(given[1], "goes without validation_data; leave one of the two out")
    elif "cv_split_column_names" in given and len(given) > 1:
        yield Fault("cv_split_column_names", f"goes without {given[0]}; leave one of the two out")
    for name in ("validation_data_size", "test_data_size"):
        size = getattr(spec, name)
        if size is not None and not 0 < size < 1:
            yield Fault(name, f"expected a share between 0 and 1, got {size}")
    folds = spec.n_cross_validations
    if isinstance(folds, int) and folds < 2:
        yield Fault("n_cross_validations", f"expected at least 2 folds, got {folds}")
    if spec.test_data is not None and spec.test_data_size is not None:
        yield Fault("test_data_size", "goes without test_data; leave one of the two out")
    if spec.task == "forecasting" and "validation_data_size" in given:
        mend = "give n_cross_validations or validation_data"
        yield Fault("validation_data_size", f"a forecast is validated on later rows, not on a share of them; {mend}")


def _check_limits(spec: AutoMLJob) -> Iterator[Fault]:
    limits = spec.limits
    if limits is None:
        return
    for name in ("timeout_minutes", "trial_timeout_minutes", "max_trials", "max_concurrent_trials", "max_nodes"):
        value = getattr(limits, name)
        if value is not None and value <= 0:
            yield Fault(f"limits.{name}", f"expected a number above 0, got {value}")
    cores, at_once = limits.max_cores_per_trial, limits.max_concurrent_trials
    if cores is not None and cores < 1 and cores != -1:
        yield Fault("limits.max_cores_per_trial", f"expected a number above 0, or -1 for all cores, got {cores}")
    if at_once is not None:
        for name in ("max_trials", "max_nodes"):
            most = getattr(limits, name)
            if most is not None and 0 < most < at_once:
                yield Fault(
                    "limits.max_concurrent_trials", f"{at_once} is more than {name}, which is {most}", "warning"
                )
    whole, each = limits.timeout_minutes, limits.trial_timeout_minutes
    if whole is not None and each is not None and each > whole:
        yield Fault("limits.trial_timeout_minutes", f"{each} is more than timeout_minutes, which is {whole}", "warning")


def _check_training(spec: AutoMLJob) -> Iterator[Fault]:
    training = spec.training
    if training is None:
        return
    known = ALGORITHMS[spec.task]
    allowed = training.allowed_training_algorithms or []
    blocked = training.blocked_training_algorithms or []
    for section, names in (("allowed", allowed), ("blocked", blocked)):
        for index, name in enumerate(names):
            at = f"training.{section}_training_algorithms.{index}"
            yield from unknown_name(at, f"algorithm of {spec.task}", name, known)
    if not set(allowed or known) - set(blocked):
        yield Fault("training.blocked_training_algorithms", "leaves no algorithm that is allowed")
    elif both := [name for name in allowed if name in blocked]:
        yield Fault(
            "training.blocked_training_algorithms", f"{', '.join(both)} is allowed too; blocked wins", "warning"
        )
    stack = training.stack_ensemble_settings
    if stack:
        at = "training.stack_ensemble_settings"
        learner, share = stack.stack_meta_learner_type, stack.stack_meta_learner_train_percentage
        yield from unknown_name(f"{at}.stack_meta_learner_type", "meta-learner", learner, tuple(META_LEARNERS))
        if share is not None and not 0 < share < 1:
            yield Fault(f"{at}.stack_meta_learner_train_percentage", f"expected a share between 0 and 1, got {share}")
        if training.enable_stack_ensemble is False:
            yield Fault(at, "means nothing while enable_stack_ensemble is false", "warning")
    if training.enable_onnx_compatible_models and training.enable_stack_ensemble:
        yield Fault("training.enable_stack_ensemble", "ONNX knows no stack ensemble; none is made", "warning")
    if training.enable_onnx_compatible_models and spec.task == "forecasting":
        yield Fault("training.enable_onnx_compatible_models", "no model of a forecast goes into ONNX", "warning")
    if "tcn_forecaster" in allowed and not training.enable_dnn_training:
        yield Fault("training.enable_dnn_training", "tcn_forecaster is a deep network; it needs true here", "warning")


def _check_featurization(spec: AutoMLJob, given: Featurization) -> Iterator[Fault]:
    at = "featurization"
    own = ("column_name_and_types", "blocked_transformers", "transformer_params")
    if given.mode != "custom":
        for name in own:
            if getattr(given, name):
                yield Fault(
                    f"{at}.{name}", f"means nothing in the mode {given.mode or 'auto'}; write mode: custom", "warning"
                )
    elif not any(getattr(given, name) for name in (*own, "dataset_language", "enable_dnn_featurization")):
        yield Fault(f"{at}.mode", "custom, but nothing is; that is auto", "warning")
    for index, name in enumerate(given.blocked_transformers or ()):
        yield from unknown_name(f"{at}.blocked_transformers.{index}", "transformer", name, TRANSFORMERS)
    for column, purpose in (given.column_name_and_types or {}).items():
        yield from unknown_name(f"{at}.column_name_and_types.{column}", "purpose of a column", purpose, COLUMN_PURPOSES)
        if column == spec.target_column_name:
            yield Fault(f"{at}.column_name_and_types.{column}", "is the target, which is no feature", "warning")
    for name, transformers in (given.transformer_params or {}).items():
        here = f"{at}.transformer_params.{name}"
        yield from unknown_name(here, "transformer with parameters", name, PARAMETRISED_TRANSFORMERS)
        for index, transformer in enumerate(transformers):
            strategy = (transformer.parameters or {}).get("strategy")
            if name == "imputer" and isinstance(strategy, str):
                place = f"{here}.{index}.parameters.strategy"
                yield from unknown_name(place, "strategy of the imputer", strategy, _STRATEGIES)
                if strategy == "constant" and "fill_value" not in (transformer.parameters or {}):
                    yield Fault(f"{here}.{index}.parameters.fill_value", "constant needs one")


def _check_forecasting(spec: AutoMLJob) -> Iterator[Fault]:
    given = spec.forecasting
    if spec.task != "forecasting":
        if given:
            yield Fault("forecasting", f"means nothing to the task {spec.task}")
        return
    if given is None or not (given.time_column_name or "").strip():
        yield Fault("forecasting.time_column_name", "this field is required")
    if given is None:
        return
    columns = [given.time_column_name, *given.series]
    if spec.target_column_name in columns:
        at = "time_column_name" if given.time_column_name == spec.target_column_name else "time_series_id_column_names"
        yield Fault(f"forecasting.{at}", f"{spec.target_column_name} is the target")
    if given.time_column_name in given.series:
        yield Fault("forecasting.time_series_id_column_names", f"{given.time_column_name} is the time column")
    yield from _check_periods(given)
    if given.frequency is not None and not _FREQUENCY.match(given.frequency):
        yield Fault("forecasting.frequency", f"expected an alias such as D, W-MON or 15min, got {given.frequency!r}")
    if given.target_aggregate_function not in (None, "none") and given.frequency is None:
        yield Fault("forecasting.target_aggregate_function", "needs the frequency to which it aggregates")


def _check_periods(given: Forecasting) -> Iterator[Fault]:
    for name, least in (("forecast_horizon", 1), ("target_rolling_window_size", 2), ("seasonality", 1),
                        ("cv_step_size", 1)):  # fmt: skip
        value = getattr(given, name)
        if isinstance(value, int) and value < least:
            yield Fault(f"forecasting.{name}", f"expected at least {least} periods, got {value}")
    lags = given.target_lags
    numbers = lags if isinstance(lags, list) else [lags] if isinstance(lags, int) else []
    if lags == []:
        yield Fault("forecasting.target_lags", "names no lag; leave it out, or write auto")
    for lag in numbers:
        if lag < 1:
            yield Fault("forecasting.target_lags", f"a lag is at least 1 period, got {lag}")
    if len(set(numbers)) < len(numbers):
        yield Fault("forecasting.target_lags", "names a lag twice", "warning")
