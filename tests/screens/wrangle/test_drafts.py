"""Drafts: any change can be undone, and neither leaving the screen nor a new start loses one."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.wrangle import drafts
from services.wrangling.recipe import Recipe
from services.wrangling.steps import Drop, Fill, Sort
from tests.support.fake_tables import FakeTables
from tests.support.fake_workspace import FakeWorkspace

DROP, FILL, SORT = Drop(["a"]), Fill(["b"], value="x"), Sort(["c"])


@pytest.fixture
def tables(workspace: FakeWorkspace) -> FakeTables:
    return workspace.tables


def start_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a new start of Lapis finds."""
    monkeypatch.setattr(drafts, "DRAFTS", {})


async def test_a_change_is_undone_and_made_again(tables: FakeTables) -> None:
    draft = await drafts.add(tables, "t.csv", DROP)
    await drafts.add(tables, "t.csv", FILL)
    undone, steps = draft.undo(), draft.recipe.steps
    assert (undone, steps) == (True, (DROP,))
    redone, again = draft.redo(), draft.redo()
    assert (redone, again, draft.recipe.steps) == (True, False, (DROP, FILL))

    draft.undo()
    await drafts.add(tables, "t.csv", SORT)
    assert not draft.redo()
    assert [draft.undo(), draft.undo(), draft.undo()] == [True, True, False]
    assert draft.recipe == Recipe()


async def test_each_table_has_its_own_which_is_there_after_a_new_start(
    tables: FakeTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drafts.add(tables, "azureml:titanic:1", FILL)
    await drafts.add(tables, "azureml:titanic:2", DROP)
    start_anew(monkeypatch)
    assert (await drafts.of(tables, "azureml:titanic:1")).recipe == Recipe((FILL,))
    assert (await drafts.of(tables, "azureml:titanic:2")).recipe == Recipe((DROP,))

    (await drafts.of(tables, "azureml:titanic:2")).change(Recipe())
    start_anew(monkeypatch)
    assert (await drafts.of(tables, "azureml:titanic:2")).recipe == Recipe()


async def test_a_table_has_one_draft_by_all_its_names_and_none_of_another_workspace(tables: FakeTables) -> None:
    tables.identities["azureml:t@latest"] = "azureml:t:1"
    await drafts.add(tables, "azureml:t@latest", DROP)
    assert (await drafts.of(tables, "azureml:t:1")).recipe == Recipe((DROP,))
    tables.identities["azureml:t:1"] = "another workspace azureml:t:1"
    assert (await drafts.of(tables, "azureml:t:1")).recipe == Recipe()


async def test_a_draft_of_another_version_is_left_alone(
    tables: FakeTables, monkeypatch: pytest.MonkeyPatch, empty_home: Path
) -> None:
    await drafts.add(tables, "t.csv", DROP)
    [kept] = (empty_home / ".local/state/lapis/drafts").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text("steps: [{step: conjure}]")
    start_anew(monkeypatch)
    assert (await drafts.of(tables, "t.csv")).recipe == Recipe()
    assert kept.read_text() == "steps: [{step: conjure}]"


async def test_what_is_saved_is_known(tables: FakeTables, tmp_path: Path) -> None:
    draft = await drafts.add(tables, "t.csv", DROP)
    known = [draft.is_saved]
    draft.set_saved(tmp_path / "r.yaml", Recipe((DROP,), "r"))
    known.append(draft.is_saved)
    await drafts.add(tables, "t.csv", SORT)
    known.append(draft.is_saved)
    draft.undo()
    assert [*known, draft.is_saved] == [False, True, False, True]
