"""The header tells what goes on in the background, and a key shows it on every screen."""

from __future__ import annotations

import pytest

from screens.operations import OperationsScreen
from services.errors import TransientError
from tests.support.app import settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.snapshots import screen_text
from tests.support.waiting import eventually
from tests.tui.conftest import MakeApp
from tui import in_workspace


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look soon, and leave the app at rest between two looks."""
    monkeypatch.setattr(in_workspace, "OPERATIONS_SECONDS", 0.2)


async def test_the_header_and_the_key(make_app: MakeApp, workspace: FakeWorkspace) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "in work" not in screen_text(app)
        first, second = workspace.log.begin("Create", "cpu-cluster"), workspace.log.begin("Start", "ada-box")
        await eventually(lambda: "◔ 2 in work" in screen_text(app))
        workspace.log.fail(first, TransientError("The service did not answer."))
        workspace.log.succeed(second)
        await eventually(lambda: "✗ 1 failed: O" in screen_text(app) and "in work" not in screen_text(app))
        await pilot.press("O")
        await settle(pilot)
        assert isinstance(app.screen, OperationsScreen)
        assert "The service did not answer." in screen_text(app)
        await pilot.press("escape")
        await eventually(lambda: "failed: O" not in screen_text(app))


async def test_the_key_works_where_letters_are_typed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        app.screen.query_one("#note").focus()
        await pilot.press("O", "ctrl+b")
        await settle(pilot)
        assert isinstance(app.screen, OperationsScreen)
