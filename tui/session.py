"""Where Lapis was: written on every move, so that even kill -9 loses nothing, and read at the next start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from screens.places import Place
from services.user_files import state_folder, write_atomically

LIMIT = 20
"""How deep a stack is kept."""


def _file_of(workspace: str, folder: Path) -> Path:
    name = hashlib.sha256(workspace.encode()).hexdigest()[:16]
    return folder / "sessions" / f"{name}.json"


def used_workspaces() -> list[str]:
    """The workspaces that Lapis was in, as `-w` names them, the last first."""
    found = []
    with suppress(OSError):
        for file in (state_folder() / "sessions").glob("*.json"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                found.append((file.stat().st_mtime, str(json.loads(file.read_text(encoding="utf-8"))["workspace"])))
    return [workspace for _, workspace in sorted(found, reverse=True)]


def forget_workspace(workspace: str) -> None:
    """Lapis was never in that workspace. Raises OSError."""
    _file_of(workspace, state_folder()).unlink(missing_ok=True)


class Session:
    """The stack of places of one workspace, in a file of its own in the state folder."""

    def __init__(self, workspace: str, folder: Path | None = None) -> None:
        self.path = _file_of(workspace, folder or state_folder())
        self._workspace = workspace
        self._wanted: tuple[Place, ...] = ()
        self._written: tuple[Place, ...] = ()
        self._lock = Lock()

    def load(self) -> tuple[Place, ...]:
        """The places, the one on top last; empty when there are none or the file is damaged."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            places = tuple(Place.parse(text) for text in data["places"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return ()
        return places[-LIMIT:]

    def want(self, places: Sequence[Place]) -> None:
        """Take note; `flush` writes it."""
        self._wanted = tuple(places)[-LIMIT:]

    def flush(self) -> None:
        """Write the newest places, from any thread; that it can't be written harms nobody."""
        with self._lock:
            if (wanted := self._wanted) == self._written:
                return
            data = {"workspace": self._workspace, "places": [str(place) for place in wanted]}
            with suppress(OSError):
                write_atomically(self.path, json.dumps(data, indent=1) + "\n")
                self._written = wanted
