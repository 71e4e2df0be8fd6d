"""Sizes of machines: the list, its filter, and the question that the form asks."""

from __future__ import annotations

import pytest

from screens.compute.size_filter import matches
from screens.compute.sizes import SizesScreen, quota_text
from screens.places import Place
from services.entities import ComputeSize
from services.errors import TransientError
from tests.screens.compute.conftest import in_azure
from tests.support.app import ScreenApp, settle
from tests.support.compute_entities import SIZES
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import grid_of, shows
from tests.support.snapshots import ScreenSnapshot

pytestmark = pytest.mark.usefixtures("still_cards")


def screen_of(workspace: FakeWorkspace, filter_: str = "") -> SizesScreen:
    return SizesScreen(Place("compute-sizes", filter=filter_), compute=workspace.compute)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["DS3", "E4s", "F4s", "NC24ads", "NC6s"]),
        ("gpu>0", ["NC24ads", "NC6s"]),
        ("gpus=0 vcpu>=4", ["DS3", "E4s", "F4s"]),
        ("ram<14", ["F4s"]),
        ("memory>=220", ["NC24ads"]),
        ("price<$0.2", ["F4s"]),
        ("quota>0", ["DS3", "E4s", "F4s"]),
        ("MEMORY optimised", ["E4s"]),
        ("a100 gpu>0", ["NC24ads"]),
        ("gpu>many", []),
        ("cpu<=4 gpu<1 general", ["DS3"]),
    ],
)
def test_the_filter(text: str, names: list[str]) -> None:
    """What isn't known of a size matches no comparison: NC6s has neither price nor quota here."""
    assert [size.name.split("_")[1] for size in SIZES if matches(size, text)] == names


@pytest.mark.parametrize(
    ("used", "limit", "text"),
    [
        (None, None, ""),
        (12, 24, "12 of 24 vCPU"),
        (0, 0, "✗ none: 0 of 0 vCPU"),
        (22, 24, "✗ too few: 2 of 24 vCPU"),
        (30, 24, "✗ none: 0 of 24 vCPU"),
    ],
)
def test_quota(used: int | None, limit: int | None, text: str) -> None:
    found = quota_text(ComputeSize("s", vcpus=4, quota_used=used, quota_limit=limit))
    assert found.plain == text
    assert ("red" in str(found.style)) is ("✗" in text)


async def test_all_sizes(cloud: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen := screen_of(cloud)).run_test(size=size) as pilot:
        in_azure(screen)
        await screen_snapshot(pilot)


async def test_filtered_while_typing(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(cloud)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"gpu", "greater_than_sign", "0")
        await screen_snapshot(pilot)
        assert [row.key for row in grid_of(pilot).rows] == ["Standard_NC24ads_A100_v4", "Standard_NC6s_v3"]


async def test_no_sizes(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shows(pilot, "No sizes are known here.")


async def test_no_answer(cloud: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    cloud.fail("compute.sizes", TransientError("The service did not answer within 30 s."))
    async with ScreenApp(screen_of(cloud)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
