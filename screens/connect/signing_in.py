"""Connect as far as it signs in to Azure: the chain, the device code, the next identity."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.timer import Timer
from textual.widgets import Static

from screens import clock
from screens.actions import Action
from screens.connect.entries import Entry
from screens.connect.sign_in_lines import chain_lines, code_lines, next_method, trouble_lines
from screens.lists import ListScreen
from screens.widgets.dialogs import Ask
from screens.widgets.steady import put
from services.connector import Connector
from services.errors import ServiceError
from services.sign_in import SILENT_METHODS, DeviceCode, SignInMethod, SignInState, SignInStep

SIGN_IN_ACTIONS = (
    Action("connect.give-up", ("escape",), "Give up", "Give the device code up; it has no effect then", footer=1),
    Action(
        "connect.device-code",
        ("d",),
        "Device code",
        "Sign in with a code that is typed into a browser on any machine",
        footer=3,
    ),
    Action(
        "connect.next-identity",
        ("x",),
        "Next identity",
        "Go on with the way to sign in after this one, when this identity may not do what you want",
        footer=6,
    ),
    Action(
        "connect.client-id", ("i",), "Client id", "Sign in with the managed identity that has a client id", footer=7
    ),
    Action("connect.copy-address", ("u",), "Copy address", "Copy the address that the device code is for", footer=2),
)


class SigningIn(ListScreen[Entry]):
    """A subclass says what there is to see once somebody is signed in."""

    connector: Connector
    DEFAULT_CSS = """
    SigningIn #chain, SigningIn #code, SigningIn #trouble { height: auto; padding: 0 1; }
    SigningIn #chain { margin-top: 1; }
    SigningIn #code, SigningIn #trouble { display: none; margin-top: 1; }
    SigningIn #trouble { max-height: 8; }
    SigningIn #about { margin-top: 1; }
    """
    WAITING: ClassVar[tuple[str, ...]] = ("give-up", "copy-address")
    """Actions that are there while a device code is shown."""

    def compose_body(self) -> ComposeResult:
        """The chain, the code and what went wrong; below them the workspaces."""
        yield Static(id="chain", markup=False)
        yield Static(id="code", markup=False)
        yield Static(id="trouble", markup=False)
        yield from super().compose_body()

    def on_mount(self) -> None:
        """Show who is signed in; try the chain if nobody is."""
        self._steps: dict[SignInMethod, SignInStep] = {}
        self._code: DeviceCode | None = None
        self._ticks: Timer | None = None
        self._trying = False
        self._trouble: ServiceError | None = None
        self._broken_config: ServiceError | None = None
        self.is_somebody_else = False
        if current := self.connector.sign_in.current:
            self._steps[current.method] = current
            self.load(self.signed_in, group="sign-in")
        else:
            self.begin_chain()
        self._show_chain()

    def on_resize(self, event: Resize) -> None:
        """Reasons and troubles are broken into lines anew."""
        self._show_chain()
        self.show_trouble(self._trouble)

    async def signed_in(self) -> None:
        """Somebody is signed in."""
        raise NotImplementedError

    @property
    def method(self) -> SignInMethod | None:
        """How one is signed in."""
        current = self.connector.sign_in.current
        return current.method if current else None

    # the chain

    def begin_chain(self, after: SignInMethod | None = None) -> None:
        """Try the silent ways in order, or those after one."""
        tried = [] if after is None else SILENT_METHODS[: SILENT_METHODS.index(after) + 1]
        self._steps = {method: step for method, step in self._steps.items() if method in tried}

        async def sign_in() -> None:
            self._trying = True
            try:
                async for step in self.connector.sign_in.steps(after=after):
                    self._take(step)
            finally:
                self._trying = False
                self._show_chain()
            await self._see()

        self._load_sign_in(sign_in)

    def _load_sign_in(self, work: Callable[[], Awaitable[None]]) -> None:
        self.show_trouble(None)
        self._show_code(None)
        self.load(work, group="sign-in")

    async def _see(self) -> None:
        """What whoever is signed in sees."""
        if self.connector.sign_in.current:
            await self.signed_in()

    def _take(self, step: SignInStep) -> None:
        self._steps[step.method] = step
        if step.state is SignInState.SIGNED_IN:
            self.is_somebody_else = True
        self._show_chain()

    def _show_chain(self) -> None:
        lines = chain_lines(self._steps, current=self.method, trying=self._trying, width=self.size.width - 2)
        put(self.query_one("#chain", Static), lines)

    # keys

    def action_device_code(self) -> None:
        """Ask for a code, show it, and wait."""

        async def sign_in() -> None:
            self._take(SignInStep(SignInMethod.DEVICE_CODE, SignInState.TRYING))
            try:
                async with aclosing(self.connector.sign_in.device_code()) as parts:
                    async for part in parts:
                        if isinstance(part, DeviceCode):
                            self._show_code(part)
                        else:
                            self._take(part)
            finally:
                if self.is_attached:
                    self._show_code(None)
            if self._steps[SignInMethod.DEVICE_CODE].state is SignInState.SIGNED_IN:
                await self.signed_in()

        self._load_sign_in(sign_in)

    def action_give_up(self) -> None:
        """Wait no longer for the person."""
        self.workers.cancel_group(self, "sign-in")
        self._steps.pop(SignInMethod.DEVICE_CODE, None)
        self._show_code(None)
        self._show_chain()

    def action_next_identity(self) -> None:
        """The silent ways after this one, then the device code."""
        following = next_method(self.method or SignInMethod.MANAGED_IDENTITY)
        if following is SignInMethod.DEVICE_CODE:
            self.action_device_code()
        else:
            self.begin_chain(after=self.method)

    def action_client_id(self) -> None:
        """Ask for the id, and try the managed identity that has it."""

        async def sign_in() -> None:
            question = "The client id of a user-assigned managed identity of this machine"
            client_id = await self.app.push_screen_wait(Ask("Managed identity", question))
            if not client_id or not client_id.strip():
                return
            self._take(SignInStep(SignInMethod.MANAGED_IDENTITY, SignInState.TRYING))
            step = await self.connector.sign_in.try_method(SignInMethod.MANAGED_IDENTITY, client_id=client_id.strip())
            self._take(step)
            if step.state is SignInState.SIGNED_IN:
                await self.signed_in()

        self._load_sign_in(sign_in)

    def action_copy_address(self) -> None:
        """Copy where the code is typed."""
        if self._code:
            self.copy(self._code.uri)

    def action_copy_name(self) -> None:
        """Copy the code while one is shown, else the workspace's name."""
        if self._code:
            self.copy(self._code.code)
        elif item := self.chosen:
            self.copy(item.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape gives the code up, if there is one."""
        if action.replace("_", "-") in self.WAITING and (not self.is_mounted or self._code is None):
            return False
        return super().check_action(action, parameters)

    # what is shown

    def _show_code(self, code: DeviceCode | None) -> None:
        if code is not self._code:
            self._code = code
            self.refresh_bindings()
            if self._ticks is not None:
                self._ticks.stop()
            self._ticks = self.set_interval(1.0, self._tick_code) if code else None
        self.query_one("#code").display = code is not None
        self._tick_code()

    def _tick_code(self) -> None:
        if self._code and self.is_current:
            put(self.query_one("#code", Static), code_lines(self._code, clock.now()))

    def tell_broken_config(self, error: ServiceError | None) -> None:
        """Show what is wrong with config.json, or that nothing is."""
        self._broken_config = error
        self.show_trouble(self._trouble)

    def show_trouble(self, error: ServiceError | None) -> None:
        """Show what went wrong and what to do, or nothing; that config.json is broken is told besides."""
        self._trouble = error
        found = [trouble for trouble in (error, self._broken_config) if trouble]
        line = self.query_one("#trouble", Static)
        line.display = bool(found)
        put(line, Content("\n").join(trouble_lines(trouble, self.method, self.size.width - 2) for trouble in found))
