"""Datastores in words."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from screens.lists import shown
from screens.widgets.status import age_text
from services.entities import Datastore
from services.specs.datastores import GEN1, LOCAL, SAS, expiry_fault
from services.storage.roles import role_for
from services.uris import datastore_uri

WAYS = {
    "account_key": "account key",
    "sas": "SAS",
    "service_principal": "service principal",
    "certificate": "certificate",
    "none": "identity",
}


def type_text(store: Datastore) -> str:
    """The type; of what can't be used any more, that it is retired."""
    return f"✗ retired: {store.type}" if store.type == GEN1 else store.type


def sign_in_text(store: Datastore, now: datetime) -> Text:
    """How it signs in, and what is wrong with it: `✗ SAS expired 2d ago`."""
    way = WAYS.get(store.credentials, shown(store.credentials))
    if store.folder and store.identity:
        return Text(f"user {shown(store.identity)}")
    if store.credentials != SAS or store.expires_at is None:
        return Text(way)
    fault = expiry_fault(store.expires_at, now)
    if fault is None:
        return Text(f"{way} until {store.expires_at:%Y-%m-%d}")
    if fault.severity == "error":
        return Text(f"✗ {way} expired {age_text(store.expires_at, now)} ago", "red")
    return Text(f"! {way} ends in {age_text(now, store.expires_at)}", "yellow")


def place_text(store: Datastore) -> str:
    """Account and container; a folder of one's own, or that it is one of the workspace's."""
    named = " / ".join(part for part in (store.account_name, store.container_name) if part)
    return shown(named or (store.folder if store.type == LOCAL else "a folder here" if store.folder else ""))


def facts_of(store: Datastore, now: datetime) -> list[tuple[str, str]]:
    """All of it, without secrets."""
    reads = "" if store.folder or not store.identity else f"{store.identity}, with the role {role_for(store)}"
    fields = store.credential_fields
    return [
        ("Name", store.name),
        ("Default", "yes ★: local files and outputs go there" if store.is_default else ""),
        ("Type", type_text(store)),
        ("Used for", store.description),
        ("Account", store.account_name),
        ("Container", store.container_name),
        ("Folder", store.folder),
        ("Signs in by", sign_in_text(store, now).plain),
        ("Ends", f"{store.expires_at:%Y-%m-%d %H:%M} UTC" if store.expires_at else ""),
        ("Application", fields.get("client_id", "")),
        ("Tenant", fields.get("tenant_id", "")),
        ("Who reads", reads),
        ("Endpoint", store.endpoint),
        ("Tags", "  ".join(f"{key}={value}" for key, value in store.tags.items())),
        ("URI", datastore_uri(store.name)),
        ("Created", f"{store.created_at.astimezone():%Y-%m-%d %H:%M}" if store.created_at else ""),
    ]


def ends_text(expires_at: datetime | None, now: datetime) -> str:
    """When a signature that is typed ends; empty where it does not say."""
    if expires_at is None:
        return ""
    when = f"{expires_at:%Y-%m-%d %H:%M} UTC"
    return f"ends at {when}, in {age_text(now, expires_at)}" if expires_at > now else f"ended at {when}"
