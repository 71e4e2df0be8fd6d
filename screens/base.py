"""What all screens share: the frame, the actions, and how they await a service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.worker import Worker

from screens.actions import Action
from screens.places import Leave, Moved, Place
from screens.widgets.frame import Footer, Frame, Header
from screens.widgets.states import StateCard
from services.errors import ServiceError
from services.text import masked, safe

T = TypeVar("T")


def studio_action(screen: str) -> Action:
    """The declaration for a screen whose things have pages in Azure ML studio; it is there on Azure workspaces only."""
    help_text = "Copy the address of its page in Azure ML studio, and show it"
    return Action(f"{screen}.studio", ("U",), "Studio", help_text, footer=8)


class LapisScreen(Screen[None]):
    """A screen with a header, a body and a footer.

    A subclass declares `ACTIONS`, yields its body in `compose_body`, and loads in `on_mount` through `load`. It takes
    its place and its services in the constructor and asks the app for nothing: it posts `Open` and `Leave`.
    """

    ACTIONS: ClassVar[tuple[Action, ...]] = ()
    CRUMB: ClassVar[str] = ""
    AUTO_FOCUS: ClassVar[str] = ""
    """Each screen gives the focus itself, once there is something: Textual would take a filter that lies hidden."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "ACTIONS" in cls.__dict__:
            own = {a.id for a in cls.ACTIONS}
            inherited = [b for b in cls.__dict__.get("BINDINGS", []) if getattr(b, "id", None) not in own]
            cls.BINDINGS = [*inherited, *(b for action in cls.ACTIONS for b in action.bindings())]
        super().__init_subclass__(**kwargs)

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.frame = Frame()

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield Header(self.crumbs, self.frame)
        yield from self.compose_body()
        yield Footer()

    def compose_body(self) -> ComposeResult:
        """The widgets between header and footer."""
        yield from ()

    @property
    def crumbs(self) -> str:
        """Where this is: `Jobs › name`."""
        title = self.CRUMB or self.place.screen.capitalize()
        return f"{title} › {self.place.subject}" if self.place.subject else title

    @property
    def is_current(self) -> bool:
        """Whether it can be seen.

        Textual takes the screen below the top for seen, whatever lies over it: what changes there would be sent.
        """
        stack = self.app.screen_stack if self.is_attached else []
        return self in stack and all(above.styles.background.a < 1 for above in stack[stack.index(self) + 1 :])

    def show_frame(self, frame: Frame) -> None:
        """Draw what the app knows of the workspace: its label, whether it is read-only, what runs."""
        stale = (frame.read_only, frame.is_azure) != (self.frame.read_only, self.frame.is_azure)
        self.frame = frame
        for header in self.query(Header):
            header.show(frame)
        if stale and self.is_mounted:
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What changes something doesn't exist in read-only mode, and Studio shows only what is in Azure.

        A screen that overrides this asks here first.
        """
        if action == "studio" and not self.frame.is_azure:
            return False
        return not (self.frame.read_only and any((a.danger or a.writes) and a.method == action for a in self.ACTIONS))

    def load(self, call: Callable[[], Awaitable[None]], *, group: str) -> Worker[None]:
        """Run an async handler in a worker; a later one of the same group replaces it; errors go to `show_error`."""

        async def guarded() -> None:
            try:
                await call()
            except ServiceError as error:
                self.show_error(error)
            except Exception as error:
                from services.crash_reports import own_error

                self.show_error(own_error(error, place=str(self.place)))

        # the function, not its coroutine: one that is replaced before it began would never be awaited
        return self.run_worker(guarded, group=group, exclusive=True, exit_on_error=False)

    def show_error(self, error: ServiceError) -> None:
        """Show an error; screens with a place for it override this."""
        parts = [error.detail, error.advice, f"request id {error.request_id}" if error.request_id else ""]
        lines = masked("\n".join(part for part in parts if part)).split("\n")
        text = "\n".join(map(safe, lines))
        self.notify(text, title=safe(error.title), severity="error", markup=False, timeout=10)

    def tell(self, text: str) -> None:
        """Say in a line that goes away by itself what was done."""
        self.notify(safe(text), markup=False, timeout=5)

    def copy(self, text: str) -> None:
        """Copy by OSC 52, which reaches the clipboard of the user's own machine over SSH, and say so."""
        self.app.copy_to_clipboard(text)
        self.tell(f"Copied {masked(text)}")

    def copy_name(self, name: str) -> None:
        """Copy a name; where an error is in view, the id of its request, which support asks for."""
        if text := next((card.request_id for card in self.query(StateCard) if card.request_id), name):
            self.copy(text)

    @property
    def chosen(self) -> object | None:
        """What the keys mean: the item under the cursor, or what the screen shows; None while there is none."""
        return None

    def action_studio(self) -> None:
        """Copy and show the address: the browser is on the user's own machine, not on this one."""
        if url := getattr(self.chosen, "studio_url", ""):
            self.copy(url)
        else:
            self.tell("This has no page in Azure ML studio.")

    def moved(self, place: Place) -> None:
        """Take note of another tab or filter, for the history and the next start."""
        self.place = place
        for header in self.query(Header):
            header.show(crumbs=self.crumbs)
        self.post_message(Moved(place))

    def action_leave(self) -> None:
        """Go back."""
        self.post_message(Leave())
