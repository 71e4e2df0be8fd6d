"""The app: it paints a screen at once, opens the workspace behind it, and carries the user from place to place."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens.base import LapisScreen
from screens.places import Leave, Moved, Open, Place
from screens.widgets.frame import Footer
from services.connector import Connector
from services.targets import WorkspaceTarget
from tui.actions import GLOBAL_ACTIONS
from tui.cell_updates import CellUpdates
from tui.command_history import CommandHistory
from tui.connector import AppConnector
from tui.in_workspace import HOME, InWorkspace, Opener
from tui.keys_in_order import KeysInOrder
from tui.navigation import Stack
from tui.registry import DESTINATIONS, WRITING, make_screen
from tui.settings import Settings, SettingsFile
from tui.theme import DEFAULT_THEME, Look

ROOTS = frozenset(place.screen for place in DESTINATIONS)


class LapisApp(InWorkspace, KeysInOrder, CellUpdates, Look, inherit_bindings=False):
    """One workspace in one terminal.

    Args:
        opener: opens a workspace; awaited once a screen of it is painted.
        target: names the workspace for the session and, until it is open, in the header.
        file: the settings and the file that they are from.
        keymap: checked keys of the user's, by action.
        connector: finds other workspaces; by default those of the settings, of this machine and of Azure.
    """

    TITLE = "Lapis"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for action in GLOBAL_ACTIONS for binding in action.bindings()),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(
        self,
        opener: Opener,
        target: WorkspaceTarget,
        *,
        file: SettingsFile | None = None,
        keymap: Mapping[str, str] | None = None,
        connector: Connector | None = None,
        driver_class: Any = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.file = file or SettingsFile(Settings(), Path())
        self.settings = self.file.settings
        self.animation_level = "none"
        self.theme = self.settings.theme if self.settings.theme in self.available_themes else DEFAULT_THEME
        self.keymap = dict(keymap or {})
        if self.keymap:
            self.set_keymap(self.keymap)
        self.opener = opener
        self.connector = connector or AppConnector(self.file.path)
        self.enter(target)
        self.commands = CommandHistory()
        self._prefix = False

    # The beginning

    def get_default_screen(self) -> Screen[Any]:
        """The screen where Lapis was left; its services wait for the workspace."""
        screen = self._make(self.navigation.here)
        # Textual 8.2.8 does both for screens that are pushed, but not for the first one.
        screen._push_result_callback(self, None)
        self._load_screen_css(screen)
        return screen

    # From place to place

    def _make(self, place: Place) -> LapisScreen:
        screen = make_screen(place, self.workspace, self.connector)
        screen.show_frame(self.frame)
        return screen

    def _live(self) -> list[LapisScreen]:
        return [screen for screen in self.screen_stack if isinstance(screen, LapisScreen)]

    async def _go(self, stack: Stack) -> None:
        """Make a stack the current one."""
        before = self.navigation.stack
        self.navigation.visit(stack)
        await self._follow(before)

    async def _follow(self, before: Stack) -> None:
        """Bring the screens in line with the stack; those that stay keep their state."""
        after = self.navigation.stack
        if after == before:
            return
        while not isinstance(self.screen, LapisScreen):
            await self.pop_screen()
        if after[:-1] == before:
            await self.push_screen(self._make(after[-1]))
        elif after == before[:-1] and len(self._live()) > 1:
            await self.pop_screen()
        else:
            made = self._make(after[-1])
            keep = len(self._live()) - 1 if after[:-1] == before[:-1] else 0
            with self.batch_update():
                while len(self._live()) > max(1, keep + 1):
                    await self.pop_screen()
                await self.switch_screen(made)
        self._save()

    def _save(self) -> None:
        self.session.want(self.navigation.stack)
        self.run_worker(self.session.flush, group="session", thread=True, exit_on_error=False)

    async def on_place_open(self, message: Open) -> None:
        """A screen, the palette or the command line wants to go somewhere."""
        place = message.place
        if self.frame.read_only and place.screen in WRITING:
            self.notify("Lapis runs in read-only mode.", title="That would change something", severity="warning")
            return
        stack = self.navigation.stack
        if not message.push:
            # Going to what is below in the stack is going back to it.
            below = stack[: stack.index(place) + 1] if place in stack else ()
            await self._go(below or ((place,) if place.screen in ROOTS else (*stack[:-1], place)))
        elif place != stack[-1]:
            await self._go((*stack, place))
        await self._count()

    async def on_place_leave(self, message: Leave) -> None:
        """Back to the screen below."""
        stack = self.navigation.stack
        if len(stack) > 1:
            await self._go(stack[:-1])
        elif stack[0].screen != HOME.screen:
            await self._go((HOME,))

    def on_place_moved(self, message: Moved) -> None:
        """Another tab or filter, on the screen on top."""
        if message.place.screen == self.navigation.here.screen:
            self.navigation.move(message.place)
            self._save()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is no way back from the first screen."""
        stack = self.navigation.stack
        return action != "back" or len(stack) > 1 or stack[0].screen != HOME.screen

    async def action_back(self) -> None:
        """Let the screen leave: it may have something to say first."""
        if isinstance(self.screen, LapisScreen):
            self.screen.action_leave()

    async def action_older(self) -> None:
        """One step back in the history."""
        before = self.navigation.stack
        if self.navigation.older():
            await self._follow(before)

    async def action_newer(self) -> None:
        """One step forward in the history."""
        before = self.navigation.stack
        if self.navigation.newer():
            await self._follow(before)

    async def action_last(self) -> None:
        """To the last screen, and back."""
        before = self.navigation.stack
        if self.navigation.last():
            await self._follow(before)

    def action_goto(self) -> None:
        """The next key is a destination."""
        self._prompt(True)

    def _prompt(self, on: bool) -> None:
        self._prefix = on
        choices = [*((place.letter, place.label) for place in DESTINATIONS), ("escape", "Stay")] if on else []
        for footer in self.screen.query(Footer):
            footer.prompt("Go to", choices)

    async def key_pressed(self, key: events.Key) -> None:
        """After `g` the next key goes to a screen and nowhere else."""
        if not self._prefix:
            await super().key_pressed(key)
            return
        self._prompt(False)
        for place in DESTINATIONS:
            if key.key == place.letter:
                await self.on_place_open(Open(Place(place.screen), push=False))
        if key.key == "g":
            self.simulate_key("home")

    # The end

    def terminal_lost(self) -> None:
        """Nothing can be drawn or typed any more: leave; jobs go on."""
        self.exit(return_code=128 + signal.SIGHUP)

    def _fatal_error(self) -> None:
        # Textual would print a traceback with local variables, secrets among them.
        from services import crash_reports

        error = getattr(self._exception, "error", None) or self._exception or RuntimeError("unknown")
        text = crash_reports.message(error, crash_reports.write_report(error, place=str(self.navigation.here)))
        self._exit_renderables.append(Text(text))
        self._close_messages_no_wait()
