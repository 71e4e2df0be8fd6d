"""Questions under differential privacy: their noise and price beforehand, and a budget that is spent."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.places import Place
from screens.privacy.screen import PrivacyScreen
from screens.privacy.texts import with_labels
from services.entities.features import PrivacyBudget, PrivateQuery, PrivateQuestion, PrivateResult
from services.errors import MachineError, NotFoundError
from services.features import budgets, study, table
from services.features.budgets import budget_of
from services.features.privacy import noise_scale
from services.features.study import PrivateTable
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.in_process import InProcess
from tests.support.keys import answer, choose, grid_of, shows
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytest.importorskip("opendp.prelude")  # here, as no test shall wait for it
SOURCE, OTHER_NAME = "azureml:patients:1", "azureml:patients@latest"


@pytest.fixture(autouse=True)
def patients(workspace: FakeWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand ages from 21 to 77, and as many words."""
    monkeypatch.setattr(study, "ChildProcess", InProcess)
    monkeypatch.setattr(budgets, "_BUDGETS", {})
    rows = (f"{('yes', 'no')[n % 4 == 0]},{21 + n % 57}" for n in range(1_000))
    workspace.tables.files[OTHER_NAME] = workspace.tables.put(SOURCE, tmp_path / "patients.csv", "smoker,age", *rows)
    workspace.tables.identities[OTHER_NAME] = SOURCE


@pytest.fixture
def known_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers whose noise is the same at each run."""

    async def ask(self: PrivateTable, column: str, question: PrivateQuestion, _progress: Any) -> PrivateResult:
        scale = noise_scale(question.query, question.epsilon, question.bounds, 1_000)
        labels = (*question.labels, "other") if question.labels else ()
        values = tuple(value + 0.25 for value in await self.truth(column, question))
        error = scale * math.log(20)
        return PrivateResult(question.query, values, question.epsilon, scale, scale, error, labels=labels)

    monkeypatch.setattr(PrivateTable, "ask", ask)


def screen_of(workspace: FakeWorkspace, source: str = SOURCE) -> PrivacyScreen:
    return PrivacyScreen(Place("privacy", source), tables=workspace.tables)


async def set_bounds(pilot: Pilot[Any], text: str) -> None:
    await pilot.press("b")
    await answer(pilot, text)
    await settle(pilot)


async def test_what_an_answer_costs_is_known_before_it_is_asked(
    workspace: FakeWorkspace, known_noise: None, screen_snapshot: ScreenSnapshot, size: tuple[int, int]
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert shows(pilot, "! b sets them by what the column means")
        await screen_snapshot(pilot, "no bounds")
        await set_bounds(pilot, "21 77")
        assert shows(pilot, "Laplace, scale 0.56")
        await pilot.press("left")
        await settle(pilot)
        assert shows(pilot, "Laplace, scale 1.12")
        for key in ("a", "right", "a"):
            await pilot.press(key)
            await settle(pilot)
        assert grid_of(pilot).cursor_key == "2.0"
        await choose(pilot, "m", "end")
        await choose(pilot, "o", "home")
        await set_bounds(pilot, "yes, no, yes")
        await pilot.press("a")
        await settle(pilot)
        await screen_snapshot(pilot, "answers")


async def test_an_answer_spends_the_budget_whatever_the_table_is_called(workspace: FakeWorkspace) -> None:
    for source, spent in ((SOURCE, 0.5), (OTHER_NAME, 1.0)):
        app = ScreenApp(screen_of(workspace, source))
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await set_bounds(pilot, "0 120")
            await pilot.press("e")
            await answer(pilot, "0.5")
            await settle(pilot)
            await pilot.press("a")
            await settle(pilot)
            assert budget_of(SOURCE) == PrivacyBudget(1.0, spent)
            value = float(str(grid_of(pilot).rows[0].cells[2]))
            assert abs(value - 48.7) < 10
            if spent == 1.0:
                assert shows(pilot, "! no more answer")
                await pilot.press("a")
                await settle(pilot)
                assert "The privacy budget is spent" in app.last_notice
                assert grid_of(pilot).row_count == 1
                await pilot.press("B")
                await answer(pilot, "2")
                await settle(pilot)
                assert shows(pilot, "1 of 2 spent: 2 more answers")
    assert budget_of(f"another workspace {SOURCE}") == PrivacyBudget(1.0)


async def test_a_question_that_lacks_something_costs_nothing(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert "Bounds are missing: b sets them." in app.last_notice
        await pilot.press("b")
        await answer(pilot, "77 21")
        assert shows(pilot, "✗ Two numbers are needed, the lower one first")
        await pilot.press("escape")
        await settle(pilot)
        await choose(pilot, "m", "end")
        await set_bounds(pilot, "40 60")
        assert shows(pilot, "parted at 40, 60")
        assert budget_of(SOURCE).spent == 0


async def test_the_true_value_is_shown_after_a_warning_alone(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await choose(pilot, "m", "home")
        await pilot.press("e")
        await answer(pilot, "4")
        await settle(pilot)
        assert shows(pilot, "! above 1 little is kept private")
        await pilot.press("B")
        await answer(pilot, "10")
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        await pilot.press("v")
        await eventually(lambda: shows(pilot, "keeps nothing private"))
        await pilot.press("n")
        await settle(pilot)
        assert grid_of(pilot).rows[0].cells[5] == ""
        await pilot.press("v")
        await eventually(lambda: shows(pilot, "keeps nothing private"))
        await pilot.press("y")
        await settle(pilot)
        assert grid_of(pilot).rows[0].cells[5] == "1,000"


async def test_what_stands_in_the_way_is_told(
    workspace: FakeWorkspace,
    monkeypatch: pytest.MonkeyPatch,
    screen_snapshot: ScreenSnapshot,
    size: tuple[int, int],
    still_cards: None,
) -> None:
    def missing(package: str) -> None:
        raise MachineError(
            f"{package} is not installed beside Lapis.",
            title="A package is missing",
            advice="Install Lapis with it: pipx install 'lapis-workbench[features]'.",
        )

    gate = workspace.slow("tables.open")
    workspace.fail("tables.open", NotFoundError("There is no asset patients."))
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await eventually(lambda: workspace.called("tables.open"))
        await screen_snapshot(pilot, "loading", busy=True)
        gate.set()
        await settle(pilot)
        assert shows(pilot, "There is no asset patients.")
        monkeypatch.setattr(table, "require", missing)
        await pilot.press("r")
        await settle(pilot)
        await screen_snapshot(pilot, "no opendp")


def test_categories_are_told_once_each() -> None:
    question = with_labels(PrivateQuestion(PrivateQuery.HISTOGRAM, 1, edges=(1.0,)), " a, b ,,a")
    assert (question.labels, question.edges) == (("a", "b"), ())
    with pytest.raises(ValueError, match="commas between them"):
        with_labels(question, " , ")
