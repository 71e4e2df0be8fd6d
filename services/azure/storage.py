"""Files in the storage behind datastores: blob containers, ADLS Gen2 file systems and file shares.

A Gen2 file system is read as the blob container that it also is (Azure Storage, "Multi-protocol access").
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.azure.connection import Connection
from services.azure.resources import Body, Resources, properties_of
from services.entities import FileEntry
from services.errors import AccessError, NotFoundError, UserError

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient
    from azure.storage.fileshare import ShareClient

BLOCK = 8 << 20
"""Bytes of a block of an upload or a download: what is lost at most when the connection breaks."""
KEPT_SECONDS = 900.0
"""How long a credential of a datastore is used before it is asked for again; signatures live for an hour."""
BROWSABLE = {"AzureBlob": "containerName", "AzureDataLakeGen2": "filesystem", "AzureFile": "fileShareName"}
"""The types of datastores that can be browsed, and the property that names what they open."""
Report = Callable[[int], None]
"""Told of bytes that have gone over, a block at a time."""


class StoreFiles(ABC):
    """The files of one container or share, by their path in it; blocking, for any number of threads."""

    @abstractmethod
    def entries(self, folder: str) -> list[FileEntry]:
        """The entries of a folder, folders first, by name; empty for a folder that is not there."""

    @abstractmethod
    def below(self, folder: str) -> Iterator[FileEntry]:
        """Every file below a folder, by path from the top; empty for a folder that is not there."""

    @abstractmethod
    def entry(self, path: str) -> FileEntry | None:
        """One file; None if there is none of that path."""

    @abstractmethod
    def read(self, path: str, offset: int = 0, limit: int | None = None) -> bytes:
        """At most `limit` bytes of a file from `offset`; empty past its end. Raises NotFoundError."""

    @abstractmethod
    def fetch(self, path: str, target: IO[bytes], report: Report) -> int:
        """Write a file into `target`; how many bytes it has."""

    @abstractmethod
    def send(self, path: str, source: IO[bytes], size: int, report: Report) -> None:
        """Make a file of `size` bytes, in place of one that is there.

        After an upload that was cut off, the blocks that arrived are not sent again: whoever calls puts the digest of
        the content into the path.
        """


class BlobFiles(StoreFiles):
    """Files in a blob container."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def entries(self, folder: str) -> list[FileEntry]:
        """The entries of a folder."""
        from azure.storage.blob import BlobPrefix

        found: dict[str, FileEntry] = {}
        prefix = folder.strip("/") + "/" if folder.strip("/") else ""
        for blob in _all(self._container.walk_blobs(name_starts_with=prefix, delimiter="/")):
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

    def read(self, path: str, offset: int = 0, limit: int | None = None) -> bytes:
        """A part of a blob."""
        from azure.core.exceptions import HttpResponseError

        if limit == 0:
            return b""
        try:
            return bytes(self._container.get_blob_client(path).download_blob(offset, limit).readall())
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


class ShareFiles(StoreFiles):
    """Files in a file share."""

    def __init__(self, share: ShareClient) -> None:
        self._share = share

    def entries(self, folder: str) -> list[FileEntry]:
        """The entries of a directory."""
        from azure.core.exceptions import ResourceNotFoundError

        inner = folder.strip("/")
        try:
            found = list(self._share.get_directory_client(inner).list_directories_and_files())
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
        return FileEntry(path, False, found.size, found.last_modified)

    def read(self, path: str, offset: int = 0, limit: int | None = None) -> bytes:
        """A part of a file."""
        size = self._size(path)
        if offset >= size or limit == 0:
            return b""
        length = size - offset if limit is None else min(limit, size - offset)
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

    def _size(self, path: str) -> int:
        if (found := self.entry(path)) is None:
            raise NotFoundError(f"There is no file {path}.")
        return found.size


class Storage:
    """Opens datastores, and keeps them open for a quarter of an hour; blocking."""

    def __init__(self, connection: Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[float, StoreFiles]] = {}

    def open(self, datastore: str, *, container: str = "") -> StoreFiles:
        """The files of a datastore.

        Its account key or signature opens it, else (also where this identity may not see these) the identity itself.
        Raises NotFoundError, UserError for a type that can't be browsed.

        Args:
            container: another one of the same account, such as that of a code snapshot.
        """
        key = f"{datastore}/{container}"
        with self._lock:
            since, files = self._open.get(key, (0.0, None))
        if files is None or self._clock() - since > KEPT_SECONDS:
            body = self._resources.get("datastores", datastore)
            if container:
                body = {**body, "properties": {**properties_of(body), "containerName": container}}
            files = self._opened(body)
            with self._lock:
                self._open[key] = (self._clock(), files)
        return files

    def default(self) -> str:
        """The name of the workspace's default datastore, where local files go. Raises NotFoundError."""
        for body in self._resources.list("datastores", isDefault="true"):
            return str(body.get("name"))
        raise NotFoundError("The workspace has no default datastore.", advice="Set one in Studio, under Data.")

    def _opened(self, body: Body) -> StoreFiles:
        properties = properties_of(body)
        kind, name = str(properties.get("datastoreType")), str(body.get("name"))
        account, container = properties.get("accountName"), properties.get(BROWSABLE.get(kind, ""))
        if not account or not container:
            raise UserError(
                f"The datastore {name} is of type {kind}, whose files can't be listed from here.",
                title="This datastore can't be browsed",
                advice="Open it in Studio, or with the tools of its own service.",
            )
        endpoint = properties.get("endpoint") or "core.windows.net"
        credential = self._credential(name, properties)
        if kind == "AzureFile":
            from azure.storage.fileshare import ShareClient

            # a share takes a token only from who says that it means the files, not their access lists
            intent = {} if isinstance(credential, str) else {"token_intent": "backup"}
            url = f"https://{account}.file.{endpoint}"
            return ShareFiles(ShareClient(url, str(container), credential=credential, **intent, **_patience()))
        from azure.storage.blob import ContainerClient

        url = f"https://{account}.blob.{endpoint}"
        return BlobFiles(ContainerClient(url, str(container), credential=credential, **_patience()))

    def _credential(self, name: str, properties: Any) -> Any:
        kind = (properties.get("credentials") or {}).get("credentialsType", "None")
        if kind not in ("AccountKey", "Sas"):
            return self._connection.http.credential
        try:
            secrets = self._resources.post(
                "datastores", name, "listSecrets", body={"expirableSecret": True, "expireAfterHours": 1}
            )
        except AccessError:
            return self._connection.http.credential
        signature = str(secrets.get("sasToken") or "").lstrip("?")
        return signature or secrets.get("key") or self._connection.http.credential


def open_container(url: str) -> BlobFiles:
    """The files of a container whose address carries its signature, as a pending upload of code has it."""
    from azure.storage.blob import ContainerClient

    parts = urlsplit(url)
    host = parts._replace(path="", query="").geturl()
    return BlobFiles(ContainerClient(host, parts.path.strip("/"), credential=parts.query or None, **_patience()))


def _patience() -> dict[str, Any]:
    """Three tries in a few seconds; by itself the library tries for a minute and a half when there is no network."""
    from azure.storage.blob import LinearRetry

    return {
        "retry_policy": LinearRetry(backoff=1, retry_total=2, random_jitter_range=1),
        "connection_timeout": 5,
        "read_timeout": 20,
        "max_single_get_size": BLOCK,
        "max_chunk_get_size": BLOCK,
    }


def _all(items: Any) -> Iterator[Any]:
    """The items of a listing; none where the container itself is not there yet."""
    from azure.core.exceptions import ResourceNotFoundError

    try:
        yield from items
    except ResourceNotFoundError:
        return


def _blob_entry(blob: Any) -> FileEntry:
    return FileEntry(blob.name, False, blob.size or 0, blob.last_modified)


def _is_folder(blob: Any) -> bool:
    return (blob.metadata or {}).get("hdi_isfolder") == "true"
