"""Previews: what each step did and what failed; and their process, which holds nothing up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.entities.wrangling import RecipePreview, StepState
from services.errors import Fault, MachineError, UserError
from services.wrangling.execution import preview, read_sample
from services.wrangling.recipe import Recipe, parse_recipe
from services.wrangling.script import table_paths
from services.wrangling.wrangler import Wrangler
from tests.wrangling.cases import OTHER_NAME


def look(recipe: Recipe, table: Path, *, sample: int = 100, rows: int = 100) -> RecipePreview:
    """A preview in this process."""
    frame, is_sample = read_sample(table, recipe.read, sample)
    tables = table_paths(recipe, table.parent)
    return preview(recipe, frame, is_sample=is_sample, rows_shown=rows, tables=tables)


@pytest.fixture
async def wrangler() -> AsyncIterator[Wrangler]:
    made = Wrangler()
    yield made
    await made.close()


def test_the_effect_of_each_step(table: Path) -> None:
    recipe = parse_recipe(f"""
steps:
  - {{step: fill, columns: [cabin], value: none}}
  - {{step: drop_missing, muted: true}}
  - {{step: join, table: {OTHER_NAME}, keys: [sex]}}
  - {{step: drop, columns: [sex, day]}}
  - {{step: drop_missing}}
  - {{step: replace, columns: [word], old: male, new: man}}
""")
    found = look(recipe, table, rows=2)

    fill, muted, join, drop, missing, replace = found.effects
    assert (fill.state, fill.rows, fill.missing, fill.changed_cells) == (StepState.DONE, (5, 5), (4, 2), 2)
    assert (muted.state, muted.rows, muted.missing) == (StepState.MUTED, (5, 5), (2, 2))
    assert (join.columns_added, join.changed_cells) == (("word",), 0)
    assert drop.columns_removed == ("sex", "day")
    assert (missing.rows, missing.missing) == ((5, 3), (2, 0))
    assert replace.changed_cells == 1
    assert [column.name for column in found.table.columns] == ["id", "name", "age", "fare", "cabin", "word"]
    assert found.table.rows == (
        ("1", "Ada, Lady", "36.0", "10.5", "C85", "female"),
        ("3", "Cyd", "5.0", "7.25", "E46", "female"),
    )
    assert found.table.total_rows == 3
    assert found.changed == frozenset()  # what changed is in the third row, which isn't shown
    assert (found.rows_read, found.is_sample, found.failed) == (5, False, None)


def test_the_cells_that_the_last_step_changed_or_made_are_marked(table: Path) -> None:
    fill = parse_recipe("steps: [{step: sort, columns: [fare]}, {step: fill, columns: [age], value: 1}]")
    derived = parse_recipe("steps: [{step: derive, column: more, value: fare + 1}]")
    assert look(fill, table).changed == {(0, 3), (2, 3)}
    assert look(derived, table, rows=2).changed == {(0, 7), (1, 7)}


def test_a_faulty_step_is_marked_and_the_table_stays_at_the_last_good_one(table: Path) -> None:
    recipe = parse_recipe("""
steps:
  - {step: select, columns: [name, age]}
  - {step: cast, columns: [name], type: integer}
  - {step: drop, columns: [age]}
""")
    found = look(recipe, table)

    assert [effect.state for effect in found.effects] == [StepState.DONE, StepState.FAILED, StepState.NOT_REACHED]
    assert found.failed == 1
    assert "column 'name'" in found.effects[1].message
    assert [column.name for column in found.table.columns] == ["name", "age"]
    assert len(found.table.rows) == 5


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("{step: drop, columns: [Name]}", "there is no column Name; did you mean name?"),
        ("{step: join, table: nowhere.csv, keys: [sex]}", "there is no file"),
        ("{step: join, table: words.csv, keys: [id]}", "there is no 'id'"),
        ("{step: melt, keep: [id], name_into: id}", "id"),
        ("{step: filter, where: name > 3}", "Invalid comparison"),
    ],
)
def test_what_a_step_failed_on_is_one_line(step: str, words: str, table: Path) -> None:
    message = look(parse_recipe(f"steps: [{step}]"), table).effects[0].message
    assert words in message
    assert "\n" not in message


def test_what_is_taken_from_a_sample_says_so(table: Path) -> None:
    recipe = parse_recipe("""
steps:
  - {step: fill, columns: [age], method: mean}
  - {step: scale, columns: [fare]}
  - {step: encode, columns: [sex]}
  - {step: bin, column: id, into: b, bins: 2}
""")
    sample = look(recipe, table, sample=4)
    whole = look(recipe, table)

    assert sample.is_sample
    assert sample.rows_read == 4
    assert [effect.notes for effect in sample.effects] == [
        ("the mean is of the sample; a run takes all rows",),
        ("least and greatest value are of the sample; a run takes all rows",),
        ("the categories are of the sample; a run takes all rows",),
        ("the edges are of the sample; a run takes all rows",),
    ]
    assert [effect.notes for effect in whole.effects] == [(), (), (), ()]


def test_a_text_that_a_csv_gives_back_as_missing_is_warned_of(table: Path) -> None:
    recipe = parse_recipe(
        "steps: [{step: fill, columns: [cabin], value: None}, {step: fill, columns: [age], value: 0}]"
    )
    assert [effect.notes for effect in look(recipe, table).effects] == [
        ("'None' in a CSV is read as missing again; write Parquet, or fill with another text",),
        (),
    ]


def test_a_warning_of_pandas_is_a_note(table: Path) -> None:
    recipe = parse_recipe("steps: [{step: derive, column: x, value: log(id - 1)}]")
    assert look(recipe, table).effects[0].notes == ("divide by zero encountered in log",)


async def test_the_process_answers_the_same_and_reads_a_table_again_that_has_changed(
    wrangler: Wrangler, table: Path
) -> None:
    recipe = parse_recipe("steps: [{step: fill, columns: [age], method: mean}, {step: drop, columns: [nothing]}]")
    assert await wrangler.preview(recipe, table, sample=3, rows=2) == look(recipe, table, sample=3, rows=2)
    assert (await wrangler.preview(Recipe(), table)).rows_read == 5
    with table.open("a", encoding="utf-8") as file:
        file.write("6,Eve,f,1,1,,\n")
    assert (await wrangler.preview(Recipe(), table)).rows_read == 6


def test_only_the_beginning_of_a_parquet_file_is_read(tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "table.parquet"
    pd.DataFrame({"a": range(100), "b": [None, "x"] * 50}).to_parquet(path)
    found = look(Recipe(), path, sample=3)
    assert (found.table.rows, found.is_sample) == ((("0", None), ("1", "x"), ("2", None)), True)


async def test_a_table_that_cannot_be_read_is_told_and_the_next_one_can(wrangler: Wrangler, table: Path) -> None:
    files = {
        "missing.csv": (None, "there is no file"),
        "empty.csv": (b"", "No columns to parse"),
        "broken.parquet": (b"PAR1 and no more", "Parquet"),
        "ragged.csv": (b"a,b\n1,2,3,4\n1\n2,3,4,5,6\n", "line 4 has 5 fields and those before it 4"),
        "quote.csv": (b'a,b\n1,"x\n2,y\n', "a quote that opens in line 2 is never closed"),
    }
    for name, (content, words) in files.items():
        if content is not None:
            (table.parent / name).write_bytes(content)
        with pytest.raises(UserError) as caught:
            await wrangler.preview(Recipe(), table.parent / name)
        assert caught.value.detail.startswith(f"{name}: ")
        assert words in caught.value.detail
        assert "\n" not in caught.value.detail
    assert (await wrangler.preview(Recipe(), table)).rows_read == 5


async def test_a_preview_that_is_cancelled_ends_its_process_and_the_next_one_works(
    wrangler: Wrangler, tmp_path: Path, table: Path
) -> None:
    """A pattern that takes for ever is soon typed."""
    path = tmp_path / "long.csv"
    path.write_text("a\n" + "x" * 40 + "!\n", encoding="utf-8")
    endless = parse_recipe("steps: [{step: replace, columns: [a], old: '(x+x+)+y(?!z)', new: z, match: pattern}]")
    await wrangler.preview(Recipe(), path)
    process = wrangler.process_id
    running = asyncio.create_task(wrangler.preview(endless, path))
    await asyncio.wait({running}, timeout=0.3)
    assert not running.done()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert not Path(f"/proc/{process}").exists()
    assert (await wrangler.preview(Recipe(), table)).rows_read == 5


async def test_a_process_that_dies_is_told(wrangler: Wrangler, table: Path) -> None:
    import os
    import signal

    await wrangler.preview(Recipe(), table)
    assert wrangler.process_id is not None
    os.kill(wrangler.process_id, signal.SIGSTOP)
    asking = asyncio.create_task(wrangler.preview(Recipe(), table))
    await asyncio.sleep(0)
    os.kill(wrangler.process_id, signal.SIGKILL)
    with pytest.raises(MachineError):
        await asking
    assert (await wrangler.preview(Recipe(), table)).rows_read == 5


async def test_a_recipe_is_checked_against_a_table(wrangler: Wrangler, table: Path) -> None:
    columns = parse_recipe("steps: [{step: drop, columns: [nam]}, {step: drop, columns: [ag]}]")
    fails = parse_recipe("steps: [{step: drop, columns: [age]}, {step: cast, columns: [name], type: number}]")
    good = parse_recipe("steps: [{step: drop, columns: [age]}]")

    assert await wrangler.check(columns, table) == [
        Fault("steps[0].columns", "there is no column nam; did you mean name?"),
        Fault("steps[1].columns", "there is no column ag; did you mean age?"),
    ]
    assert [fault.path for fault in await wrangler.check(fails, table)] == ["steps[1]"]
    assert await wrangler.check(good, table) == []
