"""The palette: every action of the screen and every place, found by parts of their names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from screens.actions import Action, key_text
from screens.base import LapisScreen
from screens.places import Open, Place
from tui.actions import GLOBAL_ACTIONS
from tui.registry import DESTINATIONS

Entry = tuple[str, str, Callable[[], Coroutine[Any, Any, Any] | bool]]


def offered(screen: LapisScreen) -> list[Action]:
    """The actions that a screen offers now: dangerous ones are absent in read-only mode."""
    return [action for action in screen.ACTIONS if screen.check_action(action.method, ())]


class Everything(Provider):
    """Actions of the screen, then places, then what the app can do."""

    def _entries(self) -> list[Entry]:
        screen, app = self.screen, self.app
        entries: list[Entry] = []
        if isinstance(screen, LapisScreen):
            entries += [
                self._entry(action, partial(app.run_action, action.method, screen)) for action in offered(screen)
            ]
        for place in DESTINATIONS:
            go = partial(screen.post_message, Open(Place(place.screen), push=False))
            entries.append(
                (f"Go to {place.label.casefold()}  (g {place.letter})", f"The screen of {place.label.casefold()}", go)
            )
        return entries + [self._entry(action, partial(app.run_action, action.method, app)) for action in GLOBAL_ACTIONS]

    @staticmethod
    def _entry(action: Action, run: Callable[[], Coroutine[Any, Any, Any]]) -> Entry:
        key = f"  ({key_text(action.keys[0])})" if action.keys else ""
        return action.label + key, action.help, run

    async def discover(self) -> Hits:
        """All, before anything is typed."""
        for text, help_, run in self._entries():
            yield DiscoveryHit(text, run, help=help_)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """Those that match, the best first."""
        matcher = self.matcher(query)
        for text, help_, run in self._entries():
            score = max(matcher.match(text), matcher.match(help_) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(text), run, help=help_, text=text)
