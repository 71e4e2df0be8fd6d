"""`lapis datastore` on a real local workspace."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Run

KEY = "A" * 86 + "=="
BLOB = (
    "datastore",
    "create",
    "-n",
    "raw",
    "--type",
    "azure_blob",
    "--account-name",
    "contoso",
    "--container-name",
    "raw",
)


def test_a_datastore_is_registered_by_options_changed_and_forgotten(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    made = run(*BLOB, "--auth", "account_key", "--secret-file", tmp_path / "key", "--tags", "team=ml")
    assert made.code == 0, made.err
    assert (made.json["credentials"]["type"], made.json["tags"]) == ("account_key", {"team": "ml"})
    assert "note: type: can be browsed and previewed here" in made.err
    changed = run(*BLOB, "--auth", "account_key", "--description", "words")
    assert (changed.json["credentials"]["type"], changed.json["description"]) == ("account_key", "words")
    monkeypatch.setenv("SAS", "?se=2099-01-01&sp=rl&sig=c2VjcmV0c2VjcmV0")
    signed = run(*BLOB, "--auth", "sas", "--secret-env", "SAS")
    assert signed.json["credentials"]["expires_at"].startswith("2099-01-01")
    listed = run("datastore", "list")
    assert "raw" in listed.out
    for result in (made, changed, signed, listed, run("datastore", "show", "-n", "raw", "-o", "yaml")):
        assert KEY not in result.out + result.err
        assert "c2VjcmV0" not in result.out + result.err
    assert run("datastore", "delete", "-n", "raw", "--yes").code == 0
    assert run("datastore", "show", "-n", "raw").code == 1


def test_a_folder_is_registered_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "x.csv").write_text("a\n1\n")
    file = tmp_path / "usb.yml"
    file.write_text("name: usb\ntype: local\npath: ./usb\n")
    made = run("datastore", "create", "-f", file, "--set", "description=stick")
    assert (made.json["folder"], made.json["description"]) == (str(tmp_path / "usb"), "stick")
    uri = "azureml://datastores/usb/paths/x.csv"
    assert run("data", "create", "-n", "x", "--path", uri, "--type", "uri_file").json["path"] == uri


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--auth", "account_key"), "error: credentials.account_key: is <redacted>"),
        (("--auth", "account_key", "--secret-env", "UNSET"), "UNSET is not set"),
        (("--auth", "sas", "--secret-file", "/nowhere/x"), "can't be read"),
        (("--auth", "service_principal", "--client-id", "c"), "error: credentials: azure_blob takes"),
        (("--set", "acount_name=x"), "did you mean `account_name`?"),
    ],
)
def test_faults_are_told_with_their_fields(run: Run, arguments: tuple[str, ...], told: str) -> None:
    refused = run(*BLOB, *arguments)
    assert refused.code == 1
    assert told in refused.err


def test_forgetting_is_asked_for_and_the_four_stay(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*BLOB)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run("datastore", "delete", "-n", "raw").code == 1
    assert run("datastore", "show", "-n", "raw").code == 0
    assert "every workspace has" in run("datastore", "delete", "-n", "workspacefilestore", "-y").err
