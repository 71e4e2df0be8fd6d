"""Tabs that digits and clicks switch, at any width."""

from __future__ import annotations

import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from screens.widgets.tab_bar import TabBar
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import ScreenSnapshot, screen_text

LABELS = ("Overview", "Params", "Metrics", "Images", "Outputs", "Code", "Children", "YAML", "Error")


class Tabbed(Screen[None]):
    """A bar over a line to type in."""

    AUTO_FOCUS = ""

    def __init__(self, labels: tuple[str, ...] = LABELS, active: int = 0) -> None:
        super().__init__()
        self.labels = labels
        self.active = active
        self.switched: list[int] = []

    def compose(self) -> ComposeResult:
        yield TabBar(self.labels, self.active)
        yield Static("content")
        yield Input()

    @on(TabBar.Switched)
    def switch(self, event: TabBar.Switched) -> None:
        assert event.control is self.query_one(TabBar)
        self.switched.append(event.index)


def bar(pilot: Pilot[None]) -> TabBar:
    return pilot.app.screen.query_one(TabBar)


def line(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app).splitlines()[0]


async def test_digits_switch_wherever_the_focus_is_and_what_is_active_is_told_once() -> None:
    screen = Tabbed()
    async with ScreenApp(screen).run_test(size=(120, 24)) as pilot:
        await pilot.press("3", "3", "9")
        await settle(pilot)
        assert screen.switched == [2, 8]
        assert bar(pilot).active == 8
        screen.query_one(Input).focus()
        await pilot.press("1")
        await settle(pilot)
        assert screen.query_one(Input).value == "1"
        assert screen.switched == [2, 8]


async def test_digits_without_a_tab_do_nothing() -> None:
    screen = Tabbed(("One", "Two"))
    async with ScreenApp(screen).run_test() as pilot:
        await pilot.press("3", "0")
        await settle(pilot)
        assert screen.switched == []


async def test_a_click_switches_to_the_label_under_it() -> None:
    screen = Tabbed(("One", "Two", "Three"))
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        for label in ("Two", "Three", "One"):
            await pilot.click(TabBar, offset=(line(pilot).index(label), 0))
        await pilot.click(TabBar, offset=(70, 0))
        await settle(pilot)
        assert screen.switched == [1, 2, 0]


async def test_the_active_one_is_told_without_colour() -> None:
    async with ScreenApp(Tabbed(active=1)).run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        compositor = pilot.app.screen._compositor
        marked = [x for x in range(120) if compositor.get_style_at(x, 0).underline]
        assert line(pilot)[marked[0] : marked[-1] + 1] == "2 Params"


@pytest.mark.parametrize(
    ("width", "texts"),
    [
        (120, ["1 Overview", "5 Outputs", "9 Error"]),
        (80, ["1 Overview", "5 Out…", "9 Er"]),
        (44, ["1 Overview", "5", "9"]),
    ],
)
async def test_narrow_the_others_are_cut(width: int, texts: list[str]) -> None:
    async with ScreenApp(Tabbed()).run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        assert all(text in line(pilot) for text in texts), line(pilot)
        await pilot.press("9")
        await settle(pilot)
        assert "9 Error" in line(pilot)


async def test_hostile_labels_are_shown_not_obeyed() -> None:
    async with ScreenApp(Tabbed(("a\x1b[31m", "[bold]b[/]"))).run_test() as pilot:
        await settle(pilot)
        assert line(pilot) == " 1 a␛[31m  2 [bold]b[/]"


@pytest.mark.parametrize("width", [1, 2, 3, 8, 20])
async def test_no_width_breaks_it(width: int) -> None:
    async with ScreenApp(Tabbed()).run_test(size=(width, 3)) as pilot:
        await pilot.press("9")
        await settle(pilot)
        bar(pilot).styles.width = 0
        await settle(pilot)
        assert bar(pilot).active == 8


async def test_looks(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(Tabbed(active=2)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)
