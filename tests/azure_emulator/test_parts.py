"""The emulator's own parts, where the SDK doesn't show them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.azure_emulator import azurite
from tests.azure_emulator.arm import WorkspaceId, resource_type
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.job_seeds import seed_jobs
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.operations import Operations
from tests.azure_emulator.request_log import LoggedRequest, RequestLog
from tests.azure_emulator.storage import ARTIFACT_CONTAINER, BLOB_CONTAINER, Storage
from tests.azure_emulator.store import Store

pytestmark = pytest.mark.azure

WORKSPACE = WorkspaceId("s", "r", "w")
NEWEST = datetime(2026, 3, 1, tzinfo=UTC)


def job(name: str, status: str = "Queued") -> dict[str, Any]:
    return {"id": f"{WORKSPACE}/jobs/{name}", "name": name, "type": "jobs", "properties": {"status": status}}


def test_ids_are_found_in_any_case_of_letters() -> None:
    store = Store()
    store.put(job("One"))
    assert store[f"{WORKSPACE}/JOBS/ONE"]["name"] == "One"
    assert [one["name"] for one in store.children(f"{WORKSPACE}/jobs".upper())] == ["One"]


def test_a_cleared_log_takes_nothing_that_began_before() -> None:
    log, before = RequestLog(), time.monotonic()
    log.clear()
    for started in (before - 1, time.monotonic() + 1):
        log.add(LoggedRequest("GET", "", f"/{started}", "", 200, 0, 0, started, 0.0, b"", {}))
    assert [request.started > before for request in log] == [True]


def test_what_is_removed_takes_its_children_along() -> None:
    store = Store()
    for name in ("a", "a/b", "ab"):
        store.put(job(name))
    store.remove(f"{WORKSPACE}/jobs/a")
    assert [one["name"] for one in store.of_type("jobs")] == ["ab"]
    assert store.children(f"{WORKSPACE}/jobs/a") == []


def test_the_newest_come_first_also_after_a_change() -> None:
    store = Store()
    for name, day in (("old", "01"), ("new", "03")):
        store.put({**job(name), "systemData": {"createdAt": f"2026-01-{day}"}})
    assert [one["name"] for one in store.newest(f"{WORKSPACE}/jobs")] == ["new", "old"]
    store.put({**job("middle"), "systemData": {"createdAt": "2026-01-02"}})
    store.remove(f"{WORKSPACE}/jobs/old")
    assert [one["name"] for one in store.newest(f"{WORKSPACE}/jobs")] == ["new", "middle"]


def test_a_job_that_has_ended_stays_so() -> None:
    store = Store()
    one = store.put(job("one"))
    for status in ("Running", "Failed", "Completed"):
        store.set_status(one["id"], status)
    assert one["properties"]["status"] == "Failed"
    assert [status for status, _ in store.transitions(one["id"])] == ["Queued", "Running", "Failed"]


def test_an_id_tells_its_type_and_workspace() -> None:
    version = f"{WORKSPACE}/models/m/versions/1"
    assert resource_type(version) == "Microsoft.MachineLearningServices/workspaces/models/versions"
    assert WorkspaceId.parse(version) == WORKSPACE
    with pytest.raises(ValueError, match="no resource of a workspace"):
        WorkspaceId.parse("/subscriptions/s")


def test_operations_end_once_and_in_time() -> None:
    operations, ends = Operations(), list[Any]()
    operations.start(float("inf"), ends.append)
    operations.fail_next("Boom", "No.")
    failing = operations.start(0, ends.append)
    operations.advance()
    assert ends == [{"code": "Boom", "message": "No."}]
    assert failing.status == {"status": "Failed", "error": ends[0]}
    operations.finish_all()
    operations.finish_all()
    assert ends[1:] == [None]


def test_the_same_seed_makes_the_same_jobs() -> None:
    one, other = Emulator(), Emulator()
    seeded = [seed_jobs(emulator, WORKSPACE, 300, newest=NEWEST) for emulator in (one, other)]
    assert seeded[0] == seeded[1]
    assert seeded[0][-1]["systemData"]["createdAt"] == NEWEST.isoformat()
    under_way = [one["properties"]["status"] for one in seeded[0][-4:]]
    assert under_way == ["Running", "Running", "Preparing", "Queued"]
    assert {one["properties"]["status"] for one in seeded[0][:-4]} == {"Completed", "Failed", "Canceled"}
    assert {one["properties"]["jobType"] for one in seeded[0]} == {"Command", "Sweep", "AutoML", "Pipeline", "Spark"}


def test_nothing_but_azure_can_be_reached(azure_lab: AzureLab) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        requests.get("https://example.org/", timeout=5)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get("http://example.org/", timeout=5)
    assert azure_lab.jail.refused == ["example.org:443", "http://example.org/"]


def test_bytes_on_the_wire_are_counted(azure_lab: AzureLab) -> None:
    requests.get("https://management.azure.com/metadata/endpoints", timeout=5)
    (tunnel,) = azure_lab.jail.tunnels
    (entry,) = azure_lab.requests
    assert tunnel.host == "management.azure.com"
    assert tunnel.bytes_down > entry.bytes_out > 0
    assert tunnel.bytes_up > 0


def test_a_path_that_nobody_serves_is_noted(azure_lab: AzureLab) -> None:
    answer = requests.get("https://management.azure.com/nowhere", timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ResourceNotFound")
    assert azure_lab.emulator.unknown == ["GET /nowhere"]


def test_a_call_without_a_token_is_refused(azure_lab: AzureLab) -> None:
    answer = requests.get("https://management.azure.com/subscriptions", timeout=5)
    assert answer.status_code == 401
    assert "login.microsoftonline.com" in answer.headers["WWW-Authenticate"]


def test_a_token_for_something_else_is_refused(azure_lab: AzureLab) -> None:
    token = azure_lab.credential().get_token("https://ml.azure.com/.default").token
    answer = requests.get(
        "https://management.azure.com/subscriptions", headers={"Authorization": f"Bearer {token}"}, timeout=5
    )
    assert answer.json()["error"]["code"] == "InvalidAuthenticationTokenAudience"


@pytest.mark.parametrize("body", ["", "[]", "{", '{"name": "x"}'])
def test_a_body_that_is_no_resource_is_refused(azure_lab: AzureLab, body: str) -> None:
    azure_lab.seed_workspace()
    token = azure_lab.credential().get_token("https://management.azure.com/.default").token
    for kind in ("jobs/x", "computes/x", "datastores/x", "models/x/versions/1"):
        answer = requests.put(
            f"https://management.azure.com{azure_lab.workspace_id}/{kind}",
            body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )
        assert answer.status_code == 400


@pytest.mark.parametrize("name", ["a.csv", "a\x1b[31m.csv"])
def test_storage_is_emptied_whatever_is_in_it(azure_storage: Storage, name: str) -> None:
    azure_storage.write_blob(BLOB_CONTAINER, name, b"a")
    azure_storage.make_container("more")
    azure_storage.clear()
    assert azure_storage.list_blobs(BLOB_CONTAINER) == []
    assert sorted(c.name for c in azure_storage.client.list_containers()) == [ARTIFACT_CONTAINER, BLOB_CONTAINER]


@pytest.mark.slow
@pytest.mark.skipif(azurite.missing() is not None, reason=str(azurite.missing()))
def test_the_demo_ends_with_its_command(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    script = "import os; print(os.environ['XDG_CONFIG_HOME'], os.environ['HTTPS_PROXY']); raise SystemExit(3)"
    command = [sys.executable, "-m", "tests.azure_emulator", "--demo", "--", sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False, timeout=120)
    assert done.returncode == 3, done.stderr
    home, proxy = done.stdout.split()
    assert Path(home).is_relative_to(tmp_path)
    assert proxy.startswith("http://127.0.0.1:")
    assert list(tmp_path.iterdir()) == [], "nothing is left"
