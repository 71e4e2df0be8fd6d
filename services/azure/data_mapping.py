"""Data assets: the bodies of Azure Resource Manager as entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.azure.asset_fields import created_at, created_by, properties_in, short_uri, tags_of, text
from services.azure.assets import is_archived, latest_of, name_of
from services.azure.resources import Body, properties_of
from services.entities import DataAsset
from services.errors import SpecError
from services.names import text_tags
from services.specs.assets import DataSpec
from services.targets import AzureTarget

_TYPES = {"urifile": "uri_file", "urifolder": "uri_folder", "mltable": "mltable"}
"""By the names that older API versions have, without underscores and in lower case."""


def data_assets(versions: Sequence[Body], target: AzureTarget) -> list[DataAsset]:
    """All versions of one asset, in the order that they come in."""
    latest = latest_of(versions) if versions else None
    return [_data_asset(body, target, count=len(versions), latest=body is latest) for body in versions]


def _data_asset(body: Body, target: AzureTarget, *, count: int, latest: bool) -> DataAsset:
    properties = properties_of(body)
    name, version = name_of(body), text(body.get("name"))
    kind = text(properties.get("dataType"))
    return DataAsset(
        name=name,
        version=version,
        type=_TYPES.get(kind.lower().replace("_", ""), kind),
        path=short_uri(text(properties.get("dataUri")), target),
        created_at=created_at(body),
        description=text(properties.get("description")),
        tags=tags_of(body),
        created_by=created_by(body),
        version_count=count,
        latest=latest,
        archived=is_archived(body),
        studio_url=target.studio_page(f"data/{name}/{version}/details"),
        properties=properties_in(body),
    )


def data_properties(spec: DataSpec, uri: str, referenced: Sequence[str] = ()) -> Mapping[str, Any]:
    """The body that makes a version.

    Args:
        referenced: what an MLTable names; the service keeps it for lineage.
    """
    body = {
        "dataType": spec.type,
        "dataUri": uri,
        "description": spec.description,
        "tags": text_tags(spec.tags),
        "properties": text_tags(spec.properties),
        "isAnonymous": False,
        "isArchived": False,
    }
    return {**body, "referencedUris": list(referenced)} if referenced else body


def referenced_uris(definition: str) -> list[str]:
    """The paths of an MLTable file as they stand there; none of one that is faulty."""
    from services.specs.reading import parse_document

    try:
        paths = parse_document(definition).get("paths")
    except SpecError:
        return []
    entries = paths if isinstance(paths, list) else []
    return [str(value) for entry in entries if isinstance(entry, dict) for value in list(entry.values())[:1]]
