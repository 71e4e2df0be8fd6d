"""config.json: found where the SDK finds it, read with clear words for what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.azure.config_file import find_config_file, read_config_file
from services.errors import UserError
from services.targets import AzureTarget

NAMES = {"subscription_id": "sub", "resource_group": "rg", "workspace_name": "ws"}
TARGET = AzureTarget("sub", "rg", "ws")
SCOPE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"


def target_of(start: Path) -> AzureTarget | None:
    found = find_config_file(start)
    return None if found is None else read_config_file(found)


def write(file: Path, content: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def named(name: str) -> dict[str, str]:
    return {**NAMES, "workspace_name": name}


def sdk_finds(start: Path) -> str:
    """The workspace that the SDK finds from a folder."""
    from azure.ai.ml import MLClient

    class Nobody:
        def get_token(self, *_: str, **__: object) -> None:
            """Gives none: nothing is asked of Azure."""

    return str(MLClient.from_config(Nobody(), path=start, enable_telemetry=False).workspace_name)


@pytest.mark.parametrize("place", ["", ".azureml", "aml_config"])
@pytest.mark.parametrize("name", ["config.json", "project.json"])
def test_it_is_found_in_each_of_its_places_and_from_below(tmp_path: Path, place: str, name: str) -> None:
    write(tmp_path / place / name, NAMES)
    below = tmp_path / "code" / "src"
    below.mkdir(parents=True)
    assert target_of(tmp_path) == TARGET
    assert target_of(below) == TARGET


def test_there_may_be_none(tmp_path: Path) -> None:
    assert target_of(tmp_path) is None


def test_twenty_parents_are_searched_and_no_more(tmp_path: Path) -> None:
    write(tmp_path / "config.json", NAMES)
    deep = tmp_path.joinpath(*"abcdefghijklmnopqrst")
    (deep / "u").mkdir(parents=True)
    assert target_of(deep) == TARGET
    assert target_of(deep / "u") is None


def test_a_file_can_be_named_itself(tmp_path: Path) -> None:
    assert target_of(write(tmp_path / "other.json", NAMES)) == TARGET


@pytest.mark.slow
@pytest.mark.azure
def test_of_several_files_the_one_is_taken_that_the_sdk_takes(tmp_path: Path) -> None:
    below = tmp_path / "project" / "src"
    files = [
        tmp_path / "project.json",
        below / "project.json",
        tmp_path / "config.json",
        below / "config.json",
        tmp_path / "aml_config" / "config.json",
        below / ".azureml" / "project.json",
        tmp_path / ".azureml" / "config.json",
    ]
    for number, file in enumerate(files):
        write(file, named(f"ws-{number}"))
        found = target_of(below)
        assert found is not None
        assert found.workspace_name == sdk_finds(below)


def test_a_scope_and_a_tenant_are_read(tmp_path: Path) -> None:
    write(tmp_path / "config.json", {"Scope": SCOPE.replace("resourceGroups", "resourcegroups"), "tenant_id": "t"})
    assert target_of(tmp_path) == AzureTarget("sub", "rg", "ws", tenant_id="t")


def test_a_file_of_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(NAMES).encode())
    assert target_of(tmp_path) == TARGET


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{\n  "subscription_id": "sub",\n  oops\n}', "line 3: this is no JSON"),
        ("", "line 1: this is no JSON"),
        ('["sub", "rg", "ws"]', "line 1: an object in braces is wanted"),
        ('{"subscription_id": "sub"}', "resource_group, workspace_name are missing"),
        ('{"subscription_id": "sub", "resource_group": "rg"}', "workspace_name is missing"),
        ('{\n "subscription_id": "sub",\n "resource_group": "",\n "workspace_name": "ws"}', "line 3: resource_group"),
        ('{"subscription_id": "sub", "resource_group": 5, "workspace_name": "ws"}', "resource_group must be text"),
        ('{\n"Scope": "/subscriptions/sub"\n}', "line 2: Scope must be"),
        ('{"Scope": 5}', "Scope must be"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path, content: str, words: str) -> None:
    file = write(tmp_path / "config.json", content)
    with pytest.raises(UserError) as caught:
        target_of(tmp_path)
    assert words in caught.value.detail
    assert str(file) in caught.value.detail
    assert caught.value.advice


def test_a_file_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="can't be read"):
        target_of(tmp_path)
