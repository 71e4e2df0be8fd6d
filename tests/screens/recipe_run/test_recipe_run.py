"""The form that runs a recipe as a job: what it tells first, what it refuses, what it submits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from screens.places import Place
from screens.recipe_run import screen as module
from screens.recipe_run.screen import RecipeRunScreen
from screens.wrangle import drafts
from services.entities import Compute
from services.specs.command import CommandJob, JobOutput
from services.specs.spark import SparkJob, SparkResources
from services.wrangling import engines
from services.wrangling.recipe import Recipe, parse_recipe, to_yaml
from tests.screens.compute.conftest import in_azure
from tests.support.app import ScreenApp, settle
from tests.support.fake_connector import FakeConnector
from tests.support.fake_workspace import FakeWorkspace
from tests.support.forms import fill
from tests.support.keys import shows
from tests.support.snapshots import ScreenSnapshot
from tui.registry import make_screen

SOURCE = "azureml:diabetes:1"
RECIPE = parse_recipe("""
name: diabetes
steps:
  - {step: fill, columns: [BMI], method: mean}
  - {step: sort, columns: [BMI], muted: true}
  - {step: drop_missing}
""")


@pytest.fixture(autouse=True)
def draft(monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    """A recipe that was made on the Wrangle screen; a machine with Java and 16 GB."""
    monkeypatch.chdir(empty_home)
    monkeypatch.setattr(drafts, "DRAFTS", {SOURCE: drafts.Draft(RECIPE)})
    monkeypatch.setattr(engines, "has_java", lambda: True)
    monkeypatch.setattr(module, "available_memory", lambda: 16_000_000_000)


def screen_of(workspace: FakeWorkspace, source: str = SOURCE, *, azure: bool = False) -> RecipeRunScreen:
    screen = make_screen(Place("recipe-run", source), workspace, FakeConnector())
    assert isinstance(screen, RecipeRunScreen)
    if azure:
        in_azure(screen)
    return screen


async def test_the_form_tells_what_will_run_and_ctrl_s_runs_it(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await screen_snapshot(pilot)
        assert shows(pilot, "diabetes: 2 steps: fill, drop missing")
        assert shows(pilot, "0.2 GB of memory, 16.0 GB are free")
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec, _, _)] = workspace.called("jobs.submit")
        assert isinstance(spec, CommandJob)
        result = spec.outputs["result"]
        assert isinstance(result, JobOutput)
        assert (result.name, result.type) == ("diabetes", "uri_file")
        assert spec.properties["lapis.recipe_sha256"] == RECIPE.sha256
        assert app.opened[-1].screen == "job"


async def test_a_recipe_without_a_name_takes_that_of_its_table(
    workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "DRAFTS", {SOURCE: drafts.Draft(replace(RECIPE, name=""))})
    async with ScreenApp(screen_of(workspace)).run_test() as pilot:
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec, _, _)] = workspace.called("jobs.submit")
        assert spec.properties["lapis.recipe"] == "diabetes"


async def test_in_azure_spark_asks_for_its_machines(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace, azure=True)).run_test(size=size) as pilot:
        await settle(pilot)
        await fill(pilot, engine="serverless", asset="diabetes-spark")
        await screen_snapshot(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec, _, _)] = workspace.called("jobs.submit")
        assert isinstance(spec, SparkJob)
        assert spec.resources == SparkResources("standard_e4s_v3", "3.5")


async def test_what_is_missing_is_told_at_its_field(
    workspace: FakeWorkspace, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, screen_snapshot: ScreenSnapshot
) -> None:
    monkeypatch.setattr(engines, "has_java", lambda: False)
    drafts.DRAFTS[SOURCE].change(Recipe())
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        await fill(pilot, engine="spark", asset="")
        await screen_snapshot(pilot)
        assert shows(pilot, "needs Java 17")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert shows(pilot, "has no steps yet")
        assert not workspace.called("jobs.submit")


async def test_a_recipe_file_is_taken_in_the_place_of_the_draft(workspace: FakeWorkspace, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("Unnamed: 0,BMI\n0,21.5\n", encoding="utf-8")
    workspace.tables.files[SOURCE] = table
    path = tmp_path / "own.yaml"
    path.write_text(to_yaml(parse_recipe("name: own\nsteps: [{step: drop_duplicates}]")), encoding="utf-8")
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, recipe=str(path), asset="")
        assert shows(pilot, "own: 1 step: drop duplicates")
        assert shows(pilot, "Unnamed: 0 looks like the row numbers of an earlier CSV")
        assert shows(pilot, "stays an output of the job")
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec, _, _)] = workspace.called("jobs.submit")
        assert isinstance(spec, CommandJob)
        assert spec.properties["lapis.recipe"] == "own"


async def test_a_pool_is_offered_where_one_is_attached(workspace: FakeWorkspace) -> None:
    pool = Compute("spark-pool", engines.SPARK_POOL, state="Running")
    workspace.compute.all = {pool.name: pool}
    async with ScreenApp(screen_of(workspace, azure=True)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert not shows(pilot, "none here")
        await fill(pilot, engine="pool", asset="diabetes-spark")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert shows(pilot, "this field is required")
        await fill(pilot, compute="spark-pool")
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec, _, _)] = workspace.called("jobs.submit")
        assert (spec.compute, spec.resources) == ("spark-pool", None)
