"""The grid's columns: which fit, sideways scroll, sources of any size, and odd cells."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.text import Text

from screens.widgets.grid import SAMPLE, Grid, GridColumn, GridRow
from screens.widgets.grid_columns import Arrangement, fit_columns
from tests.screens.widgets.grids import Table, app_of, free_app, lines, rows
from tests.support.entities import HOSTILE
from tests.support.snapshots import ScreenSnapshot, screen_text

# columns


async def test_narrow_it_drops_the_columns_of_the_highest_priority_and_wide_again_shows_them() -> None:
    columns = [
        GridColumn("name", "Name", least=20),
        GridColumn("a", "First", width=10, priority=1),
        GridColumn("b", "Second", width=10, priority=2),
    ]
    given = [GridRow("k", ("x" * 30, "1", "2"))]
    app = app_of(given, columns)
    async with app.run_test(size=(60, 5)) as pilot:
        for width, labels in ((60, "Name First Second"), (45, "Name First"), (30, "Name"), (60, "Name First Second")):
            await pilot.resize_terminal(width, 5)
            await pilot.pause()
            assert lines(pilot)[0].split() == labels.split()
            assert all(cell_len(line) <= width for line in lines(pilot))


async def test_it_is_drawn_right_before_it_is_told_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Grid, "on_resize", lambda _self: None)
    app = app_of([GridRow("k", ("ada", "lovelace"))], [GridColumn("a", "First"), GridColumn("b", "Last")])
    async with app.run_test(size=(40, 5)) as pilot:
        assert [line.split() for line in lines(pilot)[:2]] == [["First", "Last"], ["›", "ada", "lovelace"]]


async def test_the_columns_leave_room_for_the_scroll_bar() -> None:
    columns = [GridColumn("name", "Name"), GridColumn("last", "Last", width=6, align="right")]
    app = app_of([GridRow(str(at), ("x" * 60, "123456")) for at in range(30)], columns)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert all("123456" in line for line in lines(pilot)[1:])
        app.grid.set_rows([GridRow("0", ("x" * 60, "123456"))])  # no bar: the last column may touch the edge
        await pilot.pause()
        assert lines(pilot)[1].endswith(" 123456")
        assert len(lines(pilot)[1]) == 40


def test_room_is_shared_in_steps_by_priority() -> None:
    columns = [GridColumn("a", "A", priority=1), GridColumn("b", "B"), GridColumn("c", "C", width=5, priority=9)]
    assert fit_columns(columns, [30, 30, 9], 100) == [(0, 30), (1, 30), (2, 5)]
    assert fit_columns(columns, [30, 30, 9], 40) == [(0, 15), (1, 16), (2, 5)]  # up to 16 the more important first
    assert fit_columns(columns, [30, 30, 9], 20) == [(0, 8), (1, 10)]
    assert fit_columns(columns, [30, 30, 9], 15) == [(1, 15)]
    assert fit_columns(columns, [30, 30, 9], 3) == [(1, 3)]
    assert fit_columns(columns, [30, 30, 9], -5) == [(1, 1)]


async def test_notes_are_a_second_line_of_the_header() -> None:
    columns = [GridColumn("a", "Age", note="int64"), GridColumn("b", "Name")]
    app = app_of([GridRow("k", ("1", "ada"))], columns)
    async with app.run_test(size=(40, 5)) as pilot:
        assert [line.split() for line in lines(pilot)[:3]] == [["Age", "Name"], ["int64"], ["›", "1", "ada"]]


async def test_without_a_header_the_first_line_is_a_row() -> None:
    app = app_of(rows(3), header=False)
    async with app.run_test(size=(40, 5)) as pilot:
        assert lines(pilot)[0].startswith("› row0")
        await pilot.click(Grid, offset=(5, 1))
        assert app.grid.cursor_key == "k1"


async def test_row_numbers_take_the_room_that_the_last_one_needs() -> None:
    app = app_of(rows(9), row_numbers=True)
    async with app.run_test(size=(40, 20)) as pilot:
        assert lines(pilot)[1].startswith("› 1 row0")
        app.grid.set_rows(rows(1000))
        await pilot.pause()
        assert lines(pilot)[0].startswith("        Name")
        assert lines(pilot)[1].startswith("›     1 row0")
        await pilot.press("end")
        assert lines(pilot)[-1].startswith("› 1,000 row999")


async def test_a_tenth_row_moves_all_columns_also_in_a_grid_that_scrolls_sideways() -> None:
    app = app_of(rows(9), row_numbers=True, fit=False)
    async with app.run_test(size=(40, 20)) as pilot:
        assert lines(pilot)[0].startswith("    Name")
        app.grid.set_rows(rows(10))
        await pilot.pause()
        assert [line[:9] for line in lines(pilot)[:3]] == ["     Name", "›  1 row0", "   2 row1"]


# sideways


async def test_the_cell_cursor_scrolls_sideways_and_frozen_columns_stay() -> None:
    app = free_app(Table(50, 30), frozen=1)
    async with app.run_test(size=(40, 10)) as pilot:
        assert app.grid.cursor_cell == "r0c0"
        await pilot.press(*["right"] * 6)
        assert app.grid.cursor_cell == "r0c6"
        assert lines(pilot)[0].split()[:2] == ["column", "0"]
        assert "column 6" in lines(pilot)[0]
        assert "column 1 " not in lines(pilot)[0]
        await pilot.press("end", "down")
        assert app.grid.cursor_cell == "r1c29"
        assert lines(pilot)[2].split()[1] == "r1c0"
        assert "r1c29" in lines(pilot)[2]
        await pilot.press("home")
        assert app.grid.cursor_cell == "r1c0"
        await pilot.press("right", "left", "left")
        assert app.grid.cursor_cell == "r1c0"


async def test_sideways_nothing_is_left_of_the_frozen_columns_but_themselves(screen_snapshot: ScreenSnapshot) -> None:
    app = free_app(Table(50, 30), frozen=2, row_numbers=True)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press(*["right"] * 9, "pagedown", "space")
        await screen_snapshot(pilot)


async def test_a_click_takes_the_cell_under_it() -> None:
    app = free_app(Table(50, 30), frozen=1)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press(*["right"] * 12)
        for label in ("column 0", "column 10", "column 12"):
            await pilot.click(Grid, offset=(lines(pilot)[0].index(label) + 1, 3))
            assert app.grid.cursor_cell == f"r2c{label.split()[1]}"


async def test_more_frozen_columns_than_there_are() -> None:
    app = free_app(Table(5, 2), frozen=4)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("right", "right")
        assert lines(pilot)[1].split() == ["›", "r0c0", "r0c1"]


def test_the_columns_in_view_are_exactly_those_that_a_cell_of_the_line_shows() -> None:
    at = Arrangement(2, ((0, 4), (1, 4), (2, 4), (3, 4)), frozen=1)  # each with a gap of two
    assert (at.starts, at.fixed, at.width) == ((0, 6, 12, 18, 24), 6, 26)
    assert at.in_view(0, 20) == (1, 3)
    assert at.in_view(0, 21) == (1, 4)
    assert at.in_view(6, 20) == (2, 4)
    assert at.in_view(0, 5) == (1, 1)
    assert at.scroll_to(3, 0, 20) == 4
    assert at.scroll_to(1, 4, 20) == 0
    assert at.scroll_to(0, 4, 20) == 4
    assert [at.column_at(x, 6) for x in (0, 2, 7, 8, 14, 99)] == [0, 0, 0, 2, 3, 3]
    assert Arrangement().column_at(5, 0) == 0


# sources


async def test_of_a_source_only_what_is_in_view_is_read() -> None:
    table = Table(1_000_000, 200)
    app = free_app(table, row_numbers=True)
    assert len(table.asked) == SAMPLE  # for the widths
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        table.asked.clear()
        await pilot.press("G")
        await pilot.pause()
        assert lines(pilot)[-2].startswith("› 1,000,000 r999999")  # the last line is the scroll bar
        assert {row for row, _, _ in table.asked} <= set(range(999_900, 1_000_000))
        assert max(last - first for _, first, last in table.asked) <= 10
        table.asked.clear()
        await pilot.press("end")
        await pilot.pause()
        assert app.grid.cursor_cell == "r999999c199"
        assert max(last - first for _, first, last in table.asked) <= 10
        assert len(table.asked) <= 24 * 4
        table.asked.clear()
        await pilot.press("up")
        await pilot.pause()
        assert {row for row, _, _ in table.asked} <= {999_999, 999_998}


async def test_rows_of_a_source_are_known_by_their_number_and_another_source_begins_anew() -> None:
    app = free_app(Table(100, 3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "space", "enter")
        assert (app.grid.marked, app.opened) == (("1",), ["2"])
        assert app.grid.move_to("50")
        app.grid.set_source(Table(10, 3))
        await pilot.pause()
        assert (app.grid.cursor_key, app.grid.marked, app.grid.row_count) == ("0", (), 10)
        app.grid.set_rows([GridRow("own", ("a", "b", "c"))])
        await pilot.pause()
        assert (app.grid.cursor_key, app.grid.row_count) == ("own", 1)


# cells


async def test_hostile_cells_are_shown_not_obeyed(screen_snapshot: ScreenSnapshot) -> None:
    columns = [GridColumn("name", HOSTILE, note=HOSTILE), GridColumn("size", "Size", align="right")]
    given = [
        GridRow("a", (HOSTILE, "1")),
        GridRow("b", (Text(HOSTILE, "red"), Text("2", "bold"))),
        GridRow("c", ("line\nbreak\ttab", "3")),
    ]
    app = app_of(given, columns)
    async with app.run_test(size=(80, 8)) as pilot:
        text = screen_text(app)
        assert text.count("[bold red]x[/] ␛[31m") == 4
        assert "line⏎break tab" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        await screen_snapshot(pilot)


@pytest.mark.parametrize("width", [20, 21, 22, 23, 24, 30, 40])
async def test_wide_and_combining_characters_keep_columns_aligned(width: int) -> None:
    names = ["plain ascii text here", "漢字漢字漢字漢字漢字漢字", "e\u0301e\u0301e\u0301", "🚀🚀🚀🚀🚀🚀🚀🚀", "⚠️ x"]
    given = [GridRow(name, (name, Text(name, "red"), "|")) for name in names]
    columns = [GridColumn("a", "A", width=7), GridColumn("b", "B"), GridColumn("c", "C", width=1)]
    app = app_of(given, columns)
    async with app.run_test(size=(width, 8)) as pilot:
        ends = {cell_len(line.rstrip()) for line in lines(pilot)[1:6]}
        assert len(ends) == 1
        assert all(line.endswith("|") for line in lines(pilot)[1:6])


async def test_a_wide_character_is_not_drawn_by_half_at_the_edges() -> None:
    columns = [GridColumn(str(at), "c") for at in range(12)]
    app = app_of([GridRow(str(at), ("漢字漢",) * 12) for at in range(3)], columns, fit=False)
    async with app.run_test(size=(33, 6)) as pilot:
        for x in range(9):
            app.grid.scroll_to(x, 0, animate=False, force=True)
            await pilot.pause()
            assert {cell_len(line) <= 33 for line in lines(pilot)} == {True}
            assert set("".join(lines(pilot)[1:4])) <= set("› 漢字")


async def test_styled_cells_are_cut_with_an_ellipsis_and_keep_the_background_of_the_cursor() -> None:
    cell = Text.assemble(("alpha ", "red"), ("beta ", "green"), ("gamma", "blue"))
    app = app_of([GridRow("k", (cell, "x"))], [GridColumn("a", "A", width=9), GridColumn("b", "B")])
    async with app.run_test(size=(40, 5)) as pilot:
        assert lines(pilot)[1] == "› alpha be…  x"
        strip = app.grid.render_line(1)
        assert len({segment.style.bgcolor for segment in strip if segment.style}) == 1
        assert len({segment.style.color for segment in strip if segment.style}) >= 3
