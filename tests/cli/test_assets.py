"""`lapis data`, `model`, `datastore`, `compute`, `environment` and `workspace` on a real local workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A small CSV."""
    path = tmp_path / "people.csv"
    path.write_text("name,age\nAda,36\nGrace,\n", encoding="utf-8")
    return path


def test_data_is_registered_by_options_with_the_next_version(run: Run, table: Path) -> None:
    first = run("data", "create", "--name", "people", "--path", table, "--description", "two", "--tags", "a=1", "b=x=y")
    second = run("data", "create", "-n", "people", "--path", table, "--type", "uri_file")

    assert first.json["version"] == "1"
    assert first.json["type"] == "uri_file"
    assert first.json["path"].startswith("azureml://datastores/workspaceblobstore/paths/")
    assert first.json["tags"] == {"a": "1", "b": "x=y"}
    assert second.json["version"] == "2"
    assert run("data", "show", "-n", "people").json["version"] == "2"
    assert run("data", "show", "-n", "people", "--version", "1").json["description"] == "two"
    assert run("data", "show", "-n", "people", "--label", "latest").json["version"] == "2"
    assert [data["version"] for data in run("data", "list", "-n", "people", "-o", "json").json] == ["2", "1"]
    assert run("data", "list").out.splitlines()[2].split()[:3] == ["people", "2", "uri_file"]


def test_data_is_registered_from_a_file_whose_paths_start_from_it(run: Run, table: Path, tmp_path: Path) -> None:
    document = table.parent / "data.yml"
    document.write_text("name: people\ntype: uri_file\npath: people.csv\ntags: {a: b}\n", encoding="utf-8")

    made = run("data", "create", "-f", document, "--version", "7", "--set", "description=set")

    assert made.code == 0
    assert made.json["version"] == "7"
    assert made.json["description"] == "set"
    assert made.json["tags"] == {"a": "b"}


def test_a_folder_is_recognised_and_an_archived_version_is_hidden(run: Run, table: Path) -> None:
    assert run("data", "create", "--name", "folder", "--path", table.parent).json["type"] == "uri_folder"
    assert run("data", "archive", "-n", "folder", "--version", "1").code == 0
    assert run("data", "list", "-n", "folder", "-o", "json").json == []
    assert len(run("data", "list", "-n", "folder", "--include-archived", "-o", "json").json) == 1
    assert run("data", "restore", "-n", "folder", "--version", "1").code == 0
    assert len(run("data", "list", "-n", "folder", "-o", "json").json) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("data", "create", "--name", "x"), "--path"),
        (("data", "create", "--name", "x", "--path", "missing.csv"), "missing.csv"),
        (("data", "show", "-n", "nobody"), "nobody"),
        (("model", "show", "-n", "nobody"), "nobody"),
        (("datastore", "show", "-n", "nobody"), "nobody"),
        (("compute", "show", "-n", "nobody"), "nobody"),
        (("environment", "show", "-n", "nobody"), "nobody"),
    ],
)
def test_what_is_not_there_is_an_error(run: Run, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.code == 1
    assert done.out == ""
    assert words in done.err


def test_a_custom_model_is_registered_listed_shown_and_downloaded(run: Run, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.bin").write_bytes(b"\x00\x01")

    made = run("model", "create", "--name", "net", "--path", tmp_path / "weights", "--type", "custom_model")

    assert made.code == 0, made.err
    assert made.json["version"] == "1"
    assert [model["name"] for model in run("model", "list", "-o", "json").json] == ["net"]
    assert run("model", "show", "-n", "net").json["type"] == "custom_model"
    report = run("model", "download", "-n", "net", "-p", tmp_path / "copy").json
    assert report["files"] == 1
    assert [path.read_bytes() for path in (tmp_path / "copy").rglob("model.bin")] == [b"\x00\x01"]
    assert run("model", "archive", "-n", "net").code == 0
    assert run("model", "list", "-o", "json").json == []


def test_a_folder_without_mlmodel_is_no_mlflow_model(run: Run, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.bin").write_bytes(b"\x00")
    done = run("model", "create", "--name", "net", "--path", tmp_path / "weights", "--type", "mlflow_model")
    assert done.code == 1
    assert "MLmodel" in done.err


def test_the_workspace_shows_its_datastores_compute_and_environments(run: Run, folder: Path) -> None:
    assert run("workspace", "show").json["location"] == str(folder)
    stores = run("datastore", "list", "-o", "json").json
    assert [store["name"] for store in stores if store["is_default"]] == ["workspaceblobstore"]
    assert len(stores) == 4
    assert run("datastore", "show", "-n", stores[0]["name"]).json == stores[0]
    computes = run("compute", "list", "-o", "json").json
    assert all(compute["slots"] >= 1 for compute in computes)
    assert run("compute", "show", "-n", computes[0]["name"]).json["name"] == computes[0]["name"]
    assert run("environment", "list").code == 0


def test_an_environment_is_registered_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conda.yml").write_text("name: x\ndependencies: [python=3.11, pip: [six]]\n", encoding="utf-8")
    path = tmp_path / "environment.yml"
    path.write_text("name: own\nconda_file: conda.yml\nimage: ubuntu\n", encoding="utf-8")

    made = run("environment", "create", "-f", path)

    assert made.code == 0, made.err
    assert "six" in made.json["conda_file"]
    assert run("environment", "show", "-n", "own").json["version"] == "1"
    assert "own" in [found["name"] for found in run("environment", "list", "-o", "json").json]


def test_a_folder_that_holds_something_else_is_refused(run: Run, nowhere: Path) -> None:
    nowhere.mkdir()
    (nowhere / "thesis.txt").write_text("mine")
    done = run("job", "list")
    assert done.code == 1
    assert done.err.startswith("lapis: ")
    assert [path.name for path in nowhere.iterdir()] == ["thesis.txt"]


def test_data_is_described_anew_and_downloaded(run: Run, table: Path, tmp_path: Path) -> None:
    run("data", "create", "-n", "people", "--path", table, "--tags", "a=1", "b=2")
    changed = run("data", "update", "-n", "people", "--tags", "c=3", "--remove-tags", "a", "--description", "clean")
    assert (changed.json["tags"], changed.json["description"]) == ({"b": "2", "c": "3"}, "clean")
    assert run("data", "update", "-n", "people", "--description", "cleaner").json["tags"] == {"b": "2", "c": "3"}
    done = run("data", "download", "-n", "people", "-p", tmp_path / "to")
    assert done.json == {"target": str(tmp_path / "to" / "people"), "files": 1, "size": table.stat().st_size}
    again = run("data", "download", "-n", "people", "-p", tmp_path / "to")
    assert again.code == 1
    assert "is there already" in again.err


def test_a_file_is_wrapped_as_mltable(run: Run, table: Path, tmp_path: Path) -> None:
    run("data", "create", "-n", "people", "--path", table)
    shown = run("data", "wrap", "azureml:people:1", "-n", "people-table", "--dry-run")
    assert "file: ./people.csv" in shown.out
    assert run("data", "list", "-n", "people-table").code == 1
    made = run("data", "wrap", "azureml:people:1", "-n", "people-table", "--tags", "a=1")
    assert (made.json["type"], made.json["version"], made.json["tags"]) == ("mltable", "1", {"a": "1"})
    assert run("data", "wrap", table, "-n", "people-table").json["version"] == "2"
    rows = run("data", "preview", "azureml:people-table:2", "-o", "json").json
    assert rows == run("data", "preview", table, "-o", "json").json
    assert run("data", "create", "-n", "again", "--path", table.parent).json["type"] == "uri_folder"
    run("data", "download", "-n", "people-table", "-p", tmp_path / "to")
    assert run("data", "create", "-n", "again", "--path", tmp_path / "to" / "people-table").json["type"] == "mltable"
    refused = run("data", "wrap", "azureml:people-table:1", "-n", "x")
    assert (refused.code, "only a file (uri_file) is wrapped" in refused.err) == (1, True)
