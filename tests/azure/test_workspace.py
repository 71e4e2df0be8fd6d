"""What the workspace itself tells: resources, counts, faults; and where copies of its lists lie."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.azure import workspace as workspace_module
from services.azure.workspace import AzureWorkspace, cache_folder
from services.azure.workspace_mapping import faults, resource_group, subscription, workspace_info, workspace_summary
from services.entities import JobQuery
from services.errors import AccessError, NotFoundError, TransientError
from services.sign_in import Identity
from services.targets import AzureTarget
from tests.azure_emulator.faults import FOREVER, Fault
from tests.azure_emulator.identity import MEMBER, STRANGER
from tests.azure_emulator.lab import AzureLab
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure

BODIES = Path(__file__).parents[2] / "../shared/reference/azure_bodies"
TARGET = AzureTarget("sub", "rg", "ws")


async def test_the_workspace_tells_all_that_its_page_shows(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    info = await workspace.info()

    assert (info.name, info.kind, info.location) == ("ws-lab", "azure", "westeurope")
    assert (info.resource_group, info.subscription_id) == ("rg-lab", azure_lab.subscription_id)
    assert info.identity == MEMBER.name
    assert info.default_datastore == "workspaceblobstore"
    assert info.mlflow_tracking_uri.startswith("azureml://westeurope.api.azureml.ms/mlflow/")
    assert info.studio_url.startswith("https://ml.azure.com/?wsid=/subscriptions/")
    assert info.created_at is not None
    assert [(one.kind, one.state) for one in info.resources] == [
        ("Storage account", "ready"),
        ("Key vault", "ready"),
        ("Application Insights", "ready"),
        ("Container registry", "not created yet"),
    ]
    assert workspace.label == "azure ws-lab·rg-lab"


async def test_things_are_counted_over_all_pages(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.emulator.settings.page_size = 2
    expected = {
        "data": len(await workspace.data.list()),
        "models": len(await workspace.models.list()),
        "environments": len(await workspace.environments.list()),
        "computes": len(await workspace.compute.list()),
    }
    assert max(expected.values()) > 2, "more than a page"
    azure_lab.seed_jobs(7)
    found: dict[str, int] = {}

    async def counted() -> bool:
        found.update((await workspace.info()).counts)
        return "jobs" in found

    await eventually(counted, what="the list of jobs is not read to its end")
    page = await workspace.jobs.list(JobQuery())
    assert found == {**expected, "jobs": page.total}


@pytest.mark.parametrize("trouble", [{"status": 404}, {"status": 403}, {"status": 500, "count": FOREVER}], ids=str)
async def test_what_can_t_be_told_is_left_out(
    workspace: AzureWorkspace, azure_lab: AzureLab, trouble: dict[str, Any]
) -> None:
    for path in (r"/vaults/", r"workspaces/ws-lab/models\?", r"/datastores\?"):
        azure_lab.faults.add(Fault(path, **trouble))

    info = await workspace.info()

    states = {one.kind: one.state for one in info.resources}
    assert states["Storage account"] == "ready"
    expected = {404: "missing: it was deleted", 403: "not visible to this identity", 500: ""}
    assert states["Key vault"] == expected[trouble["status"]]
    assert "models" not in info.counts
    assert "computes" in info.counts
    assert info.default_datastore == ""


async def test_a_count_that_takes_long_keeps_nobody_waiting(
    workspace: AzureWorkspace, azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_module, "COUNT_SECONDS", 0.5)
    azure_lab.faults.add(Fault(r"ws-lab/data\?", delay=3.0))
    started = time.monotonic()
    info = await workspace.info()
    assert time.monotonic() - started < 2.5
    assert "data" not in info.counts
    assert "computes" in info.counts


async def test_a_workspace_that_is_not_there_is_told_of(azure_lab: AzureLab, target: AzureTarget) -> None:
    missing = AzureTarget(target.subscription_id, target.resource_group, "no-such")
    workspace = await AzureWorkspace.open(missing, azure_lab.credential())
    with pytest.raises(NotFoundError, match="no-such"):
        await workspace.info()
    await workspace.close()


async def test_a_stranger_is_refused_by_name(azure_lab: AzureLab, target: AzureTarget) -> None:
    workspace = await AzureWorkspace.open(target, azure_lab.credential(STRANGER), identity=Identity(STRANGER.name))
    with pytest.raises(AccessError, match=f"Refused: {STRANGER.name}"):
        await workspace.info()
    await workspace.close()


@pytest.fixture
def quick(workspace: AzureWorkspace) -> list[float]:
    """The waits of a diagnosis, which are noted instead."""
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    workspace._pause = pause
    return waits


async def test_a_diagnosis_tells_errors_first(
    workspace: AzureWorkspace, azure_lab: AzureLab, quick: list[float]
) -> None:
    assert await workspace.diagnose() == []

    azure_lab.emulator.diagnosis.update(
        {
            "keyVaultResults": [{"code": "Odd", "level": "Warning", "message": "The vault is open to all."}],
            "storageAccountResults": [{"code": "Gone", "level": "Error", "message": "The account was deleted."}],
            "otherResults": [{"code": "Hint", "level": "Information", "message": "All is well."}],
        }
    )
    found = await workspace.diagnose()
    assert [(fault.severity, fault.path, fault.message) for fault in found] == [
        ("error", "storageAccount", "The account was deleted"),
        ("warning", "keyVault", "The vault is open to all"),
    ]
    assert quick
    assert len(azure_lab.requests.matching("^POST .*/diagnose")) == 2


async def test_a_diagnosis_that_never_ends_is_given_up(
    workspace: AzureWorkspace, azure_lab: AzureLab, quick: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_module, "DIAGNOSIS_LOOKS", 3)
    azure_lab.emulator.settings.operation_seconds = 1000
    with pytest.raises(TransientError, match="still looks"):
        await workspace.diagnose()
    assert len(quick) == 3


async def test_a_diagnosis_does_not_send_the_token_elsewhere(
    workspace: AzureWorkspace, azure_lab: AzureLab, quick: list[float]
) -> None:
    elsewhere = {"Location": "https://westeurope.api.azureml.ms/subscriptions/x"}
    azure_lab.faults.add(Fault("/diagnose", status=202, headers=elsewhere))
    with pytest.raises(TransientError, match=r"westeurope\.api\.azureml\.ms"):
        await workspace.diagnose()


def test_copies_of_lists_lie_in_a_folder_of_the_user_s_own(empty_home: Path) -> None:
    folder = cache_folder(TARGET)
    assert folder.parent == empty_home / ".cache" / "lapis" / "azure"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder == cache_folder(AzureTarget("SUB", "RG", "WS")), "Azure does not mind the case of letters"
    assert folder != cache_folder(AzureTarget("sub", "rg", "other"))


def test_without_a_home_copies_last_for_this_time(empty_home: Path) -> None:
    (empty_home / ".cache" / "lapis").write_text("a file is in the way")
    folder = cache_folder(TARGET)
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_true_body_of_a_workspace_is_understood() -> None:
    file = BODIES / "workspace_get.json"
    if not file.is_file():
        pytest.skip("the true bodies are not on this machine (../shared/reference/azure_bodies)")
    body = json.loads(file.read_text())
    info = workspace_info(body, TARGET, identity="ada", states={}, counts={}, default_datastore="")
    assert (info.name, info.location) == ("00000", "westus")
    assert info.created_at is not None
    assert (info.created_at.year, info.created_at.microsecond) == (2024, 208587)
    assert [one.name for one in info.resources] == [
        "Sanitized",
        "kvtest7ii73j3tltm5y",
        "ainbidc5gqgmnla",
        "crnbidc5gqgmnla",
    ]
    summary = workspace_summary(body)
    assert summary is not None
    assert (summary.kind, summary.state, summary.target.workspace_name) == ("Default", "Succeeded", "00000")


ODD: list[dict[str, Any]] = [
    {},
    {"id": None, "properties": None, "systemData": None, "tags": None},
    {"id": 5, "properties": [], "systemData": "x", "tags": ["a"], "location": 3, "name": None, "kind": {}},
    {"properties": {"creationTime": "yesterday", "storageAccount": 7}, "systemData": {"createdAt": "never"}},
]


@pytest.mark.parametrize("body", ODD, ids=repr)
@pytest.mark.parametrize("map_body", [subscription, resource_group, workspace_summary], ids=lambda f: f.__name__)
def test_missing_and_odd_fields_are_no_error(
    map_body: Callable[[dict[str, Any]], object], body: dict[str, Any]
) -> None:
    map_body(body)


@pytest.mark.parametrize("body", ODD, ids=repr)
def test_a_workspace_with_odd_fields_is_told_of_as_far_as_it_goes(body: dict[str, Any]) -> None:
    info = workspace_info(body, TARGET, identity="", states={}, counts={}, default_datastore="")
    assert info.name == "ws"
    assert info.created_at is None or isinstance(info.created_at, datetime)
    assert [one.state for one in info.resources] == ["not created yet"] * 4


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"value": None},
        {"value": {"otherResults": None}},
        {"value": {"otherResults": [None, {}, {"level": "x"}]}},
    ],
    ids=repr,
)
def test_a_diagnosis_that_says_nothing_finds_nothing(body: object) -> None:
    assert faults(body) == []
