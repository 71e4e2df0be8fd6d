"""Addresses of files in Azure storage, as drivers and browsers have them.

Forms: Azure Storage, "Resource URI syntax" and "Use the Azure Blob File System driver".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_DRIVERS = {"abfs": "dfs", "abfss": "dfs", "wasb": "blob", "wasbs": "blob"}
_HOST = re.compile(r"^(?P<account>[a-z0-9-]+)\.(?P<service>blob|dfs|file)\.(?P<endpoint>core\.[a-z0-9.-]+)$")


@dataclass(frozen=True)
class StorageAddress:
    """A place in a storage account.

    Attributes:
        service: blob, dfs or file.
        container: the container, file system or share.
        path: without a slash at its ends.
        endpoint: where the cloud's accounts are: `core.windows.net`.
        signature: the SAS that the address carries; empty without one.
    """

    account: str
    service: str
    container: str
    path: str
    endpoint: str
    signature: str = field(default="", repr=False)


def storage_address(uri: str) -> StorageAddress | None:
    """Take an `abfss://`, `wasbs://` or `https://` address apart; None for what names no storage account."""
    try:
        parts = urlsplit(uri)
        host = _HOST.match((parts.hostname or "").lower())
    except ValueError:
        return None
    if host is None:
        return None
    scheme = parts.scheme.lower()
    if scheme in _DRIVERS:
        # drivers take a path as it is; `?` and `#` are letters of it
        path = uri.partition("://")[2].partition("/")[2]
        container, signature = parts.username or "", ""
    elif scheme == "https":
        container, _, path = unquote(parts.path).strip("/").partition("/")
        signature = parts.query if "sig=" in parts.query else ""
    else:
        return None
    if not container:
        return None
    return StorageAddress(
        host["account"], host["service"], container, path.strip("/"), host["endpoint"].rstrip("."), signature
    )
