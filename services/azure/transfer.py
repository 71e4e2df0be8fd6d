"""Files to storage and back, several at once, with the bytes that have gone over told to the operation.

An upload goes to a folder that is named by the digest of its content, so that what arrived before the connection broke
is not sent again, and the same content is kept once. `.amlignore` and `.gitignore` count as `services.specs.code` says.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from services.azure.storage import Storage
from services.azure_errors import azure_errors
from services.downloads import check_target
from services.entities import DownloadReport, FileEntry
from services.errors import MachineError, SpecError, UserError
from services.operations import OperationLog
from services.specs.code import CodeListing, list_code
from services.storage.files import BLOCK, StoreFiles
from services.uris import datastore_uri

T = TypeVar("T")

FOLDER = "LocalUpload"
"""Where az ml puts local files of assets and jobs in the default datastore."""
AT_ONCE = 4
"""Files of one transfer that are under way at the same time."""


class Progress:
    """Tells an operation how many bytes and files have gone over; any thread may call it."""

    def __init__(self, operations: OperationLog, number: int, *, files: int, size: int) -> None:
        self._operations = operations
        self._number = number
        self._files = files
        self._size = size
        self._done_files = 0
        self._done = 0
        self._lock = threading.Lock()
        self._tell()

    def add(self, size: int) -> None:
        """So many bytes more."""
        with self._lock:
            self._done += size
            self._tell()

    def file_done(self) -> None:
        """One file more."""
        with self._lock:
            self._done_files += 1
            self._tell()

    def _tell(self) -> None:
        self._operations.progress(
            self._number, done=self._done, total=self._size, detail=f"{self._done_files} of {self._files} files"
        )


@dataclass(frozen=True)
class LocalFiles:
    """Local files that are to be uploaded.

    Attributes:
        source: the file or the folder.
        listing: what of it goes along.
        digest: 32 hex digits that stand for the names and the contents.
    """

    source: Path
    listing: CodeListing
    digest: str

    @property
    def folder(self) -> Path:
        """What the paths of the listing start from."""
        return self.source.parent if self.source.is_file() else self.source

    @property
    def upload_path(self) -> str:
        """Its place in a datastore: LocalUpload/DIGEST/NAME, with a slash at the end for a folder."""
        end = "" if self.source.is_file() else "/"
        return f"{FOLDER}/{self.digest}/{self.source.absolute().name or 'data'}{end}"


def local_files(source: Path) -> LocalFiles:
    """What an upload of a file or a folder would take; reads all of it.

    Raises SpecError at `path`: it isn't there, can't be read, holds too many files, or has a broken ignore file.
    """
    try:
        listing = list_code(source)
        digest = _digest(source.parent if source.is_file() else source, listing)
    except SpecError as error:
        raise SpecError([replace(fault, path="path") for fault in error.faults], advice=error.advice) from error
    except OSError as error:
        raise MachineError(f"{error.filename or source} can't be read: {error.strerror}.") from error
    return LocalFiles(source, listing, digest)


def _digest(folder: Path, listing: CodeListing) -> str:
    digest = hashlib.sha256()
    for path, _ in listing.files:
        name = os.fsencode(path)
        digest.update(f"{len(name)}:".encode() + name)
        with (folder / path).open("rb") as file:
            digest.update(f"{os.fstat(file.fileno()).st_size}:".encode())
            while block := file.read(BLOCK):
                digest.update(block)
    return digest.hexdigest()[:32]


def upload_asset(storage: Storage, local: LocalFiles, operations: OperationLog, number: int) -> str:
    """Upload to where az ml puts the files of assets; returns the short URI of the place. Raises ServiceError."""
    path = local.upload_path
    datastore = storage.default()
    upload(storage.open(datastore), local, path.rpartition("/")[0], operations, number)
    return datastore_uri(datastore, path)


def upload(files: StoreFiles, local: LocalFiles, prefix: str, operations: OperationLog, number: int) -> None:
    """Send the files below a path of a container; those that are there with their size are not sent again.

    Args:
        prefix: should hold the digest, or be a place where nothing is yet; empty for the container itself.
        number: the operation that is told of the bytes.

    Raises ServiceError: what arrived stays, and the same upload goes on from there.
    """
    progress = Progress(operations, number, files=len(local.listing.files), size=local.listing.size)
    with azure_errors():
        there = {entry.path: entry.size for entry in files.below(prefix)}

    def send(path: str, size: int) -> None:
        to = f"{prefix}/{path}" if prefix else path
        if there.get(to) == size:
            progress.add(size)
        else:
            _check_name(path)
            with (local.folder / path).open("rb") as source:
                files.send(to, source, size, progress.add)
        progress.file_done()

    _at_once([partial(send, path, size) for path, size in local.listing.files])


def download(
    files: StoreFiles,
    wanted: Sequence[tuple[FileEntry, str]],
    target: Path,
    operations: OperationLog,
    number: int,
    *,
    folder: str = "",
) -> DownloadReport:
    """Fetch files to relative paths below `target/folder`.

    Args:
        wanted: each file of the store, with the path that it gets.

    Raises ConflictError, before anything: a path leads out of `target`, or a file is there already. When a file can't
    be fetched, those that came go again.
    """
    root = check_target((path for _, path in wanted), target, folder)
    progress = Progress(operations, number, files=len(wanted), size=sum(entry.size for entry, _ in wanted))
    made: list[Path] = []

    def fetch(entry: FileEntry, to: Path) -> int:
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("xb") as file:
            made.append(to)
            size = files.fetch(entry.path, file, progress.add)
        progress.file_done()
        return size

    try:
        root.mkdir(parents=True, exist_ok=True)
        sizes = _at_once([partial(fetch, entry, root / path) for entry, path in wanted])
    except BaseException as error:
        for path in made:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise MachineError(
                f"{root} can't be written: {error.strerror or error}.", advice="Choose another folder."
            ) from error
        raise
    return DownloadReport(str(root), len(sizes), sum(sizes))


def _check_name(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise UserError(
            f"{path!a} is not Unicode text and can't be the name of a blob.", advice="Rename the file."
        ) from error


def _at_once(calls: Iterable[Callable[[], T]]) -> list[T]:
    """The results of calls that run a few at a time; after the first error no more begin, and it is raised."""

    def translated(call: Callable[[], T]) -> T:
        with azure_errors():
            return call()

    with ThreadPoolExecutor(AT_ONCE, "azure-transfer") as pool:
        futures = [pool.submit(translated, call) for call in calls]
        wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            future.cancel()
    failed = [error for future in futures if not future.cancelled() and (error := future.exception())]
    if failed:
        raise failed[0]
    return [future.result() for future in futures]
