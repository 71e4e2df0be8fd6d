"""The workspace that the app is in: opened behind the first screen, counted for the header, changed for another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from screens.base import LapisScreen
from screens.places import Place, Switch
from screens.widgets.frame import Frame
from services.errors import ServiceError
from services.operations import OperationState
from services.targets import LocalTarget, WorkspaceTarget
from services.workspace import Workspace
from tui.folders import short_path
from tui.navigation import Navigation, Stack
from tui.opening import OpeningWorkspace, count_jobs
from tui.overlays import Overlays
from tui.registry import SCREENS, WRITING, is_there
from tui.session import Session

HOME = Place("jobs")
COUNT_SECONDS = 2.0
OPERATIONS_SECONDS = 1.0
"""They are in memory: looking costs nothing."""

Opener = Callable[[WorkspaceTarget], Awaitable[Workspace]]


class InWorkspace(Overlays):
    """The app as far as it is in a workspace; how it goes from place to place is its subclass's.

    Attributes:
        target: which workspace.
        navigation: the places in it.
        frame: what the header tells of it.
    """

    opener: Opener
    target: WorkspaceTarget
    navigation: Navigation
    session: Session
    frame: Frame
    _before: WorkspaceTarget | None = None
    _restored = False
    _counting = False

    def enter(self, target: WorkspaceTarget) -> None:
        """Make a workspace the one that the app is in, where it was left; nothing is drawn or opened yet."""
        self.target = target
        label = short_path(target.folder) if isinstance(target, LocalTarget) else str(target)
        self.workspace = OpeningWorkspace(partial(self.opener, target), f"opening {label}")
        self.frame = Frame(self.workspace.label, read_only=self.settings.read_only, target=target)
        self.session = Session(str(target))
        stack = tuple(place for place in self.session.load() if place.screen in SCREENS)
        self._restored = bool(stack)
        self.navigation = Navigation(self._allowed(stack) or (HOME,))

    def _allowed(self, stack: Stack) -> Stack:
        return tuple(place for place in stack if not (self.frame.read_only and place.screen in WRITING))

    def on_ready(self) -> None:
        """The first screen is painted: now open the workspace."""
        self._begin()
        self.set_interval(COUNT_SECONDS, self._count)
        self.set_interval(OPERATIONS_SECONDS, self._count_operations)

    def _begin(self) -> None:
        self.workspace.begin()
        self.run_worker(self._open(), group="open", exclusive=True, exit_on_error=False)

    async def _open(self) -> None:
        try:
            await self.workspace.ready()
            self._save()  # it is known from now on
            self._show(replace(self.frame, workspace=self.workspace.label))
            info = await self.workspace.info()
            read_only = self.settings.read_only or info.read_only
            self._show(replace(self.frame, workspace=self.workspace.label, read_only=read_only))
            if self._restored and not await is_there(self.navigation.here, self.workspace):
                gone = self.navigation.here
                self.notify(f"{gone.subject} is not there any more.", title="Back at the jobs", markup=False)
                await self._go((HOME,))
        except ServiceError as error:
            # Screens show the error where their data would be; r tries again.
            self.log.error(error)
        await self._count()

    async def _count(self) -> None:
        """How many jobs run and wait, for the header; a tick is dropped while the last one is busy."""
        if self._counting:
            return
        self._counting = True
        try:
            running, queued = await count_jobs(self.workspace)
        except ServiceError:
            return
        finally:
            self._counting = False
        self._show(replace(self.frame, workspace=self.workspace.label, running=running, queued=queued))

    def _count_operations(self) -> None:
        """How many operations go on and how many failed, for the header."""
        operations = self.operations()
        working = sum(o.state is OperationState.RUNNING for o in operations)
        failed = sum(o.state is OperationState.FAILED and (o.ended or 0.0) > self.looked_at for o in operations)
        self._show(replace(self.frame, working=working, failed=failed))

    def _show(self, frame: Frame) -> None:
        if frame != self.frame:
            self.frame = frame
            for screen in self._live():
                screen.show_frame(frame)

    async def on_place_switch(self, message: Switch) -> None:
        """Another workspace; what was begun in this one goes on."""
        if message.target.key == self.target.key and not message.anew:
            await self._go((HOME,))
            return
        self._save()
        left = self.workspace
        if message.target.key != self.target.key:
            self._before = self.target
        self.enter(message.target)
        while not isinstance(self.screen, LapisScreen):
            await self.pop_screen()
        with self.batch_update():
            while len(self._live()) > 1:
                await self.pop_screen()
            await self.switch_screen(self._make(self.navigation.here))
        self._begin()
        self.run_worker(left.close(), group="close", exit_on_error=False)

    async def action_switch(self) -> None:
        """To the workspace before this one and back; without one, to where workspaces are found."""
        await (self.on_place_switch(Switch(self._before)) if self._before else self._go((Place("connect"),)))

    # What the subclass has

    def _make(self, place: Place) -> LapisScreen:
        raise NotImplementedError

    def _live(self) -> list[LapisScreen]:
        raise NotImplementedError

    async def _go(self, stack: Stack) -> None:
        raise NotImplementedError

    def _save(self) -> None:
        raise NotImplementedError
