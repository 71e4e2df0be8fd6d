"""A screen at rest sends nothing to the terminal, also when it looks again and finds what it had found before."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import RenderableType
from textual.pilot import Pilot
from textual.screen import Screen

from screens.compute import ComputeScreen
from screens.jobs import JobsScreen
from screens.places import Place
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace


class WatchedApp(ScreenApp):
    """Counts what would be sent to a terminal."""

    drawn = 0

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.drawn += renderable is not None
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
