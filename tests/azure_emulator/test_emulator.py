"""The real SDK does against the emulator what it does against Azure."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import ACCOUNT, BLOB_CONTAINER, HOST, KEY, Storage

pytestmark = pytest.mark.azure

ENVIRONMENT = "AzureML-sklearn-1.5:2"


def names(entities: Any) -> list[str]:
    return [entity.name for entity in entities]


def test_workspaces_are_found_in_a_group_and_in_a_subscription(azure_lab: AzureLab, client: Any) -> None:
    workspace = client.workspaces.get(azure_lab.workspace_name)
    assert (workspace.location, workspace.container_registry) == ("westeurope", None)
    assert workspace.mlflow_tracking_uri == (f"azureml://westeurope.api.azureml.ms/mlflow/v1.0{azure_lab.workspace_id}")
    assert names(client.workspaces.list()) == ["ws-lab"]
    assert names(client.workspaces.list(scope="subscription")) == ["ws-lab"]


def test_a_workspace_is_created_and_deleted(azure_lab: AzureLab, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.ai.ml.constants._common import LROConfigurations
    from azure.ai.ml.entities import Workspace

    monkeypatch.setattr(LROConfigurations, "POLL_INTERVAL", 0.05)
    monkeypatch.setattr(LROConfigurations, "SLEEP_TIME", 0.05)
    made = client.workspaces.begin_create(Workspace(name="ws-new", location="westeurope", tags={"a": "b"})).result()
    assert (made.name, made.tags["a"]) == ("ws-new", "b")
    assert names(client.workspaces.list()) == ["ws-lab", "ws-new"]
    assert len(azure_lab.store.children(f"{azure_lab.workspace_id}".replace("ws-lab", "ws-new") + "/datastores")) == 4
    client.workspaces.begin_delete("ws-new", delete_dependent_resources=False).result()
    assert names(client.workspaces.list()) == ["ws-lab"]


def test_a_diagnosis_tells_what_it_found(azure_lab: AzureLab, client: Any) -> None:
    azure_lab.emulator.diagnosis["storageAccountResults"] = [
        {"code": "StorageNotReachable", "level": "Error", "message": "The storage account can't be reached."}
    ]
    result = client.workspaces.begin_diagnose("ws-lab").result()
    assert [found.code for found in result.storage_account_results] == ["StorageNotReachable"]
    assert result.key_vault_results == []


def test_a_cluster_is_created_resized_and_deleted(azure_lab: AzureLab, client: Any) -> None:
    from azure.ai.ml.entities import AmlCompute

    azure_lab.emulator.settings.operation_seconds = float("inf")
    cluster = AmlCompute(name="new", size="Standard_DS2_v2", min_instances=1, max_instances=2)
    poller = client.compute.begin_create_or_update(cluster)
    assert client.compute.get("new").provisioning_state == "Creating"
    azure_lab.operations.finish_all()
    made = poller.result()
    assert (made.provisioning_state, made.max_instances) == ("Succeeded", 2)
    details = azure_lab.store[f"{azure_lab.workspace_id}/computes/new"]["properties"]["properties"]
    assert (details["allocationState"], details["nodeStateCounts"]["preparingNodeCount"]) == ("Resizing", 1)
    azure_lab.operations.finish_all()
    assert (details["allocationState"], details["nodeStateCounts"]["idleNodeCount"]) == ("Steady", 1)
    assert [node.nodeState for node in client.compute.list_nodes("new")] == ["idle"]
    azure_lab.emulator.settings.operation_seconds = 0.05
    client.compute.begin_delete("new").result()
    assert "new" not in names(client.compute.list())


def test_an_instance_stops_and_starts(azure_lab: AzureLab, client: Any) -> None:
    from azure.ai.ml.entities import ComputeInstance

    made = client.compute.begin_create_or_update(ComputeInstance(name="ci-new", size="Standard_DS2_v2")).result()
    assert (made.state, made.size) == ("Running", "Standard_DS2_v2")
    azure_lab.emulator.settings.operation_seconds = float("inf")
    for verb, meanwhile, then in (
        ("begin_stop", "Stopping", "Stopped"),
        ("begin_start", "Starting", "Running"),
        ("begin_restart", "Restarting", "Running"),
    ):
        poller = getattr(client.compute, verb)("ci-new")
        assert client.compute.get("ci-new").state == meanwhile
        azure_lab.operations.finish_all()
        assert poller.result() is None
        assert client.compute.get("ci-new").state == then


def test_computes_of_other_kinds_are_attached(client: Any) -> None:
    from azure.ai.ml.entities import KubernetesCompute, VirtualMachineCompute, VirtualMachineSshSettings

    group = "/subscriptions/1/resourceGroups/r/providers"
    machine = VirtualMachineCompute(
        name="vm",
        resource_id=f"{group}/Microsoft.Compute/virtualMachines/vm",
        ssh_settings=VirtualMachineSshSettings(admin_username="azureuser", admin_password="a password"),
    )
    cluster = KubernetesCompute(
        name="k8s", resource_id=f"{group}/Microsoft.ContainerService/managedClusters/k", namespace="default"
    )
    for compute in (machine, cluster):
        client.compute.begin_create_or_update(compute).result()
    assert [client.compute.get(name).type for name in ("vm", "k8s")] == ["virtualmachine", "kubernetes"]


def test_sizes_and_usages_are_listed(client: Any) -> None:
    sizes = {size.name: size for size in client.compute.list_sizes()}
    assert (sizes["Standard_NC4as_T4_v3"].gpus, sizes["Standard_DS3_v2"].vCPUs) == (1, 4)
    usages = {usage.name["value"]: usage for usage in client.compute.list_usage()}
    assert usages["standardDSv2Family"].currentValue == 10, "two nodes of cpu-cluster and ada-notebook"


def test_datastores_hide_their_secrets(azure_lab: AzureLab, client: Any) -> None:
    from azure.ai.ml.entities import AccountKeyConfiguration, AzureBlobDatastore

    assert len(names(client.datastores.list())) == 4
    assert client.datastores.get_default().name == "workspaceblobstore"
    credentials = AccountKeyConfiguration(account_key=KEY)
    blob = AzureBlobDatastore(name="extra", account_name=ACCOUNT, container_name="c", credentials=credentials)
    assert client.datastores.create_or_update(blob).name == "extra"
    assert KEY not in json.dumps(azure_lab.store[f"{azure_lab.workspace_id}/datastores/extra"])
    azure_lab.emulator.settings.secrets = "AccountKey"
    assert client.datastores.get("extra", include_secrets=True).credentials.account_key == KEY
    client.datastores.delete("extra")
    assert len(names(client.datastores.list())) == 4


def test_a_file_is_uploaded_once_and_registered(
    azure_lab: AzureLab, azure_storage: Storage, client: Any, tmp_path: Path
) -> None:
    from azure.ai.ml.entities import Data

    path = tmp_path / "iris.csv"
    path.write_text("a,b\n1,2\n")
    for version in ("1", "2"):
        made = client.data.create_or_update(Data(name="iris", path=str(path), type="uri_file"))
        assert made.version == version
    uploaded = azure_storage.list_blobs(BLOB_CONTAINER, "LocalUpload/")
    assert [name.rpartition("/")[2] for name in uploaded] == ["iris.csv"]
    assert azure_storage.read_blob(BLOB_CONTAINER, uploaded[0]) == b"a,b\n1,2\n"
    assert [one.version for one in client.data.list(name="iris")] == ["2", "1"]
    assert client.data.get("iris", label="latest").version == "2"
    client.data.archive("iris", version="2")
    assert [one.version for one in client.data.list(name="iris")] == ["1"]
    assert set(names(client.data.list())) == {"diabetes", "iris"}


def test_the_newest_environment_is_latest(client: Any) -> None:
    assert client.environments.get("AzureML-sklearn-1.5", label="latest").version == "2"
    assert "AzureML-ai-ml-automl" in names(client.environments.list())


def test_models_are_registered_and_archived(azure_storage: Storage, client: Any, tmp_path: Path) -> None:
    from azure.ai.ml.entities import Model

    path = tmp_path / "model.pkl"
    path.write_bytes(b"weights")
    client.models.create_or_update(Model(name="m", path=str(path), type="custom_model"))
    place = "azureml://datastores/workspaceblobstore/paths/x/model.pkl"
    client.models.create_or_update(Model(name="m", version="2", path=place, type="custom_model", stage="Production"))
    assert [one.version for one in client.models.list(name="m")] == ["2", "1"]
    assert [one.version for one in client.models.list(name="m", stage="Production")] == ["2"]
    client.models.archive("m", version="1")
    assert [one.version for one in client.models.list(name="m")] == ["2"]
    client.models.archive("m")
    assert "m" not in names(client.models.list())


def test_code_is_uploaded_once_and_a_command_submitted(
    azure_lab: AzureLab, azure_storage: Storage, client: Any, tmp_path: Path
) -> None:
    from azure.ai.ml import Input, command

    (tmp_path / "train.py").write_text("print('hi')\n")
    heard: list[str] = []
    azure_lab.emulator.submitted_hooks.append(heard.append)
    try:
        job = command(
            code=str(tmp_path),
            command="python train.py --data ${{inputs.data}} --rate ${{inputs.rate}}",
            inputs={"data": Input(type="uri_file", path="azureml:diabetes:1"), "rate": 0.1},
            environment=ENVIRONMENT,
            compute="cpu-cluster",
            experiment_name="diabetes",
        )
        first = client.jobs.create_or_update(job)
        again = client.jobs.create_or_update(command(code=str(tmp_path), command="ls", environment=ENVIRONMENT))
    finally:
        azure_lab.emulator.submitted_hooks.remove(heard.append)
    assert first.status == "Queued"
    assert heard == [f"{azure_lab.workspace_id}/jobs/{one.name}" for one in (first, again)]
    assert len(azure_lab.requests.matching("startPendingUpload")) == 1
    code = azure_lab.store.children(f"{azure_lab.workspace_id}/codes")
    (version,) = azure_lab.store.children(f"{code[0]['id']}/versions")
    container = version["properties"]["codeUri"].removeprefix(f"https://{HOST}").split("/")[1]
    assert [name.rpartition("/")[2] for name in azure_storage.list_blobs(container)] == ["train.py"]


def test_sweeps_automl_and_spark_are_submitted(azure_storage: Storage, client: Any, tmp_path: Path) -> None:
    from azure.ai.ml import Input, automl, command, spark
    from azure.ai.ml.sweep import Uniform

    (tmp_path / "train.py").write_text("print('hi')\n")
    trial = command(
        command="python train.py --rate ${{inputs.rate}}",
        code=str(tmp_path),
        inputs={"rate": 0.1},
        environment=ENVIRONMENT,
        compute="cpu-cluster",
    )
    sweep = trial(rate=Uniform(0.001, 0.1)).sweep(
        sampling_algorithm="random", primary_metric="accuracy", goal="maximize"
    )
    sweep.set_limits(max_total_trials=4)
    table = Input(type="mltable", path="azureml://datastores/workspaceblobstore/paths/table")
    classification = automl.classification(
        compute="cpu-cluster", training_data=table, target_column_name="y", primary_metric="accuracy"
    )
    cleaning = spark(
        code=str(tmp_path),
        entry={"file": "train.py"},
        driver_cores=1,
        driver_memory="2g",
        executor_cores=2,
        executor_memory="2g",
        executor_instances=2,
        resources={"instance_type": "Standard_E4S_V3", "runtime_version": "3.4"},
    )
    made = [client.jobs.create_or_update(job) for job in (sweep, classification, cleaning)]
    read = [client.jobs.get(job.name) for job in made]
    assert [(job.type, job.status) for job in read] == [
        ("sweep", "Running"),
        ("automl", "NotStarted"),
        ("spark", "Queued"),
    ]


def test_a_job_that_is_put_twice_is_one_job(azure_lab: AzureLab, client: Any) -> None:
    from azure.ai.ml import command

    for words in ("first", "second"):
        job = command(name="once", command="ls", environment=ENVIRONMENT, display_name=words)
        client.jobs.create_or_update(job)
    assert [(job.name, job.display_name) for job in client.jobs.list()] == [("once", "second")]


def test_a_job_is_cancelled(client: Any) -> None:
    from azure.ai.ml import command

    name = client.jobs.create_or_update(command(command="sleep 99", environment=ENVIRONMENT)).name
    client.jobs.begin_cancel(name).result()
    assert client.jobs.get(name).status == "Canceled"


def test_thousands_of_jobs_are_listed_lazily_newest_first(azure_lab: AzureLab, client: Any) -> None:
    seeded = azure_lab.seed_jobs(5000)
    azure_lab.requests.clear()
    first = list(islice(client.jobs.list(), 50))
    shown = [job["name"] for job in reversed(seeded) if not job["properties"]["isArchived"]]
    assert names(first) == shown[:50]
    assert len(azure_lab.requests.matching(r"GET .*/jobs\?")) == 2
    assert first[0].creation_context.created_at > first[-1].creation_context.created_at


def test_children_are_not_listed_beside_their_parents(azure_lab: AzureLab, client: Any) -> None:
    azure_lab.seed_jobs(40)
    listed = list(client.jobs.list(list_view_type="All"))
    assert len(listed) == 40
    kinds = {job.type for job in listed}
    assert kinds >= {"command", "sweep"}, "there are parents among them"
    children = [
        job["name"]
        for job in azure_lab.store.children(f"{azure_lab.workspace_id}/jobs")
        if job["properties"].get("parentJobName")
    ]
    assert children
    assert not set(children) & set(names(listed))
    assert client.jobs.get(children[0]).name == children[0]


def test_nobody_else_is_called(azure_lab: AzureLab, client: Any) -> None:
    client.workspaces.get("ws-lab")
    names(client.compute.list())
    assert azure_lab.jail.refused == []
    assert azure_lab.emulator.unknown == []
