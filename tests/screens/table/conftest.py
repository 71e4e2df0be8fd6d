"""Small tables in files, and a large one whose end is not in its first read."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.places import Place
from screens.table.screen import TableScreen
from tests.support.fake_workspace import FakeWorkspace

PASSENGERS = """\
PassengerId,Survived,Name,Age,Cabin,Note
1,0,"Braund, Mr. Owen Harris",22,,plain
2,1,"Cumings, Mrs. John Bradley (Florence Briggs Thayer)",38,C85,\x1b[31mred
3,1,"Heikkinen, Miss. Laina",26,,=1+1
4,1,"Futrelle, Mrs. Jacques Heath",35,C123,[bold]markup[/]
5,0,"Allen, Mr. William Henry",35,,
6,0,"Moran, Mr. James",,,none
7,0,"McCarthy, Mr. Timothy J",54,E46,"two
lines"
"""
ROWS = 30_000


@pytest.fixture
def passengers(tmp_path: Path) -> str:
    """Seven rows of six columns, with what cells may hold."""
    path = tmp_path / "passengers.csv"
    path.write_text(PASSENGERS, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """30,000 rows: more than the first read has."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    path.write_text("id,name\n" + "".join(f"{i},person {i % 9973}\n" for i in range(ROWS)), encoding="utf-8")
    return str(path)


def screen_of(workspace: FakeWorkspace, source: str, *, tab: str = "", filter_: str = "") -> TableScreen:
    """The screen at a source."""
    place = Place("table", source, tab, filter_)
    return TableScreen(place, tables=workspace.tables, workspace=workspace)
