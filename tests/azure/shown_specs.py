"""Specs of every kind that az ml takes, for the tests of what is shown of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec, WorkspaceSpec
from services.specs.automl import (
    AutoMLJob,
    AutoMLLimits,
    AutoMLTraining,
    ColumnTransformer,
    Featurization,
    Forecasting,
)
from services.specs.command import (
    LITERAL_TYPES,
    CommandJob,
    InputType,
    JobInput,
    JobLimits,
    JobOutput,
    JobResources,
    OutputMode,
    OutputType,
)
from services.specs.datastores import DatastoreCredentials, DatastoreSpec, OneLakeArtifact
from services.specs.spark import SparkEntry, SparkJob, SparkResources
from services.specs.sweep import (
    Distribution,
    EarlyTermination,
    Objective,
    Sampling,
    SweepJob,
    SweepLimits,
    Trial,
)
from tests.specs.test_compute_code import SPECS

ENVIRONMENT = "azureml:AzureML-sklearn-1.5:2"
TAGS: dict[str, str | float | None] = {
    "team": "research",
    "fold": 3,
    "rate": 0.1,
    "kept": True,
    "note": None,
    "017": "1.0",
    "yes": "no",
    "字": "😀",
}
CONDA = {"name": "train", "channels": ["conda-forge"], "dependencies": ["python=3.11", {"pip": ["mlflow==3.1"]}]}
INLINE = EnvironmentSpec(image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04", conda_file=CONDA)
URIS = (
    "azureml://datastores/workspaceblobstore/paths/a/b",
    "azureml://jobs/keen_star/outputs/export/paths/",
    "https://account.blob.core.windows.net/container/x.csv",
    "wasbs://container@account.blob.core.windows.net/path",
    "abfss://files@account.dfs.core.windows.net/path",
    "azureml:diabetes:1",
    "azureml:diabetes@latest",
    "./data",
)
LITERALS = ("text", "", "1", "true", "null", "017", "1e3", "two\nlines", 3, 0, -1, 1.5, 1e-5, True, False, 10**20)


def job(**given: Any) -> CommandJob:
    """A job that lacks nothing, with some more to it."""
    return CommandJob(**{"command": "python -m train", "environment": ENVIRONMENT, **given})


def _modes(kind: str) -> tuple[Any, ...]:
    return (None, "ro_mount", "download", "direct", *(("eval_mount", "eval_download") if kind == "mltable" else ()))


_KINDS: list[Any] = [kind for kind in get_args(InputType) if kind not in LITERAL_TYPES]
JOBS = {
    "data of every type in every mode": job(
        inputs={f"{kind}_{mode}": JobInput(kind, URIS[0], mode, description="what it is")
                for kind in _KINDS for mode in _modes(kind)}
    ),
    "data from everywhere": job(inputs={f"i{n}": JobInput("uri_folder", uri) for n, uri in enumerate(URIS)}),
    "outputs of every type in every mode": job(
        outputs={f"{kind}_{mode}": JobOutput(kind, None, mode) for kind in get_args(OutputType)
                 for mode in (None, *get_args(OutputMode))}
    ),
    "outputs with a path, a name and a version": job(
        outputs={
            "there": JobOutput("uri_folder", URIS[0], "upload", "export", 1, "what it is"),
            "named": JobOutput("mlflow_model", None, None, "model", "2"),
            "short": URIS[0],
            "default": None,
        }
    ),
    "literals": job(inputs={f"i{n}": value for n, value in enumerate((*LITERALS, float("inf"), float("nan")))}),
    "literals with a type": job(
        inputs={
            "text": JobInput("string", value="1"),
            "count": JobInput("integer", value=3),
            "rate": JobInput("number", value=0.1),
            "kept": JobInput("boolean", value=True, description="whether"),
            "path": JobInput("string", "by path"),
        }
    ),
    "names, words and tags": job(
        name="keen_star_1",
        display_name="Keen: a 'star' # 1",
        experiment_name="diabetes-train",
        description="Two\nlines, with 漢字.",
        tags=TAGS,
        properties={"n": 1, "b": True},
        environment_variables={"COUNT": 3, "KEPT": True, "RATE": 0.5, "TEXT": "yes", "ODD": "a: b # c"},
    ),
    "code, a limit and a cluster": job(code="./src", compute="azureml:cpu-cluster", limits=JobLimits(3600)),
    "serverless with all resources": job(
        resources=JobResources(2, "Standard_DS3_v2", "2g", "--ipc host", {"a": {"b": 1}}, ["westeurope"], 3),
        queue_settings={"job_tier": "standard"},
    ),
    "an environment of its own": job(environment=INLINE),
    "a conda file": job(environment=EnvironmentSpec(image=INLINE.image, conda_file="conda.yml", tags=TAGS)),
    "the newest of our own": job(environment="azureml:own@latest"),
    "the newest environment": job(environment="azureml:AzureML-sklearn-1.5@latest"),
    "an environment of a registry": job(
        environment="azureml://registries/azureml/environments/sklearn-1.5/labels/latest"
    ),
    "a build": job(environment=EnvironmentSpec(build={"path": "./src", "dockerfile_path": "Dockerfile"})),
    "PyTorch on two nodes": job(
        distribution={"type": "pytorch", "process_count_per_instance": 2}, resources=JobResources(2)
    ),
    "MPI": job(distribution={"type": "mpi", "process_count_per_instance": 4}),
    "TensorFlow": job(distribution={"type": "tensorflow", "worker_count": 2, "parameter_server_count": 1}),
    "a managed identity": job(
        identity={"type": "managed_identity", "client_id": "00000000-0000-0000-0000-000000000000"}
    ),
    "the identity of who submits": job(identity={"type": "user_identity"}),
    "services": job(
        services={
            "code": {"type": "vs_code", "nodes": "all"},
            "lab": {"type": "jupyter_lab"},
            "board": {"type": "tensor_board", "log_dir": "outputs/runs"},
            "shell": {"type": "ssh", "ssh_public_keys": "ssh-rsa AAAA"},
        }
    ),
}  # fmt: skip
_SIZES = {
    "spark.driver.cores": 1,
    "spark.driver.memory": "2g",
    "spark.executor.cores": 2,
    "spark.executor.memory": "2g",
}


def spark_job(**given: Any) -> SparkJob:
    """A job on serverless Spark that lacks nothing, with some more to it."""
    sizes = {"conf": {**_SIZES, "spark.executor.instances": 2}}
    where = {} if "compute" in given else {"resources": SparkResources("standard_e4s_v3", "3.4")}
    return SparkJob(**{"entry": SparkEntry("train.py"), "code": "./src", **sizes, **where, **given})


SPARK_JOBS = {
    "serverless Spark": spark_job(
        name="keen_star_2",
        display_name="Wrangle",
        experiment_name="wrangle",
        description="Two\nlines.",
        tags=TAGS,
        args="--input ${{inputs.table}} --rate ${{inputs.rate}} --output ${{outputs.result}}",
        inputs={"table": JobInput("uri_file", URIS[0]), "rate": 0.1},
        outputs={"result": JobOutput("uri_folder", URIS[0], "direct", "export", 1)},
        identity={"type": "user_identity"},
    ),
    "a Spark pool, that grows": spark_job(
        compute="azureml:spark-pool",
        conf={
            **_SIZES,
            "spark.dynamicAllocation.enabled": True,
            "spark.dynamicAllocation.minExecutors": 1,
            "spark.dynamicAllocation.maxExecutors": 4,
            "spark.sql.shuffle.partitions": 8,
        },
        py_files=["train.py"],
        environment="azureml:AzureML-sklearn-1.5:2",
        outputs={"result": None},
        args="${{outputs.result}}",
    ),
}
TRIAL = Trial(
    "python -m train --data ${{inputs.table}} --lr ${{search_space.lr}}",
    code="./src",
    environment=ENVIRONMENT,
    environment_variables={"COUNT": 3, "LR": "${{search_space.lr}}"},
)


def sweep_job(**given: Any) -> SweepJob:
    """A sweep that lacks nothing, with some more to it."""
    whole = {
        "trial": TRIAL,
        "objective": Objective("accuracy", "maximize"),
        "limits": SweepLimits(3),
        "inputs": {"table": JobInput("uri_file", URIS[0])},
        "search_space": {"lr": Distribution("choice", values=[0.01, 0.1, 1])},
        "compute": "azureml:cpu-cluster",
    }
    return SweepJob(**{**whole, **given})


SWEEPS = {
    "a grid": sweep_job(sampling_algorithm="grid", limits=SweepLimits(4, 2, 7200, 600)),
    "every distribution": sweep_job(
        search_space={
            "lr": Distribution("loguniform", min_value=-6.5, max_value=-1),
            "size": Distribution("choice", values=[16, "32", 0.5, {"kind": "tree", "depth": 3}]),
            "depth": Distribution("randint", upper=8),
            "drop": Distribution("uniform", min_value=0, max_value=0.5),
            "units": Distribution("quniform", min_value=1, max_value=100, q=8),
            "decay": Distribution("qloguniform", min_value=-5, max_value=-1, q=0.5),
            "mean": Distribution("normal", mu=10, sigma=3),
            "whole": Distribution("qnormal", mu=10, sigma=3, q=1),
            "long": Distribution("lognormal", mu=0, sigma=1.5),
            "steps": Distribution("qlognormal", mu=0, sigma=1, q=2),
        },
        sampling_algorithm=Sampling("random", 7, "sobol", "e"),
        outputs={"model": JobOutput("mlflow_model", URIS[0], "upload")},
        name="keen_star_3",
        display_name="Keen",
        description="Two\nlines.",
        tags=TAGS,
        properties={"n": 1},
    ),
    "bandit by a factor": sweep_job(early_termination=EarlyTermination("bandit", 1, 5, slack_factor=0.1)),
    "bandit by an amount": sweep_job(early_termination=EarlyTermination("bandit", slack_amount=0.2)),
    "median stopping": sweep_job(early_termination=EarlyTermination("median_stopping", 2, 5)),
    "truncation, serverless": sweep_job(
        early_termination=EarlyTermination("truncation_selection", 1, 4, truncation_percentage=20),
        compute=None,
        resources=JobResources(1, "Standard_DS3_v2"),
        queue_settings={"job_tier": "spot"},
        identity={"type": "user_identity"},
    ),
    "bayesian, on two nodes": sweep_job(
        sampling_algorithm="bayesian",
        trial=replace(
            TRIAL,
            environment=INLINE,
            resources=JobResources(2, shm_size="4g"),
            distribution={"type": "pytorch", "process_count_per_instance": 2},
        ),
        objective=Objective("loss", "minimize"),
    ),
    "the newest environment, random with a seed": sweep_job(
        trial=replace(TRIAL, environment="azureml:AzureML-sklearn-1.5@latest"),
        sampling_algorithm=Sampling("random", seed=1),
        identity={"type": "managed_identity", "client_id": "00000000-0000-0000-0000-000000000000"},
    ),
}


def automl_job(**given: Any) -> AutoMLJob:
    """A job of automated ML that lacks nothing, with some more to it."""
    whole = {
        "task": "classification",
        "training_data": JobInput("mltable", URIS[0]),
        "target_column_name": "y",
        "compute": "azureml:cpu-cluster",
    }
    return AutoMLJob(**{**whole, **given})


AUTOML_JOBS = {
    "classification with no more": automl_job(),
    "classification with all": automl_job(
        name="keen_star_4",
        display_name="Keen",
        description="Two\nlines.",
        tags=TAGS,
        properties={"n": 1},
        primary_metric="norm_macro_recall",
        positive_label="yes",
        n_cross_validations=5,
        weight_column_name="w",
        test_data_size=0.2,
        featurization=Featurization(
            "custom",
            {"Age": "Numeric", "Sex": "Categorical"},
            ["label_encoder", "wo_e_target_encoder"],
            {"imputer": [ColumnTransformer(["Age"], {"strategy": "median"}), ColumnTransformer(["Sex"])]},
            "eng",
            False,
        ),
        limits=AutoMLLimits(600, 20, 5, 4, 4, -1, 0.95, True),
        training=AutoMLTraining(
            blocked_training_algorithms=["logistic_regression", "xg_boost_classifier"],
            enable_vote_ensemble=True,
            enable_stack_ensemble=True,
            ensemble_model_download_timeout_minutes=5,
            enable_model_explainability=True,
            enable_onnx_compatible_models=False,
            training_mode="non_distributed",
        ),
        log_verbosity="debug",
        identity={"type": "user_identity"},
    ),
    "regression, serverless": automl_job(
        task="regression",
        primary_metric="r2_score",
        validation_data=JobInput("mltable", URIS[0], "eval_mount"),
        featurization=Featurization("off"),
        training=AutoMLTraining(["light_gbm", "random_forest"]),
        compute=None,
        resources=JobResources(instance_type="Standard_DS3_v2"),
        queue_settings={"job_tier": "spot"},
    ),
    "forecasting": automl_job(
        task="forecasting",
        n_cross_validations="auto",
        forecasting=Forecasting(
            "day", ["store", "brand"], 14, "D", [1, 7], 7, "auto", 7, "seasontrend", "pad", "sum", "US", 7, ["price"]
        ),
        training=AutoMLTraining(["auto_arima", "tcn_forecaster"], enable_dnn_training=True),
    ),
    "forecasting by itself": automl_job(
        task="forecasting",
        forecasting=Forecasting(
            "day", "store", "auto", target_lags="auto", target_rolling_window_size="auto", seasonality="auto"
        ),
    ),
    "images": automl_job(
        task="image_classification",
        primary_metric="accuracy",
        validation_data=JobInput("mltable", URIS[0]),
        limits=AutoMLLimits(60, max_trials=10, max_concurrent_trials=2),
        training_parameters={"early_stopping": True, "evaluation_frequency": 1},
        sweep={"sampling_algorithm": "random", "early_termination": {"type": "bandit", "slack_factor": 0.2}},
        search_space=[{"model_name": {"type": "choice", "values": ["vitb16r224", "vits16r224"]}}],
    ),
    "texts": automl_job(
        task="text_ner",
        target_column_name=None,
        validation_data=JobInput("mltable", URIS[0]),
        featurization=Featurization(dataset_language="eng"),
    ),
}
DATA = {
    **{
        f"{kind} at {uri}": DataSpec("diabetes", uri, kind)
        for kind in ("uri_file", "uri_folder", "mltable")
        for uri in (URIS[0], URIS[1], URIS[2])
    },
    "a folder here": DataSpec("diabetes", "./data"),
    "all fields": DataSpec("diabetes", URIS[0], "uri_file", 3, "Two\nlines.", TAGS, {"n": 1}),
    "a version that looks like a number": DataSpec("diabetes", URIS[0], version="1.0"),
    "a version that looks like a date": DataSpec("diabetes", URIS[0], version="2024-01-01"),
}
MODELS = {
    **{
        f"{kind} at {uri}": ModelSpec("diabetes", uri, kind)
        for kind in ("custom_model", "mlflow_model", "triton_model")
        for uri in (URIS[0], "azureml://jobs/keen_star/outputs/artifacts/paths/model/", "runs:/keen_star/model")
    },
    "a folder here": ModelSpec("diabetes", "./data"),
    "all fields": ModelSpec("diabetes", URIS[0], "mlflow_model", "007", "Words.", TAGS, {"n": 1}, "Production",
                            {"python_function": {"loader_module": "mlflow.sklearn"}}),
}  # fmt: skip
ENVIRONMENTS = {
    "an image": EnvironmentSpec("train", image="python:3.11"),
    "conda, in the file": EnvironmentSpec("train", 1, INLINE.image, CONDA, description="Two\nlines.", tags=TAGS),
    "conda, beside the file": EnvironmentSpec("train", "1.0", INLINE.image, "conda.yml", os_type="linux"),
    "a build": EnvironmentSpec("train", build={"path": "./src", "dockerfile_path": "Dockerfile"}),
    "routes": EnvironmentSpec(
        "serve",
        image="python:3.11",
        inference_config={
            f"{name}_route": {"port": 5001, "path": f"/{name}"} for name in ("liveness", "readiness", "scoring")
        },
    ),
}
WORKSPACES = {
    "a name": WorkspaceSpec("ws-new"),
    "all fields": WorkspaceSpec("ws-new", "westeurope", "rg-lab", "New", "Two\nlines.", TAGS),
}
_SECRET = "hunter2-hunter2"
_TENANT, _CLIENT = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000c"
DATASTORES = {
    "blobs by key": DatastoreSpec(
        "raw",
        "azure_blob",
        description="Two\nlines.",
        tags=TAGS,
        account_name="contoso",
        container_name="raw",
        endpoint="core.windows.net",
        protocol="https",
        credentials=DatastoreCredentials(account_key="A" * 86 + "=="),
    ),
    "blobs by signature": DatastoreSpec(
        "raw",
        "azure_blob",
        account_name="contoso",
        container_name="raw",
        credentials=DatastoreCredentials(sas_token="sv=2021-10-04&se=2099-01-01&sp=rl&sig=c2VjcmV0c2VjcmV0"),
    ),
    "a share by identity": DatastoreSpec("notes", "azure_file", account_name="contoso", file_share_name="notes"),
    "a lake by principal": DatastoreSpec(
        "lake",
        "azure_data_lake_gen2",
        account_name="contoso",
        filesystem="raw",
        credentials=DatastoreCredentials(tenant_id=_TENANT, client_id=_CLIENT, client_secret=_SECRET),
    ),
    "a lake by certificate": DatastoreSpec(
        "lake",
        "azure_data_lake_gen2",
        account_name="contoso",
        filesystem="raw",
        credentials=DatastoreCredentials(
            tenant_id=_TENANT,
            client_id=_CLIENT,
            thumbprint="AB12",
            certificate=_SECRET,
            resource_url="https://r.example",
        ),
    ),
    "a lakehouse": DatastoreSpec(
        "fabric", "one_lake", one_lake_workspace_name="ws", artifact=OneLakeArtifact("plant"), tags={"a": 1}
    ),
}
_WEEKLY = {
    "action": "start",
    "state": "disabled",
    "trigger": {
        "type": "recurrence",
        "frequency": "week",
        "interval": 1,
        "start_time": "2026-01-05T08:00:00",
        "time_zone": "W. Europe Standard Time",
        "schedule": {"hours": [8], "minutes": [0], "week_days": ["monday", "friday"]},
    },
}
COMPUTES = {
    **{spec.name: spec for spec in SPECS},
    "numbers for names": ComputeSpec("a1", "amlcompute", size="Standard_DS3_v2", tags=TAGS, max_instances=2),
    "a box that wakes and sleeps": ComputeSpec(
        "ada-box",
        "computeinstance",
        size="Standard_DS3_v2",
        tags=TAGS,
        description="Words.",
        idle_time_before_shutdown="PT30M",
        schedules={"compute_start_stop": [_WEEKLY]},
        setup_scripts={
            "creation_script": {"path": "Users/ada/once.sh", "command": "a b", "timeout_minutes": 25},
            "startup_script": {"path": "Users/ada/always.sh"},
        },
    ),
    "a machine by its key": ComputeSpec(
        "vm",
        "virtualmachine",
        resource_id=SPECS[3].resource_id,
        ssh_settings={"admin_username": "ada", "ssh_port": 22, "ssh_private_key_file": "./key"},
    ),
}
