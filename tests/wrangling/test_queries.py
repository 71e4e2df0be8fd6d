"""A view becomes steps that keep the same rows in the same order."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.entities.tables import SortKey, TableQuery
from services.tables.opening import open_table
from services.wrangling.execution import preview, read_sample
from services.wrangling.queries import steps_of
from services.wrangling.recipe import ReadOptions, Recipe
from services.wrangling.steps import Filter, Sort

CELLS = "sex,age,fare\nm,3,1\nf,,1\nm,1,2\nf,3,2\n,2,1\nm,3,2\nf,1,1\nm,,2\n"


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        (TableQuery(), []),
        (TableQuery(" age != 1 and sex == 'm' "), [Filter("age != 1 and sex == 'm'")]),
        (TableQuery("not is_missing(sex)", (SortKey("age"),)), [Filter("not is_missing(sex)"), Sort(["age"])]),
        (TableQuery(sort=(SortKey("sex", True), SortKey("age", True))), [Sort(["sex", "age"], descending=True)]),
        (
            TableQuery(sort=(SortKey("fare"), SortKey("sex"), SortKey("age", True))),
            [Sort(["age"], descending=True), Sort(["fare", "sex"])],
        ),
    ],
)
async def test_steps_keep_the_rows_of_a_view_in_its_order(
    tmp_path: Path, query: TableQuery, steps: list[Filter | Sort]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(CELLS, encoding="utf-8")
    async with open_table(path) as table:
        page = await (await table.view(query)).page(0, 100)

    found = steps_of(query)

    frame, _ = read_sample(path, ReadOptions(), 100)
    made = preview(Recipe(tuple(found)), frame, is_sample=False, rows_shown=100)
    assert found == steps
    assert made.table.rows == page.rows
