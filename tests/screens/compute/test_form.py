"""The forms that create, attach and change a compute."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from screens.compute.form import ComputeFormScreen
from screens.compute.sizes import PickSize
from screens.places import Place
from screens.show_as import ShowAs
from services.errors import Fault, TransientError
from services.specs.assets import ComputeSpec
from services.specs.computes import SYNAPSE_STEPS
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.forms import fill, form_of, rested
from tests.support.keys import grid_of, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")

KINDS = ("computeinstance", "amlcompute", "virtualmachine", "synapsespark", "kubernetes")


def screen_of(workspace: FakeWorkspace, subject: str) -> ComputeFormScreen:
    return ComputeFormScreen(Place("compute-form", subject), compute=workspace.compute)


@pytest.mark.parametrize("kind", KINDS)
async def test_empty_form(
    cloud: FakeWorkspace, kind: str, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(cloud, kind)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def filled_cluster(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await fill(pilot, name="gpu-two", size="Standard_DS3_v2", tier="low_priority", max_instances="4")


async def test_a_cluster_with_its_price_and_faults(
    cloud: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    cloud.compute.faults = (
        Fault("name", "is taken"),
        Fault("tier", "a low-priority node may be pre-empted at any time; its job then begins anew", "note"),
        Fault("location", "belongs to no field", "warning"),
    )
    async with ScreenApp(screen_of(cloud, "amlcompute")).run_test(size=size) as pilot:
        await filled_cluster(pilot)
        await screen_snapshot(pilot)
        assert shows(pilot, "at most $0.18 an hour")


async def test_the_size_that_is_taken_when_none_is_named_tells_its_price_too(cloud: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(cloud, "computeinstance")).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert shows(pilot, "4 vCPU  14 GiB · $0.23 an hour")


async def test_ctrl_s_creates_and_goes_back(cloud: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(cloud, "amlcompute"))
    async with app.run_test(size=(120, 40)) as pilot:
        await filled_cluster(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert cloud.called("compute.create") == [
            (
                ComputeSpec(
                    "gpu-two",
                    "amlcompute",
                    size="Standard_DS3_v2",
                    tier="low_priority",
                    min_instances=0,
                    max_instances=4,
                    idle_time_before_scale_down=120,
                    ssh_public_access_enabled=False,
                ),
            )
        ]
        assert app.left == 1
        assert "gpu-two is being created" in app.last_notice


async def test_faults_stop_it_at_their_fields(cloud: FakeWorkspace) -> None:
    cloud.compute.faults = (Fault("size", "the quota is not enough"),)
    app = ScreenApp(screen_of(cloud, "amlcompute"))
    async with app.run_test(size=(120, 40)) as pilot:
        await filled_cluster(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.left == 0
        assert shows(pilot, "✗ the quota is not enough")
        assert app.focused is form_of(pilot).fields["size"].controls[0]


async def test_an_empty_form_is_not_checked_and_an_odd_one_says_where(cloud: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(cloud, "computeinstance")).run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        assert not cloud.called("compute.check")
        assert not shows(pilot, "✗")
        await fill(pilot, **{"schedules.stop": "in the evening"})
        assert shows(pilot, "✗ this field is required")
        assert shows(pilot, "✗ expected 18:00, weekdays 18:00")


async def test_a_name_that_is_taken_is_told(cloud: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(cloud, "amlcompute")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, name="cpu-cluster")
        assert shows(pilot, "There is one of that name: it would be changed")
        await fill(pilot, name="cpu-cluster2")
        assert not shows(pilot, "There is one of that name")


async def test_what_cannot_change_is_grey(
    cloud: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(cloud, "amlcompute:cpu-cluster")).run_test(size=size) as pilot:
        await screen_snapshot(pilot)
        fields = form_of(pilot).fields
        enabled = [key for key, field in fields.items() if not field.controls[0].disabled]
        assert enabled == ["min_instances", "max_instances", "idle_time_before_scale_down", "identity"]


async def test_scaling_sends_what_changed_and_what_it_is(cloud: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(cloud, "amlcompute:cpu-cluster"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, max_instances="8", idle_time_before_scale_down="600")
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec,)] = cloud.called("compute.create")
        assert (spec.name, spec.size, spec.max_instances) == ("cpu-cluster", "Standard_DS3_v2", 8)
        assert spec.idle_time_before_scale_down == 600
        assert spec.description is None
        assert "cpu-cluster is being changed" in app.last_notice


async def test_the_roles_of_a_spark_pool_are_a_checklist(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    cloud.compute.faults = tuple(Fault("identity", step, "note") for step in SYNAPSE_STEPS)
    async with ScreenApp(screen_of(cloud, "synapsespark")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, name="pool", resource_id="/subscriptions/x", identity="system")
        await screen_snapshot(pilot)
        assert shows(pilot, "3 of 4: in Synapse Studio")


async def test_a_password_is_never_seen(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen_of(cloud, "virtualmachine"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        values = {"name": "vm", "resource_id": "/x", "ssh_settings.admin_username": "ada"}
        await fill(pilot, **values)
        form_of(pilot).fields["ssh_settings.admin_password"].focus_control()
        await pilot.press(*"hunter2")
        await rested(pilot)
        await screen_snapshot(pilot)
        assert "hunter2" not in text_of(pilot)
        await pilot.press("ctrl+y")
        await settle(pilot)
        assert isinstance(drawer := app.screen, ShowAs)
        assert not [form.label for form in drawer.forms if "hunter2" in form.text]
        assert "<redacted>" in drawer.form.text


async def test_f4_picks_a_size(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen_of(cloud, "amlcompute"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("f4")
        await eventually(lambda: isinstance(app.screen, PickSize))
        await pilot.press(*"quota", "greater_than_sign", "0")
        await eventually(lambda: grid_of(pilot).row_count == 3)
        await screen_snapshot(pilot, busy=True)
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        assert form_of(pilot).fields["size"].value == "Standard_E4s_v3"
        assert shows(pilot, "4 vCPU  32 GiB · $0.25 an hour")


async def test_the_form_works_without_sizes(cloud: FakeWorkspace) -> None:
    cloud.fail("compute.sizes", TransientError("No answer."))
    async with ScreenApp(screen_of(cloud, "amlcompute")).run_test(size=(80, 24)) as pilot:
        await filled_cluster(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert len(cloud.called("compute.create")) == 1


async def test_no_answer_is_told_above_the_hint(cloud: FakeWorkspace) -> None:
    cloud.fail("compute.create", TransientError("The service did not answer within 30 s."))
    async with ScreenApp(screen_of(cloud, "amlcompute")).run_test(size=(80, 24)) as pilot:
        await filled_cluster(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert shows(pilot, "✗ No answer: The service did not answer within 30 s.")
