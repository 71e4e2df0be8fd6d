"""The recipe as code, and as its file."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.lists import counted
from screens.show_as import Shown
from screens.widgets.cells import wrap
from screens.widgets.steady import put
from screens.widgets.text_view import TextView
from services.wrangling.recipe import Recipe, to_yaml
from services.wrangling.script import FILE_NAME, Engine, script, wrangle_source
from services.wrangling.spark_code import spark_note

LABELS = {Engine.PANDAS: "pandas", Engine.PYSPARK: "pyspark.pandas"}

NOTE_WIDTH = 46
"""Cells of a line of a note, so that the pane at the side shows it whole."""


class CodeView(Vertical):
    """The function that the recipe is, as pandas or as pyspark.pandas; where Spark differs stands above its steps."""

    DEFAULT_CSS = """
    CodeView #code-title { height: 1; padding: 0 1; text-style: bold; color: $text-accent; }
    CodeView TextView { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.engine = Engine.PANDAS
        self._recipe = Recipe()

    def compose(self) -> ComposeResult:
        """A title and the text."""
        yield Static(id="code-title", markup=False)
        yield TextView()

    def show(self, recipe: Recipe) -> None:
        """Show the code of a recipe."""
        self._recipe = recipe
        notes = spark_notes(recipe) if self.engine is Engine.PYSPARK else []
        differs = f" · differs in {counted(len(notes), 'step', 'steps')}" if notes else ""
        put(self.query_one("#code-title", Static), Content(f"{LABELS[self.engine]}{differs}"))
        said = [line for number, note in notes for line in wrap(f"Step {number}: {note}", NOTE_WIDTH)]
        text = "\n".join([*(f"# {line}" for line in said), wrangle_source(recipe, self.engine)])
        self.query_one(TextView).set_text(text, FILE_NAME)

    def switch(self) -> None:
        """The other engine."""
        self.engine = Engine.PANDAS if self.engine is Engine.PYSPARK else Engine.PYSPARK
        self.show(self._recipe)


def spark_notes(recipe: Recipe) -> list[tuple[int, str]]:
    """Where Spark makes something else: numbers of steps, from 1, and what."""
    notes = ((number, spark_note(step)) for number, step in enumerate(recipe.steps, 1) if not step.muted)
    return [(number, note) for number, note in notes if note]


def recipe_forms(recipe: Recipe) -> tuple[Shown, ...]:
    """The recipe as its file and as scripts that run alone."""
    name = recipe.name or "recipe"
    return (
        Shown("Recipe", to_yaml(recipe), f"{name}.yaml"),
        Shown("pandas", script(recipe), f"{name}.py"),
        Shown("pyspark.pandas", script(recipe, Engine.PYSPARK), f"{name}_spark.py"),
    )
