"""Nodes of a cluster."""

from __future__ import annotations

import pytest

from screens.compute.nodes import NodesScreen
from screens.places import Place
from services.errors import NotFoundError
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import move_to, shows
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")


def screen_of(workspace: FakeWorkspace, name: str = "cpu-cluster") -> NodesScreen:
    return NodesScreen(Place("compute-nodes", name), compute=workspace.compute)


async def test_nodes(cloud: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(cloud)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_no_nodes_now(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(cloud, "new-cluster")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_cluster_that_is_gone(cloud: FakeWorkspace) -> None:
    cloud.fail("compute.nodes", NotFoundError("There is no compute named cpu-cluster."))
    async with ScreenApp(screen_of(cloud)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "There is no compute named cpu-cluster.")


async def test_enter_opens_the_job_and_u_copies_the_login(cloud: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(cloud))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("u")
        assert app.clipboard == "ssh azureuser@20.1.1.1 -p 50000"
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == [Place("job", "plucky_lake_1")]
        await move_to(pilot, "tvmps_2")
        await pilot.press("enter")
        await settle(pilot)
        assert len(app.opened) == 1
        assert app.last_notice.endswith("No job runs on tvmps_2 now.")
        await pilot.press("u")
        assert app.last_notice.endswith("tvmps_2 can't be reached by SSH.")


async def test_a_node_that_comes_is_seen_without_a_key(cloud: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NodesScreen, "EVERY", 0.05)
    nodes = cloud.compute.all_nodes["cpu-cluster"]
    cloud.compute.all_nodes["cpu-cluster"] = ()
    async with ScreenApp(screen_of(cloud)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "No nodes now.")
        cloud.compute.all_nodes["cpu-cluster"] = nodes
        await eventually(lambda: shows(pilot, "tvmps_3"))
