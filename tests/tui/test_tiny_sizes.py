"""No size of terminal, however silly, ends the app.

rich 14.3 and newer divide by zero in chop_cells when something is drawn in no width (OptionList, notifications):
that is why it is pinned below 14.3.
"""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import OptionList

from tests.support.app import settle
from tests.support.snapshots import screen_text
from tests.tui.conftest import MakeApp

SIZES = [(1, 1), (2, 1), (1, 5), (3, 3), (8, 2), (20, 5), (40, 3), (200, 1)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_everything_opens_at(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        app.notify("something to say", title="A title")
        for keys in (
            ("colon", *"jo"),
            ("escape",),
            ("ctrl+p", "a"),
            ("escape",),
            ("question_mark",),
            ("escape",),
            ("T",),
        ):
            await pilot.press(*keys)
            await settle(pilot)
        assert len(screen_text(app).splitlines()) == size[1]


async def test_resizing_with_a_list_open(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("T", "ctrl+p", "question_mark", "colon"):
            await pilot.press(key)
            for width, height in [*SIZES, (80, 24)]:
                await pilot.resize_terminal(width, height)
                await settle(pilot)
            await pilot.press("escape")
            await settle(pilot)
        assert "Jobs" in screen_text(app)


async def test_a_list_without_width_lives() -> None:
    class Narrow(App[None]):
        CSS = "OptionList { width: 0; min-width: 0; padding: 0; border: none; }"

        def compose(self) -> ComposeResult:
            yield OptionList("words and words", "漢字漢字")

    app = Narrow()
    async with app.run_test(size=(10, 4)) as pilot:
        await settle(pilot)
        app.query_one(OptionList).styles.width = 1
        await settle(pilot)
        assert app.query_one(OptionList).option_count == 2
