"""Opens containers and shares by an address and what signs the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.azure_logs import quiet_libraries
from services.storage.blobs import BlobFiles
from services.storage.files import BLOCK
from services.storage.shares import ShareFiles

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

ENDPOINT = "core.windows.net"
"""Of storage accounts in the public cloud."""


def open_blobs(
    account: str, container: str, credential: str | TokenCredential | None, *, endpoint: str = ENDPOINT
) -> BlobFiles:
    """The files of a container, or of a Gen2 file system; nothing is asked yet.

    Args:
        credential: an account key, a SAS, an identity; None for a container that anybody may read.
        endpoint: where the cloud's accounts are: `core.windows.net`.
    """
    from azure.storage.blob import ContainerClient

    quiet_libraries()
    url = f"https://{account}.blob.{endpoint}"
    return BlobFiles(ContainerClient(url, container, credential=credential, **_patience()))


def open_share(account: str, share: str, credential: str | TokenCredential, *, endpoint: str = ENDPOINT) -> ShareFiles:
    """The files of a file share; nothing is asked yet. Arguments as for `open_blobs`."""
    from azure.storage.fileshare import ShareClient

    quiet_libraries()
    # a share takes a token only from who says that it means the files, not their access lists
    intent: dict[str, Any] = {} if isinstance(credential, str) else {"token_intent": "backup"}
    url = f"https://{account}.file.{endpoint}"
    return ShareFiles(ShareClient(url, share, credential=credential, **intent, **_patience()))


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
