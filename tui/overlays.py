"""What the app lays over a screen: palette, help, themes, command line; each imported when it is first opened."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App
from textual.screen import Screen

from screens.base import LapisScreen
from services.connector import Connector
from services.operations import Operation
from tui.command_history import CommandHistory
from tui.opening import OpeningWorkspace
from tui.settings import Settings, SettingsFile, write_theme


class Overlays(App[None]):
    """The app as far as its overlays need to know it.

    Attributes:
        file: the settings' file, into which a chosen theme is written; its path is `.` when there is none.
        keymap: the user's own keys, by action.
        commands: what was typed after `:`.
        connector: finds other workspaces, creates and deletes them.
        looked_at: when the operations were last shown, in seconds of `time.monotonic`.
    """

    file: SettingsFile
    settings: Settings
    keymap: dict[str, str]
    workspace: OpeningWorkspace
    commands: CommandHistory
    connector: Connector
    looked_at = 0.0

    async def _lay(self, screen: Screen[Any], callback: Callable[[Any], None] | None = None) -> None:
        # Painted once instead of empty, filled and focused: 15 kB instead of 40 kB at 120x40.
        with self.batch_update():
            await self.push_screen(screen, callback)

    async def action_palette(self) -> None:
        """Every action and place."""
        from textual.command import CommandPalette

        from tui.palette import Everything

        await self._lay(CommandPalette(providers=[Everything], placeholder="Find an action or a place"))

    async def action_help(self) -> None:
        """Every key of this screen."""
        from screens.help import HelpScreen
        from tui.help_text import help_sections

        if isinstance(self.screen, LapisScreen):
            await self._lay(HelpScreen(self.screen.crumbs, help_sections(self.screen, self.keymap)))

    def action_help_quit(self) -> None:
        """Ctrl+C stops nothing here: say what does."""
        self.notify("q leaves Lapis; jobs go on.", title="To leave", timeout=4)

    async def action_operations(self) -> None:
        """What goes on in the background, and what failed; a failure that was looked at is told no more."""
        from screens.operations import OperationsScreen

        self.looked_at = time.monotonic()
        await self._lay(OperationsScreen(self.operations))

    def operations(self) -> list[Operation]:
        """What goes on in the workspace, and workspaces that are created and deleted; the newest first."""
        found = [*self.workspace.operations.list(), *self.connector.operations]
        return sorted(found, key=lambda operation: -operation.started)

    async def action_theme(self) -> None:
        """Pick a theme."""
        from tui.theme_picker import ThemePicker

        names = sorted(self.available_themes, key=lambda name: (not name.startswith("lapis"), name))
        await self._lay(ThemePicker(names, self.theme, self._try_on), self.keep_theme)

    def _try_on(self, name: str) -> None:
        self.theme = name

    def keep_theme(self, name: str | None) -> None:
        """Use a theme from now on, also at the next start."""
        if name is None or name not in self.available_themes:
            return
        changed = name != self.settings.theme
        self.theme = name
        if changed and self.file.path != Path():
            try:
                write_theme(self.file, name)
            except OSError as error:
                self.notify(f"{error}", title="The theme could not be kept", severity="warning", markup=False)

    async def action_command(self) -> None:
        """Open the command line; what is typed behind the colon belongs to it."""
        from tui.command_runner import open_command_line

        if isinstance(self.screen, LapisScreen):
            await open_command_line(self, self.screen, self.commands)
