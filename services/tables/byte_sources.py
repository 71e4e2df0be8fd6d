"""Where the bytes of a table come from: any place that can be read in ranges."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from services.errors import TransientError


class ByteSource(Protocol):
    """The bytes of a file, as many as it had when it was opened; safe to read from several threads.

    Attributes:
        name: the file's name, which may tell its format.
        size: bytes.
        path: the file itself if it lies on this machine, for engines that read by themselves.
    """

    name: str
    size: int
    path: Path | None

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`, fewer only at the end. Raises ServiceError."""
        ...

    def change(self) -> str:
        """What became of the file since it was opened, in words; empty if nothing."""
        ...

    def close(self) -> None:
        """Read no more."""
        ...


class HeldBytes:
    """Bytes in memory."""

    path: Path | None = None

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.size = name, len(data)
        self._data = data

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`."""
        return self._data[offset : offset + length]

    def change(self) -> str:
        """Nothing becomes of them."""
        return ""

    def close(self) -> None:
        """Nothing is open."""


class LocalBytes:
    """A file of this machine; it stays readable when it is deleted."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises OSError."""
        self.path: Path | None = path
        self.name = path.name
        self._place = path
        self._file = path.open("rb", buffering=0)
        self._opened = os.fstat(self._file.fileno())
        self.size = self._opened.st_size

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`. Raises TransientError: the file has become shorter."""
        wanted = max(0, min(length, self.size - offset))
        data = os.pread(self._file.fileno(), wanted, offset)
        while len(data) < wanted:
            more = os.pread(self._file.fileno(), wanted - len(data), offset + len(data))
            if not more:
                raise TransientError(
                    f"{self.name} had {self.size:,} bytes and has become shorter while it was read.",
                    title="The file has changed",
                    advice="Open it again.",
                )
            data += more
        return data

    def change(self) -> str:
        """Deleted, replaced, grown, shorter or written to."""
        try:
            now = self._place.stat()
        except OSError:
            return "the file was deleted; what was open is shown"
        if (now.st_dev, now.st_ino) != (self._opened.st_dev, self._opened.st_ino):
            return "the file was replaced by another; what was open is shown"
        if now.st_size > self.size:
            return f"the file has grown by {now.st_size - self.size:,} bytes; open it again to see them"
        if now.st_size < self.size:
            return "the file has become shorter; open it again"
        return "" if now.st_mtime_ns == self._opened.st_mtime_ns else "the file was written to; open it again"

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
