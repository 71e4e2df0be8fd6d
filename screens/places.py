"""Places: what the history, the command line and a restart go back to."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from textual.message import Message

from services.targets import WorkspaceTarget


@dataclass(frozen=True)
class Place:
    """A screen and what it shows.

    Attributes:
        screen: jobs, job, submit, data, data-asset, models, model, compare ...
        subject: the job, asset or model; several (a comparison) are parted by a space.
        tab: the tab that is open; empty for the first.
        filter: what the list is filtered by.
    """

    screen: str
    subject: str = ""
    tab: str = ""
    filter: str = ""

    def __str__(self) -> str:
        text = self.screen + (f"/{quote(self.subject)}" if self.subject else "")
        text += f"#{quote(self.tab)}" if self.tab else ""
        return text + (f"?{quote(self.filter)}" if self.filter else "")

    @classmethod
    def parse(cls, text: str) -> Place:
        """The inverse of str()."""
        text, _, filter_ = text.partition("?")
        text, _, tab = text.partition("#")
        screen, _, subject = text.partition("/")
        return cls(screen, unquote(subject), unquote(tab), unquote(filter_))


class Open(Message, namespace="place"):
    """A screen asks to go to a place: `push` comes back with esc, otherwise it takes this one's place."""

    def __init__(self, place: Place, *, push: bool = True) -> None:
        super().__init__()
        self.place = place
        self.push = push


class Leave(Message, namespace="place"):
    """A screen asks to be closed: back to the one below.

    All four have a namespace (`on_place_leave`), because Textual's own `events.Leave` has the handler `on_leave`.
    """


class Moved(Message, namespace="place"):
    """The screen's own place changed (another tab, another filter): for the history and the next start."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class Switch(Message, namespace="place"):
    """A screen asks for another workspace, whose screens then take the place of all that are open.

    `anew` opens also the one that is open already: somebody else has signed in.
    """

    def __init__(self, target: WorkspaceTarget, *, anew: bool = False) -> None:
        super().__init__()
        self.target = target
        self.anew = anew
