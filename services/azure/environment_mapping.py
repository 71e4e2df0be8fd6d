"""Environments: the bodies of Azure Resource Manager as entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.azure.asset_fields import created_at, tags_of, text
from services.azure.assets import name_of
from services.azure.resources import Body, properties_of
from services.entities import Environment
from services.errors import SpecError
from services.names import text_tags
from services.specs.assets import EnvironmentSpec
from services.specs.conda import conda_requirements
from services.specs.reading import parse_document
from services.targets import AzureTarget

CURATED_PREFIX = "azureml-"


def environments(versions: Sequence[Body], target: AzureTarget) -> list[Environment]:
    """All versions of one environment, in the order that they come in."""
    return [_environment(body, target, len(versions)) for body in versions]


def _environment(body: Body, target: AzureTarget, count: int) -> Environment:
    properties = properties_of(body)
    name, version = name_of(body), text(body.get("name"))
    conda_file = text(properties.get("condaFile"))
    return Environment(
        name=name,
        version=version,
        created_at=created_at(body),
        image=text(properties.get("image")),
        conda_file=conda_file,
        description=text(properties.get("description")),
        tags=tags_of(body),
        curated=text(properties.get("environmentType")) == "Curated" or is_curated_name(name),
        packages=tuple(_packages(conda_file)),
        state=text(properties.get("provisioningState")),
        version_count=count,
        studio_url=target.studio_page(f"environments/{name}/version/{version}"),
    )


def is_curated_name(name: str) -> bool:
    """Whether it is a name that Azure ML keeps for its own environments."""
    return name.lower().startswith(CURATED_PREFIX)


def _packages(conda_file: str) -> Iterator[str]:
    if not conda_file:
        return
    try:
        yield from (requirement for _, requirement in conda_requirements(parse_document(conda_file)))
    except SpecError:  # the service keeps any text
        return


def environment_properties(spec: EnvironmentSpec, conda_file: str) -> Mapping[str, Any]:
    """The body that makes a version."""
    return {
        "image": spec.image,
        "condaFile": conda_file or None,
        "osType": spec.os_type.capitalize() if spec.os_type else None,
        "inferenceConfig": _routes(spec.inference_config),
        "description": spec.description,
        "tags": text_tags(spec.tags),
        "isAnonymous": False,
        "isArchived": False,
    }


def _routes(section: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """`liveness_route` and its like, as the service names them."""
    return section and {name.replace("_route", "Route"): route for name, route in section.items()}
