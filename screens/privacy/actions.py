"""The keys of private questions."""

from __future__ import annotations

from screens.actions import Action
from screens.long_work import stop_action

ACTIONS = (
    stop_action("privacy", "asking"),
    Action("privacy.ask", ("a", "enter"), "Ask", "Ask, and spend epsilon of the budget", footer=1),
    Action("privacy.query", ("m",), "Query", "Choose count, sum, mean or histogram", footer=2),
    Action("privacy.column", ("o",), "Column", "Choose the column that is asked", footer=2),
    Action("privacy.less", ("left",), "Private", "Halve epsilon: more privacy, less accuracy", footer=3),
    Action("privacy.more", ("right",), "Accurate", "Double epsilon: less privacy, more accuracy", footer=3),
    Action("privacy.epsilon", ("e",), "Epsilon", "Type an epsilon", footer=5),
    Action("privacy.bounds", ("b",), "Bounds", "Type the bounds of a sum or mean, or a histogram's bins", footer=2),
    Action("privacy.budget", ("B",), "Budget", "Set how much may be spent on this table in all", footer=5),
    Action("privacy.truth", ("v",), "True value", "Show an answer without noise; asks before", footer=6),
    Action("privacy.refresh", ("r",), "Refresh", "Open the table again", footer=0),
)
