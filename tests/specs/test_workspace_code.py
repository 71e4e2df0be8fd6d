"""A workspace as az ml YAML, az command and SDK code; and how each names the workspace that is open."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest

from services.specs.assets import DataSpec, WorkspaceSpec
from services.specs.show_as import as_az, as_sdk, as_yaml, az_scope, sdk_client
from services.targets import AzureTarget

SPEC = WorkspaceSpec(
    "ws-new", "westeurope", "rg-team", display_name="Team", description="To learn", tags={"team": "ds"}
)
TARGET = AzureTarget("sub", "rg team", "ws-team")
FIELDS = ("name", "location", "display_name", "description", "tags", "resource_group")


class NoClient:
    """Takes what MLClient takes, and notes what is created."""

    made: Any = None
    arguments: tuple[object, ...] = ()

    def __init__(self, _: object, *arguments: object) -> None:
        NoClient.arguments = arguments
        self.workspaces = self

    def begin_create(self, workspace: object) -> NoClient:
        """Note it."""
        NoClient.made = workspace
        return self

    def result(self) -> Any:
        """What was made."""
        return NoClient.made


@pytest.mark.azure
def test_yaml_and_code_make_the_same_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    import azure.ai.ml
    from azure.ai.ml import load_workspace

    monkeypatch.setattr(azure.ai.ml, "MLClient", NoClient)
    loaded = load_workspace(StringIO(as_yaml(SPEC)))
    exec(compile(as_sdk(SPEC, TARGET), "code.py", "exec"), {})
    for field in FIELDS:
        assert getattr(loaded, field) == getattr(NoClient.made, field) == getattr(SPEC, field)
    assert NoClient.arguments == ("sub", "rg team"), "what is not there yet can't be opened"


def test_az_names_what_is_open() -> None:
    data = DataSpec("titanic", "data.csv", "uri_file")
    scope = "--subscription sub --resource-group 'rg team' --workspace-name ws-team"
    assert az_scope(TARGET) == scope
    lines = [line for line in as_az(data, "data.yml", TARGET).splitlines() if line.startswith("az ")]
    assert lines[0] == f"az ml data create --file data.yml {scope}"
    assert all(line.endswith(scope) for line in lines)
    assert as_az(SPEC, "workspace.yml", TARGET) == (
        "az ml workspace create --file workspace.yml --subscription sub --resource-group 'rg team'\n"
    )


def test_without_a_workspace_in_azure_there_are_placeholders() -> None:
    assert az_scope(None) == "--resource-group <group> --workspace-name <workspace>"
    assert "MLClient.from_config(" in sdk_client(None)
    assert "from_config" not in sdk_client(TARGET)
