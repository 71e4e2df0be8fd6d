"""Looking again and again: one look at a time, slower when it fails, never while nobody sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.timer import Timer

from screens.base import LapisScreen
from screens.places import Place
from screens.widgets import poll as poll_module
from screens.widgets.dialogs import Confirm
from screens.widgets.poll import LONGEST_PAUSE, Poll
from services.errors import ServiceError, TransientError
from tests.support.app import ScreenApp
from tests.support.waiting import eventually


class Clock:
    """The time that polls read: it stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(poll_module, "time", clock)
    return clock


class Stage(LapisScreen):
    """A poll of 2 seconds whose ticks come when the test says so.

    Attributes:
        looks: how many looks began.
        error: what the next looks raise.
        gate: a look waits for it.
    """

    def __init__(self) -> None:
        super().__init__(Place("stage"))
        self.looks = 0
        self.error: ServiceError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.shown: list[int] = []
        self.failed: list[ServiceError] = []
        self.tick: Callable[[], Any] = lambda: None
        self.timer: Timer | None = None
        self.poll = Poll(self, 2.0, self.look, self.shown.append, self.failed.append)

    def set_interval(self, interval: float, callback: Any = None, **options: Any) -> Timer:
        """Keep the callback for the test; the timer never fires."""
        if options.get("name") == "screen_update":
            return super().set_interval(interval, callback, **options)
        self.tick = callback
        self.timer = super().set_interval(3_600, callback, **options)
        return self.timer

    async def look(self) -> int:
        self.looks += 1
        number = self.looks
        await self.gate.wait()
        if self.error:
            raise self.error
        return number


async def rest(pilot: Pilot[None]) -> None:
    """Until no look is under way."""
    await pilot.pause()
    await eventually(lambda: not any(w.group == "poll" and not w.is_finished for w in pilot.app.workers))
    await pilot.pause()


async def after(pilot: Pilot[None], clock: Clock, seconds: float) -> int:
    """How many looks there were when the time went on and the timer ticked."""
    stage = pilot.app.screen_stack[0]
    assert isinstance(stage, Stage)
    clock.now += seconds
    stage.tick()
    await rest(pilot)
    return stage.looks


async def test_it_looks_at_once_and_then_when_the_time_has_come(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.poll.start()
        await rest(pilot)
        assert (stage.looks, stage.shown, stage.poll.data) == (1, [1], 1)
        assert await after(pilot, clock, 1.9) == 1
        assert await after(pilot, clock, 0.1) == 2
        assert (stage.shown, stage.poll.data) == ([1, 2], 2)


async def test_a_second_start_is_none(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.poll.start()
        first = stage.tick
        stage.tick = lambda: None
        stage.poll.start()
        await rest(pilot)
        assert stage.tick is not first


async def test_a_tick_is_dropped_while_a_look_is_busy(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.gate.clear()
        stage.poll.start()
        await eventually(lambda: stage.looks == 1)
        for _ in range(3):
            clock.now += 10
            stage.tick()
            await pilot.pause()
        assert stage.looks == 1
        stage.gate.set()
        await rest(pilot)
        assert (stage.looks, stage.shown) == (1, [1])
        assert await after(pilot, clock, 2.0) == 2


async def test_now_while_busy_is_one_more_look_after_it(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.gate.clear()
        stage.poll.start()
        await eventually(lambda: stage.looks == 1)
        stage.poll.now()
        stage.poll.now()
        await pilot.pause()
        assert stage.looks == 1
        stage.gate.set()
        await eventually(lambda: stage.shown == [1, 2])
        await rest(pilot)
        assert stage.looks == 2


async def test_errors_make_it_slower_and_an_answer_fast_again(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.error = TransientError("No answer.")
        stage.poll.start()
        await rest(pilot)
        assert stage.failed == [stage.error]
        looks = 1
        for pause in (4.0, 8.0, 16.0, LONGEST_PAUSE, LONGEST_PAUSE):
            assert await after(pilot, clock, pause - 0.1) == looks
            looks += 1
            assert await after(pilot, clock, 0.1) == looks
        stage.error = None
        assert await after(pilot, clock, LONGEST_PAUSE) == looks + 1
        assert stage.poll.error is None
        assert await after(pilot, clock, 2.0) == looks + 2


async def test_the_last_good_answer_stays_with_its_age(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        assert age(stage) is None
        stage.poll.start()
        await rest(pilot)
        stage.error = TransientError("No answer.")
        await after(pilot, clock, 2.0)
        clock.now += 5
        assert (stage.poll.data, age(stage)) == (1, 7.0)
        assert stage.poll.error is stage.error
        stage.error = None
        stage.poll.now()
        await rest(pilot)
        assert (stage.poll.data, age(stage)) == (3, 0.0)


def age(stage: Stage) -> float | None:
    return stage.poll.age


async def test_it_sleeps_while_another_screen_is_in_view(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.poll.start()
        await rest(pilot)
        await pilot.app.push_screen(Screen())
        assert await after(pilot, clock, 100.0) == 1
        await pilot.app.pop_screen()
        assert await after(pilot, clock, 0.0) == 2


async def test_it_looks_on_below_a_question(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.poll.start()
        await rest(pilot)
        await pilot.app.push_screen(Confirm("Cancel", "Cancel it?"))
        assert await after(pilot, clock, 2.0) == 2


async def test_stopped_it_looks_no_more_and_can_be_started_again(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.poll.stop()
        stage.poll.start()
        await rest(pilot)
        stage.poll.stop()
        await eventually(lambda: stage.timer is not None and stage.timer._task is None, what="the timer ends")
        stage.poll.start()
        await rest(pilot)
        assert stage.looks == 2


async def test_a_bug_does_not_end_the_polling(clock: Clock) -> None:
    stage = Stage()
    async with ScreenApp(stage).run_test() as pilot:
        stage.error = ValueError("a bug")  # type: ignore[assignment]
        stage.poll.start()
        await rest(pilot)
        stage.error = None
        assert await after(pilot, clock, 2.0) == 2
        assert stage.shown == [2]
