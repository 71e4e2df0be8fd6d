"""A line that proposes: what tab, enter, right, up, down and escape do, and that it is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from screens.widgets.proposals import Proposals
from screens.widgets.suggest_input import SuggestInput
from services.errors import TransientError
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import ScreenSnapshot, screen_text

WORDS = ("apple", "apricot", "apricot jam", "banana")


async def fruit(text: str) -> Sequence[tuple[str, str]]:
    return [(word, f"{len(word)} letters") for word in WORDS if text in word]


class Form(Screen[None]):
    """Two lines, the first with proposals, `above` lines of text before them."""

    AUTO_FOCUS = "#line"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave")]
    # without a least width the form's scroll bar comes and goes for ever in a terminal of one column
    CSS = "#form { height: 1fr; } #form Static { min-width: 10; } Input { height: 1; }"

    def __init__(self, complete: Any = fruit, above: int = 0, value: str = "") -> None:
        super().__init__()
        self.complete = complete
        self.above = above
        self.value = value
        self.submitted: list[str] = []
        self.left = 0

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="form", can_focus=False):
            yield Static("\n".join(f"text {n}" for n in range(self.above)), id="above")
            yield SuggestInput(self.value, complete=self.complete, id="line")
            yield Input(id="other", compact=True)
            yield Static("\n".join(f"more {n}" for n in range(10)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.submitted.append(event.value)

    def action_leave(self) -> None:
        self.left += 1


def form(pilot: Pilot[None]) -> Form:
    screen = pilot.app.screen
    assert isinstance(screen, Form)
    return screen


def line(pilot: Pilot[None]) -> SuggestInput:
    return pilot.app.screen.query_one(SuggestInput)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def shown(pilot: Pilot[None]) -> list[str]:
    """The lines of the list, top down."""
    found = pilot.app.screen.query(Proposals)
    if not found or not found.first().display:
        return []
    place = found.first().region
    rows = screen_text(pilot.app).splitlines()[place.y : place.bottom]
    return [row.ljust(place.right)[place.x : place.right].rstrip() for row in rows]


async def test_typing_shows_what_fits_with_the_first_chosen(size: tuple[int, int]) -> None:
    async with ScreenApp(Form()).run_test(size=size) as pilot:
        await settle(pilot)
        assert shown(pilot) == []
        await press(pilot, *"ap")
        assert shown(pilot) == ["› apple        5 letters", "  apricot      7 letters", "  apricot jam  11 letters"]


async def test_tab_takes_the_chosen_and_then_moves_on() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"app")
        await press(pilot, "tab")
        assert (line(pilot).value, line(pilot).cursor_position) == ("apple", 5)
        assert line(pilot).has_focus
        assert shown(pilot) == []
        await press(pilot, "tab")
        assert form(pilot).focused is form(pilot).query_one("#other")


async def test_tab_never_replaces_what_was_typed() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"nan")
        assert shown(pilot) == ["  banana  6 letters"]
        await press(pilot, "tab")
        assert line(pilot).value == "nan"
        assert not line(pilot).has_focus
        assert shown(pilot) == []


async def test_what_is_chosen_by_hand_replaces_it() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"nan", "down", "tab")
        assert line(pilot).value == "banana"


async def test_enter_takes_the_chosen_and_then_submits() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"ap")
        await press(pilot, "down", "enter")
        assert line(pilot).value == "apricot"
        assert form(pilot).submitted == []
        await press(pilot, "enter")
        assert form(pilot).submitted == ["apricot"]


async def test_enter_submits_what_nothing_was_chosen_for() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"nan")
        await press(pilot, "enter")
        assert form(pilot).submitted == ["nan"]
        assert shown(pilot) == []


async def test_right_at_the_end_takes_the_first_and_elsewhere_moves() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"nan")
        await press(pilot, "left", "right")
        assert line(pilot).value == "nan"
        await press(pilot, "right")
        assert line(pilot).value == "banana"


async def test_up_and_down_go_round_by_way_of_none() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"ap")
        chosen = [line(pilot).chosen]
        for _ in range(4):
            await press(pilot, "down")
            chosen.append(line(pilot).chosen)
        assert chosen == ["apple", "apricot", "apricot jam", None, "apple"]
        await press(pilot, "up", "up")
        assert line(pilot).chosen == "apricot jam"
        assert "› apricot jam" in screen_text(pilot.app)


async def test_escape_closes_the_list_and_then_leaves() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"ap")
        await press(pilot, "escape")
        assert shown(pilot) == []
        assert (line(pilot).value, form(pilot).left) == ("ap", 0)
        await press(pilot, "escape")
        assert form(pilot).left == 1


async def test_down_asks_without_typing() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "down")
        assert len(shown(pilot)) == 4
        assert line(pilot).chosen is None
        await press(pilot, "down", "down", "enter")
        assert line(pilot).value == "apricot"


async def test_no_list_for_what_is_complete_or_emptied_or_set_by_the_program() -> None:
    async with ScreenApp(Form(value="ap")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shown(pilot) == []
        await press(pilot, *"ricot")
        assert shown(pilot) == []
        await press(pilot, "ctrl+u")
        assert (line(pilot).value, shown(pilot)) == ("", [])
        await press(pilot, *"ap")
        assert shown(pilot)
        line(pilot).value = "b"
        await settle(pilot)
        assert shown(pilot) == []


async def test_late_answers_are_dropped() -> None:
    gates = {"a": asyncio.Event(), "ap": asyncio.Event()}

    async def slow(text: str) -> Sequence[tuple[str, str]]:
        await gates[text].wait()
        return [(f"{text}-answer", "")]

    async with ScreenApp(Form(slow)).run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "p")
        gates["ap"].set()
        await settle(pilot)
        gates["a"].set()
        await settle(pilot)
        assert shown(pilot) == ["› ap-answer"]


async def test_keys_take_nothing_that_was_proposed_for_another_text() -> None:
    gate = asyncio.Event()

    async def slow_at_last(text: str) -> Sequence[tuple[str, str]]:
        if text == "xy":
            await gate.wait()
        return [("xyz", ""), ("x ray", "")]

    async with ScreenApp(Form(slow_at_last)).run_test(size=(80, 24)) as pilot:
        await press(pilot, "x")
        await pilot.press("y", "enter")
        assert form(pilot).submitted == ["xy"]
        gate.set()
        await settle(pilot)
        assert (line(pilot).value, shown(pilot)) == ("xy", [])


async def test_a_service_that_fails_proposes_nothing() -> None:
    async def failing(text: str) -> Sequence[tuple[str, str]]:
        raise TransientError("No answer.")

    async with ScreenApp(Form(failing)).run_test(size=(80, 24)) as pilot:
        await press(pilot, "a")
        assert (line(pilot).value, shown(pilot)) == ("a", [])


async def test_leaving_the_line_closes_the_list() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"ap")
        await pilot.click("#other")
        await settle(pilot)
        assert shown(pilot) == []


async def test_a_click_takes() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"ap")
        await pilot.click(Proposals, offset=(4, 2))
        await settle(pilot)
        assert line(pilot).value == "apricot jam"
        assert line(pilot).has_focus
        assert shown(pilot) == []


async def many(text: str) -> Sequence[tuple[str, str]]:
    return [(f"{text}{n:02}", "note") for n in range(30)]


async def test_a_long_list_keeps_to_eight_lines_and_follows_the_choice() -> None:
    async with ScreenApp(Form(many)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "a")
        assert len(shown(pilot)) == 8
        assert (shown(pilot)[0], shown(pilot)[-1]) == ("› a00  note", "  23 more")
        await press(pilot, *["down"] * 9)
        assert shown(pilot)[-2] == "› a09  note"
        await press(pilot, "enter")
        assert line(pilot).value == "a09"


async def test_at_the_bottom_edge_the_list_lies_above_the_line() -> None:
    async with ScreenApp(Form(above=30)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form(pilot).query_one("#form").scroll_to(y=8, animate=False)
        await settle(pilot)
        assert line(pilot).region.y == 22
        await press(pilot, *"ap")
        place = form(pilot).query_one(Proposals).region
        assert (place.y, place.bottom) == (19, 22)
        assert "apricot jam" in screen_text(pilot.app)


async def test_the_list_follows_a_line_that_moves() -> None:
    async with ScreenApp(Form(above=3)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"ap")
        assert form(pilot).query_one(Proposals).region.y == 4
        form(pilot).query_one("#above", Static).update("one line")
        await settle(pilot)
        assert form(pilot).query_one(Proposals).region.y == line(pilot).region.bottom == 2


async def test_a_line_that_goes_takes_its_list_along() -> None:
    async with ScreenApp(Form()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *"ap")
        await line(pilot).remove()
        await settle(pilot)
        assert not form(pilot).query(Proposals)


async def hostile(text: str) -> Sequence[tuple[str, str]]:
    return [(f"{text}\x1b[31mred\u202e[bold]x[/]", "no\x07te")]


async def test_hostile_proposals_are_shown_safely_and_taken_as_they_are() -> None:
    async with ScreenApp(Form(hostile)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "a")
        assert shown(pilot) == ["› a␛[31mred‹U+202E›[bold]x[/]  no␇te"]
        await press(pilot, "tab")
        assert line(pilot).value == "a\x1b[31mred\u202e[bold]x[/]"
        text = screen_text(pilot.app)
        assert "a␛[31mred�[bold]x[/]" in text
        assert "\x1b" not in text
        assert line(pilot).cursor_screen_offset.x == line(pilot).content_region.x + len(line(pilot).value) + 1


class WatchedApp(ScreenApp):
    """Counts what would be sent to a terminal."""

    drawn = 0

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.drawn += renderable is not None
        super()._display(screen, renderable)


async def test_the_same_proposals_are_not_drawn_again() -> None:
    async def same(text: str) -> Sequence[tuple[str, str]]:
        return [("a word", "note")]

    async with WatchedApp(Form(same)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "a")
        assert isinstance(pilot.app, WatchedApp)
        proposals = form(pilot).query_one(Proposals)
        drawn: list[int] = []
        render_line = proposals.render_line

        def watched(y: int) -> Any:
            drawn.append(y)
            return render_line(y)

        proposals.render_line = watched  # type: ignore[method-assign]
        await press(pilot, "space")
        assert line(pilot).value == "a "
        assert drawn == []
        before = pilot.app.drawn
        await settle(pilot)
        assert pilot.app.drawn == before


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 5), (3, 3), (8, 2), (20, 5), (200, 1)], ids=str)
async def test_no_size_breaks_it(size: tuple[int, int]) -> None:
    async with ScreenApp(Form(many)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "a", "down", "down")
        await pilot.resize_terminal(*size)
        await settle(pilot)
        await press(pilot, "b", "down", "up")
        assert len(screen_text(pilot.app).splitlines()) == size[1]
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await press(pilot, "c")
        assert len(shown(pilot)) == 8


async def test_the_list_over_a_form(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(Form(many, above=4)).run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *"job_", "down", "down")
        await screen_snapshot(pilot)
