"""Labels and values in two columns."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from screens.widgets.facts import Facts
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import ScreenSnapshot, screen_text

JOB = [("Status", "Completed"), ("Command", "python train.py\n  --reg 0.1"), ("Compute", ""), ("Duration", "14s")]


class Sheet(Screen[None]):
    """Facts over a line that tells where they end."""

    def __init__(self, facts: list[tuple[str, str]]) -> None:
        super().__init__()
        self.facts = facts

    def compose(self) -> ComposeResult:
        yield Facts(self.facts)
        yield Static("the end")


def lines(pilot: Pilot[None]) -> list[str]:
    """Down to the end."""
    text = screen_text(pilot.app).splitlines()
    return text[: text.index("the end")]


async def shown(facts: list[tuple[str, str]], width: int = 80) -> list[str]:
    async with ScreenApp(Sheet(facts)).run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        return lines(pilot)


async def test_values_are_aligned_a_newline_begins_a_line_and_nothing_is_a_dash() -> None:
    assert await shown(JOB) == [
        "Status    Completed",
        "Command   python train.py",
        "            --reg 0.1",
        "Compute   –",
        "Duration  14s",
    ]
    assert await shown([]) == []


async def test_a_long_value_goes_on_below_itself() -> None:
    assert await shown([("Note", "one two three four"), ("Id", "x" * 20)], 16) == [
        "Note  one two",
        "      three four",
        "Id    xxxxxxxxxx",
        "      xxxxxxxxxx",
    ]


async def test_an_indent_is_kept_where_there_is_room() -> None:
    assert await shown([("Id", "  one two"), ("No", "    x")], 9) == ["Id    one", "    two", "No      x"]
    assert await shown([("No", "        x")], 9) == ["No  x"]


async def test_a_long_label_is_cut() -> None:
    assert await shown([("a label of very many letters", "value")]) == ["a label of very man…  value"]


async def test_secrets_are_masked_and_escapes_shown() -> None:
    text = await shown([("\x1b[1mkey", "sv=1&sig=abcdefghijklmnopqrstuvw%3D"), ("name", "[bold]x[/]\x1b[31m\u202e")])
    assert text == ["␛[1mkey  sv=1&sig=<redacted>", "name     [bold]x[/]␛[31m‹U+202E›"]


async def test_other_facts_take_the_room_that_they_need() -> None:
    async with ScreenApp(Sheet(JOB)).run_test() as pilot:
        pilot.app.screen.query_one(Facts).set_facts([("Status", "Failed")])
        await settle(pilot)
        assert lines(pilot) == ["Status  Failed"]
        pilot.app.screen.query_one(Facts).set_facts(JOB)
        await settle(pilot)
        assert len(lines(pilot)) == 5


async def test_the_same_facts_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScreenApp(Sheet(JOB)).run_test() as pilot:
        await settle(pilot)
        facts = pilot.app.screen.query_one(Facts)
        refresh = Mock(wraps=facts.refresh)
        monkeypatch.setattr(facts, "refresh", refresh)
        facts.set_facts(list(JOB))
        assert refresh.call_count == 0
        facts.set_facts([("Status", "Failed"), *JOB[1:]])
        refresh.assert_called_once_with(layout=False)
        await settle(pilot)
        assert lines(pilot)[0] == "Status    Failed"


@pytest.mark.parametrize("width", [1, 2, 5, 8])
async def test_no_width_breaks_them(width: int) -> None:
    async with ScreenApp(Sheet([*JOB, ("漢字", "漢字漢字")])).run_test(size=(width, 30)) as pilot:
        await settle(pilot)
        pilot.app.screen.query_one(Facts).styles.width = 0
        await settle(pilot)
        assert len(screen_text(pilot.app).splitlines()) == 30


async def test_looks(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(Sheet([*JOB, ("Description", "Why this is tried, in many words. " * 5)])).run_test(
        size=size
    ) as pilot:
        await screen_snapshot(pilot)
