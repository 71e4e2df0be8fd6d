"""The files of a container or share, as both kinds of workspace read and write them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import IO

from services.entities import FileEntry

BLOCK = 8 << 20
"""Bytes of a block of an upload or a download: what is lost at most when the connection breaks."""
Report = Callable[[int], None]
"""Told of bytes that have gone over, a block at a time."""


class StoreFiles(ABC):
    """The files of one container or share, by their path in it; blocking, for any number of threads."""

    @abstractmethod
    def is_there(self) -> bool:
        """Whether the container or share itself is."""

    @abstractmethod
    def entries(self, folder: str, limit: int | None = None) -> list[FileEntry]:
        """The entries of a folder, folders first, by name; empty for a folder that is not there.

        Args:
            limit: at most so many, the first that storage tells of.
        """

    @abstractmethod
    def below(self, folder: str) -> Iterator[FileEntry]:
        """Every file below a folder, by path from the top; empty for a folder that is not there."""

    @abstractmethod
    def entry(self, path: str) -> FileEntry | None:
        """One file; None if there is none of that path."""

    @abstractmethod
    def read(self, path: str, offset: int = 0, limit: int | None = None, *, etag: str = "") -> bytes:
        """At most `limit` bytes of a file from `offset`; empty past its end. Raises NotFoundError.

        Args:
            etag: of the state that is wanted, any if empty; for another one azure.core raises its error of status 412.
        """

    @abstractmethod
    def fetch(self, path: str, target: IO[bytes], report: Report) -> int:
        """Write a file into `target`; how many bytes it has."""

    @abstractmethod
    def send(self, path: str, source: IO[bytes], size: int, report: Report) -> None:
        """Make a file of `size` bytes, in place of one that is there.

        After an upload that was cut off, the blocks that arrived are not sent again: whoever calls puts the digest of
        the content into the path.
        """
