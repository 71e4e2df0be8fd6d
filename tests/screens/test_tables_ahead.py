"""What opening a table takes is there before a key asks for it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from screens import tables_ahead
from screens.data import DataScreen
from screens.places import Place
from screens.tables_ahead import THREAD, LeadsToTables
from tests.support.app import ScreenApp
from tests.support.fake_workspace import FakeWorkspace
from tests.support.waiting import eventually
from tui.registry import screen_class

MODULE = "lapis_ahead"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module that is imported ahead in place of what tables need, which other tests have imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(tables_ahead, "MODULES", (MODULE,))
    yield tmp_path / f"{MODULE}.py"
    sys.modules.pop(MODULE, None)


async def test_it_is_imported_by_a_screen_that_leads_to_tables(workspace: FakeWorkspace, module: Path) -> None:
    module.touch()
    async with ScreenApp(DataScreen(Place("data"), data=workspace.data, workspace=workspace)).run_test():
        await eventually(
            lambda: MODULE in sys.modules and THREAD not in [thread.name for thread in threading.enumerate()]
        )


@pytest.mark.parametrize("name", ["data", "data-asset", "datastore"])
def test_screens_that_lead_to_tables(name: str) -> None:
    assert issubclass(screen_class(name), LeadsToTables)
