"""The connection: quiet, bounded, careful with what Azure allows, and no write is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.azure.client import connect
from services.azure.connection import Connection
from services.azure.rate_limit import FEW, PAUSE, RateLimit
from services.azure.resources import Resources
from services.errors import AccessError, ServiceError, TransientError, WorkspaceError
from services.operations import OperationState
from services.sign_in import Identity
from services.targets import AzureTarget
from services.threads import DaemonPool
from tests.azure_emulator.faults import FOREVER, Fault, Outage
from tests.azure_emulator.identity import MEMBER, STRANGER
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import Storage
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure


@pytest.fixture
async def connection(azure_lab: AzureLab, target: AzureTarget) -> AsyncIterator[Connection]:
    """A connection to the lab's workspace."""
    opened = await connect(target, azure_lab.credential(), identity=lambda: Identity(MEMBER.name))
    yield opened
    await opened.close()


def list_computes(client: Any) -> list[str]:
    return [compute.name for compute in client.compute.list()]


def get_workspace(client: Any) -> str:
    return str(client.workspaces.get("ws-lab").name)


async def test_all_clients_share_one_connection(connection: Connection, azure_lab: AzureLab) -> None:
    for call in (get_workspace, list_computes, lambda client: list(client.datastores.list()), list_computes):
        await connection.read(call)
    await connection.read(lambda _: list(Resources(connection).pages("data")))
    assert [tunnel.host for tunnel in azure_lab.jail.tunnels] == ["management.azure.com"]


async def test_the_sdk_writes_nothing_on_the_terminal_and_calls_nobody_else(
    connection: Connection,
    azure_storage: Storage,
    azure_lab: AzureLab,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    azure_lab.seed_workspace()
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("print(1)")

    def use(client: Any) -> None:
        from azure.ai.ml import command
        from azure.ai.ml.entities import Data

        (tmp_path / "a.csv").write_text("a,b\n1,2\n")
        client.data.create_or_update(Data(name="quiet", path=str(tmp_path / "a.csv"), type="uri_file"))
        client.jobs.create_or_update(
            command(
                code=str(tmp_path / "code"),
                command="python train.py",
                environment="azureml:AzureML-sklearn-1.5:1",
                compute="cpu-cluster",
            )
        )
        list(client.jobs.list())
        client.jobs.get("missing")

    with pytest.raises(ServiceError):
        await connection.read(use)
    for done in ("^PUT .*/data/quiet/versions", "^PUT .*/jobs/", "^GET .*/jobs/missing"):
        assert azure_lab.requests.matching(done)
    assert capfd.readouterr() == ("", "")
    assert azure_lab.jail.refused == []


def test_what_the_sdk_logs_goes_nowhere() -> None:
    code = """
import asyncio, logging
from services.azure.client import connect
from services.targets import AzureTarget

class Nobody:
    def get_token(self, *_, **__): ...

asyncio.run(connect(AzureTarget("sub", "rg", "ws"), Nobody())).client.jobs
for name in ("azure.ai.ml", "azure.ai.ml.operations", "azure.ai.ml._telemetry", "azure.identity", "msal.token_cache"):
    logging.getLogger(name).error("a secret")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("", "")


LISTS = """
import asyncio, sys
from pathlib import Path
from services.azure.client import connect
from services.azure.workspace import AzureWorkspace
from services.azure.job_index import JobIndex
from services.entities import JobQuery
from services.errors import ServiceError
from services.targets import AzureTarget

class Mine:
    def get_token(self, *_, **__):
        from azure.core.credentials import AccessToken
        return AccessToken(TOKEN, 1 << 40)

async def main():
    connection = await connect(AzureTarget(*TARGET), Mine())
    workspace = AzureWorkspace(connection, JobIndex(Path(FOLDER)))
    page = await workspace.jobs.list(JobQuery(), None, 5)
    await workspace.jobs.get(page.items[0].name)
    await workspace.data.list()
    await workspace.compute.list()
    await workspace.info()
    try:
        await workspace.jobs.get("missing")
    except ServiceError:
        pass
    await workspace.close()
    print("azure.ai.ml" in sys.modules)

asyncio.run(main())
"""


def test_a_look_at_a_workspace_does_without_the_sdk(azure_lab: AzureLab, target: AzureTarget, tmp_path: Path) -> None:
    """Its import takes seconds, and 60 MB."""
    azure_lab.seed_jobs(1)
    values = {
        "TOKEN": azure_lab.credential().get_token("https://management.azure.com/.default").token,
        "TARGET": (target.subscription_id, target.resource_group, target.workspace_name),
        "FOLDER": str(tmp_path),
    }
    code = "".join(f"{name} = {value!r}\n" for name, value in values.items()) + LISTS
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("False\n", "")


async def test_a_token_that_the_service_no_longer_takes_is_renewed_once(
    connection: Connection, azure_lab: AzureLab
) -> None:
    await connection.read(get_workspace)
    azure_lab.directory.expire_tokens()
    azure_lab.requests.clear()

    await connection.read(get_workspace)
    azure_lab.directory.expire_tokens()
    await connection.read(lambda _: Resources(connection).get())

    assert [request.status for request in azure_lab.requests] == [401, 200, 401, 200]


async def test_a_write_that_meets_a_refused_token_is_sent_again_whole(
    connection: Connection, azure_lab: AzureLab
) -> None:
    await connection.read(get_workspace)
    azure_lab.directory.expire_tokens()
    tags = {"tags": {"team": "a"}}
    root = "https://management.azure.com" + connection.target.resource_id + "?api-version=2024-10-01"
    await connection.write("Tag", "ws-lab", lambda *_: connection.http.json("PATCH", root, body=tags))
    assert [request.json() for request in azure_lab.requests.matching("^PATCH")] == [tags, tags]


async def test_who_is_refused_for_good_is_told_after_two_tries(connection: Connection, azure_lab: AzureLab) -> None:
    azure_lab.emulator.settings.clock_offset = timedelta(hours=3)
    with pytest.raises(AccessError) as caught:
        await connection.read(get_workspace)
    assert caught.value.title == "The clock of this machine is wrong"
    assert [request.status for request in azure_lab.requests] == [401, 401]


async def test_a_call_is_tried_again_for_a_short_while(connection: Connection, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(Fault("workspaces/ws-lab", count=2, status=503))
    assert await connection.read(get_workspace) == "ws-lab"
    azure_lab.faults.add(Fault("workspaces/ws-lab", count=FOREVER, drop=True))
    started = time.monotonic()
    with pytest.raises(TransientError):
        await connection.read(get_workspace)
    assert time.monotonic() - started < 10


@pytest.mark.slow
async def test_storage_that_can_t_be_reached_is_given_up_soon(
    connection: Connection, azure_lab: AzureLab, tmp_path: Path
) -> None:
    azure_lab.faults.cut_off("*.blob.core.windows.net", Outage.NO_DNS)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")

    def upload(client: Any) -> None:
        from azure.ai.ml.entities import Data

        client.data.create_or_update(Data(name="lost", path=str(tmp_path / "a.csv"), type="uri_file"))

    started = time.monotonic()
    with pytest.raises(ServiceError):
        await connection.read(upload)
    assert time.monotonic() - started < 20, "the SDK's own clients go on for 88 s"


async def test_a_refusal_names_the_identity(azure_lab: AzureLab, target: AzureTarget) -> None:
    connection = await connect(target, azure_lab.credential(STRANGER), identity=lambda: Identity(STRANGER.name))
    with pytest.raises(AccessError, match=f"Refused: {STRANGER.name}$"):
        await connection.read(get_workspace)
    with pytest.raises(AccessError) as caught:
        await connection.read(lambda _: Resources(connection).get())
    assert caught.value.detail.count("Refused:") == 1
    await connection.close()


async def test_what_azure_still_allows_is_noted_from_every_call(connection: Connection, azure_lab: AzureLab) -> None:
    azure_lab.emulator.settings.remaining_reads = 100
    await connection.read(get_workspace)
    assert (connection.limit.calls, connection.limit.remaining_reads) == (1, 99)
    await connection.read(lambda _: Resources(connection).get())
    assert (connection.limit.calls, connection.limit.remaining_reads) == (2, 98)


async def test_only_reads_that_nobody_waits_for_hold_back_when_few_are_left(
    azure_lab: AzureLab, target: AzureTarget
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    made = await connect(target, azure_lab.credential())
    connection = Connection(target, made.client, made.http, limit=made.limit, pause=pause)
    azure_lab.emulator.settings.remaining_reads = FEW
    await connection.read(get_workspace)
    await connection.read(get_workspace)
    assert pauses == []
    await connection.read(get_workspace, background=True)
    assert 0 < pauses[0] <= PAUSE
    await connection.close()
    await made.close()


def test_reads_are_spared_until_the_bucket_has_filled_up() -> None:
    now = [100.0]
    limit = RateLimit(lambda: now[0])
    header = "x-ms-ratelimit-remaining-subscription-reads"
    assert limit.pause == 0
    limit.note({header: str(FEW)})
    assert limit.pause == 0
    limit.note({header: str(FEW - 1)})
    assert limit.pause == PAUSE
    now[0] += PAUSE - 1
    assert limit.pause == 1
    limit.note({header: "nonsense"})
    assert limit.pause == 1
    now[0] += PAUSE
    assert limit.pause == 0


async def test_a_write_is_carried_out_when_its_caller_goes_away(connection: Connection) -> None:
    begun, done, gone_on = threading.Event(), threading.Event(), []

    def write(_: object, number: int) -> None:
        connection.operations.progress(number, done=1, total=2)
        begun.set()
        done.wait(10)
        gone_on.append(number)

    caller = asyncio.ensure_future(connection.write("Submit", "keen_star_1", write))
    await eventually(begun.is_set)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    (operation,) = connection.operations.running
    assert (operation.verb, operation.subject, operation.done, operation.total) == ("Submit", "keen_star_1", 1, 2)
    done.set()
    await eventually(lambda: connection.operations.list()[0].state is OperationState.SUCCEEDED)
    assert gone_on


async def test_a_write_that_fails_is_an_operation_that_failed(connection: Connection, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(Fault("^PATCH", status=409, code="Locked"))
    root = "https://management.azure.com" + connection.target.resource_id
    with pytest.raises(ServiceError):
        await connection.write("Tag", "ws-lab", lambda *_: connection.http.json("PATCH", root, body={}))
    (operation,) = connection.operations.list()
    assert operation.state is OperationState.FAILED
    assert operation.error is not None


async def test_a_bug_in_a_write_does_not_leave_it_running(connection: Connection) -> None:
    with pytest.raises(ZeroDivisionError):
        await connection.write("Divide", "by zero", lambda *_: 1 // 0)
    assert connection.operations.list()[0].state is OperationState.FAILED


async def test_keys_find_readers_free_while_lists_are_refreshed_and_files_are_sent(connection: Connection) -> None:
    release = threading.Event()
    slow = [asyncio.ensure_future(connection.read(lambda _: release.wait(10), background=True)) for _ in range(20)]
    slow += [asyncio.ensure_future(connection.write("Send", "a file", lambda *_: release.wait(10))) for _ in range(20)]
    await asyncio.sleep(0)
    try:
        assert await asyncio.wait_for(connection.read(get_workspace), 5) == "ws-lab"
    finally:
        release.set()
    await asyncio.gather(*slow)


async def test_sixteen_screens_at_once_are_answered(connection: Connection, azure_lab: AzureLab) -> None:
    azure_lab.emulator.settings.latency = 0.01
    calls = [get_workspace, list_computes] * 8
    answers = await asyncio.gather(
        *(connection.read(call, background=index % 2 == 0) for index, call in enumerate(calls))
    )
    assert answers[::2] == ["ws-lab"] * 8
    assert len(set(map(str, answers[1::2]))) == 1


async def test_a_closed_connection_says_so(connection: Connection) -> None:
    await connection.close()
    with pytest.raises(WorkspaceError, match="closed"):
        await connection.read(get_workspace)


def test_a_read_that_hangs_does_not_keep_the_process() -> None:
    code = """
import time
from services.threads import DaemonPool
DaemonPool(2, "read").submit(time.sleep, 60)
print("left")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "left\n"


def test_a_pool_drops_what_waits_and_ends_its_threads() -> None:
    pool = DaemonPool(1, "tested")
    gate, running = threading.Event(), threading.Event()

    def wait() -> bool:
        running.set()
        return gate.wait(10)

    first = pool.submit(wait)
    second = pool.submit(lambda: None)
    assert running.wait(5)
    pool.shutdown(wait=False, cancel_futures=True)
    gate.set()
    assert first.result(5)
    assert second.cancelled()
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit(lambda: None)


def test_a_call_that_raises_gives_its_error() -> None:
    pool = DaemonPool(1, "tested")
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result(5)
    assert pool.submit(lambda: 2).result(5) == 2
    pool.shutdown()
