"""Previews: the newest alone counts, and one that never ends is ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from screens.wrangle import previews
from screens.wrangle.previews import Previews
from services.entities.wrangling import RecipePreview
from services.errors import UserError
from services.wrangling.recipe import Recipe
from services.wrangling.wrangler import Wrangler


class SlowWrangler(Wrangler):
    """Answers with the name of the recipe as soon as its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = {}
        self.asked: list[tuple[str, int, int]] = []
        self.ended: list[str] = []

    async def preview(
        self,
        recipe: Recipe,
        table: Path,
        *,
        sample: int = 0,
        rows: int = 0,
        base: Path | None = None,
        tables: Mapping[str, str] | None = None,
    ) -> RecipePreview:
        self.asked.append((recipe.name, sample, rows))
        try:
            await self.gates.setdefault(recipe.name, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.ended.append(recipe.name)
            raise
        if recipe.name == "broken":
            raise UserError("no table")
        return RecipePreview(rows_read=len(recipe.name))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowWrangler:
    made = SlowWrangler()
    monkeypatch.setattr(previews, "Wrangler", lambda: made)
    return made


def ask(asked: Previews, name: str) -> asyncio.Task[RecipePreview | None]:
    return asyncio.create_task(asked.get(Recipe(name=name), Path("t.csv"), base=Path()))


async def until_asked(slow: SlowWrangler, name: str) -> None:
    while name not in slow.gates:
        await asyncio.sleep(0)


async def test_of_those_that_wait_the_newest_alone_is_run(slow: SlowWrangler) -> None:
    asked = Previews()
    first = ask(asked, "first")
    await until_asked(slow, "first")
    second, third = ask(asked, "second"), ask(asked, "the third")
    await asyncio.sleep(0)
    slow.gates["first"].set()
    await until_asked(slow, "the third")
    slow.gates["the third"].set()
    assert list(await asyncio.gather(first, second, third)) == [None, None, RecipePreview(rows_read=9)]
    assert [name for name, *_ in slow.asked] == ["first", "the third"]
    assert slow.ended == []


async def test_one_that_never_ends_is_ended_by_the_next(slow: SlowWrangler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "PATIENCE", 0.01)
    asked = Previews()
    endless = ask(asked, "endless")
    await until_asked(slow, "endless")
    broken = ask(asked, "broken")
    await until_asked(slow, "broken")
    assert (await endless, slow.ended) == (None, ["endless"])
    slow.gates["broken"].set()
    with pytest.raises(UserError):
        await broken

    last = ask(asked, "last")
    await until_asked(slow, "last")
    await asked.close()
    assert (await last, slow.ended) == (None, ["endless", "last"])


async def test_of_a_wide_table_fewer_rows_are_read_and_shown(slow: SlowWrangler) -> None:
    asked = Previews()
    for columns in (12, 10_000):
        asked.columns = columns
        slow.gates["wide"] = asyncio.Event()
        slow.gates["wide"].set()
        await ask(asked, "wide")
    assert slow.asked == [("wide", 10_000, 1_000), ("wide", 200, 50)]
