"""The keys of the wrangle screen."""

from __future__ import annotations

from abc import abstractmethod

from screens.actions import Action

STEP_ACTIONS = (
    Action("wrangle.fill", ("f",), "Fill", "Put something in place of missing values", footer=2),
    Action("wrangle.drop-missing", ("d",), "Drop missing", "Leave out rows with missing values", footer=2),
    Action("wrangle.drop-duplicates", ("u",), "Unique", "Leave out rows that are there already", footer=5),
    Action("wrangle.sort", ("s",), "Sort", "Order the rows", footer=5),
    Action("wrangle.cast", ("c",), "Cast", "Give columns another type", footer=5),
    Action("wrangle.rename", ("r",), "Rename", "Give columns other names", footer=6),
    Action("wrangle.drop-columns", ("x",), "Drop column", "Leave out columns", footer=6),
    Action("wrangle.derive", ("equals_sign",), "Derive", "Compute a column by an expression", footer=6),
    Action("wrangle.group", ("b",), "Group", "A row for each group, with sums, means and the like", footer=6),
    Action("wrangle.scale", ("n",), "Scale", "Normalise numbers: min-max or z-score", footer=6),
    Action("wrangle.encode", ("o",), "One-hot", "Categories as numbers: one-hot or ordinal", footer=6),
    Action("wrangle.filter", ("slash",), "Filter", "Keep the rows of which an expression is true", footer=3),
)
RECIPE_ACTIONS = (
    Action("wrangle.add", ("plus",), "All steps", "Find a step among all kinds", footer=1),
    Action("wrangle.undo", ("z",), "Undo", "Take the last change of the recipe back", footer=3),
    Action("wrangle.redo", ("Z",), "Redo", "Make a change that was undone again", footer=7),
    Action("wrangle.edit", ("e",), "Edit", "Change the step under the recipe's cursor", footer=4),
    Action("wrangle.mute", ("m",), "Mute", "Have the step do nothing, or something again", footer=4),
    Action("wrangle.delete", ("delete", "D"), "Delete", "Take the step out of the recipe; z brings it back", footer=6),
    Action("wrangle.move-up", ("ctrl+up", "left_curly_bracket"), "Up", "Move the step up", footer=8),
    Action("wrangle.move-down", ("ctrl+down", "right_curly_bracket"), "Down", "Move the step down", footer=8),
    Action("wrangle.panes", ("tab",), "Pane", "The keys to the table, the recipe, the code", footer=7),
    Action("wrangle.code", ("t",), "Code", "Show or hide the recipe as code", footer=4),
    Action("wrangle.engine", ("p",), "Spark", "Show the code as pandas or as pyspark.pandas", footer=5),
    Action("wrangle.show-as", ("y",), "Show as", "The recipe as its file, as pandas and as pyspark script", footer=5),
    Action("wrangle.save", ("w", "ctrl+s"), "Save", "Save the recipe to a file", footer=4),
    Action("wrangle.open", ("ctrl+o", "I"), "Open", "Take the recipe of a file, checked against this table", footer=7),
    Action("wrangle.limit", ("l",), "Limit", "Choose how many rows are shown: 1,000 unless set", footer=8),
    Action("wrangle.clear", (), "Clear", "Begin with an empty recipe; z brings this one back", footer=0),
    Action("wrangle.run", ("J",), "Run", "Run the recipe over the whole table as a job", footer=3, writes=True),
    Action("wrangle.retry", ("ctrl+r",), "Read again", "Read the table and run the preview again", footer=9),
)
"""In the order of the help overlay."""


class StepKeys:
    """A method for each step that has a key of its own."""

    @abstractmethod
    def add(self, kind: str) -> None:
        """Open the form of a new step."""

    def action_fill(self) -> None:
        """Fill gaps."""
        self.add("fill")

    def action_drop_missing(self) -> None:
        """Drop rows with gaps."""
        self.add("drop_missing")

    def action_drop_duplicates(self) -> None:
        """Drop rows that are there already."""
        self.add("drop_duplicates")

    def action_sort(self) -> None:
        """Sort."""
        self.add("sort")

    def action_cast(self) -> None:
        """Convert."""
        self.add("cast")

    def action_rename(self) -> None:
        """Rename columns."""
        self.add("rename")

    def action_drop_columns(self) -> None:
        """Drop columns."""
        self.add("drop")

    def action_derive(self) -> None:
        """Compute a column."""
        self.add("derive")

    def action_group(self) -> None:
        """Group and aggregate."""
        self.add("group")

    def action_scale(self) -> None:
        """Normalise."""
        self.add("scale")

    def action_encode(self) -> None:
        """Encode categories."""
        self.add("encode")

    def action_filter(self) -> None:
        """Filter rows."""
        self.add("filter")
