"""Keys in order: each is dealt with before the next one is handed out.

Textual 8.2.8 hands a key to the widget that has the focus now. Of keys that arrive together, as over a slow connection,
`tab` and the letter after it would both go to the widget that `tab` is about to leave.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message

PATIENCE = 0.25
"""Seconds after which the next key is handed out although the widget of the last one has not answered."""


class KeyDone(Message, bubble=True):
    """Follows a key on its way from the focused widget up to the app: here it has done all that it does at once."""

    def __init__(self, key: events.Key) -> None:
        super().__init__()
        self.key = key


class KeysInOrder(App[None]):
    """An app in which keys that arrive together do what they do when they arrive one by one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._key: events.Key | None = None
        self._later_keys: deque[events.Key] = deque()
        self._patience: asyncio.TimerHandle | None = None

    async def on_event(self, event: events.Event) -> None:
        """Hold a key back while the one before is under way."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._key is not None:
            self._later_keys.append(event)
        else:
            await self._hand_out(event)

    async def _hand_out(self, key: events.Key) -> None:
        self._key = key
        target = self.focused or self.screen
        await self.key_pressed(key)
        # what was not handed on was an action of the app's own, and is over
        (target if key.is_forwarded else self).post_message(KeyDone(key))
        self._patience = asyncio.get_running_loop().call_later(PATIENCE, self.post_message, KeyDone(key))

    async def key_pressed(self, key: events.Key) -> None:
        """Deal with a key whose turn it is."""
        await super().on_event(key)

    def on_key_done(self, message: KeyDone) -> None:
        """Then what it has asked for is done, such as `Widget.focus`, which only asks; then comes the next one."""
        message.stop()
        self.call_later(self._next, message.key)

    async def _next(self, key: events.Key) -> None:
        if key is not self._key:
            return
        if self._patience is not None:
            self._patience.cancel()
        self._key = None
        if self._later_keys:
            await self._hand_out(self._later_keys.popleft())
