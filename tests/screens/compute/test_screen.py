"""Compute: this machine, its slots, what runs and what waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.compute.screen import TABS, ComputeScreen
from screens.places import Place
from screens.show_as import ShowAs
from screens.widgets.dialogs import Choose, Confirm
from services.errors import TransientError, UserError
from tests.screens.compute.conftest import in_azure
from tests.support import asset_entities
from tests.support.app import ScreenApp, settle
from tests.support.compute_entities import CLUSTER, LOW_PRIORITY
from tests.support.entities import HOSTILE, JOB_SUMMARIES
from tests.support.fake_jobs import FakeJobs
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import answer, asked, grid_of, make_read_only, move_to, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")

RUNNING, QUEUED = JOB_SUMMARIES[:2]


@pytest.fixture
def machine(workspace: FakeWorkspace) -> FakeWorkspace:
    """One job runs, one waits."""
    workspace.jobs = FakeJobs(workspace._board, JOB_SUMMARIES[:2])
    return workspace


def screen_of(workspace: FakeWorkspace, filter_: str = "") -> ComputeScreen:
    return ComputeScreen(Place("compute", filter=filter_), compute=workspace.compute, jobs=workspace.jobs)


async def test_this_machine(machine: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(machine)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_loading(machine: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = machine.slow("compute.list")
    async with ScreenApp(screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await settle(pilot)
        assert grid_of(pilot).cursor_key == "this-machine"


async def test_first_read_fails(machine: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    machine.fail("compute.list", TransientError("The database is locked."))
    async with ScreenApp(screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_later_failure_keeps_what_was_known(machine: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        machine.fail("jobs.list", TransientError("The database is locked."))
        await pilot.press("r")
        await screen_snapshot(pilot)


async def test_no_compute(machine: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    machine.compute.all = {}
    async with ScreenApp(screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_filter_that_matches_nothing(machine: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(machine, "gpu")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "None of the computes matches “gpu”.")


async def test_a_job_that_ends_is_seen_without_a_key(machine: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ComputeScreen, "EVERY", 0.05)
    async with ScreenApp(screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "● Running  train diabetes, reg 0.01")
        machine.jobs.finish(RUNNING.name)
        idle = replace(asset_entities.COMPUTES[0], running_jobs=0)
        machine.compute.all[idle.name] = idle
        await eventually(lambda: shows(pilot, "0 of 2 slots, 1 queued") and shows(pilot, "2, 2 free"))
        assert not shows(pilot, "reg 0.01")


async def test_a_slow_look_is_not_begun_again(machine: FakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ComputeScreen, "EVERY", 0.01)
    async with ScreenApp(screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        gate = machine.slow("compute.list")
        before = len(machine.called("compute.list"))
        await eventually(lambda: len(machine.called("compute.list")) == before + 1)
        await pilot.pause(0.1)
        assert len(machine.called("compute.list")) == before + 1
        gate.set()
        await eventually(lambda: len(machine.called("compute.list")) > before + 1)


async def test_keys(machine: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(machine))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("c")
        assert app.clipboard == "this-machine"
        await pilot.press("enter")
        await settle(pilot)
        assert app.opened == [Place("jobs", filter="compute:this-machine")]
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert "az ml compute show --name this-machine" in drawer.form.text


async def test_read_only_shows_the_same(machine: FakeWorkspace) -> None:
    async with ScreenApp(screen := screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        make_read_only(screen)
        await settle(pilot)
        assert shows(pilot, "READ-ONLY")
        assert shows(pilot, "1 of 2 slots, 1 queued")


async def test_hostile_names_of_jobs_are_shown_not_obeyed(workspace: FakeWorkspace) -> None:
    workspace.jobs = FakeJobs(workspace._board, [replace(RUNNING, display_name=HOSTILE)])
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        text = text_of(pilot)
        assert "● Running  [bold red]x[/] ␛[31m" in text
        assert "\x1b" not in text


# An Azure workspace


async def opened(pilot: Pilot[Any], screen: ComputeScreen, key: str = "") -> None:
    """Wait for the list, and put the cursor on a row."""
    in_azure(screen)
    await settle(pilot)
    if key:
        await move_to(pilot, key)
        await settle(pilot)


@pytest.mark.parametrize("key", ["ada-box", "cpu-cluster", "gpu-cheap"])
async def test_all_kinds(
    cloud: FakeWorkspace, key: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=size) as pilot:
        await opened(pilot, screen, key)
        await screen_snapshot(pilot)


async def test_wide_screens_show_every_column(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=(230, 50)) as pilot:
        await opened(pilot, screen, "ada-box")
        await screen_snapshot(pilot)


@pytest.mark.parametrize(
    ("digit", "names"),
    [
        ("2", ["ada-box", "bob-box"]),
        ("3", ["cpu-cluster", "gpu-cheap", "new-cluster"]),
        ("4", ["synapse-pool"]),
        ("5", ["aks"]),
        ("6", ["bricks", "old-vm"]),
    ],
)
async def test_each_tab_holds_its_kinds(cloud: FakeWorkspace, digit: str, names: list[str]) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen)
        await pilot.press(digit)
        await settle(pilot)
        assert [row.key for row in grid_of(pilot).rows] == names
        await pilot.press("1")
        await settle(pilot)
        assert len(grid_of(pilot).rows) == len(cloud.compute.all)


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab != "all"])
async def test_an_empty_tab_says_what_would_be_there(
    workspace: FakeWorkspace, tab: str, screen_snapshot: ScreenSnapshot
) -> None:
    workspace.compute.all = {}
    screen = ComputeScreen(Place("compute", tab=tab), compute=workspace.compute, jobs=workspace.jobs)
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await opened(pilot, screen)
        await screen_snapshot(pilot)
        make_read_only(screen)
        await pilot.press("r")
        await settle(pilot)
        assert not shows(pilot, "n creates")
        assert not shows(pilot, "t attaches")


@pytest.mark.parametrize(("key", "name", "call"), [("s", "ada-box", "stop"), ("R", "ada-box", "restart")])
async def test_what_ends_work_is_asked_first(cloud: FakeWorkspace, key: str, name: str, call: str) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen, name)
        await pilot.press(key)
        await eventually(lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("n")
        await settle(pilot)
        assert not cloud.called(f"compute.{call}")
        await pilot.press(key)
        await eventually(lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("y")
        await settle(pilot)
        assert cloud.called(f"compute.{call}") == [(name,)]
        assert shows(pilot, "◔ Stopping" if call == "stop" else "◔ Restarting")


async def test_a_stopped_instance_is_started_without_a_question(cloud: FakeWorkspace) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen, "bob-box")
        await pilot.press("s")
        await settle(pilot)
        assert cloud.called("compute.start") == [("bob-box",)]
        assert shows(pilot, "◔ Starting")


async def test_delete_wants_the_name(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=(80, 24)) as pilot:
        await opened(pilot, screen, "cpu-cluster")
        await pilot.press("ctrl+x")
        await answer(pilot, "cpu")
        assert not cloud.called("compute.delete")
        await screen_snapshot(pilot, busy=True)
        await answer(pilot, "cpu-cluster")
        await settle(pilot)
        assert cloud.called("compute.delete") == [("cpu-cluster",)]
        assert shows(pilot, "◔ Deleting")


async def test_what_is_attached_is_detached(cloud: FakeWorkspace) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen, "old-vm")
        await pilot.press("ctrl+x")
        await asked(pilot)
        assert shows(pilot, "Detach old-vm, which has no job? It lives on.")


async def test_a_refusal_is_told(cloud: FakeWorkspace) -> None:
    cloud.fail("compute.start", UserError("bob-box is being deleted.", advice="Wait until it is gone."))
    app = ScreenApp(screen := screen_of(cloud))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen, "bob-box")
        await pilot.press("s")
        await settle(pilot)
        assert app.last_notice == "That can't be done\nbob-box is being deleted.\nWait until it is gone."


async def test_pre_emption_is_simulated_where_it_does_not_come_by_itself(machine: FakeWorkspace) -> None:
    machine.compute.all = {LOW_PRIORITY.name: LOW_PRIORITY}
    async with ScreenApp(screen := screen_of(machine)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("P")
        await eventually(lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("y")
        await settle(pilot)
        assert machine.called("compute.preempt") == [("gpu-cheap",)]
        in_azure(screen)
        await pilot.press("P")
        await settle(pilot)
        assert pilot.app.screen is screen


@pytest.mark.parametrize(
    ("tab", "key", "subject"),
    [
        ("instances", "n", "computeinstance"),
        ("clusters", "n", "amlcompute"),
        ("kubernetes", "t", "kubernetes"),
        ("", "n", "amlcompute"),
        ("", "t", "synapsespark"),
    ],
)
async def test_the_tab_says_what_is_made(cloud: FakeWorkspace, tab: str, key: str, subject: str) -> None:
    """Where it doesn't, it is asked."""
    screen = ComputeScreen(Place("compute", tab=tab), compute=cloud.compute, jobs=cloud.jobs)
    app = ScreenApp(screen)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen)
        await pilot.press(key)
        if not tab:
            await eventually(lambda: isinstance(app.screen, Choose) and grid_of(pilot).has_focus)
            await pilot.press("down", "enter")
        await settle(pilot)
        assert app.opened == [Place("compute-form", subject)]


async def test_a_local_workspace_makes_pools(machine: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(machine))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        assert app.opened == [Place("compute-form", "amlcompute")]


async def test_where_the_keys_lead(cloud: FakeWorkspace) -> None:
    app = ScreenApp(screen := screen_of(cloud))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen, "cpu-cluster")
        await pilot.press("e", "N", "Z")
        await settle(pilot)
        assert app.opened == [
            Place("compute-form", "amlcompute:cpu-cluster"),
            Place("compute-nodes", "cpu-cluster"),
            Place("compute-sizes"),
        ]
        await pilot.press("U")
        assert app.clipboard == CLUSTER.studio_url
        await move_to(pilot, "ada-box")
        await pilot.press("u")
        assert app.clipboard == "ssh azureuser@20.1.2.3 -p 50000"
        await move_to(pilot, "aks")
        app.opened.clear()
        await pilot.press("e", "N")
        await settle(pilot)
        assert app.opened == []
        assert app.last_notice.endswith("aks has no nodes.")


async def test_studio_is_not_there_on_a_local_workspace(machine: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(machine))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("U")
        assert app.clipboard == ""
        assert not app.last_notice


async def test_a_compute_as_yaml_and_code(cloud: FakeWorkspace) -> None:
    app = ScreenApp(screen := screen_of(cloud))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, screen, "cpu-cluster")
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert [form.label for form in drawer.forms] == ["YAML", "az", "Python SDK", "ARM"]
        assert "max_instances: 4" in drawer.form.text


async def test_a_settled_azure_workspace_is_looked_at_less_often(
    cloud: FakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ComputeScreen, "EVERY", 0.01)
    cloud.compute.all = {CLUSTER.name: CLUSTER}
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=(80, 24)) as pilot:
        await opened(pilot, screen)
        calm = len(cloud.called("compute.list"))
        ticks = screen._ticks
        await eventually(lambda: screen._ticks >= ticks + 10)
        assert len(cloud.called("compute.list")) - calm <= 3
