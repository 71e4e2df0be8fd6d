"""Compute: this machine, its slots, what runs and what waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.compute import ComputeScreen
from screens.places import Place
from screens.show_as import ShowAs
from services.errors import TransientError
from tests.support import asset_entities
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE, JOB_SUMMARIES
from tests.support.fake_jobs import FakeJobs
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import grid_of, make_read_only, shows, text_of
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


async def test_no_compute(
    machine: FakeWorkspace, monkeypatch: pytest.MonkeyPatch, screen_snapshot: ScreenSnapshot
) -> None:
    monkeypatch.setattr(asset_entities, "COMPUTES", ())
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
        monkeypatch.setattr(asset_entities, "COMPUTES", (idle,))
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
