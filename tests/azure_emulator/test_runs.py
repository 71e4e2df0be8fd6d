from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.azure_emulator.control_plane.job_bodies import new_job
from tests.azure_emulator.finished_jobs import finished_job
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.runner import SYSTEM_LOG, USER_LOG
from tests.azure_emulator.storage import ARTIFACT_CONTAINER, BLOB_CONTAINER, Storage
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure

TRAIN = """
import pathlib, sys
import mlflow

data, rate, out = sys.argv[1:]
rows = pathlib.Path(data).read_text().splitlines()[1:]
print("rows", len(rows), flush=True)
mlflow.log_param("rate", rate)
for step in range(3):
    mlflow.log_metric("loss", 1 / (step + 1), step=step)
mlflow.log_text("0 1", "roc.txt")
pathlib.Path("outputs/notes.txt").write_text("good")
pathlib.Path(out, "model.bin").write_bytes(bytes(100))
"""
SCOPE = "https://management.azure.com/.default"
ENVIRONMENT = "azureml:AzureML-sklearn-1.5:1"


@pytest.fixture
def lab(azure_lab: AzureLab, azure_storage: Storage) -> Iterator[AzureLab]:
    """The lab with storage, and somebody who runs what is submitted."""
    with azure_lab.run_jobs():
        yield azure_lab


@pytest.fixture
def submit(client: Any) -> Callable[..., str]:
    """Submit a command with the SDK; returns the job's name."""

    def submit(command_line: str, **more: Any) -> str:
        from azure.ai.ml import command

        job = command(command=command_line, environment=ENVIRONMENT, experiment_name="diabetes", **more)
        return str(client.jobs.create_or_update(job).name)

    return submit


def details(client: Any, name: str) -> Any:
    return client.jobs._runs_operations.get_run_details(name)


async def ended(client: Any, name: str, timeout: float = 30) -> Any:
    """Run history's details of a job, once it has ended."""
    found: list[Any] = []

    def has_ended() -> bool:
        found[:] = [details(client, name)]
        return found[0].status in ("Completed", "Failed", "Canceled")

    await eventually(has_ended, timeout, interval=0.05, what=f"{name} never ended")
    return found[0]


async def running(client: Any, name: str) -> None:
    await eventually(lambda: details(client, name).status == "Running", 20, interval=0.05)


@pytest.mark.slow
async def test_a_script_trains_on_data_and_leaves_metrics_and_files(
    lab: AzureLab, client: Any, submit: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.ai.ml import Input, Output

    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(TRAIN)
    (tmp_path / "patients.csv").write_text("a,b\n1,2\n3,4\n")
    name = submit(
        "python train.py ${{inputs.data}} ${{inputs.rate}} ${{outputs.model}}",
        code=str(tmp_path / "src"),
        inputs={"data": Input(type="uri_file", path=str(tmp_path / "patients.csv")), "rate": 0.1},
        outputs={"model": Output(type="uri_folder")},
        tags={"fold": "1"},
    )
    run = await ended(client, name, 120)
    assert (run.status, run.error) == ("Completed", None)
    assert run.start_time_utc <= run.end_time_utc
    assert set(run.log_files) == {USER_LOG, SYSTEM_LOG}
    tail = requests.get(run.log_files[USER_LOG], headers={"Range": "bytes=5-"}, timeout=10)
    assert (tail.status_code, tail.content, tail.headers["content-range"]) == (206, b"2\n", "bytes 5-6/7")
    client.jobs.download(name, download_path=tmp_path / "down", all=True)
    down = {path.relative_to(tmp_path / "down").as_posix() for path in (tmp_path / "down").rglob("*.*")}
    assert {"artifacts/outputs/notes.txt", "artifacts/roc.txt", f"artifacts/{USER_LOG}"} <= down
    assert lab.storage.read_blob(BLOB_CONTAINER, f"azureml/{name}/model/model.bin") == bytes(100)

    mlflow = tracking(lab, client, monkeypatch)
    logged = mlflow.get_run(name)
    assert (logged.data.params, logged.data.metrics) == ({"rate": "0.1"}, {"loss": 1 / 3})
    assert logged.data.tags["fold"] == "1"
    assert (logged.info.status, logged.info.artifact_uri) == (
        "FINISHED",
        f"azureml://experiments/diabetes/runs/{name}/artifacts",
    )
    assert [point.step for point in mlflow.get_metric_history(name, "loss")] == [0, 1, 2]


def tracking(lab: AzureLab, client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """MLflow's own client of the workspace, with nothing but an address and a token."""
    from mlflow import MlflowClient

    token = lab.credential().get_token(SCOPE).token
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
    uri = client.workspaces.get(lab.workspace_name).mlflow_tracking_uri
    uri = uri.replace("azureml://", "https://").replace("/v1.0/", "/v2.0/")
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


async def test_the_log_grows_while_a_job_runs(lab: AzureLab, client: Any, submit: Callable[..., str]) -> None:
    name = submit("echo one; while [ ! -e outputs/go ]; do sleep 0.05; done; echo two")
    await running(client, name)

    def log() -> bytes:
        return requests.get(details(client, name).log_files[USER_LOG], timeout=10).content

    await eventually(lambda: log() == b"one\n", 10)
    assert lab.emulator.mlflow is not None
    (lab.emulator.mlflow.layout.run_artifacts(name) / "outputs" / "go").touch()
    await ended(client, name)
    assert log() == b"one\ntwo\n"


async def test_a_failed_job_tells_why(lab: AzureLab, client: Any, submit: Callable[..., str]) -> None:
    name = submit("echo no such column; exit 3")
    run = await ended(client, name)
    assert run.status == "Failed"
    error = run.error.error
    assert error.code == "UserError"
    assert "exited with status code 3" in error.message
    assert "no such column" in error.message
    assert client.jobs.get(name).status == "Failed"


async def test_missing_data_fails_the_job_before_it_runs(
    lab: AzureLab, client: Any, submit: Callable[..., str]
) -> None:
    from azure.ai.ml import Input

    uri = "azureml://datastores/workspaceblobstore/paths/gone.csv"
    name = submit("cat ${{inputs.data}}", inputs={"data": Input(type="uri_file", path=uri)})
    run = await ended(client, name)
    assert (run.status, run.start_time_utc) == ("Failed", None)
    assert "gone.csv" in run.error.error.message


async def test_inputs_come_from_assets_and_from_outputs_of_other_jobs(
    lab: AzureLab, client: Any, submit: Callable[..., str]
) -> None:
    from azure.ai.ml import Input, Output

    table = Input(type="uri_file", path="azureml:diabetes:1")
    kept = Output(
        type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/kept/${{name}}/${{output_name}}/"
    )
    first = submit(
        "mkdir ${{outputs.head}}/deep && head -n 1 ${{inputs.table}} > ${{outputs.head}}/deep/columns.txt",
        inputs={"table": table},
        outputs={"head": kept},
    )
    assert (await ended(client, first)).status == "Completed"
    assert lab.storage.list_blobs(BLOB_CONTAINER, "kept/") == [f"kept/{first}/head/deep/columns.txt"]
    second = submit(
        "cat ${{inputs.head}}/columns.txt $AZURE_ML_INPUT_head/columns.txt; echo ${{inputs.place}} $LEVEL",
        inputs={
            "head": Input(type="uri_folder", path=f"azureml://jobs/{first}/outputs/head/paths/deep"),
            "place": Input(type="uri_file", path="azureml://datastores/workspaceblobstore/paths/far", mode="direct"),
        },
        environment_variables={"LEVEL": "3"},
    )
    run = await ended(client, second)
    columns, again, rest = requests.get(run.log_files[USER_LOG], timeout=10).text.splitlines()
    assert columns == again
    assert columns.endswith("Diabetic")
    assert rest.endswith("datastores/workspaceblobstore/paths/far 3")


async def test_an_output_becomes_a_data_asset(lab: AzureLab, client: Any, submit: Callable[..., str]) -> None:
    from azure.ai.ml import Output

    for version in ("1", "2"):
        name = submit("echo a,b > ${{outputs.table}}", outputs={"table": Output(type="uri_file", name="cleaned")})
        assert (await ended(client, name)).status == "Completed"
        asset = client.data.get("cleaned", version=version)
        assert (asset.type, asset.path.partition("/paths/")[2]) == ("uri_file", f"azureml/{name}/table")
    name = submit("exit 1", outputs={"table": Output(type="uri_file", name="cleaned")})
    assert (await ended(client, name)).status == "Failed"
    assert client.data.get("cleaned", label="latest").version == "2"


async def test_cancel_ends_the_whole_tree(
    lab: AzureLab, client: Any, submit: Callable[..., str], tmp_path: Path
) -> None:
    beat = tmp_path / "beat"
    alive = f"while true; do date +%N >> {beat}; sleep 0.02; done"
    name = submit(f"(setsid bash -c '{alive}' &); {alive}")
    await running(client, name)
    await eventually(beat.exists)
    client.jobs.begin_cancel(name).wait(10)
    run = await ended(client, name)
    assert (run.status, run.error) == ("Canceled", None)
    size = beat.stat().st_size
    time.sleep(0.1)
    assert beat.stat().st_size == size, "something of the job still runs"


async def test_a_job_ends_at_its_limit(lab: AzureLab, client: Any, submit: Callable[..., str]) -> None:
    from azure.ai.ml.entities import CommandJobLimits

    name = submit("sleep 60", limits=CommandJobLimits(timeout=1))
    assert (await ended(client, name)).status == "Canceled"


def command_job(lab: AzureLab, name: str, **properties: str) -> None:
    """A job that nobody runs."""
    whole = {"jobType": "Command", "command": "x", "experimentName": "diabetes", **properties}
    emulator = lab.emulator
    emulator.store.put(
        new_job(lab.workspace_id, name, whole, created=emulator.now(), by="ada", region=emulator.settings.region)
    )


def test_children_are_told_oldest_first_page_by_page(azure_lab: AzureLab, client: Any) -> None:
    names = [f"step_{number}" for number in range(5)]
    command_job(azure_lab, "whole", jobType="Pipeline")
    for name in names:
        command_job(azure_lab, name, parentJobName="whole")
    assert [job.name for job in client.jobs.list(parent_job_name="whole")] == names
    assert list(client.jobs.list(parent_job_name="step_0")) == []

    azure_lab.emulator.settings.page_size = 2
    token = azure_lab.credential().get_token(SCOPE).token
    region = azure_lab.emulator.settings.region
    following = f"https://{region}.api.azureml.ms/history/v1.0{azure_lab.workspace_id}/runs/whole/children"
    pages = []
    while following:
        page = requests.get(following, headers={"Authorization": f"Bearer {token}"}, timeout=10).json()
        pages.append([run["runId"] for run in page["value"]])
        following = page.get("nextLink")
    assert pages == [names[:2], names[2:4], names[4:]]
    # azure-ai-ml 1.35.2 never asks for a second page
    assert [job.name for job in client.jobs.list(parent_job_name="whole")] == names[:2]


def test_a_run_is_renamed_and_archived_by_run_history(azure_lab: AzureLab, client: Any) -> None:
    command_job(azure_lab, "keen_star_1")
    changed = client.jobs.get("keen_star_1")
    changed.display_name, changed.tags = "better", {"best": "yes"}
    client.jobs.create_or_update(changed)
    client.jobs.archive("keen_star_1")
    assert [found.name for found in client.jobs.list()] == []
    found = client.jobs.get("keen_star_1")
    assert (found.display_name, found.tags) == ("better", {"best": "yes"})
    client.jobs.restore("keen_star_1")
    assert [found.name for found in client.jobs.list()] == ["keen_star_1"]


@pytest.mark.slow
def test_a_finished_job_has_all_that_a_job_leaves(
    azure_lab: AzureLab, azure_storage: Storage, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finished_job(azure_lab.emulator, azure_lab.workspace_id, "keen_star_1")
    run = details(client, job.name)
    assert (run.status, set(run.log_files)) == ("Completed", {USER_LOG, SYSTEM_LOG})
    left = f"ExperimentRun/dcid.{job.name}"
    blobs = azure_storage.list_blobs(ARTIFACT_CONTAINER, left)
    assert {f"{left}/roc.txt", f"{left}/models/model/MLmodel"} <= set(blobs)
    assert f"azureml/{job.name}/export/fitted/MLmodel" in azure_storage.list_blobs(BLOB_CONTAINER)
    mlflow = tracking(azure_lab, client, monkeypatch)
    metrics = mlflow.get_run(job.name).data.metrics
    assert (metrics["accuracy"], metrics["loss"]) == (0.774, 0.125)
    assert math.isnan(metrics["odd"])
    (experiment,) = [one.experiment_id for one in mlflow.search_experiments() if one.name == "diabetes-train"]
    (model,) = mlflow.search_logged_models([experiment])
    assert (model.model_id, model.source_run_id) == (job.logged_model, job.name)
    assert model.artifact_location == f"azureml://experiments/diabetes-train/runs/{job.name}/artifacts/models/model"
