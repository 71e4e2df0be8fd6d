"""What tests of wrangling share: no drafts, and previews in this process, which imports pandas once for all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from screens.wrangle import drafts, previews
from services.entities.wrangling import RecipePreview
from services.wrangling import execution
from services.wrangling.recipe import Recipe
from services.wrangling.script import table_paths
from services.wrangling.wrangler import SAMPLE, SHOWN, Wrangler

TABLE = """\
Name,Sex,Age,Fare,Cabin
"Ada, Lady",f,36,10.5,C85
Bob,m,,7.25,
Cyd,f,5,7.25,E46
Dan,m,71,100,C123
Bob,m,,7.25,
[red]Eve,f,22,8.05,
"""


class NearWrangler(Wrangler):
    """Runs the same code, in a thread; a preview waits while its gate is closed."""

    gate = asyncio.Event()
    closed = 0

    async def preview(
        self,
        recipe: Recipe,
        table: Path,
        *,
        sample: int = SAMPLE,
        rows: int = SHOWN,
        base: Path | None = None,
        tables: Mapping[str, str] | None = None,
    ) -> RecipePreview:
        """What each step does."""
        await self.gate.wait()
        paths = table_paths(recipe, base or table.parent, tables)
        frame, is_sample = await asyncio.to_thread(execution.read_sample, table, recipe.read, sample)
        return await asyncio.to_thread(
            execution.preview, recipe, frame, is_sample=is_sample, rows_shown=rows, tables=paths
        )

    async def close(self) -> None:
        """Note it."""
        NearWrangler.closed += 1


@pytest.fixture(autouse=True)
def no_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins like the first start of Lapis."""
    monkeypatch.setattr(drafts, "DRAFTS", {})


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> type[NearWrangler]:
    """Previews in this process; their gate is open."""
    monkeypatch.setattr(NearWrangler, "gate", asyncio.Event())
    monkeypatch.setattr(NearWrangler, "closed", 0)
    monkeypatch.setattr(previews, "Wrangler", NearWrangler)
    NearWrangler.gate.set()
    return NearWrangler


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small table with gaps, doubles and names that look like markup, in the current folder."""
    path = tmp_path / "people.csv"
    path.write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path
