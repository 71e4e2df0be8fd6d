"""The roles with which an identity reads storage ("Azure built-in roles for Storage")."""

from __future__ import annotations

from services.entities import Datastore
from services.specs.datastores import FILE, ONE_LAKE


def role_for(store: Datastore) -> str:
    """The least role with which an identity reads a datastore, and where it is given."""
    if store.type == ONE_LAKE:
        return f"Viewer in the Fabric workspace {store.account_name}"
    kind = "Storage File Data Privileged Reader" if store.type == FILE else "Storage Blob Data Reader"
    return f"{kind} on the account {store.account_name}"
