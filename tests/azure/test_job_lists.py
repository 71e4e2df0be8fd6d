"""The list of jobs: from the copy on disk at once, true a moment later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.azure.client import connect
from services.azure.connection import Connection
from services.azure.job_index import JobIndex
from services.azure.jobs import AzureJobs
from services.azure.sign_in import AzureSignIn
from services.azure.workspace import AzureWorkspace
from services.entities import JobQuery, JobStatus, JobType, Page
from services.errors import AccessError, ServiceError, TransientError
from services.targets import AzureTarget
from services.workspace import JobService
from tests.azure_emulator.faults import FOREVER, Fault
from tests.azure_emulator.lab import AzureLab
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure

LIST = r"GET \S*/jobs\?"


@pytest.fixture
async def connection(azure_lab: AzureLab, target: AzureTarget) -> AsyncIterator[Connection]:
    opened = await connect(target, azure_lab.credential())
    yield opened
    await opened.close()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(connection: Connection, tmp_path: Path, clock: Clock) -> Callable[[], AzureJobs]:
    """Opens the jobs as a new process would."""
    return lambda: AzureJobs(connection, JobIndex(tmp_path / "cache"), clock=clock)


async def whole(jobs: JobService, count: int) -> None:
    """Wait until the list knows how many jobs there are."""

    async def knows() -> bool:
        return (await jobs.list(JobQuery(include_archived=True), limit=1)).total == count

    await eventually(knows, what="the list was never read to its end")


async def test_the_first_pages_are_there_before_all_are_read(
    opened: Callable[[], AzureJobs], azure_lab: AzureLab
) -> None:
    made = azure_lab.seed_jobs(100)
    azure_lab.faults.add(Fault(LIST, skip=2, delay=0.5))
    jobs = opened()
    first = await jobs.list(JobQuery(include_archived=True))
    assert len(azure_lab.requests.matching(LIST)) == 2
    assert [job.name for job in first.items] == [job["name"] for job in made[::-1]][:60]
    assert (first.total, first.as_of) == (None, None)
    await whole(jobs, 100)
    page = await jobs.list(JobQuery(include_archived=True), limit=200)
    assert [job.name for job in page.items] == [job["name"] for job in made[::-1]]
    statuses = {job.name: job.status.value for job in page.items}
    assert statuses == {job["name"]: job["properties"]["status"] for job in made}


async def test_another_process_has_the_list_at_once_with_its_age(
    opened: Callable[[], AzureJobs], azure_lab: AzureLab, clock: Clock
) -> None:
    made = azure_lab.seed_jobs(40)
    jobs = opened()
    await whole(jobs, 40)
    azure_lab.faults.add(Fault(LIST, count=FOREVER, status=403, code="AuthorizationFailed"))
    again = opened()
    page = await again.list(JobQuery(include_archived=True), limit=5)
    assert [job.name for job in page.items] == [job["name"] for job in made[::-1]][:5]
    assert (page.total, page.as_of is not None) == (40, True)
    await eventually(lambda: again.refresher.error is not None)
    assert (await again.list(JobQuery(), limit=5)).as_of is not None, "the copy is no truer after a look that failed"
    azure_lab.faults.clear()
    clock.seconds += 60

    async def is_true() -> bool:
        return (await again.list(JobQuery(), limit=5)).as_of is None

    await eventually(is_true)


@pytest.mark.parametrize(("status", "expected"), [(403, AccessError), (404, ServiceError), (400, ServiceError)])
async def test_without_a_copy_the_error_is_told(
    opened: Callable[[], AzureJobs], azure_lab: AzureLab, status: int, expected: type[ServiceError], clock: Clock
) -> None:
    azure_lab.seed_jobs(3)
    azure_lab.faults.add(Fault(LIST, status=status))
    jobs = opened()
    with pytest.raises(expected):
        await jobs.list(JobQuery())
    clock.seconds += 60
    assert len((await jobs.list(JobQuery(include_archived=True))).items) == 3


async def test_a_poisoned_next_page_is_told_and_takes_nothing_away(
    opened: Callable[[], AzureJobs], azure_lab: AzureLab
) -> None:
    azure_lab.seed_jobs(100)
    azure_lab.faults.add(Fault(LIST, next_link="https://evil.example/jobs?x=1"))
    with pytest.raises(TransientError):
        await opened().list(JobQuery())
    assert "evil.example" not in {request.host for request in azure_lab.requests}


async def test_what_changes_is_seen_and_what_does_not_costs_one_page(
    opened: Callable[[], AzureJobs], azure_lab: AzureLab, clock: Clock
) -> None:
    made = azure_lab.seed_jobs(100)
    jobs = opened()
    await whole(jobs, 100)
    for job in made[-4:]:
        azure_lab.store.set_status(job["id"], "Completed")
    clock.seconds += 60

    async def is_seen() -> bool:
        page = await jobs.list(JobQuery(include_archived=True), limit=4)
        return all(job.status is JobStatus.COMPLETED for job in page.items)

    await eventually(is_seen)
    await eventually(lambda: jobs.refresher.is_idle)
    azure_lab.requests.clear()
    clock.seconds += 1
    await jobs.list(JobQuery())
    assert jobs.refresher.is_idle, "nothing runs, so nothing is asked for a while"
    clock.seconds += 60
    await jobs.list(JobQuery())
    await eventually(lambda: jobs.refresher.is_idle)
    assert len(azure_lab.requests.matching(LIST)) == 1


async def test_running_jobs_are_looked_at_more_seldom_while_nothing_changes(
    opened: Callable[[], AzureJobs], azure_lab: AzureLab, clock: Clock
) -> None:
    (running,) = [job for job in azure_lab.seed_jobs(4) if job["properties"]["status"] == "Queued"]
    jobs = opened()
    await whole(jobs, 4)

    async def looks(seconds: int) -> int:
        azure_lab.requests.clear()
        for _ in range(seconds):
            clock.seconds += 1
            await jobs.list(JobQuery())
            await eventually(lambda: jobs.refresher.is_idle)
        return len(azure_lab.requests.matching(LIST))

    await looks(60)
    assert await looks(60) == 6
    await jobs.cancel(running["name"])
    assert await looks(3) == 1
    azure_lab.store.set_status(running["id"], "Canceled")
    await looks(10)
    assert await looks(60) < 12


async def test_searching_asks_nobody(opened: Callable[[], AzureJobs], azure_lab: AzureLab) -> None:
    made = azure_lab.seed_jobs(100)
    jobs = opened()
    await whole(jobs, 100)
    await eventually(lambda: jobs.refresher.is_idle)
    azure_lab.requests.clear()
    failed = {job["name"] for job in made if job["properties"]["status"] == "Failed"}
    found = await jobs.list(JobQuery(text="failed", include_archived=True), limit=200)
    assert {job.name for job in found.items} == failed
    assert not azure_lab.requests.matching(LIST)


async def test_when_listed_jobs_began_and_ended_is_learned(
    opened: Callable[[], AzureJobs], azure_lab: AzureLab
) -> None:
    azure_lab.seed_jobs(8)
    jobs = opened()
    pages: list[Page[object]] = []

    async def knows() -> bool:
        page = await jobs.list(JobQuery(include_archived=True))
        pages[:] = [page]  # type: ignore[list-item]
        return all(job.started_at and job.ended_at for job in page.items if job.status is JobStatus.COMPLETED)

    await eventually(knows)
    await jobs.list(JobQuery(include_archived=True))
    asked = [request.path for request in azure_lab.requests.matching("/history/")]
    assert len(asked) == len(set(asked)), "each is asked for once"


async def test_the_children_of_a_sweep(opened: Callable[[], AzureJobs], azure_lab: AzureLab) -> None:
    azure_lab.seed_jobs(120)
    jobs = opened()
    await whole(jobs, 120)
    page = await jobs.list(JobQuery(include_archived=True), limit=200)
    sweep = next(job for job in page.items if job.type is JobType.SWEEP)
    assert all(job.parent_name is None for job in page.items)
    children = await jobs.list(JobQuery(parent_name=sweep.name))
    assert len(children.items) >= 3
    assert children.total == len(children.items)
    assert {child.parent_name for child in children.items} == {sweep.name}
    azure_lab.faults.add(Fault("/history/", count=FOREVER, status=403))
    again = await jobs.list(JobQuery(parent_name=sweep.name))
    assert [child.name for child in again.items] == [child.name for child in children.items]
    assert again.as_of is not None
    other = next(job for job in page.items if job.type is JobType.SWEEP and job.name != sweep.name)
    with pytest.raises(AccessError):
        await jobs.list(JobQuery(parent_name=other.name))


async def test_the_copy_is_shown_also_when_nobody_is_signed_in(
    azure_lab: AzureLab, target: AzureTarget, sign_in: AzureSignIn
) -> None:
    azure_lab.seed_jobs(30)
    before = await AzureWorkspace.open(target, azure_lab.credential())
    await whole(before.jobs, 30)
    await before.close()
    workspace = await AzureWorkspace.open(target)
    page = await workspace.jobs.list(JobQuery())
    assert page.items
    assert page.as_of is not None

    async def says_why() -> bool:
        return (await workspace.jobs.list(JobQuery())).trouble == "Not signed in to Azure"

    await eventually(says_why)
    with pytest.raises(AccessError, match="Azure CLI: "):
        await workspace.info()
    await workspace.close()
