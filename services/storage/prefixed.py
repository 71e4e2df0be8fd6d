"""A folder of a store as a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from services.entities import FileEntry
from services.storage.files import Report, StoreFiles


class PrefixedFiles(StoreFiles):
    """The files below a folder; their paths start from it."""

    def __init__(self, files: StoreFiles, folder: str) -> None:
        self._files = files
        self._prefix = f"{folder.strip('/')}/"

    def _inner(self, entry: FileEntry) -> FileEntry:
        return replace(entry, path=entry.path.removeprefix(self._prefix))

    def is_there(self) -> bool:
        """Whether the store is."""
        return self._files.is_there()

    def entries(self, folder: str, limit: int | None = None) -> list[FileEntry]:
        """The entries of a folder."""
        return [self._inner(entry) for entry in self._files.entries(self._prefix + folder.strip("/"), limit)]

    def below(self, folder: str) -> Iterator[FileEntry]:
        """Every file below a folder."""
        yield from map(self._inner, self._files.below(self._prefix + folder.strip("/")))

    def entry(self, path: str) -> FileEntry | None:
        """One file."""
        found = self._files.entry(self._prefix + path)
        return self._inner(found) if found else None

    def read(self, path: str, offset: int = 0, limit: int | None = None, *, etag: str = "") -> bytes:
        """A part of a file."""
        return self._files.read(self._prefix + path, offset, limit, etag=etag)

    def fetch(self, path: str, target: IO[bytes], report: Report) -> int:
        """Blocks of a file."""
        return self._files.fetch(self._prefix + path, target, report)

    def send(self, path: str, source: IO[bytes], size: int, report: Report) -> None:
        """A file."""
        self._files.send(self._prefix + path, source, size, report)
