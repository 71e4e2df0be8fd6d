"""The actions that are there on every screen."""

from __future__ import annotations

from screens.actions import Action

GLOBAL_ACTIONS = (
    Action("app.goto", ("g",), "Go to", "Go to a screen: the line below shows the letters", footer=7),
    Action("app.command", ("colon",), "Command", "Type a command; tab completes, up and down recall", footer=8),
    Action("app.palette", ("ctrl+p",), "Palette", "Find any action or place by parts of its name", footer=9),
    Action("app.help", ("question_mark",), "Help", "Show every key of this screen", footer=1),
    Action("app.back", ("escape",), "Back", "Go back to the screen below", footer=6),
    Action("app.older", ("left_square_bracket",), "Older", "Go back in the history of places", footer=0),
    Action("app.newer", ("right_square_bracket",), "Newer", "Go forward in the history of places", footer=0),
    Action("app.last", ("minus",), "Last", "Go to the last screen, and again to come back", footer=0),
    Action(
        "app.switch", ("W",), "Workspace", "Switch to the workspace before this one, and again to come back", footer=0
    ),
    Action(
        "app.operations",
        ("O", "ctrl+b"),
        "Operations",
        "Show what goes on in the background: creations, uploads, and what failed",
        footer=0,
    ),
    Action("app.theme", ("T",), "Theme", "Pick a theme; each is tried on while the cursor is on it", footer=0),
    Action("app.quit", ("q", "ctrl+q"), "Quit", "Leave Lapis. Jobs go on, and the next start opens here", footer=9),
)
"""In the order of the help overlay."""
