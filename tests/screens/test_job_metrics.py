"""The metrics of a job by keys: which curves are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from screens.job import JobScreen
from screens.places import Place
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import screen_text


@pytest.mark.parametrize(
    ("keys", "drawn"),
    [
        ((), ["accuracy"]),
        (("m",), ["loss"]),
        (("m", "m"), ["not_a_number"]),
        (("m", "m", "m"), ["AUC"]),
        (("space", "space"), ["accuracy", "loss"]),
        (("space", "m", "space"), ["accuracy", "not_a_number"]),
        (("m", "m", "space", "space", "home"), ["AUC"]),
    ],
)
async def test_the_marked_metrics_are_drawn_else_the_one_under_the_cursor(
    workspace: FakeWorkspace, keys: Sequence[str], drawn: list[str]
) -> None:
    screen = JobScreen(Place("job", "keen_star_4", tab="metrics"), jobs=workspace.jobs, tracking=workspace.tracking)
    async with ScreenApp(screen).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
        await settle(pilot)
        legend = next(line for line in screen_text(pilot.app).splitlines() if "Points" in line).split("Points")[1]
        assert [word for word in legend.split() if word in {"AUC", "accuracy", "loss", "not_a_number"}] == drawn
