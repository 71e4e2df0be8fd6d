"""Jobs of automated ML of the az ml schema: read, checked with the place of each fault, written as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.errors import SpecError
from services.specs.automl import (
    AutoMLJob,
    AutoMLLimits,
    AutoMLTraining,
    ColumnTransformer,
    Featurization,
    Forecasting,
    StackEnsembleSettings,
)
from services.specs.automl_names import ALGORITHMS, PRIMARY_METRICS
from services.specs.checking import check_job
from services.specs.command import JobInput
from services.specs.reading import parse_document, read_job
from services.specs.show_as import as_sdk, as_yaml
from services.specs.writing import to_yaml

YAML = """\
$schema: https://azuremlschemas.azureedge.net/latest/autoMLJob.schema.json
type: automl
experiment_name: diabetes
tags:
  model: diabetes
task: classification
compute: azureml:cpu-cluster
training_data:
  type: mltable
  path: azureml:diabetes-training-table:1
target_column_name: Diabetic
primary_metric: accuracy
n_cross_validations: 5
limits:
  timeout_minutes: 600
  trial_timeout_minutes: 20
  max_trials: 5
training:
  blocked_training_algorithms:
  - logistic_regression
  enable_onnx_compatible_models: true
"""
DATA = JobInput("mltable", "azureml:diabetes-training-table:1")
JOB = AutoMLJob("classification", DATA, target_column_name="Diabetic")
FORECAST = AutoMLJob("forecasting", DATA, target_column_name="demand", forecasting=Forecasting("day"))


def faults(spec: AutoMLJob, base: Path = Path(), severity: str = "error") -> dict[str, str]:
    return {fault.path: fault.message for fault in check_job(spec, base) if fault.severity == severity}


def job(**given: Any) -> AutoMLJob:
    return replace(JOB, **given)


def forecast(**given: Any) -> AutoMLJob:
    return replace(FORECAST, forecasting=Forecasting(**{"time_column_name": "day", **given}))


def test_what_is_read_is_written() -> None:
    spec = read_job(parse_document(YAML))
    assert isinstance(spec, AutoMLJob)
    assert spec.limits == AutoMLLimits(600, 20, 5)
    assert to_yaml(spec) == YAML
    assert as_yaml(spec) == YAML
    assert faults(spec) == faults(spec, severity="warning") == {}


@pytest.mark.parametrize("head", ["", "type: automl", "$schema: https://x/autoMLJob.schema.json"])
def test_its_fields_tell_automated_ml(head: str) -> None:
    assert isinstance(read_job(parse_document(f"{head}\n{YAML.partition('type: automl')[2]}")), AutoMLJob)


@pytest.mark.parametrize("metric", ["AUC_weighted", "AUCWeighted", "auc_weighted"])
@pytest.mark.parametrize("algorithm", ["LightGBM", "light_gbm", "lightgbm", "LIGHT_GBM"])
def test_every_spelling_of_a_name(metric: str, algorithm: str) -> None:
    text = YAML.replace("primary_metric: accuracy", f"primary_metric: {metric}")
    text = text.replace("logistic_regression", algorithm).replace("task: classification", "task: Classification")
    spec = read_job(
        parse_document(text + "featurization: {mode: off, blocked_transformers: [TfIdf, WoETargetEncoder]}")
    )
    assert isinstance(spec, AutoMLJob)
    assert (spec.task, spec.metric) == ("classification", "auc_weighted")
    assert spec.training is not None
    assert spec.training.blocked_training_algorithms == ["light_gbm"]
    assert spec.featurization == Featurization("off", blocked_transformers=["tf_idf", "wo_e_target_encoder"])


def test_a_table_needs_not_be_called_one() -> None:
    spec = read_job(parse_document(YAML.replace("  type: mltable\n", "")))
    assert isinstance(spec, AutoMLJob)
    assert spec.training_data == DATA


def test_faults_of_types_have_their_places() -> None:
    wrong = YAML.replace("max_trials: 5", "max_trails: 5").replace("task: classification", "task: clasification")
    with pytest.raises(SpecError) as raised:
        read_job(parse_document(wrong))
    told = {fault.path: fault.message for fault in raised.value.faults}
    assert told["limits.max_trails"] == "unknown field `max_trails`; did you mean `max_trials`?"
    assert told["task"].endswith("did you mean classification?")


class TestData:
    def test_a_file_is_to_be_wrapped(self) -> None:
        told = faults(job(training_data=JobInput("uri_file", "azureml:d:1"), test_data=JobInput("uri_folder", "x")))
        assert set(told) == {"training_data.type", "test_data.type"}
        assert "wrap the data in an MLTable" in told["training_data.type"]

    def test_a_folder_without_a_table(self, tmp_path: Path) -> None:
        (tmp_path / "d").mkdir()
        local = job(training_data=JobInput("mltable", "./d"))
        assert "holds no file named MLTable" in faults(local, tmp_path)["training_data.path"]
        (tmp_path / "d" / "MLTable").touch()
        assert faults(local, tmp_path) == {}

    def test_the_target(self) -> None:
        assert set(faults(job(target_column_name=" "))) == {"target_column_name"}
        assert set(faults(job(weight_column_name="Diabetic"))) == {"weight_column_name"}
        assert faults(replace(JOB, task="text_ner", target_column_name=None)) == {}
        assert set(faults(replace(JOB, task="regression", positive_label=1))) == {"positive_label"}


@pytest.mark.parametrize(("given", "places"), [
    ({"n_cross_validations": 5}, []),
    ({"n_cross_validations": "auto"}, []),
    ({"n_cross_validations": 5, "validation_data_size": 0.2}, []),
    ({"validation_data": DATA, "n_cross_validations": 5}, ["n_cross_validations"]),
    ({"validation_data": DATA, "validation_data_size": 0.2}, ["validation_data_size"]),
    ({"cv_split_column_names": ["a"], "n_cross_validations": 5}, ["cv_split_column_names"]),
    ({"n_cross_validations": 1}, ["n_cross_validations"]),
    ({"validation_data_size": 1}, ["validation_data_size"]),
    ({"test_data": DATA, "test_data_size": 0.2}, ["test_data_size"]),
])  # fmt: skip
def test_validation(given: dict[str, Any], places: list[str]) -> None:
    assert list(faults(job(**given))) == places


@pytest.mark.parametrize(("task", "metric", "told"), [
    ("classification", "auc_wieghted", "did you mean auc_weighted?"),
    ("classification", "r2_score", "expected auc_weighted, accuracy"),
    ("regression", "r2", "did you mean r2_score?"),
])  # fmt: skip
def test_a_metric_of_another_task(task: Any, metric: str, told: str) -> None:
    assert told in faults(replace(JOB, task=task, primary_metric=metric))["primary_metric"]


@pytest.mark.parametrize("task", list(ALGORITHMS))
def test_every_name_of_a_task(task: Any) -> None:
    base = FORECAST if task == "forecasting" else replace(JOB, task=task)
    training = AutoMLTraining(list(ALGORITHMS[task]), enable_dnn_training=True)
    for metric in PRIMARY_METRICS[task]:
        assert faults(replace(base, training=training, primary_metric=metric)) == {}


def test_limits() -> None:
    assert set(faults(job(limits=AutoMLLimits(0, -1, 0, 0, 0, 0)))) == {
        f"limits.{name}" for name in ("timeout_minutes", "trial_timeout_minutes", "max_trials",
                                      "max_concurrent_trials", "max_nodes", "max_cores_per_trial")
    }  # fmt: skip
    assert faults(job(limits=AutoMLLimits(max_cores_per_trial=-1))) == {}
    warned = faults(job(limits=AutoMLLimits(10, 20, 5, 4, 2)), severity="warning")
    assert "4 is more than max_nodes, which is 2" in warned["limits.max_concurrent_trials"]
    assert "limits.trial_timeout_minutes" in warned


class TestTraining:
    def test_algorithms(self) -> None:
        training = AutoMLTraining(["light_gmb", "elastic_net"], ["randomforrest"])
        told = faults(job(training=training))
        at = "training.{}_training_algorithms.{}"
        assert set(told) == {at.format("allowed", 0), at.format("allowed", 1), at.format("blocked", 0)}
        assert told[at.format("allowed", 0)] == "light_gmb is no algorithm of classification; did you mean light_gbm?"
        assert "did you mean random_forest?" in told[at.format("blocked", 0)]

    def test_nothing_is_left(self) -> None:
        blocked = AutoMLTraining(blocked_training_algorithms=list(ALGORITHMS["classification"]))
        for training in (blocked, AutoMLTraining(["knn"], ["knn"])):
            assert "no algorithm" in faults(job(training=training))["training.blocked_training_algorithms"]
        both = job(training=AutoMLTraining(["knn", "svm"], ["knn"]))
        assert "blocked wins" in faults(both, severity="warning")["training.blocked_training_algorithms"]

    def test_ensembles(self) -> None:
        stack = StackEnsembleSettings("logistic", 30)
        told = faults(job(training=AutoMLTraining(stack_ensemble_settings=stack)))
        at = "training.stack_ensemble_settings.stack_meta_learner"
        assert set(told) == {f"{at}_type", f"{at}_train_percentage"}
        onnx = AutoMLTraining(enable_onnx_compatible_models=True, enable_stack_ensemble=True)
        assert "training.enable_stack_ensemble" in faults(job(training=onnx), severity="warning")


def test_featurization() -> None:
    imputers = [ColumnTransformer(["a"], {"strategy": "medain"}), ColumnTransformer(["b"], {"strategy": "constant"})]
    params = {"imputer": imputers, "scaler": [ColumnTransformer()]}
    wrong = Featurization("custom", {"a": "Numerical"}, ["one_hot"], params)
    told = faults(job(featurization=wrong))
    assert told["featurization.column_name_and_types.a"] == (
        "Numerical is no purpose of a column; did you mean Numeric?"
    )
    assert "did you mean one_hot_encoder?" in told["featurization.blocked_transformers.0"]
    assert "did you mean median?" in told["featurization.transformer_params.imputer.0.parameters.strategy"]
    assert "featurization.transformer_params.imputer.1.parameters.fill_value" in told
    assert "featurization.transformer_params.scaler" in told
    ignored = job(featurization=Featurization("off", {"a": "Numeric"}))
    assert faults(ignored) == {}
    assert "mode off; write mode: custom" in faults(ignored, severity="warning")["featurization.column_name_and_types"]


class TestForecasting:
    def test_it_needs_the_time(self) -> None:
        assert set(faults(replace(FORECAST, forecasting=None))) == {"forecasting.time_column_name"}
        assert set(faults(job(forecasting=Forecasting("day")))) == {"forecasting"}

    @pytest.mark.parametrize(("given", "place"), [
        ({"forecast_horizon": 14, "target_lags": [1, 7], "target_rolling_window_size": 7, "frequency": "W-MON"}, ""),
        ({"forecast_horizon": "auto", "target_lags": "auto", "target_rolling_window_size": "auto"}, ""),
        ({"forecast_horizon": 0}, "forecast_horizon"),
        ({"target_lags": 0}, "target_lags"),
        ({"target_lags": []}, "target_lags"),
        ({"target_lags": [1, -7]}, "target_lags"),
        ({"target_rolling_window_size": 1}, "target_rolling_window_size"),
        ({"seasonality": 0}, "seasonality"),
        ({"cv_step_size": 0}, "cv_step_size"),
        ({"frequency": "each day"}, "frequency"),
        ({"target_aggregate_function": "sum"}, "target_aggregate_function"),
        ({"target_aggregate_function": "sum", "frequency": "D"}, ""),
        ({"time_column_name": "demand"}, "time_column_name"),
        ({"time_series_id_column_names": "demand"}, "time_series_id_column_names"),
        ({"time_series_id_column_names": ["store", "day"]}, "time_series_id_column_names"),
    ])  # fmt: skip
    def test_its_rules(self, given: dict[str, Any], place: str) -> None:
        assert list(faults(forecast(**given))) == ([f"forecasting.{place}"] if place else [])

    def test_no_share_of_rows_validates_it(self) -> None:
        assert set(faults(replace(FORECAST, validation_data_size=0.2))) == {"validation_data_size"}


class TestImages:
    JOB = AutoMLJob("image_classification", DATA, target_column_name="label", sweep={"sampling_algorithm": "random"})

    def test_they_are_read_and_told_apart(self) -> None:
        spec = read_job(parse_document(to_yaml(self.JOB)))
        assert spec == self.JOB
        assert (self.JOB.is_tabular, JOB.is_tabular) == (False, True)
        assert faults(self.JOB) == {}

    def test_what_they_have_not(self) -> None:
        told = faults(replace(self.JOB, training=AutoMLTraining(["knn"]), forecasting=Forecasting("day")))
        assert set(told) == {"training", "forecasting"}
        assert set(faults(job(sweep={"sampling_algorithm": "random"}))) == {"sweep"}


def test_a_secret_is_not_shown() -> None:
    spec = job(environment_variables={"API_KEY": "hunter2-hunter2"})
    assert "hunter2" not in as_yaml(spec) + as_sdk(spec)
