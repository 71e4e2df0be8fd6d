"""The actions that are there on every screen."""

from __future__ import annotations

from screens.actions import Action

GLOBAL_ACTIONS = (
    Action("app.goto", ("g",), "go to", "Go to a screen: the line below shows the letters.", footer=7),
    Action("app.command", ("colon",), "command", "Type a command; tab completes, up and down recall.", footer=8),
    Action("app.palette", ("ctrl+p",), "palette", "Find any action or place by parts of its name.", footer=9),
    Action("app.help", ("question_mark",), "help", "Show every key of this screen.", footer=1),
    Action("app.back", ("escape",), "back", "Go back to the screen below.", footer=6),
    Action("app.older", ("left_square_bracket",), "older", "Go back in the history of places.", footer=0),
    Action("app.newer", ("right_square_bracket",), "newer", "Go forward in the history of places.", footer=0),
    Action("app.last", ("minus",), "last", "Go to the last screen, and again to come back.", footer=0),
    Action("app.theme", ("T",), "theme", "Pick a theme; each is tried on while the cursor is on it.", footer=0),
    Action("app.quit", ("q", "ctrl+q"), "quit", "Leave Lapis. Jobs go on, and the next start opens here.", footer=9),
)
"""In the order of the help overlay."""
