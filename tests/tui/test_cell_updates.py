"""The terminal shows what Textual means, though only the cells that change are sent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.targets import LocalTarget, WorkspaceTarget
from tests.support import entities
from tests.support.app import settle
from tests.support.fake_connector import FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tests.support.painted import PaintedDriver, faults
from tests.support.waiting import eventually
from tui.app import LapisApp

KEYS = [
    *["down", "up", "pagedown", "pageup", "ctrl+d"] * 4,
    *["G", "home", "space", "question_mark", "ctrl+p", "slash", "colon", "enter", "tab", "4", "2", "a", "x"],
    *["escape"] * 5,
]
ODD = ("plucky_lake", "漢字", "a→b", "e\u0301tude", "👩‍🔬 lab", "brave")


def app_with(names: Sequence[str], workspace: FakeWorkspace, folder: Path) -> LapisApp:
    """Lapis on a workspace of many jobs that have these names in turns."""
    status = (entities.S.COMPLETED, entities.S.FAILED, entities.S.CANCELED)
    for at in range(120):
        name, display = f"job_{at}", f"{names[at % len(names)]} {at}"
        row = entities.summary(name, status[at % 3], created=entities.ago(minutes=at), ran=at * 7, display=display)
        workspace.jobs.all[name] = entities.job(row)

    async def opener(target: WorkspaceTarget) -> FakeWorkspace:
        return workspace

    return LapisApp(opener, LocalTarget(folder), connector=FakeConnector(), driver_class=PaintedDriver)


@pytest.mark.parametrize("seed", range(2))
async def test_the_terminal_shows_what_is_meant_after_any_keys(
    workspace: FakeWorkspace, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    app = app_with(ODD, workspace, tmp_path)
    async with app.run_test(headless=False, size=(120, 40)) as pilot:
        await settle(pilot)
        pressed: list[str] = []
        for _ in range(25):
            if chance.random() < 0.04:
                pressed.append("resize")
                await pilot.resize_terminal(*chance.choice([(120, 40), (80, 24), (100, 30), (30, 8)]))
            else:
                pressed.append(chance.choice(KEYS))
                await pilot.press(pressed[-1])
            await settle(pilot, groups=frozenset())
            await eventually(lambda: not faults(app), 2.0, what=f"{faults(app)[:9]} after {pressed}")


@pytest.mark.parametrize(("size", "row", "page"), [((120, 40), 2048, 5000), ((80, 24), 800, 2500)])
async def test_keys_send_little(
    workspace: FakeWorkspace, tmp_path: Path, size: tuple[int, int], row: int, page: int
) -> None:
    """A row key within the page and at its edge, where the list scrolls beside a detail that stays; a page key."""
    app = app_with(["train", "evaluate", "sweep"], workspace, tmp_path)
    async with app.run_test(headless=False, size=size) as pilot:
        await settle(pilot)
        driver = app._driver
        assert isinstance(driver, PaintedDriver)

        async def sent(key: str) -> int:
            before = driver.sent
            await pilot.press(key)
            await settle(pilot)
            return driver.sent - before

        assert 0 < await sent("down") < 500
        for _ in range(size[1]):
            await sent("down")
        assert 0 < await sent("down") < row
        assert 0 < await sent("pagedown") < page
        assert not faults(app)
