"""`lapis workspace ...` and `lapis doctor --azure`, on this machine and on an Azure workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.azure.sign_in import shared_sign_in
from services.targets import AzureTarget
from tests.azure.conftest import IDENTITY_VARIABLES
from tests.azure_emulator.faults import Fault
from tests.azure_emulator.identity import APPLICATION
from tests.azure_emulator.lab import AzureLab
from tests.cli.conftest import Run
from tui.folders import settings_file
from tui.profiles import write_profile


def test_the_workspaces_that_this_machine_knows(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_home: Path
) -> None:
    write_profile(settings_file(), AzureTarget("sub", "rg", "ws", profile="team"))
    (tmp_path / "config.json").write_text(
        '{"subscription_id": "sub", "resource_group": "rg", "workspace_name": "other"}'
    )
    monkeypatch.chdir(tmp_path)
    listed = run("workspace", "list", "-o", "json").json
    assert [(one["name"], one["profile"]) for one in listed] == [("other", ""), ("ws", "team")]


def test_a_broken_config_file_is_an_error_with_its_path(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text("{")
    monkeypatch.chdir(tmp_path)
    done = run("workspace", "list")
    assert done.code == 1
    assert f"{tmp_path / 'config.json'}, line 1" in done.err
    done = run("doctor", "--azure")
    assert done.code == 1
    assert "fail  config.json" in done.out


def test_a_local_workspace_is_diagnosed_and_not_deleted(run: Run, folder: Path) -> None:
    done = run("workspace", "diagnose", "-o", "json")
    assert (done.code, done.json) == (0, [])
    assert "nothing is wrong" in done.err
    done = run("workspace", "delete", "--yes")
    assert done.code == 1
    assert "which is a folder" in done.err
    assert folder.is_dir()


def test_read_only_mode_refuses_what_needs_no_open_workspace_too(run: Run) -> None:
    done = run("--read-only", "workspace", "delete", "-n", "ws", "-g", "rg", "--subscription", "sub", "--yes")
    assert done.code == 1
    assert "read-only mode" in done.err


def test_a_workspace_named_by_halves(run: Run) -> None:
    done = run("workspace", "create", "-n", "ws", "-g", "rg", "-l", "westeurope")
    assert done.code == 1
    assert "--subscription is missing" in done.err


@pytest.fixture
def team(azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> Iterator[AzureTarget]:
    """The lab's workspace as the profile `team`; an application is signed in by the environment."""
    azure_lab.seed_workspace()
    for variable in IDENTITY_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AZURE_TENANT_ID", azure_lab.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", APPLICATION.client_id or "")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", APPLICATION.client_secret or "")
    shared_sign_in.cache_clear()
    target = AzureTarget(azure_lab.subscription_id, azure_lab.resource_group, azure_lab.workspace_name, profile="team")
    write_profile(settings_file(), target)
    yield target
    shared_sign_in.cache_clear()


@pytest.mark.azure
class TestAzure:
    """Against the emulator."""

    def test_doctor_signs_in_step_by_step_and_opens_the_workspace(self, run: Run, team: AzureTarget) -> None:
        done = run("doctor", "--azure", "-w", "azure:team")
        assert done.code == 0
        azure = done.out.partition("\nazure\n")[2]
        lines = [" ".join(line.split()) for line in azure.splitlines()]
        assert lines[0].startswith("ok Environment ")
        assert lines[1:3] == ["none Azure CLI not tried", "none Managed identity not tried"]
        assert any(line.endswith(": ws-lab") for line in lines), "what the identity sees"
        assert "ok opening it ws-lab in rg-lab, westeurope" in lines
        assert str(APPLICATION.client_secret) not in done.out

    def test_doctor_fails_when_nothing_signs_in(
        self, run: Run, team: AzureTarget, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv("AZURE_CLIENT_SECRET")
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        done = run("doctor", "--azure", "-o", "json")
        found = {check["name"]: check for check in done.json if check["group"] == "azure"}
        assert done.code == 1
        assert found["Azure CLI"]["state"] == "none"
        assert "not available" in found["Azure CLI"]["text"]
        assert found["sign-in"]["state"] == "fail"
        assert "az login" in found["sign-in"]["advice"]

    def test_the_workspaces_that_the_identity_sees(self, run: Run, team: AzureTarget) -> None:
        listed = run("workspace", "list", "--azure", "-o", "json").json
        assert [(one["name"], one["kind"], one["location"]) for one in listed] == [("ws-lab", "azure", "westeurope")]
        assert run("workspace", "list", "-g", "rg-none", "-o", "json").json == []

    def test_show_by_profile_by_parts_and_by_name_answer_alike(self, run: Run, team: AzureTarget) -> None:
        by_profile = run("workspace", "show", "-w", "azure:team").json
        by_parts = run(
            *("workspace", "show", "--subscription", team.subscription_id),
            *("-g", team.resource_group, "-w", team.workspace_name),
        ).json
        by_id = run(
            "-w", f"azure:{team.subscription_id}/{team.resource_group}/{team.workspace_name}", "workspace", "show"
        ).json
        assert by_profile == by_parts == by_id
        assert by_profile["resource_group"] == "rg-lab"
        states = {resource["kind"]: resource["state"] for resource in by_profile["resources"]}
        assert states["Container registry"] == "not created yet"

    def test_who_was_refused_is_told(self, run: Run, team: AzureTarget, azure_lab: AzureLab) -> None:
        azure_lab.faults.add(Fault("/workspaces/ws-lab", status=403))
        done = run("workspace", "show", "-w", "azure:team")
        assert done.code == 1
        assert f"Refused: {APPLICATION.client_id} (Environment)" in done.err

    def test_create_and_delete(
        self, run: Run, team: AzureTarget, azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from azure.ai.ml.constants._common import LROConfigurations

        for interval in ("SLEEP_TIME", "POLL_INTERVAL"):
            monkeypatch.setattr(LROConfigurations, interval, 0.05)
        made = run("workspace", "create", "-w", "azure:team", "-n", "ws-new", "-l", "northeurope", "--tags", "a=b")
        assert made.code == 0
        assert (made.json["name"], made.json["location"]) == ("ws-new", "northeurope")
        assert made.json["tags"]["a"] == "b"
        assert made.err == "lapis: create of ws-new goes on; ctrl+c ends the waiting, not the work\n"
        there = run("workspace", "list", "-g", "rg-lab", "-o", "json").json
        assert [one["name"] for one in there] == ["ws-lab", "ws-new"]

        again = run("workspace", "create", "-w", "azure:team", "-n", "ws-new", "-l", "northeurope")
        assert again.code == 1
        assert "There is a workspace named ws-new" in again.err

        monkeypatch.setattr("sys.stdin.readline", lambda: "n\n", raising=False)
        kept = run("workspace", "delete", "-w", "azure:team", "-n", "ws-new")
        assert kept.code == 1
        assert "Nothing was deleted" in kept.err

        assert run("workspace", "delete", "-w", "azure:team", "-n", "ws-new", "--yes").code == 0
        gone = run("workspace", "delete", "-w", "azure:team", "-n", "ws-new", "--yes")
        assert gone.code == 1
        assert "There is no workspace named ws-new" in gone.err
