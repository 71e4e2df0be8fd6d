"""Tables for recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wrangling.cases import OTHER, OTHER_NAME, TABLE


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A small table with gaps, doubles, quotes and dates, and the table to join beside it."""
    (tmp_path / OTHER_NAME).write_text(OTHER, encoding="utf-8")
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path
