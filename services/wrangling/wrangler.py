"""Previews of recipes, in a process of its own: what runs long there holds up no key, and can be ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.child_process import ChildProcess
from services.entities.assets import TableColumn, TablePreview
from services.entities.wrangling import RecipePreview, StepEffect, StepState
from services.errors import Fault, UserError
from services.wrangling.columns import check_columns
from services.wrangling.recipe import Recipe, recipe_document
from services.wrangling.script import table_paths

SAMPLE = 10_000
"""Rows on which a preview runs: seven steps take 20 ms on them."""
SHOWN = 1_000
"""Rows of the result that are brought back."""


class Wrangler:
    """Runs previews one after the other in a child process, which starts with the first one.

    A preview that is cancelled ends the child; the next one starts another.
    """

    def __init__(self) -> None:
        self._child = ChildProcess("services.wrangling.child", "preview")

    @property
    def process_id(self) -> int | None:
        """The child's process; None while there is none."""
        return self._child.process_id

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
        """What each step does to the first rows of a table. Raises UserError if it can't be read, MachineError.

        Args:
            sample: on how many rows the steps run.
            rows: how many of the result are brought back.
            base: the folder from which the paths of joined tables start; the table's own if not given.
            tables: where joined tables are, by their names in the recipe, in place of what the names say.
        """
        request = {
            "recipe": recipe_document(recipe),
            "path": str(table),
            "limit": sample,
            "shown": rows,
            "tables": table_paths(recipe, base or table.parent, tables),
        }
        answer = await self._child.ask(request)
        if "error" in answer:
            raise UserError(f"{table.name}: {answer['error']}", title="The table can't be read")
        return _preview(answer)

    async def check(self, recipe: Recipe, table: Path, *, base: Path | None = None) -> list[Fault]:
        """What is wrong with a recipe for a table: every column that is not there, and the first step that fails.

        Raises as `preview` does.
        """
        columns = (await self.preview(Recipe(read=recipe.read), table, rows=0)).table.columns
        if faults := check_columns(recipe, [column.name for column in columns]):
            return faults
        found = await self.preview(recipe, table, rows=0, base=base)
        if found.failed is None:
            return []
        return [Fault(f"steps[{found.failed}]", found.effects[found.failed].message)]

    async def close(self) -> None:
        """End the child."""
        await self._child.close()


def _preview(answer: Mapping[str, Any]) -> RecipePreview:
    table = answer["table"]
    return RecipePreview(
        effects=tuple(_effect(effect) for effect in answer["effects"]),
        table=TablePreview(
            columns=tuple(TableColumn(**column) for column in table["columns"]),
            rows=tuple(map(tuple, table["rows"])),
            total_rows=table["total_rows"],
        ),
        changed=frozenset((row, column) for row, column in answer["changed"]),
        rows_read=answer["rows_read"],
        is_sample=answer["is_sample"],
    )


def _effect(found: Mapping[str, Any]) -> StepEffect:
    pairs = ("rows", "missing", "columns_added", "columns_removed", "notes")
    return StepEffect(**{**found, "state": StepState(found["state"]), **{name: tuple(found[name]) for name in pairs}})
