"""The bytes of a file that lies elsewhere, kept on this machine as they are read."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from services.errors import TransientError
from services.tables.background import Reporter, StoppedError
from services.tables.byte_sources import ByteSource

BLOCK = 1 << 16
"""Bytes that are fetched together at least; a request is for as many blocks as were asked for."""
REQUEST = 1 << 23
"""Bytes of a request at most, so that work which is stopped ends soon."""
AHEAD = 1 << 22
"""Bytes that are fetched at once at most where a text is read on and on, twice as many at each step."""
LOOK_SECONDS = 10.0
"""How old an answer about the file's state may be."""


class RemoteBytes:
    """A file elsewhere: what was read once is read from this machine afterwards.

    The copy is as long as the file from the beginning, but takes no more of the disk than what was fetched.

    Attributes:
        reads_ahead: whether a read that goes on where the last one ended fetches more than it was asked for.
    """

    def __init__(self, origin: ByteSource, folder: Path) -> None:
        """Nothing is fetched yet. Raises OSError.

        Args:
            folder: where the copy lies; it is named as the file, for engines that go by names.
        """
        self.name, self.size = origin.name, origin.size
        self.path: Path | None = None
        self.reads_ahead = False
        self._origin = origin
        folder.mkdir(parents=True, exist_ok=True)
        self.copy = folder / _plain_name(origin.name)
        self._file = os.open(self.copy, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.ftruncate(self._file, self.size)
        self._there = bytearray((self.size + BLOCK - 1) // BLOCK)
        self._end, self._step = 0, 0
        self._closing = threading.Lock()
        self._closed = False
        self._said = ""
        self._looked = time.monotonic()

    @property
    def fetched(self) -> int:
        """Bytes that have come so far, whole blocks."""
        return min(sum(self._there) * BLOCK, self.size)

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`. Raises ServiceError; StoppedError after `close`."""
        wanted = max(0, min(length, self.size - offset))
        if not wanted:
            return b""
        for start, end in self._missing(offset, offset + wanted):
            self._fetch(start, self._further(start, end))
        with self._closing:
            self._check()
            return os.pread(self._file, wanted, offset)

    def fetch_all(self, reporter: Reporter) -> Path:
        """The copy, with all bytes of the file. Raises as `read` does, StoppedError."""
        done = sum(self._there) * BLOCK
        for start, end in self._missing(0, self.size):
            reporter.step(min(done, self.size), self.size)
            self._fetch(start, end)
            done += end - start
        reporter.step(self.size, self.size)
        return self.copy

    def _missing(self, offset: int, end: int) -> Iterator[tuple[int, int]]:
        """The ranges that are not there yet, whole blocks, each of one request."""
        most = REQUEST // BLOCK
        number, last = offset // BLOCK, (end + BLOCK - 1) // BLOCK
        while number < last:
            if self._there[number]:
                number += 1
                continue
            first = number
            while number < last and number - first < most and not self._there[number]:
                number += 1
            yield first * BLOCK, min(number * BLOCK, self.size)

    def _further(self, start: int, end: int) -> int:
        """Where a fetch that begins at `start` ends: beyond `end` if it goes on where the last one ended."""
        if self.reads_ahead and start == self._end and start > 0:
            self._step = min(max(2 * self._step, end - start), AHEAD)
            end = next(iter(self._missing(start, min(start + self._step, self.size))))[1]
        else:
            self._step = end - start
        self._end = end
        return end

    def _fetch(self, start: int, end: int) -> None:
        self._check()
        data = self._origin.read(start, end - start)
        if len(data) < end - start:
            raise TransientError(
                f"{self.name} had {self.size:,} bytes and has become shorter while it was read.",
                title="The file has changed",
                advice="Open it again.",
            )
        with self._closing:
            self._check()
            os.pwrite(self._file, data, start)
            first, last = start // BLOCK, (end + BLOCK - 1) // BLOCK
            self._there[first:last] = b"\1" * (last - first)

    def _check(self) -> None:
        if self._closed:
            raise StoppedError

    def look(self) -> None:
        """Ask what became of the file, if that was not asked lately; blocking."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            self._said = self._origin.change()

    def change(self) -> str:
        """What the last look has told."""
        return self._said

    def close(self) -> None:
        """Read no more, and let a request that is on its way end unheard."""
        with self._closing:
            if not self._closed:
                self._closed = True
                os.close(self._file)
        self._origin.close()


def _plain_name(name: str) -> str:
    """The name of the copy: that of the file, if every file system takes it."""
    plain = "".join(letter if letter.isalnum() or letter in "._- " else "_" for letter in name).strip(" .")
    return plain[-100:] or "table"
