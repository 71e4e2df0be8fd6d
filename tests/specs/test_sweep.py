"""Sweeps of the az ml schema: read, checked with the place of each fault, written as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.errors import SpecError
from services.specs.checking import check_job
from services.specs.command import CommandJob, JobInput, JobLimits
from services.specs.reading import parse_document, read_job
from services.specs.show_as import as_sdk, as_yaml
from services.specs.sweep import (
    Distribution,
    EarlyTermination,
    Objective,
    Sampling,
    SweepJob,
    SweepLimits,
    Trial,
    sweep_of,
    trial_job,
)
from services.specs.writing import to_yaml

YAML = """\
$schema: https://azuremlschemas.azureedge.net/latest/sweepJob.schema.json
type: sweep
experiment_name: diabetes
trial:
  command: python train.py --data ${{inputs.data}} --reg ${{search_space.reg_rate}}
  code: ./src
  environment: azureml:AzureML-sklearn-1.5@latest
inputs:
  data:
    type: uri_file
    path: azureml:diabetes:1
compute: azureml:cpu-cluster
objective:
  primary_metric: training_accuracy_score
  goal: maximize
limits:
  max_total_trials: 4
  max_concurrent_trials: 2
  timeout: 7200
search_space:
  reg_rate:
    type: choice
    values:
    - 0.01
    - 0.1
    - 1
sampling_algorithm: grid
"""
SWEEP = SweepJob(
    trial=Trial("python train.py --reg ${{search_space.reg_rate}}", environment="azureml:AzureML-sklearn-1.5:2"),
    objective=Objective("accuracy", "maximize"),
    limits=SweepLimits(3),
    search_space={"reg_rate": Distribution("choice", values=[0.01, 0.1, 1])},
)


def found(spec: SweepJob, base: Path = Path(), severity: str = "error") -> dict[str, str]:
    faults = {fault.path: fault.message for fault in check_job(spec, base) if fault.severity == severity}
    faults.pop("code", None), faults.pop("trial.code", None)
    return faults


def sweep(**given: Any) -> SweepJob:
    return replace(SWEEP, **given)


def space(**given: Distribution) -> dict[str, Any]:
    command = " ".join(f"${{{{search_space.{name}}}}}" for name in given)
    return {"search_space": given, "trial": replace(SWEEP.trial, command=command)}


def test_what_is_read_is_written() -> None:
    spec = read_job(parse_document(YAML))
    assert isinstance(spec, SweepJob)
    assert spec.search_space == SWEEP.search_space
    assert to_yaml(spec) == YAML
    assert as_yaml(spec) == YAML


@pytest.mark.parametrize("head", ["", "type: sweep", "$schema: https://x/latest/sweepJob.schema.json"])
def test_its_fields_tell_a_sweep(head: str) -> None:
    body = YAML.partition("type: sweep\n")[2]
    assert isinstance(read_job(parse_document(f"{head}\n{body}")), SweepJob)


def test_names_in_any_case() -> None:
    """As the SDK takes them."""
    changed = YAML.replace("goal: maximize", "goal: Maximize").replace("algorithm: grid", "algorithm: Grid")
    changed += "early_termination: {type: MedianStopping}\n"
    spec = read_job(parse_document(changed))
    assert isinstance(spec, SweepJob)
    assert (spec.objective.goal, spec.sampling, spec.early_termination) == (
        "maximize",
        Sampling("grid"),
        EarlyTermination("median_stopping"),
    )
    mapped = read_job(parse_document(changed.replace(": Grid", ": {type: RANDOM, rule: Sobol, seed: 1}")))
    assert isinstance(mapped, SweepJob)
    assert mapped.sampling == Sampling("random", 1, "sobol")


def test_faults_of_types_have_their_places() -> None:
    wrong = YAML.replace("type: choice", "type: chioce").replace("max_total_trials: 4", "max_total_trials: few")
    with pytest.raises(SpecError) as raised:
        read_job(parse_document(wrong.replace("goal: maximize", "goal: best").replace("  command:", "  comand:")))
    told = {fault.path: fault.message for fault in raised.value.faults}
    assert set(told) == {
        "search_space.reg_rate.type", "limits.max_total_trials", "objective.goal", "trial.comand", "trial.command"
    }  # fmt: skip
    assert told["search_space.reg_rate.type"].endswith("did you mean choice?")
    assert told["trial.comand"] == "unknown field `comand`; did you mean `command`?"


class TestSpace:
    def test_a_whole_one_has_no_fault(self) -> None:
        every = {
            "a": Distribution("choice", values=[16, "b", 0.5]),
            "b": Distribution("randint", upper=4),
            "c": Distribution("uniform", min_value=0, max_value=1),
            "d": Distribution("qloguniform", min_value=-5, max_value=-1, q=0.1),
            "e": Distribution("normal", mu=10, sigma=3),
            "f": Distribution("qlognormal", mu=0, sigma=1, q=1),
        }
        assert found(sweep(**space(**every))) == {}

    @pytest.mark.parametrize(("given", "place", "told"), [
        (Distribution("uniform", min_value=1), "max_value", "required; uniform has min_value and max_value"),
        (Distribution("uniform", min_value=1, max_value=1), "max_value", "1 is not above min_value"),
        (Distribution("randint", upper=4, q=1), "q", "randint has no q; it has upper"),
        (Distribution("randint", upper=0), "upper", "above 0"),
        (Distribution("normal", mu=0, sigma=-1), "sigma", "above 0"),
        (Distribution("qnormal", mu=0, sigma=1), "q", "qnormal has mu, sigma and q"),
        (Distribution("quniform", min_value=0, max_value=1, q=0), "q", "above 0"),
        (Distribution("choice", values=[]), "values", "at least one"),
        (Distribution("choice", values=[1, None]), "values.1", "got nothing"),
        (Distribution("normal", mu=float("nan"), sigma=1), "mu", "expected a number"),
        (Distribution("loguniform", min_value=1, max_value=1000), "max_value", "logarithm"),
    ])  # fmt: skip
    def test_what_can_not_be_drawn(self, given: Distribution, place: str, told: str) -> None:
        faults = found(sweep(**space(x=given)))
        assert list(faults) == [f"search_space.x.{place}"]
        assert told in faults[f"search_space.x.{place}"]

    def test_none_at_all(self) -> None:
        trial = replace(SWEEP.trial, command="python -m train")
        assert "at least one" in found(sweep(search_space={}, trial=trial))["search_space"]


class TestSampling:
    def test_a_grid_needs_choices(self) -> None:
        given = space(a=Distribution("choice", values=[1]), b=Distribution("uniform", min_value=0, max_value=1))
        faults = found(sweep(**given, sampling_algorithm="grid"))
        assert list(faults) == ["search_space.b"]
        assert "uniform has no list of values; write its values as a choice" in faults["search_space.b"]
        assert found(sweep(**given)) == {}

    def test_bayesian_in_azure(self) -> None:
        given = space(
            a=Distribution("normal", mu=0, sigma=1), b=Distribution("quniform", min_value=0, max_value=1, q=1)
        )
        spec = sweep(**given, sampling_algorithm="bayesian", early_termination=EarlyTermination("median_stopping"))
        assert found(spec) == {}
        assert set(found(spec, severity="warning")) == {"search_space.a", "early_termination"}

    def test_what_random_alone_has(self) -> None:
        assert set(found(sweep(sampling_algorithm=Sampling("grid", seed=1)))) == {"sampling_algorithm.seed"}
        assert found(sweep(sampling_algorithm=Sampling("random", 1, "sobol", "e"))) == {}
        assert set(found(sweep(sampling_algorithm=Sampling("random", logbase="x")))) == {"sampling_algorithm.logbase"}


@pytest.mark.parametrize(("policy", "place"), [
    (EarlyTermination("bandit", slack_factor=0.1), None),
    (EarlyTermination("bandit", 1, 5, slack_amount=0.2), None),
    (EarlyTermination("bandit"), ""),
    (EarlyTermination("bandit", slack_factor=0.1, slack_amount=0.2), ""),
    (EarlyTermination("bandit", slack_factor=-0.1), ".slack_factor"),
    (EarlyTermination("median_stopping", 1, 5), None),
    (EarlyTermination("median_stopping", slack_factor=0.1), ".slack_factor"),
    (EarlyTermination("median_stopping", 0), ".evaluation_interval"),
    (EarlyTermination("median_stopping", 1, -1), ".delay_evaluation"),
    (EarlyTermination("truncation_selection", truncation_percentage=20), None),
    (EarlyTermination("truncation_selection"), ".truncation_percentage"),
    (EarlyTermination("truncation_selection", truncation_percentage=100), ".truncation_percentage"),
])  # fmt: skip
def test_policies(policy: EarlyTermination, place: str | None) -> None:
    expected = [] if place is None else [f"early_termination{place}"]
    assert list(found(sweep(early_termination=policy))) == expected


def test_limits() -> None:
    assert set(found(sweep(limits=SweepLimits(0, 0, -1, 0)))) == {
        f"limits.{name}" for name in ("max_total_trials", "max_concurrent_trials", "timeout", "trial_timeout")
    }
    # the service itself takes more at once than in all
    warned = found(sweep(limits=SweepLimits(2, 10, 60, 120)), severity="warning")
    assert "max_total_trials, which is 2" in warned["limits.max_concurrent_trials"]
    assert "60 s" in warned["limits.trial_timeout"]


class TestTrial:
    def test_its_faults_have_their_places(self, tmp_path: Path) -> None:
        trial = Trial("python train.py ${{inputs.reg_rate}} ${{search_space.rat}}", "./src", "no-prefix", {"1A": "x"})
        faults = found(sweep(trial=trial), tmp_path)
        assert set(faults) == {"trial.command", "trial.environment", "trial.environment_variables.1A"}
        told = [fault.message for fault in check_job(sweep(trial=trial), tmp_path) if fault.path == "trial.command"]
        assert told[0] == "${{inputs.reg_rate}} is not defined; did you mean ${{search_space.reg_rate}}?"
        assert "trial.code" in {fault.path for fault in check_job(sweep(trial=trial), tmp_path)}

    def test_a_hyperparameter_that_nobody_reads(self) -> None:
        spec = sweep(trial=replace(SWEEP.trial, command="python -m train"))
        assert "never used" in found(spec, severity="warning")["search_space.reg_rate"]
        read = sweep(trial=replace(SWEEP.trial, command="python -m train $AZUREML_SWEEP_reg_rate"))
        assert found(read, severity="warning") == {}

    def test_it_is_a_command_job(self) -> None:
        spec = read_job(parse_document(YAML), ["limits.trial_timeout=90"])
        assert isinstance(spec, SweepJob)
        job = trial_job(spec)
        assert (job.command, job.code, job.compute) == (spec.trial.command, "./src", "azureml:cpu-cluster")
        assert (job.limits, job.inputs) == (JobLimits(90), spec.inputs)


class TestMetric:
    SCRIPT = "import mlflow\nmlflow.log_metric('AUC', 1)\nmlflow.log_metrics({'loss': 1, 'val_loss': 2}, step=1)\n"

    def warned(self, folder: Path, script: str, metric: str) -> Mapping[str, str]:
        (folder / "train.py").write_text(script)
        trial = replace(SWEEP.trial, code=".")
        return found(sweep(trial=trial, objective=Objective(metric, "maximize")), folder, "warning")

    def test_a_name_that_is_logged(self, tmp_path: Path) -> None:
        for metric in ("AUC", "loss", "val_loss"):
            assert self.warned(tmp_path, self.SCRIPT, metric) == {}

    def test_a_name_that_is_not(self, tmp_path: Path) -> None:
        told = self.warned(tmp_path, self.SCRIPT, "auc_score")["objective.primary_metric"]
        assert told == "the code never logs auc_score; it logs AUC, loss, val_loss"
        told = self.warned(tmp_path, self.SCRIPT, "validation_loss")["objective.primary_metric"]
        assert told.endswith("did you mean val_loss?")

    @pytest.mark.parametrize("more", [
        "mlflow.log_metric(name, 1)", "mlflow.log_metrics(values)", "mlflow.log_metrics({**values})",
        "import lightgbm\nmlflow.autolog()", "def broken(:",
    ])  # fmt: skip
    def test_what_only_running_tells_warns_of_nothing(self, tmp_path: Path, more: str) -> None:
        assert self.warned(tmp_path, self.SCRIPT + more, "accuracy") == {}

    def test_autologging_of_scikit_learn(self, tmp_path: Path) -> None:
        script = "import mlflow\nfrom sklearn.linear_model import LogisticRegression\nmlflow.autolog()\n"
        assert self.warned(tmp_path, script, "training_accuracy_score") == {}
        told = self.warned(tmp_path, script, "accuracy")["objective.primary_metric"]
        assert told.endswith("did you mean training_accuracy_score?")


def test_a_command_job_becomes_a_sweep() -> None:
    job = CommandJob(
        "python train.py --data ${{inputs.data}} --reg ${{ inputs.reg }} --region ${{inputs.region}}",
        inputs={"data": JobInput("uri_file", "azureml:diabetes:1"), "reg": 0.1, "region": "x"},
        environment_variables={"REG": "${{inputs.reg}}", "N": 3},
        limits=JobLimits(90),
        code="./src",
        experiment_name="diabetes",
    )
    spec = sweep_of(job, {"reg": Distribution("choice", values=[1])}, Objective("AUC", "maximize"), SweepLimits(1))
    assert spec.trial.command == (
        "python train.py --data ${{inputs.data}} --reg ${{search_space.reg}} --region ${{inputs.region}}"
    )
    assert spec.trial.environment_variables == {"REG": "${{search_space.reg}}", "N": 3}
    assert set(spec.inputs) == {"data", "region"}
    assert (spec.limits.trial_timeout, spec.trial.code, spec.experiment_name) == (90, "./src", "diabetes")


def test_a_secret_of_the_trial_is_not_shown() -> None:
    spec = sweep(trial=replace(SWEEP.trial, environment_variables={"API_KEY": "hunter2-hunter2"}))
    assert "hunter2" not in as_yaml(spec) + as_sdk(spec)
