"""Computes, nodes, sizes and quota: the bodies of Azure Resource Manager as entities.

The SDK's own entities leave out node counts, errors and who made a compute, hence the bodies. What is missing or odd in
one of them is empty; it ends no list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.azure.job_fields import seconds_of, time_of
from services.azure.resources import Body, properties_of
from services.azure.workspace_mapping import part, tags, text
from services.compute_prices import price_per_hour
from services.entities import Compute, ComputeNode, ComputeSchedule, ComputeSize, ComputeType, NodeCounts, SshEndpoint
from services.targets import AzureTarget

_KINDS = {kind.value: kind for kind in ComputeType}
_TIERS = {"dedicated": "dedicated", "lowpriority": "low_priority"}
_WEEK_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_LETTERS = re.compile(r"[^a-z0-9]")
GIB = 1 << 30
MIB = 1 << 20


def compute(body: Body, target: AzureTarget, sizes: Mapping[str, ComputeSize]) -> Compute:
    """A compute.

    Args:
        sizes: the sizes of the region by their names in small letters, as far as they are known.
    """
    properties = properties_of(body)
    details = part(properties, "properties")
    name = text(body, "name")
    kind = text(properties, "computeType").lower()
    scale = part(details, "scaleSettings") or part(details, "autoScaleProperties")
    size = text(details, "vmSize") or text(details, "nodeSize")
    known = sizes.get(size.lower())
    tier = _TIERS.get(text(details, "vmPriority").lower(), "")
    most = number(scale.get("maxNodeCount"))
    by = part(details, "createdBy")
    idle = scale.get("nodeIdleTimeBeforeScaleDown") or details.get("idleTimeBeforeShutdown")
    return Compute(
        name=name,
        type=_KINDS.get(kind, text(properties, "computeType") or ComputeType.OTHER),
        state=_state(properties, details),
        size=known.name if known else size,
        vcpus=known.vcpus if known else 0,
        memory=known.memory if known else 0,
        gpus=known.gpus if known else 0,
        slots=max(most, 1),
        running_jobs=number(part(details, "nodeStateCounts").get("runningNodeCount")),
        location=text(properties, "computeLocation") or text(body, "location"),
        description=text(properties, "description"),
        nodes=_counts(details),
        min_instances=number(scale.get("minNodeCount")),
        max_instances=most,
        idle_time=seconds_of(idle),
        tier=tier,
        price_per_hour=price_per_hour(size, tier),
        created_by=text(part(body, "systemData"), "createdBy") or text(by, "userName") or text(by, "userId"),
        assigned_to=text(part(part(details, "personalComputeInstanceSettings"), "assignedUser"), "objectId"),
        created_at=time_of(properties.get("createdOn")) or time_of(part(body, "systemData").get("createdAt")),
        changed_at=time_of(properties.get("modifiedOn")) or time_of(part(body, "systemData").get("lastModifiedAt")),
        tags=tags(body),
        schedules=tuple(_schedules(part(details, "schedules").get("computeStartStop"))),
        ssh=_ssh(details),
        ssh_public_access=_public_access(details),
        identity=_identity(part(body, "identity")),
        subnet=text(part(details, "subnet"), "id"),
        setup_script=_setup_script(part(part(details, "setupScripts"), "scripts")),
        resource_id=text(properties, "resourceId"),
        namespace=text(details, "namespace"),
        applications=tuple(
            (text(app, "displayName"), text(app, "endpointUri")) for app in _objects(details.get("applications"))
        ),
        error=_error([*_objects(properties.get("provisioningErrors")), *_objects(details.get("errors"))]),
        last_operation=_last_operation(part(details, "lastOperation")),
        studio_url=target.studio_page(f"compute/{name}/details"),
    )


def is_attached(body: Body) -> bool:
    """Whether the machine was there before and lives on without the workspace."""
    return properties_of(body).get("isAttachedCompute") is True


def node(body: Mapping[str, Any], user: str) -> ComputeNode:
    """A node of a cluster; `user` is who logs in there."""
    address, port = text(body, "publicIpAddress"), number(body.get("port"))
    return ComputeNode(
        node_id=text(body, "nodeId"),
        state=text(body, "nodeState").lower(),
        job_name=text(body, "runId"),
        ssh=SshEndpoint(address, port, user) if address and port else None,
        private_ip=text(body, "privateIpAddress"),
    )


def node_user(body: Body) -> str:
    """Who logs in to the nodes of a cluster."""
    return text(part(part(properties_of(body), "properties"), "userAccountCredentials"), "adminUserName")


def sizes(bodies: Iterable[Body], usages: Iterable[Body]) -> list[ComputeSize]:
    """The sizes of a region, by name, with the quota of their families."""
    quotas = [(_plain(text(part(usage, "name"), "value")), usage) for usage in usages]
    found = [_size(body, quotas) for body in bodies if text(body, "name")]
    return sorted(found, key=lambda size: size.name.lower())


def _size(body: Body, quotas: Sequence[tuple[str, Body]]) -> ComputeSize:
    family = text(body, "family")
    # usages are named after the family itself, or `Standard DSv2 Family Cluster Dedicated vCPUs`
    usage = next((usage for name, usage in quotas if family and name.startswith(_plain(family))), None)
    name = text(body, "name")
    supported = body.get("supportedComputeTypes")
    return ComputeSize(
        name=name,
        family=family,
        vcpus=number(body.get("vCPUs")),
        memory=int(float(body.get("memoryGB") or 0) * GIB),
        gpus=number(body.get("gpus")),
        disk=number(body.get("maxResourceVolumeMB")) * MIB,
        low_priority=body.get("lowPriorityCapable") is True,
        premium_disks=body.get("premiumIO") is True,
        price_per_hour=price_per_hour(name),
        quota_used=number(usage.get("currentValue")) if usage else None,
        quota_limit=number(usage.get("limit")) if usage else None,
        supported=tuple(str(kind).lower() for kind in supported) if isinstance(supported, list) else (),
    )


def number(value: object) -> int:
    """A whole number; 0 for what is none."""
    return int(value) if isinstance(value, int | float) else 0


def _plain(name: str) -> str:
    return _LETTERS.sub("", name.lower())


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _state(properties: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    """Of an instance its own state, of others how far they are made, and whether a cluster is being resized."""
    made = text(properties, "provisioningState") or "Unknown"
    if made == "Deleting":
        return made
    if made == "Succeeded" and text(details, "allocationState") == "Resizing":
        return "Resizing"
    return text(details, "state") or made


def _counts(details: Mapping[str, Any]) -> NodeCounts | None:
    if "nodeStateCounts" not in details:
        return None
    counts = part(details, "nodeStateCounts")
    states = ("idle", "running", "preparing", "leaving", "preempted", "unusable")
    return NodeCounts(**{state: number(counts.get(f"{state}NodeCount")) for state in states})


def _ssh(details: Mapping[str, Any]) -> SshEndpoint | None:
    if address := text(details, "address"):  # a machine that was attached
        user = text(part(details, "administratorAccount"), "username")
        return SshEndpoint(address, number(details.get("sshPort")) or 22, user)
    settings = part(details, "sshSettings")
    address = text(part(details, "connectivityEndpoints"), "publicIpAddress")
    if not address or not _public_access(details):
        return None
    return SshEndpoint(address, number(settings.get("sshPort")) or 22, text(settings, "adminUserName"))


def _public_access(details: Mapping[str, Any]) -> bool | None:
    access = text(part(details, "sshSettings"), "sshPublicAccess") or text(details, "remoteLoginPortPublicAccess")
    return {"enabled": True, "disabled": False}.get(access.lower())


def _identity(identity: Mapping[str, Any]) -> str:
    """`system_assigned`, `user_assigned: NAME`, or both; empty for none."""
    kinds = text(identity, "type").lower()
    named = [str(arm_id).rpartition("/")[2] for arm_id in part(identity, "userAssignedIdentities")]
    told = ["system_assigned"] if "systemassigned" in kinds else []
    told += [f"user_assigned: {', '.join(named)}"] if "userassigned" in kinds else []
    return ", ".join(told)


def _setup_script(scripts: Mapping[str, Any]) -> str:
    """The paths of the scripts that run once, at the creation, and at each start."""
    creation = text(part(scripts, "creationScript"), "scriptData")
    startup = text(part(scripts, "startupScript"), "scriptData")
    return ", ".join(filter(None, [creation, startup and f"{startup} at each start"]))


def _error(errors: Iterable[Mapping[str, Any]]) -> str:
    """The errors as sentences with their codes, each once."""
    told: dict[str, None] = {}
    for error in errors:
        inner = part(error, "error") or error
        code, message = text(inner, "code"), text(inner, "message")
        told[f"{message} ({code})" if message and code else message or code] = None
    return "\n".join(filter(None, told))


def _last_operation(operation: Mapping[str, Any]) -> str:
    """`Start succeeded`."""
    return f"{text(operation, 'operationName')} {text(operation, 'operationStatus').lower()}".strip()


def _schedules(found: object) -> Iterator[ComputeSchedule]:
    for schedule in _objects(found):
        trigger = part(schedule, "cron") or part(schedule, "recurrence")
        cron = text(trigger, "expression") or _recurrence(trigger)
        if cron:
            yield ComputeSchedule(
                action=text(schedule, "action").lower(),
                cron=cron,
                time_zone=text(trigger, "timeZone") or "UTC",
                enabled=text(schedule, "status").lower() != "disabled",
            )


def _recurrence(trigger: Mapping[str, Any]) -> str:
    """A recurrence as five fields of cron; words for one that skips weeks or months."""
    frequency, every = text(trigger, "frequency").lower(), number(trigger.get("interval")) or 1
    pattern = part(trigger, "schedule")
    minute, hour = _listed(pattern.get("minutes"), "0"), _listed(pattern.get("hours"), "0")
    step = "*" if every == 1 else f"*/{every}"
    match frequency:
        case "minute":
            return f"{step} * * * *"
        case "hour":
            return f"{minute} {step} * * *"
        case "day":
            return f"{minute} {hour} {step} * *"
        case "week" if every == 1:
            days = pattern.get("weekDays")
            named = [str(day).lower() for day in days] if isinstance(days, list) else []
            numbers = [str(_WEEK_DAYS.index(day)) for day in named if day in _WEEK_DAYS]
            return f"{minute} {hour} * * {','.join(numbers) or '*'}"
        case "month" if every == 1:
            return f"{minute} {hour} {_listed(pattern.get('monthDays'), '1')} * *"
    return f"every {every} {frequency}s" if frequency else ""


def _listed(values: object, default: str) -> str:
    return ",".join(str(value) for value in values) if isinstance(values, list) and values else default
