"""What is shown as SDK code runs, and asks the service for the same as we do."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.azure.job_mapping import DIGEST
from services.azure.workspace import AzureWorkspace
from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec
from services.specs.automl import AutoMLJob, AutoMLLimits, AutoMLTraining
from services.specs.command import JobInput
from services.specs.datastores import DatastoreSpec
from services.specs.jobs import AnyJob
from services.specs.normal_form import normal_form
from services.specs.reading import parse_document, read_job
from services.specs.show_as import as_sdk
from services.specs.sweep import Distribution, Objective, SweepJob, SweepLimits, Trial
from services.specs.writing import Spec, to_document
from services.targets import AzureTarget
from services.text import REDACTED
from tests.azure.bodies import true_body
from tests.azure.shown_specs import (
    AUTOML_JOBS,
    COMPUTES,
    DATA,
    DATASTORES,
    ENVIRONMENTS,
    JOBS,
    MODELS,
    SPARK_JOBS,
    SWEEPS,
    job,
)
from tests.azure_emulator.control_plane.assets import put_version
from tests.azure_emulator.identity import APPLICATION, TENANT
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import BLOB_CONTAINER, Storage

pytestmark = pytest.mark.azure

Run = Callable[[Spec], Any]
SPARK_POOL = ComputeSpec(
    "spark-pool",
    "synapsespark",
    resource_id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Synapse/workspaces/w/bigDataPools/p",
)


@pytest.fixture
def folder(spec_files: Path, monkeypatch: pytest.MonkeyPatch, target: AzureTarget) -> Path:
    """Where the code runs: it holds the files that specs name, and config.json, as Studio offers it for download."""
    names = ("subscription_id", "resource_group", "workspace_name")
    (spec_files / "config.json").write_text(json.dumps({name: getattr(target, name) for name in names}))
    monkeypatch.chdir(spec_files)
    return spec_files


@pytest.fixture
def run(azure_lab: AzureLab, folder: Path, quick_sdk: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the code of a spec to its end, as a script of somebody for whom the environment signs in."""
    azure_lab.emulator.settings.operation_seconds = 0  # the SDK looks only each 30 s
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", APPLICATION.client_id or "")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", APPLICATION.client_secret or "")

    async def run(spec: Spec, target: AzureTarget | None = None, **words: str) -> None:
        code = as_sdk(spec, target)
        for shown, meant in words.items():
            code = code.replace(shown, meant)
        await asyncio.to_thread(exec, compile(code, "shown.py", "exec"), {"__name__": "__main__"})

    return run


def taken(spec: DataSpec | ModelSpec) -> bool:
    """Whether we register it with the path that it has: outputs of jobs become places, an mltable is no page."""
    if spec.path.startswith(("azureml://jobs/", "runs:")):
        return False
    return not (spec.type == "mltable" and spec.path.startswith("https:"))


def sent(lab: AzureLab, pattern: str) -> list[dict[str, Any]]:
    """The bodies of the PUTs to addresses, without what is empty, digests of uploads, and the slash of a folder."""
    return [_filled(request.json()) for request in lab.requests.matching(f"^PUT .*/{pattern}")]


def _filled(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub("LocalUpload/[0-9a-f]+/", "LocalUpload/DIGEST/", value).removesuffix("/")
    if isinstance(value, Mapping):
        filled = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in filled.items() if item not in (None, {}, [])}
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _job_body(body: dict[str, Any]) -> dict[str, Any]:
    """A job's body without what each submit makes anew."""
    properties = body["properties"]
    added = {
        key: value for key, value in properties.get("properties", {}).items() if "git" not in key and key != DIGEST
    }
    return {**properties, "properties": added}


SUBMITTED = {**{name: spec for name, spec in JOBS.items() if name != "a build"}, **SPARK_JOBS, **SWEEPS, **AUTOML_JOBS}


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in SUBMITTED.items()])
async def test_a_job(
    spec: AnyJob, workspace: AzureWorkspace, azure_lab: AzureLab, azure_storage: Storage, folder: Path, run: Run
) -> None:
    put_version(
        azure_lab.emulator, azure_lab.workspace_id, "environments", "own", "1", {"image": "python:3.11"}, by="Ada"
    )
    if spec.compute == "azureml:spark-pool":
        await workspace.compute.create(SPARK_POOL)
    # a job without one is shown by its name, which here differ
    spec = replace(spec, display_name=spec.display_name or "train", experiment_name=spec.experiment_name or "trials")
    await workspace.jobs.submit(replace(spec, name="ours"), base=folder)
    await run(replace(spec, name="theirs"))
    ours, theirs = map(_job_body, sent(azure_lab, "jobs/"))
    if isinstance(spec, AutoMLJob):
        # the SDK sends these under names that the service doesn't know, `instance_type` and `job_tier` (1.35)
        for name in ("resources", "queueSettings"):
            assert (name in ours) == (name in theirs)
            ours.pop(name, None), theirs.pop(name, None)
    assert ours == theirs


async def test_our_submit_is_the_one_that_was_recorded(
    workspace: AzureWorkspace, azure_lab: AzureLab, folder: Path
) -> None:
    """The body that the SDK has sent to Azure itself."""
    true = true_body("command_job_put_request")["properties"]
    given = true["inputs"]["testdataset"]
    spec = job(
        command=true["command"], environment=true["environmentId"], display_name=true["displayName"],
        experiment_name=true["experimentName"], queue_settings={"job_tier": "standard"}, identity={"type": "aml_token"},
        inputs={"testdataset": JobInput(given["jobInputType"], given["uri"], "ro_mount")},
    )  # fmt: skip
    await workspace.jobs.submit(spec, base=folder)
    (request,) = azure_lab.requests.matching("^PUT .*/jobs/")
    ours = request.json()["properties"]
    assert set(ours.pop("properties")) == {DIGEST}
    assert set(ours) == set(true) - {"properties"}
    assert ours == {key: value for key, value in true.items() if key != "properties"}


async def test_our_sweep_is_the_one_that_was_recorded(
    workspace: AzureWorkspace, azure_lab: AzureLab, azure_storage: Storage, folder: Path
) -> None:
    (folder / "src" / "sweep_script.py").touch()
    true = true_body("sweep_job_put_request")["properties"]
    trial = Trial(true["trial"]["command"], "./src", true["trial"]["environmentId"])
    spec = SweepJob(
        trial, Objective("accuracy", "maximize"), SweepLimits(2, 10, 300), search_space={
            "lr": Distribution("uniform", min_value=0.001, max_value=0.1),
            "conv_size": Distribution("choice", values=[2, 5, 7]),
            "dropout_rate": Distribution("uniform", min_value=0.1, max_value=0.5),
        }, compute="azureml:cpu-cluster", display_name=true["displayName"], experiment_name=true["experimentName"],
    )  # fmt: skip
    ours = await _sent_alone(spec, workspace, azure_lab, folder)
    for body in (ours, true):
        body.pop("computeId")
        body["trial"].pop("codeId")
    assert ours == true


async def test_our_automl_is_the_one_that_was_recorded(
    workspace: AzureWorkspace, azure_lab: AzureLab, folder: Path
) -> None:
    true = true_body("automl_job_put_request")["properties"]
    spec = AutoMLJob(
        "classification", JobInput("mltable", true["taskDetails"]["trainingData"]["uri"]), target_column_name="y",
        primary_metric="accuracy", limits=AutoMLLimits(600, 10, 1, 1, enable_early_termination=True),
        training=AutoMLTraining(enable_stack_ensemble=False, enable_vote_ensemble=False), compute="azureml:cpu-cluster",
        display_name=true["displayName"], experiment_name=true["experimentName"],
    )  # fmt: skip
    ours = await _sent_alone(spec, workspace, azure_lab, folder)
    for body in (ours, true):
        body.pop("computeId")
    assert ours == true


async def _sent_alone(spec: AnyJob, workspace: AzureWorkspace, lab: AzureLab, folder: Path) -> dict[str, Any]:
    """The properties that a submit sends, but for the digest that is ours alone."""
    await workspace.jobs.submit(spec, base=folder)
    (request,) = lab.requests.matching("^PUT .*/jobs/")
    ours: dict[str, Any] = request.json()["properties"]
    ours["properties"] = {key: value for key, value in ours["properties"].items() if key != DIGEST}
    return ours


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in {**SWEEPS, **AUTOML_JOBS}.items()])
async def test_what_is_submitted_is_read_back(
    spec: SweepJob | AutoMLJob, workspace: AzureWorkspace, azure_storage: Storage, folder: Path
) -> None:
    """As the YAML of the job, which is what a clone begins with."""
    job = await workspace.jobs.submit(replace(spec, name="ours"), base=folder)
    if isinstance(spec, AutoMLJob) and not spec.is_tabular:
        assert parse_document(job.yaml)["task"] == spec.task
        return
    found = read_job(parse_document(job.yaml))
    assert isinstance(found, SweepJob | AutoMLJob)
    assert _meaning(found) == _meaning(spec)


def _meaning(spec: SweepJob | AutoMLJob) -> dict[str, Any]:
    """What a spec says, without what the service has names of its own for, or makes up."""
    spec = normal_form(spec)
    if isinstance(spec, SweepJob):
        # an asset, by now; and of serverless the service tells the trial
        spec = replace(spec, trial=replace(spec.trial, code=None, environment=None, resources=None), resources=None)
    plain = to_document(spec)
    return {key: plain[key] for key in plain if key not in ("name", "display_name", "experiment_name")}


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in DATA.items() if taken(spec)])
async def test_data(
    spec: DataSpec, workspace: AzureWorkspace, azure_lab: AzureLab, azure_storage: Storage, folder: Path, run: Run
) -> None:
    spec = replace(spec, name="measures", version=None)
    azure_storage.write_blob(BLOB_CONTAINER, "a/b/MLTable", b"paths: [{file: t.csv}]")
    await workspace.data.create(spec, base=folder)
    await run(spec)
    ours, theirs = sent(azure_lab, "data/measures/versions/")
    assert ours == theirs


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in MODELS.items() if taken(spec)])
async def test_a_model(
    spec: ModelSpec, workspace: AzureWorkspace, azure_lab: AzureLab, azure_storage: Storage, folder: Path, run: Run
) -> None:
    spec = replace(spec, name="trees", version=None)
    for file in ("MLmodel", "trees/1/model.onnx"):
        azure_storage.write_blob(BLOB_CONTAINER, f"a/b/{file}", b"flavors: {}")
    await workspace.models.register(spec, base=folder)
    await run(spec)
    ours, theirs = sent(azure_lab, "models/trees/versions/")
    assert ours == theirs


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in ENVIRONMENTS.items() if not spec.build])
async def test_an_environment(
    spec: EnvironmentSpec, workspace: AzureWorkspace, azure_lab: AzureLab, folder: Path, run: Run
) -> None:
    spec = replace(spec, version=None)
    await workspace.environments.create(spec, base=folder)
    await run(spec)
    # the SDK begins with version 1, and goes on to the next where that says something else
    ours, *_, theirs = sent(azure_lab, f"environments/{spec.name}/versions/")
    for body in (ours, theirs):
        body["osType"] = body["properties"].pop("osType", "").lower()
        body["condaFile"] = yaml.safe_load(body["properties"].pop("condaFile", ""))
    assert ours == theirs


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in DATASTORES.items()])
async def test_a_datastore(
    spec: DatastoreSpec, workspace: AzureWorkspace, azure_lab: AzureLab, folder: Path, run: Run
) -> None:
    await workspace.datastores.create(replace(spec, name="ours"), base=folder)
    await run(replace(spec, name="theirs"), **{REDACTED: spec.signs_in.secret})
    ours, theirs = sent(azure_lab, "datastores/")
    assert ours == theirs


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in COMPUTES.items()])
async def test_a_compute(
    spec: ComputeSpec, workspace: AzureWorkspace, azure_lab: AzureLab, folder: Path, run: Run
) -> None:
    password = (spec.ssh_settings or {}).get("admin_password", "")
    await workspace.compute.create(replace(spec, name="ours"))
    await run(replace(spec, name="theirs"), **{REDACTED: password})
    ours, theirs = sent(azure_lab, "computes/")
    assert ours == theirs
