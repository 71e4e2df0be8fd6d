"""The tools that other tests stand on."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import ComposeResult
from textual.widgets import Static

from screens.base import LapisScreen
from screens.places import Place
from services.entities import JobEvent, JobQuery, JobStatus, LogAppended, StatusChanged
from services.errors import TransientError
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import ScreenSnapshot


class Hello(LapisScreen):
    CRUMB = "Hello"

    def compose_body(self) -> ComposeResult:
        yield Static("good morning", markup=False)


async def test_one_screen_in_a_host(screen_snapshot: ScreenSnapshot, size: tuple[int, int]) -> None:
    """A screen alone, drawn with the real theme, and its messages noted."""
    app = ScreenApp(Hello(Place("jobs")))
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        assert isinstance(screen, Hello)
        screen.moved(Place("jobs", filter="auc"))
        screen.action_leave()
        await settle(pilot)
        assert app.moved == [Place("jobs", filter="auc")]
        assert app.left == 1
        await screen_snapshot(pilot)


async def test_a_running_job_is_fed_by_the_test(workspace: FakeWorkspace) -> None:
    """A watcher hears first what there is, then what happens, until the end."""
    heard: list[JobEvent] = []

    async def listen() -> None:
        heard.extend([event async for event in workspace.jobs.watch("plucky_lake_1")])

    listener = asyncio.create_task(listen())
    while not workspace.jobs.watched("plucky_lake_1"):
        await asyncio.sleep(0)
    workspace.jobs.grow_log("plucky_lake_1", b"more\n")
    workspace.jobs.finish("plucky_lake_1")
    await listener
    assert isinstance(heard[0], StatusChanged)
    assert heard[0].job.status is JobStatus.RUNNING
    assert isinstance(heard[-2], LogAppended)
    assert isinstance(heard[-1], StatusChanged)
    assert heard[-1].job.status is JobStatus.COMPLETED
    assert workspace.jobs.watched("plucky_lake_1") == 0


async def test_calls_fail_and_wait_as_told(workspace: FakeWorkspace) -> None:
    """Switches for errors and slowness; pages follow each other."""
    workspace.fail("jobs.list", TransientError("offline"))
    with pytest.raises(TransientError):
        await workspace.jobs.list(JobQuery())
    workspace.mend("jobs.list")
    gate = workspace.slow("jobs.list")
    call = asyncio.create_task(workspace.jobs.list(JobQuery(), None, 10))
    await asyncio.sleep(0)
    assert not call.done()
    gate.set()
    page = await call
    assert len(page.items) == 10
    assert page.total == 14
    assert page.items[0].created_at >= page.items[1].created_at
    rest = await workspace.jobs.list(JobQuery(), page.cursor, 10)
    assert len(rest.items) == 4
    assert rest.cursor is None
