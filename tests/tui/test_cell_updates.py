"""The terminal shows what Textual means, though only the cells that change are sent."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from services.entities import JobSummary
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
NAMES = ("plucky_lake", "漢字", "a→b", "e\u0301tude", "👩‍🔬 lab", "brave")


@pytest.fixture
def full_app(workspace: FakeWorkspace, tmp_path: Path) -> LapisApp:
    """Lapis on a workspace of many jobs, of which each sixth has an odd name."""
    rows = [replace(row, display_name=f"{NAMES[at % 6]} {at}") for at, row in enumerate(_summaries())]
    workspace.jobs.all = {row.name: entities.job(row) for row in rows}

    async def opener(target: WorkspaceTarget) -> FakeWorkspace:
        return workspace

    return LapisApp(opener, LocalTarget(tmp_path), connector=FakeConnector(), driver_class=PaintedDriver)


def _summaries() -> list[JobSummary]:
    status = (entities.S.COMPLETED, entities.S.FAILED, entities.S.CANCELED)
    return [
        entities.summary(f"job_{at}", status[at % 3], created=entities.ago(minutes=at), ran=at * 7, display=f"run {at}")
        for at in range(120)
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_the_terminal_shows_what_is_meant_after_any_keys(full_app: LapisApp, seed: int) -> None:
    chance = random.Random(seed)
    async with full_app.run_test(headless=False, size=(120, 40)) as pilot:
        await settle(pilot)
        pressed: list[str] = []
        for _ in range(40):
            if chance.random() < 0.04:
                pressed.append("resize")
                await pilot.resize_terminal(*chance.choice([(120, 40), (80, 24), (100, 30), (30, 8)]))
            else:
                pressed.append(chance.choice(KEYS))
                await pilot.press(pressed[-1])
            await settle(pilot, groups=frozenset())
            await eventually(lambda: not faults(full_app), 2.0, what=f"{faults(full_app)[:9]} after {pressed}")
