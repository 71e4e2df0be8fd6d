"""The assets, models and resources that the workspace in memory holds."""

from __future__ import annotations

from services.entities import (
    Compute,
    DataAsset,
    Datastore,
    Environment,
    FileEntry,
    ModelCandidate,
    ModelSignature,
    ModelVersion,
    RegisteredModel,
    Resource,
    SignatureField,
    WorkspaceInfo,
)
from tests.support.entities import HOSTILE, PNG, ago

DATA_ASSETS = (
    DataAsset(
        "diabetes",
        "2",
        "uri_file",
        "azureml://datastores/workspaceblobstore/paths/LocalUpload/ab12/diabetes.csv",
        ago(days=2),
        "The diabetes data of the course",
        {"source": "course"},
        517_752,
        "ada",
        version_count=2,
    ),
    DataAsset(
        "diabetes",
        "1",
        "uri_file",
        "azureml://datastores/workspaceblobstore/paths/LocalUpload/aa00/diabetes.csv",
        ago(days=9),
        size=400_000,
        created_by="ada",
        version_count=2,
        latest=False,
    ),
    DataAsset(
        "titanic-folder",
        "1",
        "uri_folder",
        "azureml://datastores/workspaceblobstore/paths/LocalUpload/cd34/titanic/",
        ago(hours=5),
        "",
        {"note": HOSTILE},
        60_302,
        "ada",
    ),
    DataAsset(
        "empty-folder",
        "1",
        "uri_folder",
        "azureml://datastores/workspaceblobstore/paths/LocalUpload/00/",
        ago(hours=4),
        size=0,
    ),
    DataAsset(
        "old-data",
        "1",
        "uri_file",
        "azureml://datastores/workspaceblobstore/paths/old.csv",
        ago(days=90),
        archived=True,
    ),
)

DATA_FILES = {
    "diabetes": (FileEntry("diabetes.csv", False, 517_752, ago(days=2)),),
    "titanic-folder": (
        FileEntry("test.csv", False, 20_302, ago(hours=5)),
        FileEntry("train.csv", False, 40_000, ago(hours=5)),
        FileEntry("notes.txt", False, 12, ago(hours=5)),
    ),
}

COLUMN_SIGNATURE = ModelSignature(
    (
        SignatureField("input", "column", "Pregnancies", "long"),
        SignatureField("input", "column", "PlasmaGlucose", "double"),
        SignatureField("input", "column", "[i]BMI[/i]", "double", required=False),
        SignatureField("output", "column", "", "long"),
        SignatureField("param", "column", "threshold", "double", required=False),
    )
)
TENSOR_SIGNATURE = ModelSignature(
    (
        SignatureField("input", "tensor", "", "float64", "(-1, 8)"),
        SignatureField("output", "tensor", "", "int64", "(-1,)"),
    )
)

MLMODEL = """\
artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    python_version: 3.11.9
  sklearn:
    serialization_format: skops
    sklearn_version: 1.7.0
mlflow_version: 3.17.2
model_uuid: 0123456789abcdef
"""

MODELS = (
    RegisteredModel(
        "diabetes-lr",
        "2",
        "mlflow_model",
        ago(days=3),
        ago(hours=1),
        "Logistic regression",
        {"stage": "test"},
        {"champion": "2"},
        2,
    ),
    RegisteredModel("image-net", "1", "triton_model", ago(days=30), ago(days=30)),
    RegisteredModel("rules", "1", "custom_model", ago(days=8), ago(days=8), HOSTILE, {"note": HOSTILE}),
    RegisteredModel("old-model", "4", "mlflow_model", ago(days=99), ago(days=98), version_count=4, archived=True),
)

MODEL_VERSIONS = (
    ModelVersion(
        "diabetes-lr",
        "2",
        "mlflow_model",
        "azureml://jobs/keen_star_4/outputs/artifacts/paths/model/",
        ago(hours=1),
        "Second",
        {"auc": "0.848"},
        ("champion",),
        ("python_function", "sklearn"),
        COLUMN_SIGNATURE,
        MLMODEL,
        "keen_star_4",
        "ada",
        2_716,
    ),
    ModelVersion(
        "diabetes-lr",
        "1",
        "mlflow_model",
        "azureml://jobs/old_oak_15/outputs/artifacts/paths/model/",
        ago(days=3),
        flavors=("python_function", "sklearn"),
        signature=TENSOR_SIGNATURE,
        mlmodel=MLMODEL,
        job_name="old_oak_15",
        size=2_600,
    ),
    ModelVersion(
        "image-net",
        "1",
        "triton_model",
        "azureml://datastores/workspaceblobstore/paths/models/image-net/1/",
        ago(days=30),
        size=98_000_000,
    ),
    ModelVersion(
        "rules",
        "1",
        "custom_model",
        "azureml://datastores/workspaceblobstore/paths/models/rules/1/",
        ago(days=8),
        HOSTILE,
        size=900,
    ),
    ModelVersion("old-model", "4", "mlflow_model", "models:/m-4", ago(days=98), archived=True),
)

MODEL_FILES = (
    FileEntry("MLmodel", False, 812, ago(hours=1)),
    FileEntry("data", True),
    FileEntry("data/model.skops", False, 1_904, ago(hours=1)),
    FileEntry("requirements.txt", False, 64, ago(hours=1)),
)

CANDIDATES = (
    ModelCandidate("model (logged model, sklearn)", "models:/m-0123456789abcdef", "mlflow_model", "diabetes-lr"),
    ModelCandidate(
        "report/exported", "azureml://jobs/keen_star_4/outputs/report/paths/exported/", "mlflow_model", "exported"
    ),
)

DATASTORES = (
    Datastore(
        "workspaceblobstore",
        "azure_blob",
        True,
        "Data, models and outputs of jobs",
        folder="/home/ada/lapis/datastores/workspaceblobstore",
        created_at=ago(days=50),
        identity="ada",
    ),
    Datastore(
        "workspaceartifactstore",
        "azure_blob",
        description="Artifacts and logged models of runs",
        folder="/home/ada/lapis/datastores/workspaceartifactstore",
        created_at=ago(days=50),
        identity="ada",
    ),
    Datastore(
        "workspacefilestore",
        "azure_file",
        description="Files shared by computes",
        folder="/home/ada/lapis/datastores/workspacefilestore",
        created_at=ago(days=50),
        identity="ada",
    ),
    Datastore(
        "workspaceworkingdirectory",
        "azure_file",
        description="Notebooks and code",
        folder="/home/ada/lapis/datastores/workspaceworkingdirectory",
        created_at=ago(days=50),
        identity="ada",
    ),
)

DATASTORE_FILES = {
    "": (
        FileEntry("LocalUpload", True),
        FileEntry("models", True),
        FileEntry("[b]readme[b] \u202etxt.md", False, 120, ago(days=1)),
    ),
    "models": (),
    "LocalUpload": (FileEntry("LocalUpload/ab12", True),),
    "LocalUpload/ab12": (
        FileEntry("LocalUpload/ab12/diabetes.csv", False, 517_752, ago(days=2)),
        FileEntry("LocalUpload/ab12/roc.png", False, 18_244, ago(days=2)),
    ),
}
DATASTORE_CONTENTS = {"LocalUpload/ab12/roc.png": PNG}
OWN_DATASTORES = (
    Datastore(
        "lake",
        "azure_data_lake_gen2",
        description="Raw data of the plant",
        account_name="contosolake",
        container_name="raw",
        credentials="service_principal",
        credential_fields={"tenant_id": "00000000-0000-0000-0000-00000000000a", "client_id": "b"},
        created_at=ago(days=3),
    ),
    Datastore(
        "partners",
        "azure_blob",
        account_name="contoso",
        container_name="drop",
        credentials="sas",
        expires_at=ago(days=-2),
        created_at=ago(days=1),
    ),
    Datastore(
        "old-partners",
        "azure_blob",
        account_name="contoso",
        container_name="drop",
        credentials="sas",
        expires_at=ago(days=1),
        created_at=ago(days=60),
    ),
    Datastore("usb", "local", folder="/mnt/usb/data", identity="ada", created_at=ago(hours=1)),
)
"""What somebody registered, of each way to sign in."""

COMPUTES = (
    Compute(
        "this-machine",
        "local",
        "Running",
        "AMD EPYC, x86_64",
        2,
        8_000_000_000,
        slots=2,
        running_jobs=1,
        queued_jobs=1,
        description="Jobs run here as processes",
    ),
)

ENVIRONMENTS = (
    Environment(
        "sklearn-own",
        "3",
        ago(days=4),
        conda_file="dependencies:\n- python=3.11\n- pip:\n  - scikit-learn\n",
        packages=("scikit-learn",),
        state="ready",
        version_count=3,
    ),
    Environment(
        "broken-env", "1", ago(days=6), conda_file="dependencies:\n- nonsense\n", description=HOSTILE, state="failed"
    ),
    Environment(
        "AzureML-sklearn-1.5",
        "12",
        None,
        "mcr.microsoft.com/azureml/curated/sklearn-1.5:12",
        curated=True,
        state="this interpreter",
    ),
)

INFO = WorkspaceInfo(
    name="lapis",
    kind="local",
    location="/home/ada/lapis",
    identity="ada",
    created_at=ago(days=50),
    resources=(
        Resource("Storage account", "datastores", "4 datastores"),
        Resource("Key vault", "none", "nothing here has a secret"),
        Resource("Application Insights", "insights.log", "1,204 bytes"),
        Resource("Container registry", "environments", "not created yet"),
    ),
    counts={"jobs": 14, "data": 3, "models": 3, "environments": 3, "computes": 1},
    mlflow_tracking_uri="sqlite:////home/ada/lapis/mlflow.db",
)
