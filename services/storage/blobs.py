"""Files in a blob container, and in an ADLS Gen2 file system.

A Gen2 file system is read as the blob container that it also is (Azure Storage, "Multi-protocol access").
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from services.entities import FileEntry
from services.storage.files import BLOCK, Report, StoreFiles

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


class BlobFiles(StoreFiles):
    """Files in a blob container."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def is_there(self) -> bool:
        """Whether the container is, as far as whoever may list it can tell."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            next(iter(self._container.list_blobs(results_per_page=1)), None)
        except ResourceNotFoundError:
            return False
        return True

    def entries(self, folder: str, limit: int | None = None) -> list[FileEntry]:
        """The entries of a folder."""
        from azure.storage.blob import BlobPrefix

        found: dict[str, FileEntry] = {}
        prefix = folder.strip("/") + "/" if folder.strip("/") else ""
        for blob in islice(_all(self._container.walk_blobs(name_starts_with=prefix, delimiter="/")), limit):
            path = blob.name.rstrip("/")
            if isinstance(blob, BlobPrefix):
                found[path] = FileEntry(path, True)
            elif path and path + "/" != prefix:
                found.setdefault(path, _blob_entry(blob))
        return sorted(found.values(), key=lambda entry: (not entry.is_folder, entry.path))

    def below(self, folder: str) -> Iterator[FileEntry]:
        """Every file below a folder; Gen2 lists its folders too, as blobs that say so."""
        prefix = folder.strip("/") + "/" if folder.strip("/") else ""
        for blob in _all(self._container.list_blobs(name_starts_with=prefix, include=["metadata"])):
            if not blob.name.endswith("/") and not _is_folder(blob):
                yield _blob_entry(blob)

    def entry(self, path: str) -> FileEntry | None:
        """One blob."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            blob = self._container.get_blob_client(path).get_blob_properties()
        except ResourceNotFoundError:
            return None
        return None if _is_folder(blob) else _blob_entry(blob)

    def read(self, path: str, offset: int = 0, limit: int | None = None, *, etag: str = "") -> bytes:
        """A part of a blob."""
        from azure.core import MatchConditions
        from azure.core.exceptions import HttpResponseError

        if limit == 0:
            return b""
        same: dict[str, Any] = {"etag": f'"{etag}"', "match_condition": MatchConditions.IfNotModified} if etag else {}
        try:
            return bytes(self._container.get_blob_client(path).download_blob(offset, limit, **same).readall())
        except HttpResponseError as error:
            if error.status_code == 416:  # past the end
                return b""
            raise

    def fetch(self, path: str, target: IO[bytes], report: Report) -> int:
        """Blocks of a blob, one after the other."""
        size = 0
        for chunk in self._container.get_blob_client(path).download_blob().chunks():
            target.write(chunk)
            size += len(chunk)
            report(len(chunk))
        return size

    def send(self, path: str, source: IO[bytes], size: int, report: Report) -> None:
        """A blob in one piece, or in blocks that are committed when all are there."""
        from azure.storage.blob import BlobBlock

        blob = self._container.get_blob_client(path)
        if size <= BLOCK:
            blob.upload_blob(source.read(size), overwrite=True)
            report(size)
            return
        arrived = self._arrived(blob)
        names = [f"{index:06}" for index in range((size + BLOCK - 1) // BLOCK)]
        for index, name in enumerate(names):
            length = min(BLOCK, size - index * BLOCK)
            if arrived.get(name) != length:
                source.seek(index * BLOCK)
                blob.stage_block(name, source.read(length), length=length)
            report(length)
        blob.commit_block_list([BlobBlock(name) for name in names])

    @staticmethod
    def _arrived(blob: Any) -> dict[str, int]:
        """The blocks of an upload that was cut off."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            _, waiting = blob.get_block_list("uncommitted")
        except ResourceNotFoundError:
            return {}
        return {block.id: block.size for block in waiting}


def _all(items: Any) -> Iterator[Any]:
    """The items of a listing; none where the container itself is not there yet."""
    from azure.core.exceptions import ResourceNotFoundError

    try:
        yield from items
    except ResourceNotFoundError:
        return


def _blob_entry(blob: Any) -> FileEntry:
    return FileEntry(blob.name, False, blob.size or 0, blob.last_modified, etag=str(blob.etag or "").strip('"'))


def _is_folder(blob: Any) -> bool:
    return (blob.metadata or {}).get("hdi_isfolder") == "true"
