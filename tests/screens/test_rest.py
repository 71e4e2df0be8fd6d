"""A screen at rest sends nothing to the terminal, also when it looks again and finds what it had found before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import ChopsUpdate
from textual.pilot import Pilot
from textual.screen import Screen

from screens import clock
from screens.compute.screen import ComputeScreen
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.places import Place
from tests.support.app import ScreenApp, settle
from tests.support.entities import NOW
from tests.support.fake_connector import FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import screen_text
from tests.support.waiting import eventually
from tui.registry import make_screen


class WatchedApp(ScreenApp):
    """Counts what would be sent to a terminal."""

    drawn = 0
    painted = 0
    """Cells."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.drawn += renderable is not None
        if isinstance(renderable, ChopsUpdate):
            self.painted += sum(x2 - x1 for _, x1, x2 in renderable.spans)
        elif renderable is not None:
            self.painted += screen.size.area
        super()._display(screen, renderable)


async def look_again(pilot: Pilot[None]) -> int:
    """How often the screen is drawn because of `r`."""
    app = pilot.app
    assert isinstance(app, WatchedApp)
    before = app.drawn
    await pilot.press("r")
    await settle(pilot)
    return app.drawn - before


@pytest.mark.parametrize("empty", [False, True])
async def test_jobs(size: tuple[int, int], empty: bool) -> None:
    workspace = FakeWorkspace(empty=empty)
    async with WatchedApp(JobsScreen(Place("jobs"), jobs=workspace.jobs)).run_test(size=size) as pilot:
        await settle(pilot)
        assert await look_again(pilot) == 0


async def test_compute(workspace: FakeWorkspace, size: tuple[int, int]) -> None:
    screen = ComputeScreen(Place("compute"), compute=workspace.compute, jobs=workspace.jobs)
    async with WatchedApp(screen).run_test(size=size) as pilot:
        await settle(pilot)
        assert await look_again(pilot) == 0


async def test_a_tick_of_a_running_job_repaints_its_line_alone(
    workspace: FakeWorkspace, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = JobScreen(Place("job", "plucky_lake_1"), jobs=workspace.jobs, tracking=workspace.tracking)
    async with WatchedApp(screen).run_test(size=size) as pilot:
        app = pilot.app
        assert isinstance(app, WatchedApp)
        await eventually(lambda: screen.feed.job is not None and screen.drawn)
        await settle(pilot)
        before = app.drawn, app.painted
        await pilot.pause(1.2)  # the clock stands still: nothing to draw
        assert (app.drawn, app.painted) == before
        monkeypatch.setattr(clock, "source", lambda: NOW + timedelta(seconds=1))
        await eventually(lambda: "3m 59s" in screen_text(app))
        await eventually(lambda: app.painted > before[1])
        assert app.painted - before[1] <= size[0]


@pytest.mark.parametrize("name", ["data", "datastores", "environments", "workspace"])
async def test_what_is_looked_at_when_asked(workspace: FakeWorkspace, name: str) -> None:
    async with WatchedApp(make_screen(Place(name), workspace, FakeConnector())).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert await look_again(pilot) == 0
