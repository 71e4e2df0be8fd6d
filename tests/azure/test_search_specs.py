"""Sweeps and automated ML as the service tells them, as specs; and what a workspace says before it is sent one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.azure.job_specs import job_spec
from services.azure.workspace import AzureWorkspace
from services.specs.automl import AutoMLJob, AutoMLLimits, AutoMLTraining, StackEnsembleSettings
from services.specs.command import CommandJob, JobInput
from services.specs.sweep import Distribution, Objective, SweepJob, SweepLimits
from tests.azure.bodies import true_body
from tests.azure.shown_specs import TRIAL, automl_job, sweep_job

pytestmark = pytest.mark.azure


def test_a_true_sweep() -> None:
    spec = job_spec(true_body("sweep_job_put_201"))
    assert isinstance(spec, SweepJob)
    assert spec.search_space == {
        "lr": Distribution("uniform", min_value=0.001, max_value=0.1),
        "conv_size": Distribution("choice", values=[2, 5, 7]),
        "dropout_rate": Distribution("uniform", min_value=0.1, max_value=0.5),
    }
    assert (spec.objective, spec.limits) == (Objective("accuracy", "maximize"), SweepLimits(2, 10, 300))
    assert (spec.sampling_algorithm, spec.early_termination) == ("random", None)
    assert spec.trial.command.startswith("python ./sweep_script.py --lr ${{search_space.lr}}")
    assert spec.trial.environment == "azureml:AzureML-sklearn-1.0-ubuntu20.04-py38-cpu:33"
    assert (spec.compute, spec.tags, spec.properties) == ("azureml:testCompute", {}, {})


def test_a_true_job_of_automated_ml() -> None:
    spec = job_spec(true_body("automl_job_put_201"))
    assert isinstance(spec, AutoMLJob)
    assert (spec.task, spec.target_column_name, spec.primary_metric) == ("classification", "y", "accuracy")
    assert spec.limits == AutoMLLimits(600, 10, 1, 1, 1, -1, None, True)
    assert spec.training_data.path is not None
    assert spec.training_data.path.startswith("azureml://datastores/workspaceblobstore/paths/LocalUpload/")
    assert spec.training is not None
    assert (spec.training.enable_stack_ensemble, spec.training.ensemble_model_download_timeout_minutes) == (False, 5)


def test_what_the_service_adds_while_it_runs_is_not_cloned() -> None:
    body, more = true_body("automl_job_put_201"), true_body("automl_job_get_running_extra")
    own = {"tags": {**more["tags"], "mine": "1"}, "properties": {**more["properties"], "mine": "2"}}
    spec = job_spec({**body, "properties": {**body["properties"], **own}})
    assert isinstance(spec, AutoMLJob)
    assert (spec.tags, spec.properties) == ({"mine": "1"}, {"mine": "2"})


@pytest.mark.parametrize("name", ["sweep_job_put_201", "automl_job_put_201"])
def test_every_field_may_be_null_or_of_another_type(name: str) -> None:
    whole = true_body(name)
    values: list[Any] = [None, 7, "odd", [], {}, {"odd": None}, {"odd": {"odd": [1]}}, ["odd", 1], [["odd"]]]
    inner = "taskDetails" if name.startswith("automl") else "trial"
    for odd in values:
        for field in whole["properties"]:
            assert job_spec({**whole, "properties": {**whole["properties"], field: odd}}), (field, odd)
        for field in whole["properties"][inner]:
            section = {**whole["properties"][inner], field: odd}
            assert job_spec({**whole, "properties": {**whole["properties"], inner: section}}), (field, odd)


def test_what_is_no_sweep_here_is_told_as_its_trial() -> None:
    body = true_body("sweep_job_put_201")
    body["properties"]["searchSpace"]["lr"] = ["beta", [1, 2]]
    spec = job_spec(body)
    assert isinstance(spec, CommandJob)
    assert spec.command.startswith("python ./sweep_script.py")


class TestPreflight:
    """What the workspace lacks has the place that it has in the YAML."""

    async def faults(self, spec: SweepJob | AutoMLJob, workspace: AzureWorkspace, base: Path) -> dict[str, str]:
        found = (await workspace.jobs.preflight(spec, base=base)).faults
        return {fault.path: f"{fault.severity}: {fault.message}" for fault in found}

    async def test_a_sweep(self, workspace: AzureWorkspace, spec_files: Path) -> None:
        spec = sweep_job(
            trial=replace(TRIAL, environment="azureml:gone:1"),
            inputs={"table": JobInput("uri_file", "azureml:gone:1")},
            compute="azureml:cpu-clustr",
        )
        told = await self.faults(spec, workspace, spec_files)
        assert told["trial.environment"] == "error: the workspace has no environment gone of version 1"
        assert told["inputs.table.path"] == "error: the workspace has no data asset gone of version 1"
        assert "did you mean cpu-cluster?" in told["compute"]

    async def test_more_at_once_than_nodes(self, workspace: AzureWorkspace, spec_files: Path) -> None:
        for spec in (
            sweep_job(limits=SweepLimits(100, 50)),
            automl_job(limits=AutoMLLimits(max_trials=100, max_concurrent_trials=50)),
        ):
            told = await self.faults(spec, workspace, spec_files)
            assert told["limits.max_concurrent_trials"].startswith("warning: cpu-cluster has at most")

    async def test_automated_ml(self, workspace: AzureWorkspace, spec_files: Path) -> None:
        stack = AutoMLTraining(stack_ensemble_settings=StackEnsembleSettings("elastic_net"))
        spec = automl_job(training_data=JobInput("mltable", "azureml:gone:1"), training=stack)
        told = await self.faults(spec, workspace, spec_files)
        assert told["training_data.path"] == "error: the workspace has no data asset gone of version 1"
        assert told["training.stack_ensemble_settings"].startswith("error: azure-ai-ml 1.35 fails")
