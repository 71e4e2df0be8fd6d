"""The keys of the scores of columns."""

from __future__ import annotations

from screens.actions import Action
from screens.lists import list_actions
from screens.long_work import stop_action

ACTIONS = (
    stop_action("features", "what is going on"),
    Action("features.target", ("t",), "Target", "Choose the column that the others shall tell about", footer=1),
    Action("features.wanted", ("n",), "Number", "Choose how many columns are wanted", footer=3),
    Action("features.method", ("m",), "Method", "Order by Pearson, chi-squared or importance", footer=2),
    Action("features.permutation", ("p",), "Permutation", "Train a model and shuffle each column", footer=2),
    Action("features.settings", ("s",), "Settings", "Metric, test share, seed and repeats of p", footer=6),
    Action("features.subsets", ("b",), "Subsets", "Try all subsets of the columns; their number first", footer=5),
    Action("features.keep", ("K",), "Keep top", "Keep the best and the target, by a step of the recipe", footer=2),
    Action("features.ids", ("i",), "Ids", "Score feature columns only, or those that name rows too", footer=7),
    Action("features.task", ("o",), "Task", "Take the target for classes, a number, or as it looks", footer=7),
    Action("features.exact", ("e",), "All rows", "Score all rows in place of a sample", footer=3),
    Action("features.wrangle", ("w",), "Wrangle", "Open the recipe of the table", footer=6),
    *list_actions("features", "columns"),
)
