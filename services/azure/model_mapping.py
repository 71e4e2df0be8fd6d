"""Models: the bodies of Azure Resource Manager as entities.

Azure ML has no aliases: Lapis keeps those of a version in a tag of it, which Studio and az ml show as any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.azure.asset_fields import created_at, created_by, short_uri, tags_of, text
from services.azure.assets import is_archived, latest_of, name_of
from services.azure.resources import Body, properties_of
from services.entities import ModelVersion, RegisteredModel
from services.names import OWN, shown_tags, text_tags
from services.specs.assets import ModelSpec
from services.targets import AzureTarget

ALIASES = f"{OWN}aliases"


def model_version(body: Body, target: AzureTarget) -> ModelVersion:
    """One version, as far as the service tells; what its files tell comes on top."""
    properties = properties_of(body)
    name, version = name_of(body), text(body.get("name"))
    flavors = properties.get("flavors")
    return ModelVersion(
        name=name,
        version=version,
        type=text(properties.get("modelType")) or "custom_model",
        uri=short_uri(text(properties.get("modelUri")), target),
        created_at=created_at(body),
        description=text(properties.get("description")),
        tags=shown_tags(tags_of(body)),
        aliases=aliases_of(body),
        flavors=tuple(map(str, flavors)) if isinstance(flavors, dict) else (),
        job_name=text(properties.get("jobName")),
        created_by=created_by(body),
        archived=is_archived(body),
        studio_url=target.studio_page(f"model/{name}:{version}/details"),
    )


def registered_model(container: Body, versions: Sequence[Body], target: AzureTarget) -> RegisteredModel:
    """A row of the registry, from a name and its versions, the newest first."""
    latest = model_version(latest_of(versions), target)
    return RegisteredModel(
        name=latest.name,
        latest_version=latest.version,
        type=latest.type,
        created_at=created_at(container),
        updated_at=max(created_at(body, "lastModifiedAt") for body in (container, *versions)),
        description=text(properties_of(container).get("description")) or latest.description,
        tags={**shown_tags(tags_of(container)), **latest.tags},
        aliases={alias: text(body.get("name")) for body in reversed(versions) for alias in aliases_of(body)},
        version_count=len(versions),
        archived=is_archived(container) or all(map(is_archived, versions)),
        studio_url=target.studio_page(f"model/{latest.name}:{latest.version}/details"),
    )


def aliases_of(body: Body) -> tuple[str, ...]:
    """The aliases that point at a version, by name."""
    return tuple(sorted(filter(None, tags_of(body).get(ALIASES, "").split(","))))


def model_properties(spec: ModelSpec, uri: str, job_name: str) -> Mapping[str, Any]:
    """The body that makes a version."""
    return {
        "modelType": spec.type,
        "modelUri": uri,
        "jobName": job_name or None,
        "flavors": {name: {"data": dict(data or {})} for name, data in (spec.flavors or {}).items()},
        "stage": spec.stage,
        "description": spec.description,
        "tags": text_tags(spec.tags),
        "properties": text_tags(spec.properties),
        "isAnonymous": False,
        "isArchived": False,
    }
