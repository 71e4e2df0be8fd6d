"""Jobs with children: the tab that lists them, and how lists tell such jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.job.screen import JobScreen
from screens.jobs import JobsScreen
from screens.places import Place
from services.entities import ChildrenChanged, JobQuery, JobStatus, JobSummary, Page, RunData
from services.errors import TransientError
from tests.support.app import ScreenApp, settle
from tests.support.entities import NOW, SWEEP, TRIALS, summary
from tests.support.fake_jobs import FakeJobs, FakeTracking
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import grid_of, move_to, shows
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")


@pytest.fixture
def sweep(workspace: FakeWorkspace) -> FakeWorkspace:
    """A sweep that runs, with four trials, two of which have logged an accuracy."""
    jobs = workspace.jobs = FakeJobs(workspace._board, (SWEEP, *TRIALS))
    jobs.all[SWEEP.name] = replace(jobs.all[SWEEP.name], primary_metric="accuracy", best_child_name=TRIALS[1].name)
    workspace.tracking = FakeTracking(workspace._board, jobs)
    workspace.tracking.runs = {
        TRIALS[0].name: RunData(metrics={"accuracy": 0.774}),
        TRIALS[1].name: RunData(metrics={"accuracy": 0.7912345678, "loss": 0.3}),
    }
    return workspace


def screen_of(workspace: FakeWorkspace, tab: str = "children", name: str = SWEEP.name) -> JobScreen:
    return JobScreen(Place("job", name, tab=tab), jobs=workspace.jobs, tracking=workspace.tracking)


async def listed(pilot: Pilot[Any], count: int = len(TRIALS)) -> None:
    await settle(pilot)
    await eventually(lambda: bool(list(pilot.app.screen.query("ChildrenPane Grid"))))
    await eventually(lambda: grid_of(pilot).row_count == count)
    await settle(pilot)


async def test_children(sweep: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(sweep)).run_test(size=size) as pilot:
        await listed(pilot)
        await screen_snapshot(pilot)
        assert shows(pilot, "★ wide_sea_20_1")
        assert shows(pilot, "0.791235")


async def test_enter_opens_a_child(sweep: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(sweep))
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await move_to(pilot, TRIALS[2].name)
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == [Place("job", TRIALS[2].name)]


async def test_a_child_that_comes_is_seen_and_ended_ones_are_read_once(sweep: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(sweep)).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        more = summary(f"{SWEEP.name}_4", JobStatus.QUEUED, created=NOW, parent_name=SWEEP.name)
        sweep.jobs.all[more.name] = replace(sweep.jobs.all[TRIALS[3].name], summary=more)
        sweep.jobs.feed(SWEEP.name, ChildrenChanged((more.name,)))
        await listed(pilot, len(TRIALS) + 1)
        read = [name for (name,) in sweep.called("tracking.run")]
        assert read.count(TRIALS[0].name) == 1
        assert more.name not in read


async def test_the_tab_is_there_for_jobs_with_children_only(sweep: FakeWorkspace) -> None:
    async with ScreenApp(screen := screen_of(sweep, "overview")).run_test(size=(120, 40)) as pilot:
        await eventually(lambda: shows(pilot, "0 Children"))
        await pilot.press("0")
        await listed(pilot)
        assert screen.tab == "children"
    async with ScreenApp(screen := screen_of(sweep, "overview", TRIALS[0].name)).run_test(size=(120, 40)) as pilot:
        await eventually(lambda: shows(pilot, "✓ Completed"))
        assert not shows(pilot, "Children")
        await pilot.press("0")
        await settle(pilot)
        assert screen.tab == "overview"


async def test_no_children_yet(sweep: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    for trial in TRIALS:
        del sweep.jobs.all[trial.name]
    async with ScreenApp(screen_of(sweep)).run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "No children yet."))
        await screen_snapshot(pilot)


async def test_children_that_cannot_be_read(sweep: FakeWorkspace) -> None:
    sweep.fail("jobs.list", TransientError("The service did not answer."))
    async with ScreenApp(screen_of(sweep)).run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "The service did not answer."))


async def test_a_job_that_began_again_says_so(workspace: FakeWorkspace) -> None:
    name = "plucky_lake_1"
    workspace.jobs.all[name] = replace(workspace.jobs.all[name], attempt=2)
    async with ScreenApp(screen_of(workspace, "overview", name)).run_test(size=(120, 40)) as pilot:
        await eventually(lambda: shows(pilot, "↻ attempt 2"))
        await eventually(lambda: shows(pilot, "2: it was pre-empted and began again"))


async def test_the_list_names_the_kind(sweep: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(JobsScreen(Place("jobs"), jobs=sweep.jobs)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await eventually(lambda: shows(pilot, "sweep, 4 children"))
        await screen_snapshot(pilot)


class Cached(FakeJobs):
    """The list as it was a while ago, until it is refreshed."""

    is_old = True
    trouble = ""

    async def list(self, query: JobQuery, cursor: str | None = None, limit: int = 100) -> Page[JobSummary]:
        page = await super().list(query, cursor, limit)
        return replace(page, as_of=NOW - timedelta(hours=3), trouble=self.trouble) if self.is_old else page


async def test_a_list_from_the_copy_on_disk_tells_its_age(workspace: FakeWorkspace) -> None:
    jobs = Cached(workspace._board, (SWEEP,))
    async with ScreenApp(JobsScreen(Place("jobs"), jobs=jobs)).run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "as of 12:09, refreshing"))
        jobs.trouble = "Not signed in to Azure"
        await pilot.press("r")
        await eventually(lambda: shows(pilot, "as of 12:09, Not signed in to Azure"))
        jobs.is_old = False
        await pilot.press("r")
        await settle(pilot)
        await eventually(lambda: not shows(pilot, "as of"))
