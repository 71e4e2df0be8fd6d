"""A file in storage, read in ranges."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

from services.azure_errors import azure_errors
from services.entities import FileEntry
from services.errors import NotFoundError, ServiceError, TransientError
from services.storage.files import StoreFiles

CHANGED = "The file has changed"
Errors: TypeAlias = Callable[[], AbstractContextManager[None]]
"""Makes the boundary that turns what storage raises into ServiceErrors which say who was refused."""


class StoreBytes:
    """The bytes of a file in storage, as they were when it was opened: a later change is an error, never a mixture."""

    path: Path | None = None

    def __init__(self, files: StoreFiles, entry: FileEntry, errors: Errors = azure_errors) -> None:
        self.name, self.size = entry.path.rpartition("/")[2], entry.size
        self._files, self._entry, self._errors = files, entry, errors

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`. Raises ServiceError."""
        wanted = max(0, min(length, self.size - offset))
        with self._errors():
            try:
                return self._files.read(self._entry.path, offset, wanted, etag=self._entry.etag)
            except ServiceError:
                raise
            except Exception as error:
                if getattr(error, "status_code", None) not in (404, 412):
                    raise
                raise self._other_state() from error

    def _other_state(self) -> ServiceError:
        if self._files.entry(self._entry.path) is None:
            return NotFoundError(f"{self.name} was deleted while it was open.", advice="Choose another file.")
        detail = f"{self.name} was written to in storage while it was open."
        return TransientError(detail, title=CHANGED, advice="Open it again.")

    def change(self) -> str:
        """Deleted, grown or written to since it was opened; empty if storage can't be asked."""
        try:
            with self._errors():
                now = self._files.entry(self._entry.path)
        except ServiceError:
            return ""
        if now is None:
            return "the file was deleted; what was read is shown"
        if now.size > self.size:
            return f"the file has grown by {now.size - self.size:,} bytes; open it again to see them"
        is_same = now.etag == self._entry.etag if self._entry.etag else now == self._entry
        return "" if is_same else "the file was written to; open it again"

    def close(self) -> None:
        """Nothing is held."""
