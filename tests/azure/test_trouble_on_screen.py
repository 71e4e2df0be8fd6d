"""What one sees of the troubles of `test_trouble.py`, and that keys go on to be answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.places import Open, Place
from services.azure import client, job_refresh
from services.azure.workspace import AzureWorkspace
from services.sign_in import Identity
from services.targets import AzureTarget, WorkspaceTarget
from services.workspace import Workspace
from tests.azure_emulator.faults import FOREVER, Fault, Outage
from tests.azure_emulator.identity import MEMBER, STRANGER
from tests.azure_emulator.identity import Identity as Person
from tests.azure_emulator.lab import AzureLab
from tests.support.app import settle
from tests.support.keys import shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually
from tui import in_workspace
from tui.app import LapisApp

pytestmark = pytest.mark.azure

ARM = "management.azure.com"
JOBS = r"GET \S*/jobs\?"
REQUEST = "5b0e6d8c-3f0e-4f6e-9d53-8a3c4f1b2a10"
MakeApp = Callable[..., LapisApp]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for another look."""
    monkeypatch.setattr(client, "POLLING_SECONDS", 0.05)
    monkeypatch.setattr(job_refresh, "BUSY_SECONDS", 0.0)
    monkeypatch.setattr(in_workspace, "OPERATIONS_SECONDS", 0.02)


@pytest.fixture(autouse=True)
def silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing is printed, whatever happens: it would be on the screen."""
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def make_app(azure_lab: AzureLab, target: AzureTarget) -> MakeApp:
    """The app on the lab's workspace, as somebody sees it."""

    def make(person: Person = MEMBER) -> LapisApp:
        async def open_it(_: WorkspaceTarget) -> Workspace:
            return await AzureWorkspace.open(target, azure_lab.credential(person), identity=Identity(person.name))

        return LapisApp(open_it, target)

    return make


def refusal(requests: str, status: int, code: str, message: str, *, ahead: timedelta = timedelta()) -> Fault:
    """An answer as Azure ML words its errors; its clock is so much ahead."""
    error = {"code": "UserError", "message": "An error occurred.", "details": [{"code": code, "message": message}]}
    date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
    return Fault(
        requests,
        FOREVER,
        status=status,
        headers={"x-ms-request-id": REQUEST, "date": date},
        body=json.dumps({"error": error}).encode(),
        content_type="application/json",
    )


async def go(pilot: Pilot[Any], screen: str) -> None:
    """Go to a screen, and wait for what it shows."""
    await settle(pilot)
    pilot.app.screen.post_message(Open(Place(screen), push=False))
    await settle(pilot)


async def seen(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until all texts can be read."""

    def all_there() -> bool:
        return all(shows(pilot, text) for text in texts)

    await eventually(all_there, 20, what=f"{texts} are not on the screen:\n{text_of(pilot)}")


TROUBLES: dict[str, tuple[Callable[[AzureLab], object], str]] = {
    "refused": (
        lambda lab: lab.faults.add(
            refusal(JOBS, 403, "AuthorizationFailed", "The client 'ada@example.test' may not do jobs/read.")
        ),
        "This identity may not do that",
    ),
    "throttled": (
        lambda lab: lab.faults.add(refusal(JOBS, 429, "TooManyRequests", "The subscription reads too much.")),
        "Azure asks to slow down",
    ),
    "failing": (
        lambda lab: lab.faults.add(refusal(JOBS, 503, "ServiceUnavailable", "The service is busy.")),
        "Azure failed with 503",
    ),
    "no network": (lambda lab: lab.faults.cut_off(ARM, Outage.NO_DNS), "No connection to Azure"),
    "bad certificate": (lambda lab: lab.faults.cut_off(ARM, Outage.UNTRUSTED), "The certificate is not trusted"),
    "web page": (
        lambda lab: lab.faults.add(Fault(JOBS, FOREVER, status=200, body=b"<html>Hotel</html>")),
        "Something between here and Azure answered",
    ),
    "poisoned": (
        lambda lab: (lab.seed_jobs(1), lab.faults.add(Fault(JOBS, FOREVER, next_link="https://attacker.example/"))),
        "The answer ends too early",
    ),
    "clock": (
        lambda lab: lab.faults.add(
            refusal(JOBS, 401, "ExpiredAuthenticationToken", "The access token has expired.", ahead=timedelta(hours=1))
        ),
        "The clock of this machine is wrong",
    ),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_the_card_of_each_trouble(
    make_app: MakeApp, azure_lab: AzureLab, name: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    begin, title = TROUBLES[name]
    begin(azure_lab)
    async with make_app().run_test(size=size) as pilot:
        await seen(pilot, title)
        await screen_snapshot(pilot)
        await pilot.press("question_mark")
        await seen(pilot, "Keys: Jobs")


async def test_the_request_is_copied_by_the_key_that_copies(make_app: MakeApp, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(refusal(JOBS, 403, "AuthorizationFailed", "You may not."))
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await seen(pilot, f"request id {REQUEST}", "(AuthorizationFailed)")
        await pilot.press("c")
        await settle(pilot)
        assert app.clipboard == REQUEST
        azure_lab.faults.clear()
        (job,) = azure_lab.seed_jobs(1)
        await pilot.press("r")
        await seen(pilot, job["properties"]["displayName"])
        await pilot.press("c")
        await settle(pilot)
        assert app.clipboard == job["name"]


async def test_who_is_refused_is_named_and_finds_another_identity(make_app: MakeApp) -> None:
    async with make_app(STRANGER).run_test(size=(120, 40)) as pilot:
        await seen(pilot, "This identity may not do that", f"Refused: {STRANGER.name}", "AzureML Data Scientist")
        await pilot.press("g", "x")
        await seen(pilot, "Next identity")


@pytest.mark.parametrize("screen", ["data", "models", "datastores", "environments", "compute", "workspace"])
async def test_every_list_shows_the_code_and_the_request(make_app: MakeApp, azure_lab: AzureLab, screen: str) -> None:
    path = {"workspace": r"/workspaces/ws-lab\?", "compute": r"/computes\?"}.get(screen, rf"/{screen}\?")
    azure_lab.faults.add(refusal(f"GET .*{path}", 409, "TellingCode", "Something is in the way."))
    async with make_app().run_test(size=(80, 24)) as pilot:
        await go(pilot, screen)
        await seen(pilot, "Something is in the way. (TellingCode)", f"request id {REQUEST}")


async def test_rows_stay_while_the_network_is_away_and_are_true_again_after_it(
    make_app: MakeApp, azure_lab: AzureLab
) -> None:
    async with make_app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "datastores")
        await seen(pilot, "workspaceblobstore")
        azure_lab.faults.cut_off(ARM, Outage.REFUSED)
        await pilot.press("r")
        await seen(pilot, "! The connection broke", "workspaceblobstore")
        azure_lab.faults.clear()
        await pilot.press("r")
        await eventually(lambda: not shows(pilot, "! The connection broke"))


async def test_keys_are_answered_while_azure_is_not(make_app: MakeApp, azure_lab: AzureLab) -> None:
    async with make_app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "datastores")
        await seen(pilot, "workspaceblobstore")
        azure_lab.emulator.settings.latency = 3
        for screen in ("data", "models", "environments", "compute", "workspace"):
            pilot.app.screen.post_message(Open(Place(screen)))
        await seen(pilot, "Reading the workspace")
        before = asyncio.get_running_loop().time()
        await pilot.press("question_mark")
        await seen(pilot, "Keys: Workspace")
        assert asyncio.get_running_loop().time() - before < 2, "long before any answer"
        azure_lab.emulator.settings.latency = 0


async def test_an_operation_that_failed_is_told_with_its_code(
    make_app: MakeApp, azure_lab: AzureLab, size: tuple[int, int]
) -> None:
    azure_lab.operations.fail_next("QuotaExceeded", "The quota of 100 cores is used up.")
    async with make_app().run_test(size=size) as pilot:
        await go(pilot, "compute")
        await seen(pilot, "rosa-notebook")
        workspace = await pilot.app.workspace.ready()  # type: ignore[attr-defined]
        await workspace.compute.start("rosa-notebook")
        await seen(pilot, "✗ 1 failed: O")
        await pilot.press("O")
        await seen(pilot, "The quota is used up", "(QuotaExceeded)", "request id", "under Quotas")
