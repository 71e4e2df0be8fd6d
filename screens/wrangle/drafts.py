"""Recipes that are being made, one for each table: leaving the screen, or Lapis, loses none.

draft = await drafts.of(tables, source)
draft.change(recipe)                    # undone by draft.undo()
await drafts.add(tables, source, step)  # from another screen: a step at the end
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from services.errors import SpecError
from services.user_files import state_folder, write_atomically
from services.workspace import TableService
from services.wrangling.recipe import ReadOptions, Recipe, read_recipe_file, to_yaml
from services.wrangling.steps import Step

DRAFTS: dict[str, Draft] = {}
"""Those of this run, by the identity of the table."""


class Draft:
    """A recipe with what it was before each change. It is kept in a file of the user's, without its past.

    Attributes:
        recipe: as it is now.
        file: where it was saved to or opened from; None before.
        saved: the recipe in that file.
    """

    def __init__(self, recipe: Recipe, kept: Path | None = None) -> None:
        self.recipe = recipe
        self.file: Path | None = None
        self.saved = Recipe()
        self._past: list[Recipe] = []
        self._future: list[Recipe] = []
        self._kept = kept

    @property
    def is_saved(self) -> bool:
        """Whether the file, or nothing, holds it all."""
        return self.recipe == self.saved or not (self.recipe.steps or self.saved.steps)

    def read_as(self, read: ReadOptions) -> None:
        """Take how the table is read, unless the recipe says it; that is no change to undo."""
        if self.recipe.read == ReadOptions():
            self.recipe = replace(self.recipe, read=read)

    def change(self, recipe: Recipe) -> None:
        """Make it another recipe; what was undone before is given up."""
        if recipe != self.recipe:
            self._past.append(self.recipe)
            self._future.clear()
            self._become(recipe)

    def undo(self) -> bool:
        """Take the last change back; False when there is none."""
        return self._go(self._past, self._future)

    def redo(self) -> bool:
        """Make a change that was undone again; False when there is none."""
        return self._go(self._future, self._past)

    def set_saved(self, file: Path, recipe: Recipe) -> None:
        """The file holds this recipe now."""
        self.file, self.saved = file, recipe
        self.change(recipe)

    def _go(self, there: list[Recipe], back: list[Recipe]) -> bool:
        if not there:
            return False
        back.append(self.recipe)
        self._become(there.pop())
        return True

    def _become(self, recipe: Recipe) -> None:
        self.recipe = recipe
        if self._kept:
            with suppress(OSError):  # a full disk: this run has it still
                if recipe.steps:
                    write_atomically(self._kept, to_yaml(recipe))
                else:
                    self._kept.unlink(missing_ok=True)


async def of(tables: TableService, source: str) -> Draft:
    """The draft of a table, which is that of the last run or empty at first. Raises as `TableService.identity` does."""
    table = await tables.identity(source)
    if table not in DRAFTS:
        kept = state_folder() / "drafts" / f"{hashlib.sha256(table.encode()).hexdigest()[:24]}.yaml"
        recipe = await asyncio.to_thread(_last, kept)
        DRAFTS.setdefault(table, Draft(recipe, kept))
    return DRAFTS[table]


async def add(tables: TableService, source: str, *steps: Step) -> Draft:
    """Put steps at the end of the recipe of a table, as one change. Raises as `of` does."""
    draft = await of(tables, source)
    draft.change(replace(draft.recipe, steps=(*draft.recipe.steps, *steps)))
    return draft


def _last(kept: Path) -> Recipe:
    """What the last run left; one that this version can't read is left alone."""
    try:
        recipe = read_recipe_file(kept) if kept.is_file() else Recipe()
    except (SpecError, OSError):
        return Recipe()
    return replace(recipe, name="") if recipe.name == kept.stem else recipe
