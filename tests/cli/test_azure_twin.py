"""The commands on an Azure workspace: the same documents as on a local one, by whichever options it is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.azure.sign_in import shared_sign_in
from tests.azure_emulator.__main__ import PROFILE, user_environ
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import Storage
from tests.cli.conftest import Run
from tests.cli.test_shapes import (
    COMPUTE,
    DATA,
    DATASTORE,
    ENVIRONMENT,
    JOB,
    JOB_ROW,
    MODEL,
    MODEL_ROW,
    WHEN,
    WORKSPACE,
)

pytestmark = pytest.mark.azure

WriteJob = Callable[..., Path]
CLOUD = """
command: python main.py ${{inputs.rate}}
inputs:
  rate: 0.5
  table: {type: uri_file, path: src/main.py, mode: download}
outputs:
  report: {type: uri_folder}
environment_variables: {TOKEN: very-secret, COLOUR: blue}
tags: {owner: ada}
compute: azureml:cpu-cluster
environment: azureml:AzureML-sklearn-1.5@latest
"""
GREETING = """
import pathlib, sys
print("hello", sys.argv[1:], flush=True)
pathlib.Path("outputs").mkdir(exist_ok=True)
pathlib.Path("outputs/note.txt").write_text("left by the job")
"""
BROKEN = """
def rate(settings):
    return settings["rate"]

rate({})
"""


@pytest.fixture
def lab(azure_lab: AzureLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureLab]:
    """A small team's workspace, known as a profile, and somebody who is signed in."""
    azure_lab.seed_workspace()
    for name, value in user_environ(azure_lab, tmp_path).items():
        monkeypatch.setenv(name, value)
    shared_sign_in.cache_clear()
    yield azure_lab
    shared_sign_in.cache_clear()


@pytest.fixture
def cluster(azure_storage: Storage, lab: AzureLab) -> Iterator[AzureLab]:
    """The same, with storage and a cluster that runs what is submitted."""
    with lab.run_jobs():
        yield lab


@pytest.fixture
def run(lab: AzureLab, run_anywhere: Run) -> Run:
    """Runs `lapis ARGUMENTS -w azure:PROFILE`."""
    return lambda *arguments: run_anywhere(*arguments, "-w", f"azure:{PROFILE}")


@pytest.fixture
def job(cluster: AzureLab, write_job: WriteJob) -> Path:
    """A job that greets."""
    return write_job(GREETING, CLOUD)


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("datastore", "list"), DATASTORE),
        (("datastore", "show", "-n", "workspaceblobstore"), DATASTORE),
        (("compute", "list"), COMPUTE),
        (("compute", "show", "-n", "cpu-cluster"), COMPUTE),
        (("environment", "list"), ENVIRONMENT),
        (("environment", "list", "-n", "AzureML-sklearn-1.5"), ENVIRONMENT),
        (("environment", "show", "-n", "AzureML-sklearn-1.5", "--version", "1"), ENVIRONMENT),
        (("data", "list"), DATA),
        (("data", "list", "-n", "diabetes"), DATA),
        (("data", "show", "-n", "diabetes"), DATA),
        (("model", "list"), MODEL_ROW),
        (("model", "list", "-n", "diabetes"), MODEL),
        (("model", "show", "-n", "diabetes", "--label", "latest"), MODEL),
        (("workspace", "show"), WORKSPACE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_a_workspace_has(azure_storage: Storage, run: Run, arguments: tuple[str, ...], keys: set[str]) -> None:
    found = run(*arguments, "-o", "json")
    documents = found.json if isinstance(found.json, list) else [found.json]
    assert documents
    assert [set(document) for document in documents] == [keys] * len(documents)
    assert found.err == ""


def test_jobs_of_all_types(run: Run, lab: AzureLab) -> None:
    lab.seed_jobs(30)
    listed = run("job", "list", "-r", 20, "-o", "json")
    assert [set(row) for row in listed.json] == [JOB_ROW] * 20
    assert "20 of " in listed.err
    assert len({row["type"] for row in listed.json}) > 2
    for row in {row["type"]: row for row in listed.json}.values():
        shown = run("job", "show", "-n", row["name"]).json
        assert set(shown) == JOB
        assert {key: shown[key] for key in ("name", "type", "status")} == {
            key: row[key] for key in ("name", "type", "status")
        }
    failed = run("job", "list", "--status", "Failed", "-o", "json").json
    assert {row["status"] for row in failed} == {"Failed"}


def test_a_workspace_that_is_named_as_az_ml_names_it(run: Run, run_anywhere: Run, lab: AzureLab) -> None:
    named = ("--subscription", lab.subscription_id, "-g", lab.resource_group, "-w", lab.workspace_name)
    for command in (("workspace", "show"), ("compute", "list", "-o", "json"), ("job", "list", "-o", "json")):
        assert run_anywhere(*command, *named).json == run(*command).json


@pytest.mark.slow
def test_a_job_from_its_submit_to_what_it_left(run: Run, job: Path, tmp_path: Path) -> None:
    streamed = run("job", "create", "-f", job, "-n", "first", "--stream")
    assert streamed.code == 0, streamed.err
    assert streamed.out == "hello ['0.5']\n"
    assert "lapis: Running" in streamed.err
    assert "lapis: job first: Completed after " in streamed.err.splitlines()[-1]

    shown = run("job", "show", "-n", "first").json
    assert set(shown) == JOB
    assert set(shown["creation_context"]) == WHEN
    assert (shown["name"], shown["status"], shown["experiment_name"]) == ("first", "Completed", "tests")
    assert shown["inputs"]["rate"] == "0.5"
    assert set(shown["inputs"]["table"]) == {"type", "path", "mode"}
    assert shown["environment_variables"] == {"TOKEN": "<redacted>", "COLOUR": "blue"}
    assert shown["tags"] == {"owner": "ada"}
    assert [step["status"] for step in shown["timeline"]][-1] == "Completed"
    assert run("job", "stream", "-n", "first").out == "hello ['0.5']\n"

    report = run("job", "download", "-n", "first", "-p", tmp_path / "copy", "--all").json
    assert set(report) == {"target", "files", "size"}
    assert any(path.read_text() == "left by the job" for path in (tmp_path / "copy").rglob("note.txt"))

    assert run("job", "archive", "-n", "first").code == 0
    assert run("job", "list", "-o", "json").json == []
    assert [row["archived"] for row in run("job", "list", "--include-archived", "-o", "json").json] == [True]
    assert run("job", "restore", "-n", "first").code == 0
    assert [row["name"] for row in run("job", "list", "-o", "json").json] == ["first"]


def test_a_job_that_fails_exits_1_and_names_the_error_with_its_line(
    run: Run, cluster: AzureLab, write_job: WriteJob
) -> None:
    done = run("job", "create", "-f", write_job(BROKEN, CLOUD), "-n", "broken", "--stream")
    assert done.code == 1
    assert "KeyError: 'rate'" in done.err
    assert "main.py, line 3" in done.err
    assert set(run("job", "show", "-n", "broken").json["error"]) == {"message", "detail", "file", "line", "advice"}


def test_cancel(run: Run, cluster: AzureLab, write_job: WriteJob) -> None:
    run("job", "create", "-f", write_job("import time; time.sleep(60)", CLOUD), "-n", "long")
    assert run("job", "cancel", "-n", "long").code == 0
    ended = run("job", "stream", "-n", "long")
    assert ended.code == 1
    assert "Canceled" in ended.err


def test_dry_run_and_validate_start_nothing(run: Run, job: Path, cluster: AzureLab) -> None:
    assert "compute: azureml:cpu-cluster" in run("job", "create", "-f", job, "--dry-run").out
    assert run("job", "validate", "-f", job).code == 0
    elsewhere = run("job", "validate", "-f", job, "--set", "compute=azureml:gpu-none", "-o", "json")
    assert elsewhere.code == 1
    assert [fault["path"] for fault in elsewhere.json["errors"] if fault["severity"] == "error"] == ["compute"]
    assert not cluster.requests.matching("^PUT ")


def test_assets_are_created(run: Run, azure_storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name\nAda\n", encoding="utf-8")
    made = run("data", "create", "-n", "people", "--path", tmp_path / "people.csv").json
    assert set(made) == DATA
    assert (made["type"], made["version"]) == ("uri_file", "1")
    assert run("data", "show", "-n", "people").json["path"] == made["path"]

    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors:\n  sklearn:\n    pickled_model: model.pkl\n", "utf-8")
    net = run("model", "create", "-n", "net", "--type", "mlflow_model", "--path", tmp_path / "model").json
    assert set(net) == MODEL
    assert net["flavors"] == {"sklearn": {}}
    assert run("model", "download", "-n", "net", "-p", tmp_path / "copy").code == 0
    assert list((tmp_path / "copy").rglob("MLmodel"))

    (tmp_path / "environment.yml").write_text("name: own\nimage: ubuntu\n", encoding="utf-8")
    own = run("environment", "create", "-f", tmp_path / "environment.yml").json
    assert set(own) == ENVIRONMENT
    assert run("environment", "show", "-n", "own").json["image"] == "ubuntu"


@pytest.mark.slow
def test_a_compute_is_created_stopped_scaled_and_deleted(run: Run, lab: AzureLab) -> None:
    made = run(
        "compute", "create", "-n", "two", "--type", "AmlCompute", "--size", "Standard_DS2_v2", "--max-instances", 2
    )
    assert made.code == 0, made.err
    assert set(made.json) == COMPUTE
    assert run("compute", "update", "-n", "two", "--max-instances", 3).json["max_instances"] == 3
    assert run("compute", "stop", "-n", "ada-notebook").code == 0
    assert run("compute", "show", "-n", "ada-notebook").json["provisioning_state"] == "Stopped"
    assert run("compute", "delete", "-n", "two", "-y").code == 0
    gone = run("compute", "show", "-n", "two")
    assert gone.code == 1
    assert "two" in gone.err


@pytest.mark.parametrize("noun", ["job", "data", "model", "datastore", "environment", "compute"])
def test_what_there_is_not_is_an_error_in_one_line(run: Run, noun: str) -> None:
    done = run(noun, "show", "-n", "nobody")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("lapis: ")
    assert "nobody" in done.err


def test_a_profile_that_there_is_not(run_anywhere: Run) -> None:
    done = run_anywhere("job", "list", "-w", "azure:elsewhere")
    assert done.code == 1
    assert "There is no profile named elsewhere" in done.err
