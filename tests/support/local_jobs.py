"""A job that has run, without running it: its rows and its files as submission, supervisor and MLflow leave them."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from services.local.database import Database
from services.local.layout import Layout
from services.local.mlflow_store import create_run, experiment_folder
from tests.support.entities import HOSTILE

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
signature:
  inputs: '[{"type": "long", "name": "Age", "required": true},
    {"type": "double", "name": "[i]BMI[/i]", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: '[{"name": "threshold", "type": "double", "default": 0.5, "shape": null}]'
"""
INFINITE = 1.7976931348623157e308
"""How MLflow writes an infinity."""


@dataclass(frozen=True)
class FinishedJob:
    """What a test needs to know of it."""

    name: str
    run_id: str
    logged_model: str
    export: Path


@dataclass(frozen=True)
class FinishedRun:
    """Its run."""

    run_id: str
    artifacts: Path
    logged_model: str


def write_model(folder: Path) -> Path:
    """A folder as MLflow writes a model."""
    (folder / "data").mkdir(parents=True)
    (folder / "MLmodel").write_text(MLMODEL)
    (folder / "data" / "model.skops").write_bytes(b"skops" * 100)
    return folder


def finish_run(layout: Layout, name: str, experiment: str, tags: Mapping[str, str]) -> FinishedRun:
    """Make the run of a finished job in MLflow's store: params, metrics, an artifact and a logged model."""
    run_id, experiment_id, artifacts = create_run(
        layout, experiment_name=experiment, job_name=name, run_name=name, user="ada", tags=tags
    )
    artifacts.mkdir(parents=True)
    (artifacts / "roc.txt").write_text("0 1\n")
    model_id = f"m-{name.replace('_', '')}"
    place = write_model(experiment_folder(layout, experiment_id) / "models" / model_id / "artifacts")
    now = int(time.time() * 1000)
    with closing(sqlite3.connect(layout.mlflow_database)) as connection, connection:
        connection.execute("UPDATE runs SET status = 'FINISHED', end_time = ? WHERE run_uuid = ?", (now, run_id))
        params = [("reg rate", "0.01", run_id), ("note", HOSTILE, run_id)]
        connection.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", params)
        points = [
            ("loss", 0.25, 0, 2),
            ("loss", 0.5, 0, 1),
            ("loss", 0.125, 0, 2),
            ("accuracy", 0.774, 0, 0),
            ("odd", 0.0, 1, 0),
            ("odd", INFINITE, 0, 1),
            ("odd", -INFINITE, 0, 2),
        ]
        connection.executemany(
            "INSERT INTO metrics (key, value, is_nan, step, timestamp, run_uuid) VALUES (?, ?, ?, ?, ?, ?)",
            [(*point, now + index, run_id) for index, point in enumerate(points)],
        )
        connection.executemany(
            "INSERT INTO latest_metrics (key, value, is_nan, step, timestamp, run_uuid) VALUES (?, ?, ?, 2, ?, ?)",
            [("loss", 0.125, 0, now, run_id), ("accuracy", 0.774, 0, now, run_id), ("odd", 0.0, 1, now, run_id)],
        )
        connection.execute(
            "INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,"
            " last_updated_timestamp_ms, status, lifecycle_stage, source_run_id)"
            " VALUES (?, ?, 'model', ?, ?, ?, 2, 'active', ?)",
            (model_id, experiment_id, str(place), now, now, run_id),
        )
    return FinishedRun(run_id, artifacts, model_id)


def finish_job(layout: Layout, name: str, experiment: str = "diabetes-train") -> FinishedJob:
    """Make the job."""
    run = finish_run(layout, name, experiment, {"lapis.job": name})
    export = layout.datastore("workspaceblobstore") / "azureml" / name / "export"
    write_model(export / "fitted")
    with Database(layout.database).write() as connection:
        connection.execute(
            "INSERT INTO jobs (name, sequence, display_name, experiment_name, type, status, compute, created_by,"
            " created_at, tags, run_id, spec_digest)"
            " VALUES (?, (SELECT COUNT(*) + 1 FROM jobs), ?, ?, 'command', 'Completed', 'this-machine', 'ada', ?, '{}',"
            " ?, '')",
            (name, name, experiment, time.time(), run.run_id),
        )
    layout.job(name).mkdir(parents=True)
    ports = {"inputs": [], "outputs": [["export", "uri_folder", "azureml://...", "rw_mount", str(export)]]}
    (layout.job(name) / "spec.json").write_text(json.dumps({"ports": ports, "run_artifacts": str(run.artifacts)}))
    return FinishedJob(name, run.run_id, run.logged_model, export)


def is_same(left: float, right: float) -> bool:
    """Equal, nan being equal to nan."""
    return left == right or (math.isnan(left) and math.isnan(right))
