"""Columns scored against a target: the methods beside each other, the best ones into the recipe."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.features.screen import FeaturesScreen
from screens.places import Place
from screens.wrangle import drafts
from services.entities.features import ScoreMethod
from services.errors import MachineError, NotFoundError
from services.features import study, table
from services.features.study import FeatureStudy
from services.wrangling.steps import Select
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.in_process import InProcess
from tests.support.keys import answer, choose, grid_of, shows
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytest.importorskip("sklearn.inspection")  # here, as no test shall wait for it
SOURCE = "azureml:people:1"


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "ChildProcess", InProcess)


@pytest.fixture
def people(workspace: FakeWorkspace, tmp_path: Path) -> None:
    """Pearson has `score` first, chi-squared `salary`, whose scale is larger; `debt` is below zero, `id` names rows."""
    rows = (
        f"{1000 + n},{n // 10},{3000 + 500 * (n // 12) + n % 4 * 1000},{-n * 7 % 50 - 20},{'ab'[n % 2]},{n % 5},"
        f"{int(n > 100)}"
        for n in range(200)
    )
    workspace.tables.put(SOURCE, tmp_path / "people.csv", "id,score,salary,debt,word,noise,churned", *rows)


def screen_of(workspace: FakeWorkspace, source: str = SOURCE, target: str = "") -> FeaturesScreen:
    return FeaturesScreen(Place("features", source, tab=target), tables=workspace.tables)


def names(pilot: Pilot[Any]) -> list[str]:
    return [row.key for row in grid_of(pilot).rows]


async def test_both_methods_are_shown_and_that_they_disagree(
    workspace: FakeWorkspace, people: None, screen_snapshot: ScreenSnapshot, size: tuple[int, int]
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert names(pilot) == ["score", "salary", "debt", "noise"]
        assert shows(pilot, "! They disagree: Pearson puts score first, chi-squared salary.")
        assert shows(pilot, "debt left out")
        await screen_snapshot(pilot, "scores")
        await pilot.press("m")
        await settle(pilot)
        assert names(pilot)[0] == "salary"
        await pilot.press("p")
        await settle(pilot)
        assert names(pilot)[0] == "score"
        await screen_snapshot(pilot, "importance")


async def test_diabetes_as_it_is_known(workspace: FakeWorkspace, shared_data: Path) -> None:
    app = ScreenApp(screen_of(workspace, str(shared_data / "diabetes.csv")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        first = grid_of(pilot).rows[0]
        assert (first.key, first.cells[2]) == ("Pregnancies", "+0.4052")
        assert shows(pilot, "PatientID left out")
        await pilot.press("m")
        await settle(pilot)
        first = grid_of(pilot).rows[0]
        assert (first.key, first.cells[4]) == ("SerumInsulin", "77,082.0")


async def test_the_best_are_kept_by_a_step_of_the_recipe(workspace: FakeWorkspace, people: None) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("n")
        await answer(pilot, "9")
        assert shows(pilot, "✗ It is a whole number from 1 to 4.")
        await answer(pilot, "2")
        await settle(pilot)
        assert shows(pilot, "top 2 by Pearson")
        await pilot.press("K")
        await settle(pilot)
        assert app.opened == [Place("wrangle", SOURCE)]
        assert (await drafts.of(workspace.tables, SOURCE)).recipe.steps[-1] == Select(["score", "salary", "churned"])


async def test_target_task_and_columns_that_name_rows_are_chosen(workspace: FakeWorkspace, people: None) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("i")
        await settle(pilot)
        assert "id" in names(pilot)
        assert shows(pilot, "id-like ones too")
        await pilot.press("i")
        await settle(pilot)
        await choose(pilot, "t", "home", "down", "down")
        assert app.moved[-1].tab == "salary"
        assert names(pilot)[0] == "score"
        assert shows(pilot, "! No chi-squared: salary is a number with many values")
        await choose(pilot, "t", "home", "down", "down", "down", "down")
        await choose(pilot, "o", "end")
        assert shows(pilot, "Nothing tells about word")
        assert shows(pilot, "word holds no numbers.")
        await choose(pilot, "t", "end")
        assert names(pilot)[0] == "score"
        assert shows(pilot, "regression")


async def test_settings_of_the_permutation(workspace: FakeWorkspace, people: None) -> None:
    app = ScreenApp(screen := screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        first = app.screen
        await pilot.press("s")
        await eventually(lambda: app.screen is not first)
        await pilot.press("down", "enter")
        await answer(pilot, "1.5")
        assert shows(pilot, "✗ It is a number between 0 and 1, such as 0.3.")
        await answer(pilot, "0.5")
        await settle(pilot)
        await pilot.press("s")
        await eventually(lambda: app.screen is not first)
        second = app.screen
        await pilot.press("enter")
        await eventually(lambda: app.screen not in {first, second})
        await pilot.press("down", "enter")
        await settle(pilot)
        await pilot.press("p")
        await settle(pilot)
        found = screen.scores.by[ScoreMethod.PERMUTATION]
        assert found.metric == "precision"
        assert any("100 rows held back, 5 shuffles each with seed 1023" in note for note in found.notes)


async def test_subsets_are_counted_and_warned_of_before_they_are_tried(
    workspace: FakeWorkspace, people: None, screen_snapshot: ScreenSnapshot, size: tuple[int, int]
) -> None:
    app = ScreenApp(screen := screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("b")
        await eventually(lambda: shows(pilot, "4 columns have 15 subsets"))
        await screen_snapshot(pilot, "question", busy=True)
        await pilot.press("y")
        await eventually(lambda: screen.scores.subsets, timeout=20)
        await settle(pilot)
        assert "score" in screen.scores.subsets[0].features
        await screen_snapshot(pilot, "found")


async def test_esc_stops_a_permutation_and_keys_stay_alive(
    workspace: FakeWorkspace, people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        async def endless(*_: object, progress: Any, **__: object) -> None:
            progress(7, 20)
            await asyncio.Event().wait()

        monkeypatch.setattr(FeatureStudy, "score", endless)
        await pilot.press("p")
        await eventually(lambda: shows(pilot, "35 %, esc stops"))
        await pilot.press("down")
        assert grid_of(pilot).cursor_key == "salary"
        await pilot.press("escape")
        await settle(pilot)
        assert shows(pilot, "top 1 by Pearson")
        assert not app.left


async def test_what_stands_in_the_way_is_told(
    workspace: FakeWorkspace,
    people: None,
    monkeypatch: pytest.MonkeyPatch,
    screen_snapshot: ScreenSnapshot,
    size: tuple[int, int],
    still_cards: None,
) -> None:
    gate = workspace.slow("tables.open")
    workspace.fail("tables.open", NotFoundError("There is no asset people."))
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await eventually(lambda: shows(pilot, "Reading the columns"))
        await screen_snapshot(pilot, "loading", busy=True)
        gate.set()
        await settle(pilot)
        await screen_snapshot(pilot, "error")

        def missing(package: str) -> None:
            raise MachineError(f"{package} is not installed beside Lapis.", advice="Install lapis-workbench[features].")

        monkeypatch.setattr(table, "require", missing)
        await pilot.press("r")
        await settle(pilot)
        assert shows(pilot, "scikit-learn is not installed beside Lapis.")
        assert shows(pilot, "lapis-workbench[features]")
