"""What was typed after `:`, kept for the next time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from services.text import masked, safe
from services.user_files import state_folder, write_atomically

LIMIT = 300
LONGEST = 1000


class CommandHistory:
    """The lines, the newest last, without repeats; walked by up and down."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or state_folder() / "commands.txt"
        self._lines: list[str] = []
        self._at = 0
        self._draft = ""
        self._loaded = False

    def begin(self) -> None:
        """Start a new line; the file is read the first time."""
        if not self._loaded:
            self._loaded = True
            with suppress(OSError, UnicodeDecodeError):
                text = self._path.read_text(encoding="utf-8")[-LIMIT * LONGEST :]
                self._lines = [safe(line)[:LONGEST] for line in text.split("\n") if line.strip()][-LIMIT:]
        self._at = len(self._lines)
        self._draft = ""

    def add(self, line: str) -> None:
        """Keep a line and write all; secrets are masked, and that the disk is full harms nobody."""
        line = masked(safe(line.strip()))[:LONGEST]
        if not line:
            return
        self._lines = [*(old for old in self._lines if old != line), line][-LIMIT:]
        with suppress(OSError):
            write_atomically(self._path, "\n".join(self._lines) + "\n")

    def older(self, typed: str) -> str:
        """The line before; at the oldest it stays. What was typed comes back with `newer`."""
        if self._at == len(self._lines):
            self._draft = typed
        self._at = max(0, self._at - 1)
        return self._lines[self._at] if self._lines else typed

    def newer(self, typed: str) -> str:
        """The line after; after the newest, what was typed."""
        if self._at >= len(self._lines):
            return typed
        self._at += 1
        return self._lines[self._at] if self._at < len(self._lines) else self._draft
