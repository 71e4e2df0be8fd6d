"""A job that has run, without running it: what runner, MLflow and storage would hold of it."""

from __future__ import annotations

from tests.azure_emulator.arm import WorkspaceId
from tests.azure_emulator.control_plane.job_bodies import new_job
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.identity import MEMBER
from tests.azure_emulator.job_data import JobData, Place
from tests.azure_emulator.run_history import run_folder
from tests.azure_emulator.runner import SYSTEM_LOG, USER_LOG
from tests.azure_emulator.storage import ARTIFACT_CONTAINER
from tests.support.local_jobs import FinishedJob, finish_run, write_model


def finished_job(
    emulator: Emulator, workspace: WorkspaceId, name: str, experiment: str = "diabetes-train"
) -> FinishedJob:
    """Make a completed job with params, metrics, logs, an artifact, a logged model and an output named `export`.

    The run's id is the job's name. `export` is where the content of the output came from; what a test writes there
    later does not come into storage.
    """
    storage, mlflow = emulator.storage, emulator.mlflow
    assert storage is not None
    assert mlflow is not None
    mlflow.ensure_store()
    run = finish_run(mlflow.layout, name, experiment, {"mlflow.rootRunId": name})
    mlflow.rename_run(run.run_id, name)
    mlflow.gather_models(name)
    export = write_model(mlflow.layout.datastore("workspaceblobstore") / "azureml" / name / "export" / "fitted").parent
    for log in (USER_LOG, SYSTEM_LOG):
        (run.artifacts / log).parent.mkdir(parents=True, exist_ok=True)
        (run.artifacts / log).write_text("trained\n")
    data = JobData(emulator.store, storage, workspace)
    data.put(run.artifacts, Place(ARTIFACT_CONTAINER, run_folder(name)))
    uri = f"azureml://datastores/workspaceblobstore/paths/azureml/{name}/export/"
    data.put(export, data.place(uri))
    properties = {
        "jobType": "Command",
        "command": "python train.py --out ${{outputs.export}}",
        "experimentName": experiment,
        "environmentId": "azureml:AzureML-sklearn-1.5:1",
        "outputs": {"export": {"jobOutputType": "uri_folder", "uri": uri, "mode": "ReadWriteMount"}},
    }
    job = new_job(workspace, name, properties, created=emulator.now(), by=MEMBER.name, region=emulator.settings.region)
    emulator.store.put(job)
    for status in ("Running", "Completed"):
        emulator.store.set_status(job["id"], status)
    return FinishedJob(name, name, run.logged_model, export)
