"""The grid's rows: cursor, marks, the end of the list, and what is repainted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.text import Text
from textual.pilot import Pilot

from screens.widgets.grid import Grid, GridRow
from tests.screens.widgets.grids import WatchedGrid, app_of, lines, rows
from tests.support.snapshots import screen_text

# the cursor


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["down"], 1), (["j", "j"], 2), (["down", "up"], 0), (["j", "k", "k"], 0), (["up"], 0),
        (["end"], 99), (["G"], 99), (["ctrl+end"], 99), (["end", "down"], 99), (["end", "home"], 0),
        (["G", "ctrl+home"], 0), (["pagedown"], 9), (["pagedown", "pagedown"], 18), (["pagedown", "pageup"], 0),
        (["ctrl+d"], 4), (["ctrl+d", "ctrl+u"], 0), (["end", "pagedown"], 99), (["pageup"], 0),
    ],
)  # fmt: skip
async def test_keys_move_the_cursor(keys: list[str], row: int) -> None:
    app = app_of(rows(100))
    async with app.run_test(size=(40, 10)) as pilot:  # a header and nine rows
        await pilot.press(*keys)
        assert app.grid.cursor_key == f"k{row}"
        assert any(line.startswith(f"› row{row} ") for line in lines(pilot))
        assert app.highlighted[-1] == f"k{row}"


async def test_a_page_moves_the_view_and_the_cursor_keeps_its_line() -> None:
    app = app_of(rows(100))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "down", "pagedown")
        assert lines(pilot)[1].startswith("  row9 ")
        assert lines(pilot)[3].startswith("› row11 ")


async def test_the_view_scrolls_no_more_than_it_must() -> None:
    app = app_of(rows(100))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*["down"] * 9)
        assert lines(pilot)[1].startswith("  row1 ")
        await pilot.press(*["up"] * 8)
        assert lines(pilot)[1].startswith("› row1 ")


async def test_enter_and_a_double_click_open_a_row() -> None:
    app = app_of(rows(5))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "enter")
        assert app.opened == ["k1"]
        await pilot.click(Grid, offset=(5, 4), times=2)
        assert app.opened == ["k1", "k3"]
        await pilot.click(Grid, offset=(5, 0))  # the header
        await pilot.click(Grid, offset=(5, 9))  # below the last row
        assert app.grid.cursor_key == "k3"


async def test_without_rows_keys_do_nothing_and_the_reason_is_told() -> None:
    app = app_of(empty="Nothing [b]here[/b].")
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "G", "pagedown", "space", "enter", "home")
        assert (app.opened, app.marked, app.grid.cursor_key) == ([], [], None)
        assert "Nothing [b]here[/b]." in lines(pilot)[1]
        app.grid.set_rows(rows(1))
        await pilot.pause()
        assert "here" not in screen_text(app)
        app.grid.set_rows([])
        await pilot.pause()
        assert "Nothing [b]here[/b]." in lines(pilot)[1]
        assert app.highlighted[-1] == ""


async def test_the_cursor_stays_with_its_key_and_its_line_when_rows_come_above() -> None:
    app = app_of(rows(100))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("pagedown", "down")
        before = next(at for at, line in enumerate(lines(pilot)) if line.startswith("› row10 "))
        app.grid.set_rows([*rows(3, start=200), *rows(100)])
        await pilot.pause()
        assert app.grid.cursor_key == "k10"
        assert lines(pilot)[before].startswith("› row10 ")


async def test_the_cursor_stays_put_when_its_row_goes() -> None:
    app = app_of(rows(10))
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("down", "down")
        app.grid.set_rows([row for row in rows(10) if row.key != "k2"])
        await pilot.pause()
        assert app.grid.cursor_key == "k3"
        app.grid.set_rows(rows(2))
        await pilot.pause()
        assert app.grid.cursor_key == "k1"
        assert app.highlighted[-2:] == ["k3", "k1"]


async def test_move_to_finds_a_key() -> None:
    app = app_of(rows(100))
    async with app.run_test(size=(40, 10)) as pilot:
        assert app.grid.move_to("k50")
        await pilot.pause()
        assert any(line.startswith("› row50 ") for line in lines(pilot))
        assert not app.grid.move_to("gone")
        assert app.grid.cursor_key == "k50"


# marks


async def test_marks_are_kept_by_key_over_other_rows_and_filters() -> None:
    app = app_of(rows(10))
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("down", "space", "down", "space")  # each goes on to the next row
        assert list(app.grid.marked) == ["k1", "k3"]
        assert app.marked == ["k1", "k3"]
        app.grid.set_rows(rows(3, start=2))  # a filter: k1 is hidden
        await pilot.pause()
        assert list(app.grid.marked) == ["k1", "k3"]
        assert [line[0] for line in lines(pilot)[1:4]] == [" ", "◆", "›"]
        app.grid.set_rows(list(reversed(rows(10))))
        await pilot.pause()
        assert [line.split()[1] for line in lines(pilot) if line.startswith("◆")] == ["row3", "row1"]
        assert app.grid.move_to("k1")
        await pilot.press("space")
        assert list(app.grid.marked) == ["k3"]
        app.grid.clear_marks()
        await pilot.pause()
        assert "◆" not in screen_text(app)


# the end


async def test_near_the_end_it_asks_for_more_once_until_more_comes() -> None:
    app = app_of(rows(40))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert app.near_end == 0
        await pilot.press("pagedown")
        assert app.near_end == 0
        await pilot.press("pagedown", "pagedown")
        assert app.near_end == 1
        await pilot.press("down", "down")
        assert app.near_end == 1
        app.grid.set_rows(rows(80))
        await pilot.pause()
        assert app.near_end == 1
        await pilot.press("end")
        assert app.near_end == 2


async def test_a_list_shorter_than_the_view_asks_for_more_at_once_and_the_wheel_asks_too() -> None:
    short = app_of(rows(3))
    async with short.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert short.near_end == 1
    app = app_of(rows(40))
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.scroll_end(animate=False)
        await pilot.pause()
        assert (app.near_end, app.grid.cursor_key) == (1, "k0")


# what is repainted


async def repainted(pilot: Pilot[None], *keys: str, given: Sequence[GridRow] | None = None) -> set[int]:
    """The lines that keys or other rows repaint."""
    grid = pilot.app.query_one(WatchedGrid)
    await pilot.pause()
    grid.repainted.clear()
    if given is not None:
        grid.set_rows(given)
    await pilot.press(*keys)
    await pilot.pause()
    return grid.repainted


async def test_a_key_repaints_two_lines_and_the_same_rows_none() -> None:
    app = app_of(rows(100))
    async with app.run_test(size=(40, 12)) as pilot:
        assert await repainted(pilot, "down") == {1, 2}
        assert await repainted(pilot, "up") == {1, 2}
        assert await repainted(pilot, "up") == set()  # at the top already
        assert await repainted(pilot, "space") == {1, 2}
        assert await repainted(pilot, given=rows(100)) == set()


async def test_other_rows_repaint_the_lines_that_differ() -> None:
    app = app_of(rows(100))
    async with app.run_test(size=(40, 12)) as pilot:
        changed = rows(100)
        changed[4] = GridRow("k4", ("row4", "no", "40"))
        changed[50] = GridRow("k50", ("row50", "no", "500"))  # out of view
        assert await repainted(pilot, given=changed) == {5}
        changed[4] = GridRow("k4", ("row4", Text("no", "red"), "40"))
        assert await repainted(pilot, given=changed) == {5}
        changed[4] = GridRow("k4", ("row4", Text("no", "green"), "40"))
        assert await repainted(pilot, given=changed) == {5}
        changed[4] = GridRow("k4", ("row4", Text("no", "green"), "40"))
        assert await repainted(pilot, given=changed) == set()


async def test_rows_that_go_leave_blank_lines_and_repaint_no_others() -> None:
    app = app_of(rows(6))
    async with app.run_test(size=(40, 12)) as pilot:
        assert await repainted(pilot, given=rows(4)) == {5, 6}
        assert lines(pilot)[5].strip() == ""
        assert await repainted(pilot, given=rows(6)) == {5, 6}
        assert lines(pilot)[6].startswith("  row5")
