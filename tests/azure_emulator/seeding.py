"""A small team's workspace, as it is after some months of work."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.azure_emulator.arm import WorkspaceId
from tests.azure_emulator.control_plane.assets import put_version
from tests.azure_emulator.control_plane.compute_states import change_state, finish_creation, new_compute, set_nodes
from tests.azure_emulator.control_plane.datastores import default_datastores
from tests.azure_emulator.control_plane.workspaces import new_workspace
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.identity import MEMBER
from tests.azure_emulator.storage import BLOB_CONTAINER
from tests.azure_emulator.store import Resource

_REGISTRY_IMAGES = "mcr.microsoft.com/azureml/curated"
_ENVIRONMENTS = {
    "AzureML-sklearn-1.5": ("1", "2"),
    "AzureML-ACPT-pytorch-2.2-cuda12.1": ("12",),
    "AzureML-ai-ml-automl": ("38",),
}
_COMPUTES: dict[str, dict[str, Any]] = {
    "cpu-cluster": {
        "computeType": "AmlCompute",
        "description": "Training without a GPU",
        "properties": {
            "vmSize": "Standard_DS3_v2",
            "vmPriority": "Dedicated",
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT2M"},
        },
    },
    "gpu-spot": {
        "computeType": "AmlCompute",
        "properties": {
            "vmSize": "Standard_NC4as_T4_v3",
            "vmPriority": "LowPriority",
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT30M"},
        },
    },
    "ada-notebook": {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS11_v2"}},
    "rosa-notebook": {
        "computeType": "ComputeInstance",
        "properties": {"vmSize": "Standard_DS3_v2", "idleTimeBeforeShutdown": "PT60M"},
    },
}
_STOPPED = "rosa-notebook"
_CSV_PATH = "diabetes/diabetes.csv"
_MODEL_PATH = "models/diabetes/model.pkl"


def seed_new_workspace(emulator: Emulator, workspace: WorkspaceId) -> Resource:
    """Makes the workspace as it is on its first day: its four datastores and the curated environments."""
    with emulator.store.locked():
        made = emulator.store.put(new_workspace(emulator, workspace, MEMBER.name))
        for datastore in default_datastores(emulator, workspace, MEMBER.name):
            emulator.store.put(datastore)
        for name, versions in _ENVIRONMENTS.items():
            for version in versions:
                image = {"image": f"{_REGISTRY_IMAGES}/{name.lower()}:{version}", "environmentType": "Curated"}
                put_version(emulator, workspace, "environments", name, version, image, by="Microsoft")
    return made


def seed_workspace(emulator: Emulator, workspace: WorkspaceId) -> Resource:
    """Makes the workspace with computes, a table and a model too.

    The table lies in storage where that has been started.
    """
    by = MEMBER.name
    with emulator.store.locked():
        made = seed_new_workspace(emulator, workspace)
        for name, properties in _COMPUTES.items():
            compute = emulator.store.put(new_compute(emulator, workspace, name, properties, by=by))
            finish_creation(emulator, compute, None)
            if name == _STOPPED:
                change_state(emulator, compute, "stop", None)
        set_nodes(emulator.store[f"{workspace}/computes/cpu-cluster"], running=1, idle=1)
        folder = f"azureml://subscriptions/{workspace.subscription}/resourcegroups/{workspace.group}"
        folder += f"/workspaces/{workspace.name}/datastores/workspaceblobstore/paths"
        table = {"dataType": "uri_file", "dataUri": f"{folder}/{_CSV_PATH}", "description": "Patients of a clinic"}
        put_version(emulator, workspace, "data", "diabetes", "1", table, by=by)
        model = {
            "modelType": "custom_model",
            "modelUri": f"{folder}/models/diabetes/model.pkl",
            "tags": {"stage": "trial"},
        }
        put_version(emulator, workspace, "models", "diabetes", "1", model, by=by)
    if emulator.storage is not None:
        emulator.storage.write_blob(BLOB_CONTAINER, _CSV_PATH, patients_csv().encode())
        emulator.storage.write_blob(BLOB_CONTAINER, _MODEL_PATH, b"a model that nobody loads")
    return made


def patients_csv(rows: int = 500) -> str:
    """A table of patients, the same one each time: an id, three measures, and whether they are diabetic."""
    random = Random(1)
    lines = ["PatientID,PlasmaGlucose,BMI,Age,Diabetic"]
    for number in range(rows):
        glucose, age = random.randint(50, 190), random.randint(21, 77)
        diabetic = int(glucose + age + random.gauss(0, 20) > 170)
        lines.append(f"{1000000 + number},{glucose},{random.uniform(18, 50):.1f},{age},{diabetic}")
    return "\n".join(lines) + "\n"
