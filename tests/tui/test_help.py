"""`?` on the real screens: what works there, the tabs, and the keys of the widget that has the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.help import HelpScreen
from screens.places import Open, Place
from services.targets import LocalTarget, WorkspaceTarget
from services.workspace import Workspace
from tests.support.app import settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import screen_text
from tui.app import LapisApp


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place("jobs"), ["n ", "Fill in a command job and submit it"]),
        (Place("jobs"), ["space ", "Mark the row and go on, or take its mark away"]),
        (Place("jobs"), ["↓ j ", "A row down"]),
        (Place("job", "keen_star_4", "logs"), ["3 ", "Metrics"]),
        (Place("job", "keen_star_4", "logs"), ["end ctrl+end G", "To the end"]),
    ],
)
async def test_help_has_the_keys_of_the_screen_its_tabs_and_the_cursor(place: Place, expected: list[str]) -> None:
    async def opener(target: WorkspaceTarget) -> Workspace:
        return FakeWorkspace()

    app = LapisApp(opener, LocalTarget(Path("workspace")))
    async with app.run_test(size=(100, 70)) as pilot:
        await settle(pilot)
        app.screen.post_message(Open(place))
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        text = screen_text(app)
        assert any(f"│   {expected[0]}" in line and f" {expected[1]} " in line for line in text.splitlines())
        assert "Page Left" not in text
