"""Tables behind a URL: what is told of the bytes, and what stands there when the server refuses or hangs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.entities.tables import FOUND_OUT, TableOptions
from services.tables.elsewhere import OnTheWeb, open_located
from services.tables.table import Table
from services.threads import in_daemon_thread
from tests.screens.table.conftest import ROWS, screen_of
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import grid_of, shows
from tests.support.waiting import eventually
from tests.support.web_server import Answering, WebServer, web_server

pytestmark = pytest.mark.usefixtures("still_cards")


@pytest.fixture
def web(workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """A server; the workspace opens what it is asked for there."""

    async def open_url(source: str, options: TableOptions = FOUND_OUT) -> Table:
        return await in_daemon_thread(lambda: open_located(source, OnTheWeb, options))

    monkeypatch.setattr(workspace.tables, "open", open_url)
    with web_server() as server:
        yield server
        server.released.set()


async def test_no_more_is_fetched_than_is_looked_at(workspace: FakeWorkspace, web: WebServer, large: str) -> None:
    url = web.put("large.csv", Path(large).read_bytes())
    async with ScreenApp(screen_of(workspace, url)).run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "rows and more")
        assert shows(pilot, "262 kB of")
        assert web.sent < Path(large).stat().st_size
        await pilot.press("l")
        await settle(pilot)
        assert shows(pilot, f"{ROWS:,} rows")


@pytest.mark.parametrize(("status", "told"), [(403, "403"), (404, "404"), (500, "500")])
async def test_a_status_is_told_in_a_card(
    workspace: FakeWorkspace, web: WebServer, status: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse: Any = partial(Answering.refuse, status=status)
    url = web.answer("t.csv", refuse)
    async with ScreenApp(screen_of(workspace, url)).run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "✗ ")
        assert shows(pilot, told)
        assert shows(pilot, "→ ")
        web.answers.clear()
        web.put("t.csv", b"a,b\n1,2\n")
        await pilot.press("r")
        await settle(pilot)
        assert grid_of(pilot).row_count == 1


async def test_a_server_that_hangs_holds_up_no_key(workspace: FakeWorkspace, web: WebServer) -> None:
    url = web.answer("t.csv", web.hang)
    app = ScreenApp(screen_of(workspace, url))
    async with app.run_test(size=(120, 24)) as pilot:
        await eventually(lambda: shows(pilot, "Opening t.csv ..."))
        await pilot.press("u")
        await eventually(lambda: app.clipboard == url)
