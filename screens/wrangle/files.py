"""Saving a recipe to a file, and taking one from a file."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.app import App

from screens.names import asset_name, typed_path
from screens.widgets.dialogs import Ask, Confirm
from screens.widgets.status import size_text
from services.errors import MachineError
from services.user_files import write_atomically
from services.wrangling.columns import check_columns
from services.wrangling.recipe import Recipe, read_recipe_file, to_yaml

FOLDER = "recipes"
"""Where a recipe is saved to unless told otherwise, from the current folder on."""
ENDINGS = (".yaml", ".yml")


def proposed_file(source: str) -> Path:
    """`recipes/titanic.yaml` for `azureml:titanic:2`."""
    name = source.removeprefix("azureml:").partition(":")[0] if "://" not in source else source
    return Path.cwd() / FOLDER / f"{asset_name(name.partition('@')[0]) or 'recipe'}.yaml"


async def save(app: App[Any], recipe: Recipe, proposed: Path, *, is_own: bool) -> tuple[Path, Recipe] | None:
    """Ask for the file and write the recipe, named after it; None when the question was left. Raises MachineError.

    Args:
        is_own: the recipe is that of the proposed file, which is written over without a question.
    """
    answer = await app.push_screen_wait(Ask("Save the recipe", "To the file", str(proposed), path=True))
    if not answer or not answer.strip():
        return None
    path = typed_path(answer).absolute()
    if await asyncio.to_thread(path.is_dir):
        path /= proposed.name
    if path.suffix not in ENDINGS:
        path = path.with_name(f"{path.name}.yaml")
    if not (is_own and path == proposed) and await asyncio.to_thread(path.exists):
        question = f"{path} is there already, with {size_text(path.stat().st_size)}. Replace it?"
        if not await app.push_screen_wait(Confirm("Replace the file", question)):
            return None
    recipe = replace(recipe, name=path.stem)
    try:
        await asyncio.to_thread(write_atomically, path, to_yaml(recipe))
    except OSError as error:
        raise MachineError(f"{path} can't be written: {error.strerror}.", title="The recipe isn't saved") from error
    return path, recipe


async def take(app: App[Any], columns: list[str]) -> tuple[Path, Recipe] | None:
    """Ask for a file and read it; None when the question was left. Raises SpecError with what is wrong with it.

    Args:
        columns: of the table. A recipe that asks for others is taken only if the user says so.
    """
    folder = Path.cwd() / FOLDER
    start = f"{folder}/" if folder.is_dir() else f"{Path.cwd()}/"
    answer = await app.push_screen_wait(Ask("Open a recipe", "From the file", start, path=True))
    if not answer or not answer.strip():
        return None
    path = typed_path(answer).absolute()
    recipe = await asyncio.to_thread(read_recipe_file, path)
    faults = check_columns(recipe, columns)
    if faults:
        text = "\n".join([*map(str, faults[:5]), *([f"and {len(faults) - 5} more"] if len(faults) > 5 else [])])
        question = f"It asks for columns that this table hasn't got:\n{text}\nTake it all the same, to mend it here?"
        if not await app.push_screen_wait(Confirm("The recipe doesn't fit this table", question)):
            return None
    return path, recipe
