"""What the form says of a table, a recipe, an engine and the memory."""

from __future__ import annotations

from collections.abc import Sequence

from screens.lists import counted
from services.wrangling.engines import Choice, Place
from services.wrangling.recipe import Recipe

HERE = {
    Place.PANDAS: "pandas, on this machine",
    Place.SPARK: "Spark, on the cores of this machine",
    Place.MASTER: "Spark, on a master by its address",
}
IN_AZURE = {
    Place.PANDAS: "pandas, in a command job",
    Place.SERVERLESS: "Spark, serverless",
    Place.POOL: "Spark, on an attached pool of Synapse",
}
NO_STEPS = "has no steps yet; Wrangle makes some, or name the file of a recipe"


def engine_label(choice: Choice, *, is_azure: bool) -> str:
    """A place, with what it lacks."""
    label = (IN_AZURE if is_azure else HERE)[choice.place]
    return f"{label} - {choice.lack}" if choice.lack else label


def recipe_text(recipe: Recipe) -> str:
    """`titanic: 2 steps: fill, drop missing`; muted steps are left out."""
    active = [step.step.replace("_", " ") for step in recipe.steps if not step.muted]
    name = f"{recipe.name}: " if recipe.name else ""
    return f"{name}{counted(len(active), 'step', 'steps')}: {', '.join(active)}"


def memory_text(needed: int | None, available: int, *, is_azure: bool) -> str:
    """What pandas will take, beside what is free where that is known; empty while nobody knows how large a table is."""
    if needed is None:
        return ""
    about = f"about {_gigabytes(needed)} of memory"
    if is_azure:
        return f"{about}; take a size with more"
    fits = "" if needed <= available else ": too large; Spark reads it in parts"
    return f"{about}, {_gigabytes(available)} are free{fits}"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def asset_text(name: str, versions: Sequence[str], following: str) -> str:
    """What the result becomes."""
    if not name:
        return "The result stays an output of the job"
    return (
        f"The result becomes version {following} of it"
        if versions
        else "The result becomes version 1 of a new data asset"
    )
