"""Files in a file share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING

from services.entities import FileEntry
from services.errors import NotFoundError, UserError
from services.storage.files import Report, StoreFiles

if TYPE_CHECKING:
    from azure.storage.fileshare import ShareClient


class ShareFiles(StoreFiles):
    """Files in a file share."""

    def __init__(self, share: ShareClient) -> None:
        self._share = share

    def is_there(self) -> bool:
        """Whether the share is."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            next(iter(self._share.list_directories_and_files(results_per_page=1)), None)
        except ResourceNotFoundError:
            return False
        return True

    def entries(self, folder: str, limit: int | None = None) -> list[FileEntry]:
        """The entries of a directory."""
        from azure.core.exceptions import ResourceNotFoundError

        inner = folder.strip("/")
        try:
            found = list(islice(self._share.get_directory_client(inner).list_directories_and_files(), limit))
        except ResourceNotFoundError:
            return []
        entries = [
            FileEntry(
                f"{inner}/{item.name}" if inner else item.name, item.is_directory, getattr(item, "size", 0) or 0,
                getattr(item, "last_modified", None),
            )
            for item in found
        ]  # fmt: skip
        return sorted(entries, key=lambda entry: (not entry.is_folder, entry.path))

    def below(self, folder: str) -> Iterator[FileEntry]:
        """Every file below a directory."""
        for entry in self.entries(folder):
            if entry.is_folder:
                yield from self.below(entry.path)
            else:
                yield entry

    def entry(self, path: str) -> FileEntry | None:
        """One file."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            found = self._share.get_file_client(path).get_file_properties()
        except ResourceNotFoundError:
            return None
        return FileEntry(path, False, found.size, found.last_modified, etag=str(found.etag or "").strip('"'))

    def read(self, path: str, offset: int = 0, limit: int | None = None, *, etag: str = "") -> bytes:
        """A part of a file; a share knows no condition of a read, so its state is asked for before."""
        from azure.core.exceptions import ResourceModifiedError

        found = self._found(path)
        if etag and found.etag != etag:
            error = ResourceModifiedError(f"{path} was written to.")
            error.status_code = 412
            raise error
        if offset >= found.size or limit == 0:
            return b""
        length = found.size - offset if limit is None else min(limit, found.size - offset)
        return bytes(self._share.get_file_client(path).download_file(offset, length).readall())

    def fetch(self, path: str, target: IO[bytes], report: Report) -> int:
        """Blocks of a file, one after the other."""
        size = 0
        for chunk in self._share.get_file_client(path).download_file().chunks():
            target.write(chunk)
            size += len(chunk)
            report(len(chunk))
        return size

    def send(self, path: str, source: IO[bytes], size: int, report: Report) -> None:
        """Nothing that Lapis makes goes to a file share."""
        raise UserError(f"{path}: Lapis uploads to blob containers only.", advice="Choose a datastore of blobs.")

    def _found(self, path: str) -> FileEntry:
        if (found := self.entry(path)) is None:
            raise NotFoundError(f"There is no file {path}.")
        return found
