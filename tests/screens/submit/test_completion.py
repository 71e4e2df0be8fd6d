"""What fields are completed with, and the type that a value seems to have."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.submit.completion import AT_MOST, Completion
from services.errors import TransientError
from tests.support.fake_workspace import FakeWorkspace


@pytest.fixture
def completion(workspace: FakeWorkspace, tmp_path: Path) -> Completion:
    """Of the workspace in memory and a folder with a file and a folder."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data.csv").touch()
    made = Completion(workspace.data, workspace.environments, workspace.compute)
    made.base = tmp_path
    return made


async def values(proposals: object) -> list[str]:
    return [value for value, _ in await proposals]  # type: ignore[misc]


async def test_inputs(completion: Completion) -> None:
    assert await values(completion.inputs("azureml:dia")) == ["azureml:diabetes:2", "azureml:diabetes@latest"]
    assert set(await values(completion.inputs("da"))) == {"data/", "data.csv"}
    assert await values(completion.inputs("azureml:nothing")) == []
    assert "azureml:diabetes:2" in await values(completion.inputs("az"))


async def test_at_most_so_many(completion: Completion, tmp_path: Path) -> None:
    for at in range(AT_MOST + 5):
        (tmp_path / f"f{at}").touch()
    assert len(await values(completion.inputs("f"))) <= AT_MOST


async def test_names_of_environments_and_computes(completion: Completion) -> None:
    assert await values(completion.environment_names("own")) == ["azureml:sklearn-own@latest"]
    assert await values(completion.compute_names("this")) == ["this-machine"]
    assert await values(completion.outputs("azureml://")) == ["azureml://datastores/workspaceblobstore/paths/"]
    assert await values(completion.outputs("")) == []


async def test_a_service_that_fails_proposes_nothing_and_is_asked_again(
    workspace: FakeWorkspace, completion: Completion
) -> None:
    for call in ("data.list", "environments.list", "compute.list"):
        workspace.fail(call, TransientError("no answer"))
    assert await values(completion.inputs("azureml:")) == []
    assert await values(completion.environment_names("")) == []
    assert await values(completion.compute_names("")) == []
    for call in ("data.list", "environments.list", "compute.list"):
        workspace.mend(call)
    assert await values(completion.compute_names("")) == ["this-machine"]
    assert await values(completion.environment_names("sklearn-own")) == ["azureml:sklearn-own@latest"]
    assert "azureml:diabetes:2" in await values(completion.inputs("azureml:"))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("data", "uri_folder"),
        ("data.csv", "uri_file"),
        ("azureml:titanic-folder:1", "uri_folder"),
        ("azureml:diabetes@latest", "uri_file"),
        ("azureml:nobody:1", ""),
        ("azureml://datastores/x/paths/y", ""),
        ("~nobody-of-that-name/x", ""),
        ("x" * 300, ""),
        ("0.5", "number"),
    ],
)
async def test_the_type_of_a_value(completion: Completion, value: str, kind: str) -> None:
    assert await completion.type_of(value) == kind
