"""A line to type a path in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from screens.widgets.suggest_input import SuggestInput

MOST_READ = 10_000
"""Entries that are read of a folder; the names of a larger one have to be typed."""
MOST_PROPOSED = 100
"""More proposals than that help nobody."""


class PathInput(SuggestInput):
    """Completes files and folders relative to `base`; `folders` proposes folders alone."""

    def __init__(
        self,
        value: str = "",
        *,
        base: Path | None = None,
        folders: bool = False,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(value, complete=self._paths, placeholder=placeholder, id=id)
        self.base = base
        self.folders = folders

    async def _paths(self, text: str) -> Sequence[tuple[str, str]]:
        base = self.base or Path.cwd()
        return await asyncio.to_thread(complete_path, text, base, folders=self.folders)


def expanded(text: str, base: Path) -> Path:
    """The path that a text means: `~` expanded if there is such a user, relative to a base."""
    path = Path(text)
    with suppress(RuntimeError):
        path = path.expanduser()
    return base / path


def complete_path(text: str, base: Path, *, folders: bool = False) -> list[tuple[str, str]]:
    """The paths that go on from a text, as proposals: folders first and with `/`, then by name; blocks.

    Hidden ones come only after a dot. A folder that is missing or can't be read has none.
    """
    head = text[: text.rfind("/") + 1]
    last = text[len(head) :]
    try:
        if text.startswith("~") and not head and expanded(text, base).is_dir():
            return [(f"{text}/", "")]
        with os.scandir(expanded(head, base)) as entries:
            fitting = [
                (not _is_folder(entry), entry.name)
                for entry in islice(entries, MOST_READ)
                if entry.name.startswith(last) and (last or not entry.name.startswith("."))
            ]
    except (OSError, ValueError):  # a null byte is a ValueError
        return []
    names = sorted((is_file, name) for is_file, name in fitting if not (is_file and folders))
    return [(f"{head}{name}{'' if is_file else '/'}", "") for is_file, name in names[:MOST_PROPOSED]]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
