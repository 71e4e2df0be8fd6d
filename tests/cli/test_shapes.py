"""The documents that scripts read: the keys of `az ml`, and ours where it has none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run

WHEN = {"created_at", "created_by"}
JOB_ROW = {
    "name", "display_name", "experiment_name", "type", "status", "compute", "creation_context", "start_time",
    "end_time", "parent_job_name", "tags", "archived",
}  # fmt: skip
JOB = JOB_ROW | {
    "description", "code", "command", "environment", "environment_variables", "inputs", "outputs", "limits",
    "properties", "services", "run_id", "exit_code", "error", "notes", "timeline",
}  # fmt: skip
DATA = {
    *("name", "version", "type", "path", "description", "tags", "properties", "creation_context", "size"),
    *("labels", "latest", "archived"),
}
MODEL_ROW = {
    "name", "latest_version", "type", "description", "tags", "aliases", "creation_context", "archived",
}  # fmt: skip
MODEL = {
    "name", "version", "type", "path", "description", "tags", "aliases", "flavors", "signature", "job_name",
    "creation_context", "size", "archived",
}  # fmt: skip
ENVIRONMENT = {
    "name", "version", "image", "conda_file", "packages", "description", "tags", "creation_context", "curated", "state",
}  # fmt: skip
DATASTORE = {
    "name", "type", "is_default", "description", "account_name", "container_name", "credentials", "folder", "endpoint",
    "protocol", "tags", "creation_context",
}  # fmt: skip
COMPUTE = {
    "name", "type", "provisioning_state", "size", "vcpus", "memory", "gpus", "slots", "running_jobs", "queued_jobs",
    "location", "description", "tags", "tier", "min_instances", "max_instances", "idle_time", "nodes", "price_per_hour",
    "price_as_of", "creation_context", "create_on_behalf_of", "schedules", "ssh", "ssh_public_access_enabled",
    "identity", "subnet", "setup_script", "resource_id", "namespace", "services", "last_operation",
    "provisioning_errors", "studio_url",
}  # fmt: skip
WORKSPACE = {
    "name", "kind", "location", "resource_group", "subscription_id", "identity", "description", "creation_context",
    "tags", "resources", "counts", "default_datastore", "mlflow_tracking_uri", "studio_url", "read_only",
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("datastore", "list"), DATASTORE),
        (("datastore", "show", "-n", "workspaceblobstore"), DATASTORE),
        (("compute", "list"), COMPUTE),
        (("compute", "show", "-n", "this-machine"), COMPUTE),
        (("environment", "list"), ENVIRONMENT),
        (("environment", "show", "-n", "this-interpreter"), ENVIRONMENT),
        (("workspace", "show"), WORKSPACE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_a_new_workspace_has(run: Run, arguments: tuple[str, ...], keys: set[str]) -> None:
    found = run(*arguments, "-o", "json").json
    for document in found if isinstance(found, list) else [found]:
        assert set(document) == keys
    assert yaml.safe_load(run(*arguments, "-o", "yaml").out) == found


def test_jobs(run: Run, write_job: Callable[..., Path], tmp_path: Path) -> None:
    path = write_job(
        "import os; raise SystemExit('no ' + os.environ['TOKEN'][:1])",
        """
        inputs:
          rate: 0.5
          table: {type: uri_file, path: src/main.py, mode: download}
        outputs:
          report: {type: uri_folder}
        environment_variables: {TOKEN: very-secret, COLOUR: blue}
        limits: {timeout: 60}
        tags: {owner: ada}
        """,
    )
    streamed = run("job", "create", "-f", path, "-n", "one", "--stream", "-o", "json")
    shown = run("job", "show", "-n", "one").json
    (row,) = run("job", "list", "-o", "json").json

    assert streamed.code == 1
    assert set(shown) == JOB
    assert set(row) == JOB_ROW
    assert {key: shown[key] for key in JOB_ROW} == row
    assert (shown["type"], shown["status"], shown["exit_code"]) == ("command", "Failed", 1)
    assert set(shown["creation_context"]) == WHEN
    assert shown["inputs"]["rate"] == "0.5"
    assert set(shown["inputs"]["table"]) == {"type", "path", "mode"}
    assert shown["inputs"]["table"]["mode"] == "download"
    assert shown["outputs"]["report"]["path"].startswith("azureml://datastores/")
    assert shown["environment_variables"] == {"TOKEN": "<redacted>", "COLOUR": "blue"}
    assert shown["limits"] == {"timeout": 60}
    assert shown["tags"] == {"owner": "ada"}
    assert set(shown["error"]) == {"message", "detail", "file", "line", "advice"}
    assert {frozenset(step) for step in shown["timeline"]} == {frozenset({"status", "at", "detail"})}
    assert yaml.safe_load(run("job", "show", "-n", "one", "-o", "yaml").out) == shown
    assert set(run("job", "download", "-n", "one", "-p", tmp_path / "copy", "--all").json) == {
        "target",
        "files",
        "size",
    }


def test_data(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name\nAda\n", encoding="utf-8")
    made: dict[str, Any] = run("data", "create", "-n", "people", "--path", tmp_path / "people.csv").json

    assert set(made) == DATA
    assert set(made["creation_context"]) == WHEN
    assert run("data", "show", "-n", "people").json == made
    assert run("data", "list", "-o", "json").json == [made]
    assert run("data", "list", "-n", "people", "-o", "json").json == [made]


def test_models(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors:\n  sklearn:\n    pickled_model: model.pkl\n", encoding="utf-8")
    made = run("model", "create", "-n", "net", "--type", "mlflow_model", "--path", folder, "--tags", "a=b").json
    (row,) = run("model", "list", "-o", "json").json

    assert set(made) == MODEL
    assert made["flavors"] == {"sklearn": {}}
    assert made["tags"] == {"a": "b"}
    assert set(made["creation_context"]) == WHEN
    assert run("model", "show", "-n", "net").json == made
    assert run("model", "list", "-n", "net", "-o", "json").json == [made]
    assert set(row) == MODEL_ROW
    assert row["latest_version"] == "1"
    assert "flavors.sklearn" in run("model", "show", "-n", "net", "-o", "table").out


def test_an_environment(run: Run, tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(
        "name: own\nimage: ubuntu\nconda_file: {dependencies: [python=3.11]}\n", encoding="utf-8"
    )
    made = run("environment", "create", "-f", tmp_path / "environment.yml").json

    assert set(made) == ENVIRONMENT
    assert run("environment", "show", "-n", "own").json == made
    assert made in run("environment", "list", "-o", "json").json
