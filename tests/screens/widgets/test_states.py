"""What stands in place of content: loading, empty, error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from screens.widgets import states
from screens.widgets.states import StateCard
from services.errors import AccessError, ServiceError, Who
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

GONE = ServiceError("It is gone.", title="No file")


class Clock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


class Card(StateCard):
    """A card that ticks when the test says so."""

    tick: Callable[[], Any] | None = None

    def set_interval(self, interval: float, callback: Any = None, **options: Any) -> Timer:
        self.tick = callback
        return super().set_interval(3_600, callback, **options)


class Stage(Screen[None]):
    """A card over what it stands for."""

    def compose(self) -> ComposeResult:
        yield Card()
        yield Static("content")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(states, "time", clock)
    return clock


def card(pilot: Pilot[None]) -> Card:
    return pilot.app.screen.query_one(Card)


def text(pilot: Pilot[None]) -> str:
    return "\n".join(line.strip() for line in screen_text(pilot.app).splitlines() if line.strip())


async def test_it_is_hidden_until_it_has_something_to_say_and_after() -> None:
    async with ScreenApp(Stage()).run_test() as pilot:
        await settle(pilot)
        assert text(pilot) == "content"
        card(pilot).empty("Nothing yet.")
        await settle(pilot)
        assert "Nothing yet." in text(pilot)
        card(pilot).hide()
        await settle(pilot)
        assert text(pilot) == "content"


async def test_what_takes_long_tells_how_long(clock: Clock) -> None:
    async with ScreenApp(Stage()).run_test() as pilot:
        card(pilot).reading("Reading jobs ...")
        await settle(pilot)
        assert text(pilot) == "Reading jobs ...\ncontent"
        tick = card(pilot).tick
        assert tick is not None
        clock.now += 3
        tick()
        await settle(pilot)
        assert text(pilot) == "Reading jobs ... 3s\ncontent"
        clock.now += 72
        tick()
        await settle(pilot)
        assert text(pilot) == "Reading jobs ... 1m 15s\ncontent"


async def test_the_same_reading_goes_on_and_another_begins_anew(clock: Clock) -> None:
    async with ScreenApp(Stage()).run_test() as pilot:
        card(pilot).reading("Reading jobs ...")
        clock.now += 5
        card(pilot).reading("Reading jobs ...")
        assert card(pilot).tick is not None
        await settle(pilot)
        card(pilot).tick()  # type: ignore[misc] # it is there
        await settle(pilot)
        assert "Reading jobs ... 5s" in text(pilot)
        card(pilot).hide()
        card(pilot).reading("Reading data ...")
        await settle(pilot)
        card(pilot).tick()  # type: ignore[misc] # it is there
        await settle(pilot)
        assert "Reading data ... 0.0s" in text(pilot)


async def test_an_error_says_what_to_do_and_who_can() -> None:
    async with ScreenApp(Stage()).run_test() as pilot:
        refused = AccessError("You may not read it.", title="No access", advice="Ask for the role Reader.")
        card(pilot).error(refused)
        await settle(pilot)
        assert "✗ No access" in text(pilot)
        assert "→ Ask for the role Reader." in text(pilot)
        assert f"Who can mend it: {Who.ADMIN}" in text(pilot)
        assert "request id" not in text(pilot)
        card(pilot).error(refused, "r tries again.")
        await settle(pilot)
        assert "→ r tries again." in text(pilot)
        assert "Reader" not in text(pilot)
        card(pilot).error(GONE)
        await settle(pilot)
        assert "Who can mend it" not in text(pilot)
        assert "→" not in text(pilot)


async def test_the_request_is_told_as_long_as_its_error_is_in_view() -> None:
    async with ScreenApp(Stage()).run_test() as pilot:
        card(pilot).error(ServiceError("It failed.", request_id="8f2c-11"))
        await settle(pilot)
        assert "request id 8f2c-11" in text(pilot)
        assert card(pilot).request_id == "8f2c-11"
        card(pilot).hide()
        await settle(pilot)
        assert card(pilot).request_id == ""
        card(pilot).error(GONE)
        await settle(pilot)
        assert card(pilot).request_id == ""


async def test_after_an_error_nothing_looks_like_one() -> None:
    async with ScreenApp(Stage()).run_test() as pilot:
        card(pilot).error(GONE)
        card(pilot).empty("Nothing yet.")
        await eventually(lambda: not card(pilot).has_class("-error"))


async def test_secrets_are_masked_and_escapes_shown() -> None:
    async with ScreenApp(Stage()).run_test() as pilot:
        hostile = "\x1b[31m[bold]x[/] ?sig=abcdefghijklmnopqrstuvw"
        card(pilot).empty(hostile)
        await settle(pilot)
        assert "␛[31m[bold]x[/] ?sig=<redacted>" in text(pilot)
        card(pilot).error(ServiceError(hostile, advice=hostile, request_id="\x1b[2J"))
        await settle(pilot)
        assert text(pilot).count("␛[31m[bold]x[/] ?sig=<redacted>") == 2
        assert "request id ␛[2J" in text(pilot)
        card(pilot).error(ServiceError("x", title="\x1b[2J"))
        card(pilot).reading("\x1b[2J")
        await settle(pilot)
        assert "␛[2J" in text(pilot)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 5), (3, 3), (8, 2)], ids=str)
async def test_no_size_breaks_it(size: tuple[int, int]) -> None:
    async with ScreenApp(Stage()).run_test(size=size) as pilot:
        card(pilot).reading("Reading jobs ...")
        await settle(pilot)
        card(pilot).empty("Nothing yet. 漢字")
        await settle(pilot)
        card(pilot).error(AccessError("You may not.", title="No access", advice="Ask.", request_id="8f2c-11"))
        await settle(pilot)
        assert len(screen_text(pilot.app).splitlines()) == size[1]


async def test_looks(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(Stage()).run_test(size=size) as pilot:
        card(pilot).reading("Reading jobs ...")
        await screen_snapshot(pilot, "reading")
        card(pilot).empty("No jobs yet.\nn submits the first one.")
        await screen_snapshot(pilot, "empty")
        refused = AccessError(
            "The account ada@contoso.com has no role on the storage account that lets it read blobs. "
            "Azure answered 403 AuthorizationPermissionMismatch.",
            title="No access to the datastore",
            advice="Ask for the role Storage Blob Data Reader on stcontoso.\nThen press r.",
            request_id="5b0e6d8c-3f0e-4f6e-9d53-8a3c4f1b2a10",
        )
        card(pilot).error(refused)
        await screen_snapshot(pilot, "error")
