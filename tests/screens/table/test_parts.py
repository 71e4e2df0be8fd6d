"""The parts of the screen that have no widget: which block is read next, how many stay, which columns are shown."""

from __future__ import annotations

import asyncio

from screens.table.layout import Layout
from screens.table.pager import Pager
from screens.table.rows import KEPT, ROWS, Block, TableRows
from services.entities import TableColumn
from services.entities.tables import TablePage, TableSchema

SCHEMA = TableSchema((TableColumn("n", "int64", 0), TableColumn("word", "string", 5)), 10)


def page_of(block: Block, rows: int = ROWS) -> TablePage:
    numbers = tuple(range(block.first_row, block.first_row + rows))
    return TablePage(("n", "word"), block.first_row, tuple((str(at), None) for at in numbers), numbers)


async def test_what_was_missed_last_is_read_first_and_what_went_by_is_not() -> None:
    read: list[Block] = []
    started: list[bool] = []

    async def note(block: Block) -> None:
        read.append(block)

    pager = Pager(lambda: started.append(True), note, lambda block: block.rows >= 5)
    for at in (0, 5, 6, 5):
        pager.want(Block(at, 0))
    assert started == [True], "once, however many are missed while a screen is drawn"
    await pager.run()
    assert read == [Block(5, 0), Block(6, 0)]


async def test_what_is_read_is_given_up_once_it_is_out_of_view() -> None:
    near = {3}
    starts: list[bool] = []
    gate = asyncio.Event()

    async def wait(block: Block) -> None:
        await gate.wait()

    pager = Pager(lambda: starts.append(True), wait, lambda block: block.rows in near)
    pager.want(Block(3, 0))
    running = asyncio.create_task(pager.run())
    await asyncio.sleep(0)
    pager.want(Block(3, 0))
    near.add(4)
    pager.want(Block(4, 0))
    assert len(starts) == 1, "it is still in view"
    near.remove(3)
    pager.want(Block(4, 0))
    assert len(starts) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_blocks_are_kept_up_to_a_number() -> None:
    missed: list[Block] = []
    rows = TableRows(Layout(SCHEMA), missed.append)
    for at in range(KEPT + 1):
        rows.put(Block(at, 0), page_of(Block(at, 0)))
    assert not rows.has(Block(0, 0))
    assert rows.has(Block(KEPT, 0))
    assert rows.row_count == (KEPT + 1) * ROWS
    assert [str(cell) for cell in rows.cells(0, 0, 2)] == ["·", "·"]
    assert missed == [Block(0, 0)]
    rows.put(Block(0, 0), page_of(Block(0, 0)))
    assert [str(cell) for cell in rows.cells(3, 0, 2)] == ["3", "∅"]


def test_a_block_that_is_not_full_is_the_last() -> None:
    rows = TableRows(Layout(SCHEMA), lambda _: None)
    rows.put(Block(2, 0), page_of(Block(2, 0), 7))
    assert rows.total == 2 * ROWS + 7
    assert rows.number(2 * ROWS + 6) == 2 * ROWS + 6
    assert rows.number(2 * ROWS + 7) is None


def test_columns_by_name_and_the_last_one_that_stays() -> None:
    layout = Layout(SCHEMA)
    assert [layout.find(name) for name in ("word", "WO", "ord", "x")] == [1, 1, 1, None]
    assert layout.grid_columns()[1].note == "string ∅50%"
    assert layout.hide(0)
    assert not layout.hide(1)
    assert layout.place_of(0) == 0
    assert layout.show_all() == 1
