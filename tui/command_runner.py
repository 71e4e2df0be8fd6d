"""Between the command line and the app: what a typed line does."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from screens.base import LapisScreen
from screens.places import Open, Place
from screens.sources import absolute_source
from services.errors import UserError
from tui.actions import GLOBAL_ACTIONS
from tui.command_history import CommandHistory
from tui.command_line import CommandLine
from tui.commands import COMMANDS, Do, Go, Tell, parse
from tui.completion import Completer
from tui.palette import offered

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.overlays import Overlays


OF_TABLES = frozenset(word.screen for word in COMMANDS if word.subject == "source")
"""Screens whose subject is the source of a table."""
OF_TWO_TABLES = frozenset(word.screen for word in COMMANDS if word.subject == "sources")


class AppCommandLine(CommandLine):
    """A command line whose lines act on the app and on the screen that it lies on."""

    def __init__(self, app: Overlays, screen: LapisScreen, history: CommandHistory) -> None:
        actions = [*offered(screen), *GLOBAL_ACTIONS]
        super().__init__(actions, Completer(app.workspace, app.available_themes), history)
        self._lapis = app
        self._own_screen = screen
        self._came_from: Widget | None = screen.focused

    async def on_command_line_closed(self, message: CommandLine.Closed) -> None:
        """Give the focus back."""
        message.stop()
        await self._close()

    async def _close(self) -> None:
        await self.remove()
        back = self._came_from
        self._own_screen.set_focus(back if back and back.is_attached else None)

    async def on_command_line_entered(self, message: CommandLine.Entered) -> None:
        """Run the line, or say what is wrong with it and keep it."""
        message.stop()
        try:
            command = parse(message.line, self._actions)
            if isinstance(command, Tell) and command.name == "theme" and command.subject:
                self._check_theme(command.subject)
        except UserError as error:
            self.show_error(error.detail, getattr(error, "at", None))
            return
        await self._close()
        match command:
            case Go(place):
                self._own_screen.post_message(Open(absolute(place), push=bool(place.subject)))
            case Do(action):
                owner = self._own_screen if action in self._own_screen.ACTIONS else self._lapis
                await self._lapis.run_action(action.method, owner)
            case Tell("theme", subject) if subject:
                self._lapis.keep_theme(subject)
            case Tell(name):
                await self._lapis.run_action(name, self._lapis)

    def _check_theme(self, name: str) -> None:
        if name not in self._lapis.available_themes:
            raise UserError(f"there is no theme {name}; tab shows what there is")


def absolute(place: Place) -> Place:
    """A place whose file is the same one from everywhere: the session is opened from another folder next time."""
    if place.screen in OF_TABLES:
        return replace(place, subject=absolute_source(place.subject))
    if place.screen in OF_TWO_TABLES:
        return replace(place, subject=shlex.join(map(absolute_source, shlex.split(place.subject))))
    kind, _, path = place.subject.partition(":")
    if kind not in ("file", "path") or "://" in path or path.startswith("azureml:"):
        return place
    return replace(place, subject=f"{kind}:{Path(path).expanduser().absolute()}")


async def open_command_line(app: Overlays, screen: LapisScreen, history: CommandHistory) -> None:
    """Put a command line above the footer, unless there is one; it then has the focus, or is about to get it."""
    if not screen.query(CommandLine):
        await screen.mount(AppCommandLine(app, screen, history))
