"""The code of jobs as assets: hashed and uploaded as az ml does, so that both use the same snapshot once it is there.

Source: azure.ai.ml._utils._asset_utils.get_content_hash and azure.ai.ml.operations._code_operations (1.35.2).
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.azure.connection import Connection
from services.azure.resources import Body, Resources
from services.azure.transfer import LocalFiles, upload
from services.errors import AccessError, MachineError
from services.specs.code import CodeListing
from services.storage.files import BLOCK
from services.storage.opening import open_container

HASH_VERSION = "202208"
PENDING_SECONDS = 1800.0
"""How long an upload that was cut off can be gone on with; its container is signed for an hour."""


@dataclass(frozen=True)
class _Pending:
    """A container that waits for a snapshot."""

    name: str
    address: str
    uri: str
    since: float


class CodeSnapshots:
    """Uploads code; blocking."""

    def __init__(self, connection: Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._clock = clock
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    def put(self, folder: Path, listing: CodeListing, number: int) -> str:
        """The ARM id of the snapshot of a folder, or of a file: an old one, or a new one that is uploaded now.

        Args:
            listing: the files that go along.
            number: the operation that is told of the bytes.

        Raises ServiceError: what arrived stays, and a later try goes on from there.
        """
        digest = content_hash(folder, listing)
        # a snapshot is found by its hash, whatever name the path has
        for body in self._resources.list("codes", str(uuid.uuid4()), "versions", hash=digest, hashVersion=HASH_VERSION):
            if found := str(body.get("id") or ""):
                return found
        files = LocalFiles(folder, listing, digest)
        prefix = folder.name or "code"
        pending = self._container(digest)
        try:
            upload(open_container(pending.address), files, prefix, self._connection.operations, number)
        except AccessError:  # the signature of a container that waited for long
            with self._lock:
                self._pending.pop(digest, None)
            raise
        body = self._resources.put(
            "codes",
            pending.name,
            "versions",
            "1",
            properties={
                "codeUri": f"{pending.uri}/{prefix}",
                "isAnonymous": True,
                "properties": {"hash_sha256": digest, "hash_version": HASH_VERSION},
            },
        )
        with self._lock:
            self._pending.pop(digest, None)
        return str(body.get("id"))

    def _container(self, digest: str) -> _Pending:
        """A container for a snapshot; one that an upload which was cut off has begun to fill, if there is one."""
        with self._lock:
            known = self._pending.get(digest)
            if known and self._clock() - known.since < PENDING_SECONDS:
                return known
            name = str(uuid.uuid4())
            asked = {"pendingUploadType": "TemporaryBlobReference"}
            answer = self._resources.post("codes", name, "versions", "1", "startPendingUpload", body=asked)
            reference = _mapping(answer.get("blobReferenceForConsumption"))
            address = str(_mapping(reference.get("credential")).get("sasUri") or "")
            made = _Pending(name, address, str(reference.get("blobUri") or ""), self._clock())
            self._pending[digest] = made
            return made


def content_hash(folder: Path, listing: CodeListing) -> str:
    """The hash that Azure ML knows a snapshot by: of the names, sizes and contents of its files."""
    base = folder.parent if folder.is_file() else folder
    paths = sorted((path for path, _ in listing.files), key=str.lower)
    digest = hashlib.sha256(str(len(paths)).encode())
    try:
        for path in paths:
            digest.update(f"#{path}#{(base / path).stat().st_size}".encode())
        for path in paths:
            with (base / path).open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
    except OSError as error:
        raise MachineError(f"{error.filename or folder} can't be read: {error.strerror}.") from error
    return digest.hexdigest()


def _mapping(value: Any) -> Body:
    return value if isinstance(value, dict) else {}
