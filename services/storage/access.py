"""Who reads a place in storage that no datastore names: each who might is tried, and a refusal names them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.azure_errors import REFUSED, azure_errors
from services.entities import Datastore
from services.errors import AccessError
from services.specs.datastores import BLOB, FILE, GEN2
from services.storage.addresses import StorageAddress
from services.storage.bytes import Errors
from services.storage.files import StoreFiles
from services.storage.opening import open_blobs, open_share

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


@dataclass(frozen=True)
class Reader:
    """One who might read a place.

    Attributes:
        name: in words, for a refusal.
        open: the files, as this one sees them; nothing is asked yet.
        is_anybody: whether it is nobody in particular, from whom storage hides what is not public.
    """

    name: str
    open: Callable[[], StoreFiles]
    errors: Errors = azure_errors
    is_anybody: bool = False


def readers_of(address: StorageAddress, own: Reader | None, identity: Reader | None) -> list[Reader]:
    """Those who might read an address: its signature alone if it has one; else a datastore, an identity, anybody.

    Args:
        own: a datastore of the same account and container.
        identity: who is signed in.
    """
    if address.signature:
        return [Reader("the signature in the address", lambda: open_address(address, address.signature))]
    readers = [reader for reader in (own, identity) if reader]
    if address.service != "file":
        readers.append(Reader("anybody", lambda: open_address(address, None), is_anybody=True))
    return readers


def open_address(address: StorageAddress, credential: str | TokenCredential | None) -> StoreFiles:
    """The container or the share of an address; nothing is asked yet."""
    if address.service == "file" and credential is not None:
        return open_share(address.account, address.container, credential, endpoint=address.endpoint)
    return open_blobs(address.account, address.container, credential, endpoint=address.endpoint)


def is_of(store: Datastore, address: StorageAddress) -> bool:
    """Whether a datastore opens the container or the share of an address."""
    is_kind = store.type == FILE if address.service == "file" else store.type in (BLOB, GEN2)
    return is_kind and (store.account_name, store.container_name) == (address.account, address.container)


def first_who_may(address: StorageAddress, readers: Sequence[Reader]) -> tuple[StoreFiles, Errors]:
    """The files as the first reader sees them who is not refused; blocking.

    Raises AccessError that names those who were refused, TransientError.
    """
    refusals: list[AccessError] = []
    for reader in readers:
        try:
            with reader.errors():
                files = reader.open()
                found = files.entry(address.path)
        except AccessError as error:
            refusals.append(error)
            continue
        if found is None and reader.is_anybody:
            break
        return files, reader.errors
    names = ", ".join(reader.name for reader in readers)
    place = f"{address.account}/{address.container}/{address.path}"
    raise AccessError(
        f"{place} is not there, or may not be read.\n{REFUSED} {names or 'nobody is signed in'}",
        title="Nobody here may read that",
        advice="Make a datastore of this container that signs in, or give an address with a signature.",
        request_id=next((error.request_id for error in refusals), ""),
    ) from (refusals[0] if refusals else None)
