"""Workspaces of Azure Resource Manager as entities: pure functions of the JSON that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.azure.job_fields import time_of
from services.directory import ResourceGroup, Subscription, WorkspaceSummary
from services.entities import Resource, WorkspaceInfo
from services.errors import Fault
from services.targets import AzureTarget

RESOURCES = {
    "storageAccount": "Storage account",
    "keyVault": "Key vault",
    "applicationInsights": "Application Insights",
    "containerRegistry": "Container registry",
}
"""The four that a workspace has, by the property that holds their ids."""
NOT_CREATED = "not created yet"
"""A container registry is made with the first image that is built."""

_LEVELS = {"error": "error", "warning": "warning"}


def subscription(body: Mapping[str, Any]) -> Subscription:
    """A subscription."""
    found = text(body, "subscriptionId")
    return Subscription(
        found, text(body, "displayName") or found, text(body, "tenantId"), text(body, "state") or "Enabled"
    )


def resource_group(body: Mapping[str, Any]) -> ResourceGroup:
    """A resource group."""
    return ResourceGroup(text(body, "name"), text(body, "location"))


def workspace_summary(body: Mapping[str, Any]) -> WorkspaceSummary | None:
    """A workspace of a list; None for what has no id of one."""
    parts = text(body, "id").strip("/").split("/")
    if len(parts) != 8:
        return None
    properties, made = part(body, "properties"), part(body, "systemData")
    return WorkspaceSummary(
        target=AzureTarget(parts[1], parts[3], text(body, "name") or parts[7], text(properties, "tenantId")),
        location=text(body, "location"),
        description=text(properties, "description"),
        kind=text(body, "kind") or "Default",
        state=text(properties, "provisioningState"),
        created_at=time_of(text(made, "createdAt") or text(properties, "creationTime")),
        created_by=text(made, "createdBy"),
        tags=tags(body),
    )


def workspace_info(
    body: Mapping[str, Any],
    target: AzureTarget,
    *,
    identity: str,
    states: Mapping[str, str],
    counts: Mapping[str, int],
    default_datastore: str,
) -> WorkspaceInfo:
    """A workspace in full.

    Args:
        states: of the four resources, by property; one that is missing is not known.
    """
    properties, made = part(body, "properties"), part(body, "systemData")
    return WorkspaceInfo(
        name=text(body, "name") or target.workspace_name,
        kind="azure",
        location=text(body, "location"),
        resource_group=target.resource_group,
        subscription_id=target.subscription_id,
        identity=identity,
        description=text(properties, "description"),
        created_at=time_of(text(made, "createdAt") or text(properties, "creationTime")),
        tags=tags(body),
        resources=tuple(
            Resource(kind, resource_id.rsplit("/", 1)[-1], states.get(key, ""))
            if (resource_id := text(properties, key))
            else Resource(kind, "none", NOT_CREATED)
            for key, kind in RESOURCES.items()
        ),
        counts=counts,
        default_datastore=default_datastore,
        mlflow_tracking_uri=text(properties, "mlFlowTrackingUri"),
        studio_url=target.studio_url,
    )


def faults(body: object) -> Sequence[Fault]:
    """What a diagnosis found, worst first; what it merely remarks is left out."""
    results = body.get("value") if isinstance(body, Mapping) else None
    found = [
        Fault(
            key.removesuffix("Results"),
            (text(item, "message") or text(item, "code")).rstrip("."),
            _LEVELS[text(item, "level").lower()],
        )
        for key, items in (results.items() if isinstance(results, Mapping) else ())
        if isinstance(items, list)
        for item in items
        if isinstance(item, Mapping) and text(item, "level").lower() in _LEVELS
    ]
    return sorted(found, key=lambda fault: fault.severity != "error")


def part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object in an object; an empty one where there is none."""
    found = body.get(key)
    return found if isinstance(found, Mapping) else {}


def text(body: Mapping[str, Any], key: str) -> str:
    """A text in an object; an empty one where there is none."""
    found = body.get(key)
    return found if isinstance(found, str) else ""


def tags(body: Mapping[str, Any]) -> Mapping[str, str]:
    """The tags of a resource."""
    return {str(key): str(value) for key, value in part(body, "tags").items()}
