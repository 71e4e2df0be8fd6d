"""Each trouble of Azure and of the network on the way to it: what is told, and that no write is lost or doubled.

How screens show it is in `test_trouble_on_screen.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.azure import client, http, transport, watching
from services.azure.credentials import make_silent
from services.azure.workspace import AzureWorkspace
from services.entities import JobQuery, JobStatus, StatusChanged
from services.errors import AccessError, ConflictError, NotFoundError, ServiceError, TransientError, UserError, Who
from services.operations import OperationState
from services.sign_in import SignInMethod
from services.specs.assets import ComputeSpec, DataSpec
from services.specs.command import CommandJob
from services.storage import blobs
from services.targets import AzureTarget
from tests.azure_emulator.faults import FOREVER, Fault, Outage
from tests.azure_emulator.identity import APPLICATION, MEMBER, READER
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import BLOB_CONTAINER
from tests.azure_emulator.storage import Storage as LabStorage
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure

ARM = "management.azure.com"
TRIES = 4
CLUSTER = ComputeSpec("my-cluster", "amlcompute", size="Standard_DS3_v2", max_instances=2)
MESSAGE = "Something that only the service knows."


@dataclass(frozen=True)
class Door:
    """A call of a port, and the requests by which it is made."""

    requests: str
    call: Callable[[AzureWorkspace], Awaitable[Any]]


READ = Door(r"GET \S*/computes/cpu-cluster\?", lambda workspace: workspace.compute.get("cpu-cluster"))
WRITE = Door(r"PUT \S*/computes/my-cluster\?", lambda workspace: workspace.compute.create(CLUSTER))
"""By plain HTTPS, and by the SDK."""
both = pytest.mark.parametrize("door", [READ, WRITE], ids=["read", "write"])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for another look."""
    monkeypatch.setattr(client, "POLLING_SECONDS", 0.05)
    monkeypatch.setattr(watching, "SHORTEST", 0.05)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not answer at once is given up."""
    monkeypatch.setattr(http, "TIMEOUT", (0.5, 0.5))
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(transport, "READ_SECONDS", 0.5)


@pytest.fixture(autouse=True)
def silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing is printed, whatever happens: it would be on the screen."""
    yield
    assert capfd.readouterr() == ("", "")


def refusal(requests: str, status: int, *, count: int = FOREVER, **headers: str) -> Fault:
    """An answer as Azure ML words its errors: what tells something is in the details."""
    details = [{"code": "TellingCode", "message": MESSAGE}]
    error = {"error": {"code": "UserError", "message": "An error occurred.", "details": details}}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(
        requests, count, status=status, headers=sent, body=json.dumps(error).encode(), content_type="application/json"
    )


async def error_of(call: Awaitable[Any]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await call
    return caught.value


def computes(lab: AzureLab) -> list[str]:
    return [str(one["name"]) for one in lab.store.children(f"{lab.workspace_id}/computes")]


class TestRefusals:
    @both
    @pytest.mark.parametrize(
        ("status", "kind", "title", "who", "advice", "tries"),
        [
            (400, UserError, "That can't be done", Who.YOU, "", 1),
            (401, AccessError, "Azure asks to sign in again", Who.YOU, "g x", 2),
            (403, AccessError, "This identity may not do that", Who.ADMIN, "AzureML Data Scientist", 1),
            (404, NotFoundError, "Not found", Who.YOU, "r looks again", 1),
            (409, ConflictError, "That is not possible now", Who.YOU, "r shows how it is now", 1),
            (412, ConflictError, "That is not possible now", Who.YOU, "r shows how it is now", 1),
            (429, TransientError, "Azure asks to slow down", Who.AZURE, "by itself", TRIES),
            (500, TransientError, "Azure failed with 500", Who.AZURE, "azure.status", TRIES),
            (503, TransientError, "Azure failed with 503", Who.AZURE, "azure.status", TRIES),
        ],
    )
    async def test_what_happened_what_to_do_and_who_can(
        self,
        workspace: AzureWorkspace,
        azure_lab: AzureLab,
        door: Door,
        status: int,
        kind: type[ServiceError],
        title: str,
        who: Who,
        advice: str,
        tries: int,
    ) -> None:
        azure_lab.faults.add(refusal(door.requests, status))
        error = await error_of(door.call(workspace))
        assert (type(error), error.title, error.who) == (kind, title, who)
        assert error.detail.partition("\n")[0] == f"{MESSAGE} (TellingCode)"
        assert advice in error.advice
        assert len(error.request_id) == 36
        asked = azure_lab.requests.matching(door.requests)
        assert [request.status for request in asked] == [status] * tries
        assert "my-cluster" not in computes(azure_lab)
        if door is WRITE:
            (operation,) = workspace.operations.list()
            assert (operation.state, operation.error) == (OperationState.FAILED, error)

    async def test_who_was_refused_is_named_with_the_right_that_lacks(
        self, azure_lab: AzureLab, workspace: AzureWorkspace
    ) -> None:
        azure_lab.directory.grant(MEMBER, "Reader")
        error = await error_of(workspace.compute.stop("ada-notebook"))
        assert f"Refused: {MEMBER.name}" in error.detail
        assert "Microsoft.MachineLearningServices/workspaces/computes/stop/action" in error.detail
        assert "choose another identity with g x" in error.advice


class TestPassing:
    @both
    @pytest.mark.parametrize(
        "trouble",
        [{"status": 429}, {"status": 500}, {"status": 503}, {"status": 504}, {"drop": True}, {"truncate": True}],
        ids=str,
    )
    async def test_what_goes_by_is_not_told(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, door: Door, trouble: dict[str, Any]
    ) -> None:
        azure_lab.faults.add(Fault(door.requests, 2, **trouble))
        assert (await door.call(workspace)).name
        assert len(azure_lab.requests.matching(door.requests)) >= 3
        if door is WRITE:
            await eventually(lambda: not workspace.operations.running)
            (operation,) = workspace.operations.list()
            assert operation.state is OperationState.SUCCEEDED
            assert computes(azure_lab).count("my-cluster") == 1
            bodies = [request.json() for request in azure_lab.requests.matching(door.requests)]
            assert bodies == [bodies[0]] * len(bodies), "each try sends the same"

    @both
    async def test_azure_says_how_long_to_wait(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, door: Door, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(http, "LONGEST_WAIT", 1.0)
        monkeypatch.setattr(transport, "LONGEST_WAIT", 1.0)
        azure_lab.faults.add(refusal(door.requests, 429, count=1, Retry_After="1"))
        await door.call(workspace)
        first, second = azure_lab.requests.matching(door.requests)[:2]
        assert second.started - first.started >= 1

    @both
    async def test_nobody_waits_for_an_hour(self, workspace: AzureWorkspace, azure_lab: AzureLab, door: Door) -> None:
        azure_lab.faults.add(refusal(door.requests, 429, Retry_After="3600"))
        error = await asyncio.wait_for(error_of(door.call(workspace)), 10)
        assert error.title == "Azure asks to slow down"


@pytest.mark.usefixtures("impatient")
class TestNetwork:
    @both
    @pytest.mark.parametrize(
        ("outage", "title", "who", "words"),
        [
            (Outage.REFUSED, "The connection broke", Who.YOU, "check the network"),
            (Outage.NO_DNS, "No connection to Azure", Who.YOU, "check the network"),
            (Outage.BLACK_HOLE, "No answer in time", Who.YOU, "tries again"),
            (Outage.UNTRUSTED, "The certificate is not trusted", Who.ADMIN, "REQUESTS_CA_BUNDLE"),
        ],
        ids=str,
    )
    async def test_the_network_fails_and_comes_back(
        self,
        workspace: AzureWorkspace,
        azure_lab: AzureLab,
        door: Door,
        outage: Outage,
        title: str,
        who: Who,
        words: str,
    ) -> None:
        azure_lab.faults.cut_off(ARM, outage)
        error = await error_of(door.call(workspace))
        assert (type(error), error.title, error.who) == (TransientError, title, who)
        assert words in error.advice
        assert not azure_lab.requests.matching(door.requests)
        azure_lab.faults.clear()
        assert (await door.call(workspace)).name

    @both
    async def test_an_answer_that_comes_too_late(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, door: Door
    ) -> None:
        azure_lab.faults.add(Fault(door.requests, TRIES, delay=0.8))
        error = await error_of(door.call(workspace))
        assert (type(error), error.title) == (TransientError, "No answer in time")
        await eventually(lambda: len(azure_lab.requests.matching(door.requests)) == TRIES)
        if door is WRITE:
            assert computes(azure_lab).count("my-cluster") == 1, "Azure took it; only its answer came too late"


class TestOthersAnswer:
    """A proxy, or the sign-in page of a hotel."""

    @both
    @pytest.mark.parametrize("status", [200, 302, 403, 404])
    async def test_a_web_page_is_not_azure(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, door: Door, status: int
    ) -> None:
        page, place = b"<html>Sign in to the hotel</html>", {"Location": "https://hotel.example/"}
        azure_lab.faults.add(Fault(door.requests, FOREVER, status=status, body=page, headers=place))
        error = await error_of(door.call(workspace))
        assert (type(error), error.title) == (TransientError, "Something between here and Azure answered")
        assert "HTTPS_PROXY" in error.advice
        assert azure_lab.jail.refused == [], "the token is not sent after a redirection"

    async def test_an_operation_that_goes_on_elsewhere_gets_no_token(
        self, workspace: AzureWorkspace, azure_lab: AzureLab
    ) -> None:
        for header in ("Azure-AsyncOperation", "Location"):
            headers = {header: "https://attacker.example/steal"}
            azure_lab.faults.add(
                Fault(r"POST \S*/stop", status=202, body=b"", headers=headers, content_type="application/json")
            )
            await workspace.compute.stop("ada-notebook")
            await eventually(lambda: not workspace.operations.running)
            error = workspace.operations.list()[0].error
            assert error is not None
            assert error.title == "The answer ends too early"
        assert azure_lab.jail.refused == [], "nobody even asked there"

    @pytest.mark.parametrize("body", [b"[]", b"{}", b'{"value": null}', b'{"value": [', b""])
    async def test_what_is_no_page_takes_no_job_out_of_the_list(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, body: bytes
    ) -> None:
        azure_lab.seed_jobs(3)
        assert len((await workspace.jobs.list(JobQuery(include_archived=True))).items) == 3
        refresher = workspace.jobs.refresher  # type: ignore[attr-defined]
        refresher.expire()
        azure_lab.faults.add(Fault(r"/jobs\?", FOREVER, status=200, body=body, content_type="application/json"))
        error = await error_of(workspace.jobs.list(JobQuery(include_archived=True)))
        assert error.title == "Something between here and Azure answered"
        azure_lab.faults.clear()
        refresher.expire()
        assert len((await workspace.jobs.list(JobQuery(include_archived=True))).items) == 3

    @pytest.mark.parametrize(
        ("path", "call"),
        [
            (r"/jobs\?", lambda workspace: workspace.jobs.list(JobQuery())),
            (r"/computes\?", lambda workspace: workspace.compute.list()),
            (r"/vmSizes\?", lambda workspace: workspace.compute.sizes()),
            (r"/data\?", lambda workspace: workspace.data.list()),
            (r"/data/diabetes/versions\?", lambda workspace: workspace.data.versions("diabetes")),
            (r"/models\?", lambda workspace: workspace.models.list()),
            (r"/environments\?", lambda workspace: workspace.environments.list()),
            (r"/datastores\?", lambda workspace: workspace.datastores.list()),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    @pytest.mark.parametrize("link", ["https://attacker.example/steal", "http://management.azure.com/x"])
    async def test_a_next_page_elsewhere_gets_no_token(
        self,
        workspace: AzureWorkspace,
        azure_lab: AzureLab,
        path: str,
        call: Callable[[AzureWorkspace], Awaitable[Any]],
        link: str,
    ) -> None:
        azure_lab.faults.add(Fault(f"GET .*{path}", FOREVER, next_link=link))
        error = await error_of(call(workspace))
        assert (type(error), error.title) == (TransientError, "The answer ends too early")
        assert azure_lab.jail.refused == [], "nobody even asked there"


async def test_an_operation_that_fails_with_status_200(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.operations.fail_next("QuotaExceeded", "The quota of 100 cores is used up.")
    await workspace.compute.create(CLUSTER)
    await eventually(lambda: not workspace.operations.running)
    error = workspace.operations.list()[0].error
    assert error is not None
    assert (error.title, error.detail) == (
        "The quota is used up",
        "The quota of 100 cores is used up. (QuotaExceeded)",
    )
    assert "under Quotas" in error.advice
    assert len(error.request_id) == 36
    assert len(azure_lab.requests.matching(WRITE.requests)) == 1


async def test_a_token_ends_while_a_job_is_watched(workspace: AzureWorkspace, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(Fault("/mlflow/", FOREVER, status=404))
    running = azure_lab.seed_jobs(4)[-1]
    azure_lab.store.set_status(running["id"], "Running")
    seen: list[JobStatus] = []
    async with aclosing(workspace.jobs.watch(running["name"])) as events:  # type: ignore[type-var]
        async for event in events:
            if isinstance(event, StatusChanged):
                seen.append(event.job.status)
                if event.job.status is JobStatus.RUNNING:
                    azure_lab.directory.expire_tokens()
                    azure_lab.store.set_status(running["id"], "Completed")
    assert seen == [JobStatus.RUNNING, JobStatus.COMPLETED]
    assert 401 in {request.status for request in azure_lab.requests}, "the old token was refused"


class TestLostAnswers:
    @pytest.fixture
    def job(self) -> CommandJob:
        return CommandJob(
            "python -c 1", name="keen_star_1", environment="azureml:AzureML-sklearn-1.5:1", compute="cpu-cluster"
        )

    @pytest.mark.parametrize("count", [1, FOREVER])
    async def test_a_submit_whose_answer_is_lost_is_one_job(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, job: CommandJob, tmp_path: Path, count: int
    ) -> None:
        azure_lab.faults.add(Fault(r"PUT \S*/jobs/", count, drop=True))
        made = await workspace.jobs.submit(job, base=tmp_path)
        assert made.name == "keen_star_1"
        assert [one["name"] for one in azure_lab.store.children(f"{azure_lab.workspace_id}/jobs")] == ["keen_star_1"]
        again = await workspace.jobs.submit(job, base=tmp_path)
        assert again.name == "keen_star_1"
        assert len(azure_lab.requests.matching(r"PUT \S*/jobs/")) == (2 if count == 1 else TRIES)

    async def test_a_submit_that_nobody_can_be_sure_of_tells_the_name_of_its_job(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, job: CommandJob, tmp_path: Path
    ) -> None:
        azure_lab.faults.add(Fault(r"PUT \S*/jobs/", FOREVER, drop=True))
        azure_lab.faults.add(refusal(r"GET \S*/jobs/", 503))
        error = await error_of(workspace.jobs.submit(replace(job, name=None), base=tmp_path))
        (made,) = azure_lab.store.children(f"{azure_lab.workspace_id}/jobs")
        assert made["name"] in error.detail
        assert f"Look for {made['name']}" in error.advice

    async def test_a_version_whose_answer_is_lost_is_one_version(
        self, workspace: AzureWorkspace, azure_lab: AzureLab
    ) -> None:
        azure_lab.faults.add(Fault(r"PUT \S*/data/table/versions/1", 1, drop=True))
        spec = DataSpec("table", "azureml://datastores/workspaceblobstore/paths/a.csv", "uri_file")
        assert (await workspace.data.create(spec, base=Path())).version == "1"
        assert [asset.version for asset in await workspace.data.versions("table")] == ["1"]
        assert len(azure_lab.requests.matching(r"PUT \S*/data/table/versions/1")) == 2

    @pytest.mark.parametrize("verb", ["stop", "delete"])
    async def test_an_action_is_taken_once_after_azure_failed(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, verb: str
    ) -> None:
        requests = r"(POST|DELETE) \S*/computes/ada-notebook"
        azure_lab.faults.add(refusal(requests, 503, count=2))
        await getattr(workspace.compute, verb)("ada-notebook")
        await eventually(lambda: not workspace.operations.running)
        assert [one.state for one in workspace.operations.list()] == [OperationState.SUCCEEDED]
        assert [one.status for one in azure_lab.requests.matching(requests)] == [503, 503, 202]


class TestUploads:
    @pytest.fixture
    def table(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(blobs, "BLOCK", 100_000)
        path = tmp_path / "big.bin"
        path.write_bytes(os.urandom(650_000))
        return path

    async def test_an_upload_that_is_cut_at_half_goes_on_and_registers_once(
        self, azure_storage: LabStorage, workspace: AzureWorkspace, azure_lab: AzureLab, table: Path
    ) -> None:
        azure_lab.faults.cut_off("*.blob.core.windows.net", Outage.CUT, count=1, after_bytes=300_000)
        azure_lab.faults.cut_off("*.blob.core.windows.net", Outage.REFUSED)
        spec = DataSpec("big", "big.bin", "uri_file")
        error = await error_of(workspace.data.create(spec, base=table.parent))
        assert (type(error), error.title) == (TransientError, "The connection broke")
        assert not azure_lab.requests.matching("PUT .*/data/big")
        azure_lab.faults.clear()
        made = await workspace.data.create(spec, base=table.parent)
        assert made.version == "1"
        assert len(azure_lab.requests.matching("PUT .*/data/big/versions")) == 1
        (blob,) = [name for name in azure_storage.list_blobs(BLOB_CONTAINER) if name.endswith("big.bin")]
        assert azure_storage.read_blob(BLOB_CONTAINER, blob) == table.read_bytes()

    async def test_a_submit_whose_code_is_cut_at_half_is_one_job_with_all_of_it(
        self, azure_storage: LabStorage, workspace: AzureWorkspace, azure_lab: AzureLab, table: Path
    ) -> None:
        azure_lab.faults.cut_off("*.blob.core.windows.net", Outage.CUT, count=1, after_bytes=300_000)
        job = CommandJob(
            "ls", code=table.parent.name, environment="azureml:AzureML-sklearn-1.5:1", compute="cpu-cluster"
        )
        made = await workspace.jobs.submit(job, base=table.parent.parent)
        assert len(azure_lab.requests.matching("startPendingUpload")) == 1
        assert len(azure_lab.requests.matching(r"PUT \S*/jobs/")) == 1
        assert await workspace.jobs.read_code(made.name, "big.bin") == table.read_bytes()


class TestClock:
    @pytest.mark.parametrize(("hours", "words"), [(1, "60 min behind Azure's"), (-1, "60 min ahead of Azure's")])
    @both
    async def test_a_clock_that_is_an_hour_off_is_told(
        self, workspace: AzureWorkspace, azure_lab: AzureLab, door: Door, hours: int, words: str
    ) -> None:
        azure_lab.emulator.settings.clock_offset = timedelta(hours=hours)
        error = await error_of(door.call(workspace))
        assert (type(error), error.title, error.who) == (AccessError, "The clock of this machine is wrong", Who.YOU)
        assert words in error.detail
        assert "timedatectl" in error.advice

    @pytest.mark.parametrize("hours", [1, -1])
    async def test_tokens_that_azure_itself_dates_are_good_all_the_same(
        self, azure_lab: AzureLab, target: AzureTarget, monkeypatch: pytest.MonkeyPatch, hours: int
    ) -> None:
        azure_lab.emulator.settings.clock_offset = timedelta(hours=hours)
        monkeypatch.setenv("AZURE_TENANT_ID", azure_lab.tenant_id)
        monkeypatch.setenv("AZURE_CLIENT_ID", str(APPLICATION.client_id))
        monkeypatch.setenv("AZURE_CLIENT_SECRET", str(APPLICATION.client_secret))
        workspace = await AzureWorkspace.open(target, make_silent(SignInMethod.ENVIRONMENT, azure_lab.tenant_id))
        assert (await READ.call(workspace)).name == "cpu-cluster"
        await workspace.close()


async def test_sixteen_screens_at_once_get_their_own_answers_while_the_loop_stays_free(
    workspace: AzureWorkspace, azure_lab: AzureLab
) -> None:
    azure_lab.faults.add(Fault("/mlflow/", FOREVER, status=404))
    names = [job["name"] for job in azure_lab.seed_jobs(40)]
    azure_lab.emulator.settings.latency = 0.02
    lags: list[float] = []

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            lags.append(time.monotonic() - before - 0.005)

    async def screen(number: int) -> None:
        for name in names[number::16]:
            assert (await workspace.jobs.get(name)).name == name
        assert (await workspace.compute.get("gpu-spot")).name == "gpu-spot"
        assert (await workspace.data.get("diabetes")).name == "diabetes"
        assert len((await workspace.jobs.list(JobQuery(), limit=number + 1)).items) == number + 1

    await workspace.jobs.list(JobQuery())
    ticking = asyncio.ensure_future(tick())
    await asyncio.gather(*map(screen, range(16)))
    ticking.cancel()
    lags.sort()
    assert lags[len(lags) * 9 // 10] < 0.1, "a key would be answered late"


async def test_who_may_only_read_still_reads(azure_lab: AzureLab, target: AzureTarget) -> None:
    workspace = await AzureWorkspace.open(target, azure_lab.credential(READER))
    assert await workspace.compute.list()
    assert type(await error_of(workspace.compute.delete("gpu-spot"))) is AccessError
    assert "gpu-spot" in computes(azure_lab)
    await workspace.close()
