"""Fields that the bodies of all assets have; what is missing or odd is empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.asset_uris import datastore_path
from services.azure.job_fields import time_of
from services.azure.resources import properties_of
from services.targets import AzureTarget
from services.uris import datastore_uri, parts_of

NEVER = datetime.fromtimestamp(0, UTC)
"""The time of what tells none."""


def text(value: object) -> str:
    """A text; nothing for null."""
    return "" if value is None else str(value)


def tags_of(body: Mapping[str, Any]) -> dict[str, str]:
    """The tags, as texts."""
    found = properties_of(body).get("tags")
    return {str(key): text(value) for key, value in found.items()} if isinstance(found, dict) else {}


def properties_in(body: Mapping[str, Any]) -> dict[str, str]:
    """The properties that an asset was registered with, as texts."""
    found = properties_of(body).get("properties")
    return {str(key): text(value) for key, value in found.items()} if isinstance(found, dict) else {}


def created_at(body: Mapping[str, Any], key: str = "createdAt") -> datetime:
    """When it was made, or last changed."""
    return time_of(_system(body).get(key)) or NEVER


def created_by(body: Mapping[str, Any]) -> str:
    """Who made it."""
    return text(_system(body).get("createdBy"))


def short_uri(uri: str, target: AzureTarget) -> str:
    """The short form of a URI of a datastore of this workspace; others stay as they are."""
    place = datastore_path(uri)
    return datastore_uri(place.datastore, place.path) if place and not is_foreign(uri, target) else uri


def is_foreign(uri: str, target: AzureTarget) -> bool:
    """Whether it is the long form for a datastore of another workspace."""
    parts = parts_of(uri)
    if parts is None or not parts.workspace:
        return False
    named = (parts.subscription_id, parts.resource_group, parts.workspace)
    ours = (target.subscription_id, target.resource_group, target.workspace_name)
    return [part.lower() for part in named] != [part.lower() for part in ours]


def _system(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = body.get("systemData")
    return found if isinstance(found, dict) else {}
