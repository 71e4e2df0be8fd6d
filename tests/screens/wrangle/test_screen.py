"""Wrangling by keys: what a step does is seen before it is taken, and any change can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.places import Place
from screens.show_as import ShowAs
from screens.wrangle import drafts, previews
from screens.wrangle.form import StepForm
from screens.wrangle.result import ResultView
from screens.wrangle.screen import WrangleScreen
from screens.wrangle.steps_view import StepsView
from services.errors import AccessError
from services.wrangling.recipe import Recipe, read_recipe_file
from services.wrangling.steps import Cast, Derive, Drop, DropMissing, Fill, Join, Sort, Step
from services.wrangling.wrangler import Wrangler
from tests.screens.wrangle.conftest import NearWrangler
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.forms import QUICK_REST
from tests.support.keys import answer, asked, shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards", "near")

FILL, DROP = Fill(["Cabin"], value="none"), DropMissing()


def screen_of(workspace: FakeWorkspace, table: Path | str) -> WrangleScreen:
    source = table if isinstance(table, str) else "azureml:people:1"
    if isinstance(table, Path):
        workspace.tables.files[source] = table
    return WrangleScreen(Place("wrangle", source), tables=workspace.tables, data=workspace.data)


def app_of(workspace: FakeWorkspace, table: Path | str) -> ScreenApp:
    return ScreenApp(screen_of(workspace, table))


def recipe_in(pilot: Pilot[Any]) -> Recipe:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, WrangleScreen)
    return screen.draft.recipe


def steps_in(pilot: Pilot[Any]) -> list[Step]:
    return list(recipe_in(pilot).steps)


async def draft(workspace: FakeWorkspace, *steps: Step) -> None:
    for step in steps:
        await drafts.add(workspace.tables, "azureml:people:1", step)


async def rested(pilot: Pilot[Any]) -> None:
    """What depends on the typing is read, and shown."""
    await pilot.pause(QUICK_REST * 10)
    await settle(pilot)


def words_of(pilot: Pilot[Any]) -> str:
    """What is at the right side, whatever its lines are."""
    return " ".join(" ".join(line[65:] for line in text_of(pilot).split("\n")).replace("│", " ").split())


async def to_column(pilot: Pilot[Any], name: str) -> None:
    """Put the cursor of the table on a column."""
    result = pilot.app.screen.query_one(ResultView)
    await pilot.press("home")
    while result.column != name:
        before = result.grid.cursor_column
        await pilot.press("right")
        assert result.grid.cursor_column > before, f"no column {name}"


async def form_open(pilot: Pilot[Any], *keys: str) -> StepForm:
    """Press keys that open a form."""
    await pilot.press(*keys)
    await eventually(lambda: isinstance(pilot.app.screen, StepForm))
    await rested(pilot)
    form = pilot.app.screen
    assert isinstance(form, StepForm)
    return form


# states


async def test_without_a_table(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with app_of(workspace, "").run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        await pilot.press("f", "J", "plus")
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_while_the_table_is_read(
    workspace: FakeWorkspace, table: Path, near: NearWrangler, screen_snapshot: ScreenSnapshot
) -> None:
    near.gate.clear()
    async with app_of(workspace, table).run_test(size=(80, 24)) as pilot:
        await eventually(lambda: shows(pilot, "Reading the first rows"))
        await screen_snapshot(pilot, busy=True)
        near.gate.set()
        await eventually(lambda: shows(pilot, "6 rows · 5 missing"))


async def test_a_table_that_cannot_be_read(
    workspace: FakeWorkspace, table: Path, screen_snapshot: ScreenSnapshot
) -> None:
    refused = AccessError("The key of datastore raw is refused.", advice="e on the datastore gives it another.")
    workspace.fail("tables.open", refused)
    async with app_of(workspace, table).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        workspace.mend("tables.open")
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert shows(pilot, "6 rows · 5 missing")


async def test_the_way_of_a_recipe(
    workspace: FakeWorkspace, table: Path, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with app_of(workspace, table).run_test(size=size) as pilot:
        await screen_snapshot(pilot, "no steps")
        await to_column(pilot, "Cabin")
        await form_open(pilot, "f", "tab", *"none")
        await rested(pilot)
        await screen_snapshot(pilot, "a step that is tried out")
        await pilot.press("enter")
        await settle(pilot)
        assert steps_in(pilot) == [FILL]
        await pilot.press("d", "enter")
        await settle(pilot)
        await draft(
            workspace, Derive("Half", "Fare / 2"), Cast(["Name"], "integer"), Drop(["Half"]), replace(DROP, muted=True)
        )
        await pilot.press("ctrl+r")
        await settle(pilot)
        await pilot.press("tab", "up", "up")
        await screen_snapshot(pilot, "a faulty step")
        await pilot.press("D", "t", "p")
        await screen_snapshot(pilot, "code for Spark")


async def test_more_or_fewer_rows_are_shown(
    workspace: FakeWorkspace, tmp_path: Path, near: NearWrangler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "SAMPLE", 2_000)
    path = tmp_path / "long.csv"
    path.write_text("a\n" + "1\n" * 3_000, encoding="utf-8")
    async with app_of(workspace, path).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        grid = pilot.app.screen.query_one(ResultView).grid
        assert (grid.row_count, shows(pilot, "of the first 2,000 rows; a run takes all · 1,000 of 2,000 shown")) == (
            1_000,
            True,
        )
        for typed, rows, told in (("20", 20, "20 of 2,000 shown"), ("2,500", 2_500, "of the first 2,500 rows")):
            await pilot.press("l")
            await answer(pilot, typed)
            await settle(pilot)
            assert (grid.row_count, shows(pilot, told)) == (rows, True)
        await pilot.press("l")
        await answer(pilot, "2000001")
        assert shows(pilot, "✗ It is a whole number from 1 to 2,000,000.")


# steps


async def test_titanic_is_filled_and_dropped(
    workspace: FakeWorkspace, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real child process: 891 rows become 712; without the fill, 183."""
    monkeypatch.setattr(previews, "Wrangler", Wrangler)
    async with app_of(workspace, str(shared_data / "titanic.csv")).run_test(size=(120, 40)) as pilot:
        await eventually(lambda: shows(pilot, "891 rows · 866 missing"), timeout=30)
        await to_column(pilot, "Cabin")
        await pilot.press("f", "tab", *"None", "enter")
        await eventually(lambda: shows(pilot, "891 rows · 866 → 179 missing · 687 cells changed"))
        await eventually(lambda: "'None' in a CSV is read as missing again" in words_of(pilot))
        await pilot.press("d", "enter")
        await eventually(lambda: shows(pilot, "891 → 712 rows · 866 → 0 missing"))
        await pilot.press("z", "z", "d", "enter")
        await eventually(lambda: shows(pilot, "891 → 183 rows · 866 → 0 missing"))
        await eventually(lambda: steps_in(pilot) == [DROP])  # the form shows the rows before it is taken


async def test_the_effect_of_a_step_is_told_while_it_is_typed(workspace: FakeWorkspace, table: Path) -> None:
    async with app_of(workspace, table).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        form = await form_open(pilot, "slash")
        assert shows(pilot, "Its effect shows here once it is complete.")
        for text, told in {
            "Age > 18": "6 → 3 rows · 5 → 1 missing",
            "Agee > 18": "there is no column Agee; did you mean Age?",
            "Name > 3": "✗ Invalid comparison",
        }.items():
            form.fields["where"].value = text
            await rested(pilot)
            assert told in words_of(pilot)
        assert steps_in(pilot) == []

        await pilot.press("escape")
        await settle(pilot)
        assert shows(pilot, "6 rows · 5 missing")
        assert steps_in(pilot) == []


async def test_what_is_missing_is_told_when_it_is_taken(workspace: FakeWorkspace, table: Path) -> None:
    async with app_of(workspace, table).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        form = await form_open(pilot, "r")
        form.fields["columns"].value = ""
        await rested(pilot)
        assert not form.fields["columns"].faults
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert pilot.app.screen is form
        assert shows(pilot, "✗ this field is required")
        form.fields["columns"].value = "Name=Sex"
        await rested(pilot)
        assert shows(pilot, "✗ there would be two columns Sex")


async def test_any_step_is_found_by_a_word(workspace: FakeWorkspace, table: Path) -> None:
    async with app_of(workspace, table).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await to_column(pilot, "Fare")
        await pilot.press("plus", *"pull", "enter")
        form = await form_open(pilot)
        assert form.asked.kind == "clip"
        form.fields["upper"].value = "50"
        await pilot.press("enter")
        await settle(pilot)
        assert shows(pilot, "clip Fare to ≤ 50")
        assert shows(pilot, "▪50.0")


async def test_steps_are_edited_muted_moved_deleted_and_all_of_it_undone(workspace: FakeWorkspace, table: Path) -> None:
    sort = Sort(["Age"])
    await draft(workspace, FILL, DROP, sort)
    async with app_of(workspace, table).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert shows(pilot, "6 → 4 rows")
        steps = pilot.app.screen.query_one(StepsView).grid
        steps.focus()
        await pilot.press("home", "enter")
        form = await form_open(pilot)
        assert form.fields["value"].value == "none"
        form.fields["value"].value = "?"
        await pilot.press("ctrl+s")
        await settle(pilot)
        fill = replace(FILL, value="?")
        assert steps_in(pilot) == [fill, DROP, sort]

        await pilot.press("down", "m")
        await settle(pilot)
        muted = replace(DROP, muted=True)
        assert steps_in(pilot) == [fill, muted, sort]
        assert shows(pilot, "6 rows · 5 → 2 missing")
        await pilot.press("ctrl+down")
        assert steps_in(pilot) == [fill, sort, muted]
        await pilot.press("ctrl+down", "ctrl+up", "ctrl+up", "ctrl+up")
        assert steps_in(pilot) == [muted, fill, sort]
        await pilot.press("D")
        assert steps_in(pilot) == [fill, sort]
        for _ in range(6):
            await pilot.press("z")
        assert steps_in(pilot) == [FILL, DROP, sort]
        await pilot.press("Z")
        assert steps_in(pilot) == [fill, DROP, sort]
        await settle(pilot)


async def test_a_step_that_is_edited_shows_its_own_effect(workspace: FakeWorkspace, table: Path) -> None:
    await draft(workspace, FILL, Drop(["Cabin"]))
    async with app_of(workspace, table).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        pilot.app.screen.query_one(StepsView).grid.focus()
        form = await form_open(pilot, "home", "e")
        assert shows(pilot, "▪none")
        await pilot.press("escape")
        await eventually(lambda: pilot.app.screen is not form)
        assert not shows(pilot, "▪none")


# files and other screens


async def test_a_recipe_is_saved_and_opened_again(workspace: FakeWorkspace, table: Path) -> None:
    await draft(workspace, FILL)
    file = table.parent / "recipes" / "people.yaml"
    async with app_of(workspace, table).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert shows(pilot, "Recipe · not saved")
        await pilot.press("w")
        assert (await asked(pilot)).value == str(file)
        await pilot.press("enter")
        await settle(pilot)
        assert read_recipe_file(file) == Recipe((FILL,), "people")
        assert shows(pilot, "Recipe people")
        assert not shows(pilot, "not saved")

        await pilot.press("D", "ctrl+o")
        await answer(pilot, str(file))
        await settle(pilot)
        assert steps_in(pilot) == [FILL]


async def test_a_recipe_of_another_table_is_checked_before_anything_runs(workspace: FakeWorkspace, table: Path) -> None:
    (table.parent / "other.yaml").write_text("steps: [{step: drop, columns: [Cabn]}, {step: sort, columns: [Age]}]")
    (table.parent / "wrong.yaml").write_text("steps: [{step: dropp, columns: [Cabin]}]")
    app = app_of(workspace, table)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+o")
        await answer(pilot, "wrong.yaml")
        await eventually(lambda: "steps[0].step: there is no step dropp; did you mean drop?" in app.last_notice)
        for key, steps in (("n", 0), ("y", 2)):
            await pilot.press("ctrl+o")
            await answer(pilot, "other.yaml")
            await eventually(lambda: shows(pilot, "steps[0].columns: there is no column Cabn; did you mean Cabin?"))
            await pilot.press(key)
            await settle(pilot)
            assert len(steps_in(pilot)) == steps


async def test_a_step_that_another_screen_adds_is_there(workspace: FakeWorkspace, table: Path) -> None:
    app = app_of(workspace, table)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await eventually(lambda: isinstance(app.screen, ShowAs))
        drawer = app.screen
        assert isinstance(drawer, ShowAs)
        assert [form.label for form in drawer.forms] == ["Recipe", "pandas", "pyspark.pandas"]
        await draft(workspace, FILL)
        await pilot.press("escape")
        await settle(pilot)
        assert shows(pilot, "fill Cabin with none")
        await pilot.press("J")
        await settle(pilot)
        assert app.opened == [Place("recipe-run", "azureml:people:1")]


async def test_another_data_asset_is_joined(workspace: FakeWorkspace, table: Path) -> None:
    words = table.parent / "words.csv"
    words.write_text("Sex,Word\nf,female\n")
    workspace.tables.files["azureml:words:1"] = words
    async with app_of(workspace, table).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("plus", *"join an", "enter")
        form = await form_open(pilot)
        form.fields["table"].value = "azureml:nowhere:1"
        keys = form.fields["keys"].controls[0]
        keys.focus()
        await pilot.press("space", "s", "space")
        await rested(pilot)
        assert shows(pilot, "✗ There is no table azureml:nowhere:1.")
        form.fields["table"].value = "azureml:words:1"
        await rested(pilot)
        assert shows(pilot, "6 rows · 5 → 8 missing · + Word")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert steps_in(pilot) == [Join("azureml:words:1", ["Sex"])]
        assert shows(pilot, "+ Word")


async def test_all_is_closed_with_the_screen(workspace: FakeWorkspace, table: Path, near: type[NearWrangler]) -> None:
    screen = screen_of(workspace, table)
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        folder = screen._table.folder if screen._table else None
        assert folder is not None
        assert folder.exists()
    assert near.closed == 1
    assert not folder.exists()
