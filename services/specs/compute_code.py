"""A compute's spec as the SDK's classes and as an ARM template: the nested parts that differ from the YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.specs.assets import ComputeSpec

ARM_VERSION = "2023-08-01-preview"
"""The version that azure-ai-ml 1.35 itself asks for."""
_ENTITIES = {
    "amlcompute": "AmlCompute",
    "computeinstance": "ComputeInstance",
    "virtualmachine": "VirtualMachineCompute",
    "kubernetes": "KubernetesCompute",
    "synapsespark": "SynapseSparkCompute",
}
_SSH_CLASSES = {
    "amlcompute": "AmlComputeSshSettings",
    "computeinstance": "ComputeInstanceSshSettings",
    "virtualmachine": "VirtualMachineSshSettings",
}
_ARM_TYPES = {
    "amlcompute": "AmlCompute",
    "computeinstance": "ComputeInstance",
    "virtualmachine": "VirtualMachine",
    "kubernetes": "Kubernetes",
    "synapsespark": "SynapseSpark",
}
_TIERS = {"dedicated": "Dedicated", "low_priority": "LowPriority"}


class Call:
    """A call of a class in the SDK code."""

    def __init__(self, class_name: str, /, **arguments: Any) -> None:
        self.class_name = class_name
        self.arguments = {key: value for key, value in arguments.items() if value is not None}


def sdk_call(spec: ComputeSpec) -> Call:
    """The spec as the SDK's classes; values of the arguments are plain, lists, or calls themselves."""
    ssh = Call(_SSH_CLASSES[spec.type], **spec.ssh_settings) if spec.ssh_settings else None
    network = Call("NetworkSettings", **spec.network_settings) if spec.network_settings else None
    return Call(
        _ENTITIES[spec.type],
        name=spec.name,
        size=spec.size,
        tier=spec.tier,
        location=spec.location,
        description=spec.description,
        tags=dict(spec.tags) or None,
        min_instances=spec.min_instances,
        max_instances=spec.max_instances,
        idle_time_before_scale_down=spec.idle_time_before_scale_down,
        idle_time_before_shutdown=spec.idle_time_before_shutdown,
        idle_time_before_shutdown_minutes=spec.idle_time_before_shutdown_minutes,
        ssh_public_access_enabled=spec.ssh_public_access_enabled,
        ssh_settings=ssh,
        network_settings=network,
        identity=_identity(spec.identity) if spec.identity else None,
        schedules=_schedules(spec.schedules) if spec.schedules else None,
        setup_scripts=_setup(spec.setup_scripts) if spec.setup_scripts else None,
        create_on_behalf_of=Call("AssignedUserConfiguration", **spec.create_on_behalf_of)
        if spec.create_on_behalf_of
        else None,
        resource_id=spec.resource_id,
        namespace=spec.namespace,
    )


def _identity(section: Mapping[str, Any]) -> Call:
    given = [Call("ManagedIdentityConfiguration", **item) for item in section.get("user_assigned_identities") or ()]
    return Call("IdentityConfiguration", type=section.get("type"), user_assigned_identities=given or None)


def _schedules(section: Mapping[str, Any]) -> Call:
    return Call("ComputeSchedules", compute_start_stop=[_schedule(item) for item in section["compute_start_stop"]])


def _schedule(item: Mapping[str, Any]) -> Call:
    trigger = dict(item["trigger"])
    kind = "CronTrigger" if trigger.pop("type", "cron") == "cron" else "RecurrenceTrigger"
    if pattern := trigger.pop("schedule", None):
        trigger["schedule"] = Call("RecurrencePattern", **pattern)
    return Call("ComputeStartStopSchedule", action=item.get("action"), state=item.get("state"),
                trigger=Call(kind, **trigger))  # fmt: skip


def _setup(section: Mapping[str, Any]) -> Call:
    return Call("SetupScripts", **{name: Call("ScriptReference", **given) for name, given in section.items()})


def classes_of(value: Any) -> set[str]:
    """The names that the code of a call, or of what holds calls, imports."""
    if isinstance(value, Call):
        return {value.class_name} | classes_of(value.arguments)
    if isinstance(value, Mapping):
        value = list(value.values())
    return set[str]().union(*map(classes_of, value)) if isinstance(value, list) else set()


def as_arm(spec: ComputeSpec) -> str:
    """An ARM template that makes the compute in a workspace whose name is its parameter."""
    resource = {
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "apiVersion": ARM_VERSION,
        "name": f"[concat(parameters('workspaceName'), '/{spec.name}')]",
        "location": spec.location or "[resourceGroup().location]",
        "tags": {key: str(value) for key, value in spec.tags.items()},
        "identity": _arm_identity(spec.identity),
        "properties": arm_properties(spec),
    }
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"workspaceName": {"type": "string"}},
        "resources": [{key: value for key, value in resource.items() if value}],
    }
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def arm_properties(spec: ComputeSpec) -> dict[str, Any]:
    """What is in `properties` of the request that makes the compute."""
    inner = {"amlcompute": _arm_cluster, "computeinstance": _arm_instance, "virtualmachine": _arm_machine}
    makes = inner.get(spec.type)
    properties: dict[str, Any] = makes(spec) if makes else {}
    if spec.type == "kubernetes":
        properties = {"namespace": spec.namespace or "default"}
    return _filled(
        {
            "computeType": _ARM_TYPES[spec.type],
            "description": spec.description,
            "resourceId": spec.resource_id,
            "properties": _filled(properties),
        }
    )


def _arm_cluster(spec: ComputeSpec) -> dict[str, Any]:
    ssh = spec.ssh_settings or {}
    idle = spec.idle_time_before_scale_down
    return {
        "vmSize": spec.size,
        "vmPriority": _TIERS.get(spec.tier or "", spec.tier),
        "scaleSettings": _filled(
            {
                "minNodeCount": spec.min_instances or 0,
                "maxNodeCount": 1 if spec.max_instances is None else spec.max_instances,
                "nodeIdleTimeBeforeScaleDown": None if idle is None else f"PT{idle}S",
            }
        ),
        "remoteLoginPortPublicAccess": _access(spec.ssh_public_access_enabled),
        "userAccountCredentials": _filled(
            {
                "adminUserName": ssh.get("admin_username"),
                "adminUserPassword": ssh.get("admin_password"),
                "adminUserSshPublicKey": ssh.get("ssh_key_value"),
            }
        ),
        "subnet": _arm_subnet(spec),
    }


def _arm_instance(spec: ComputeSpec) -> dict[str, Any]:
    minutes = spec.idle_time_before_shutdown_minutes
    person = spec.create_on_behalf_of or {}
    scripts = {
        arm: _filled({"scriptSource": "workspaceStorage", "scriptData": given.get("path"),
                      "scriptArguments": given.get("command"),
                      "timeout": f"{given['timeout_minutes']}m" if given.get("timeout_minutes") else None})
        for arm, name in (("startupScript", "startup_script"), ("creationScript", "creation_script"))
        if (given := (spec.setup_scripts or {}).get(name))
    }  # fmt: skip
    schedules = [_arm_schedule(item) for item in (spec.schedules or {}).get("compute_start_stop") or ()]
    return {
        "vmSize": spec.size,
        "idleTimeBeforeShutdown": spec.idle_time_before_shutdown or (f"PT{minutes}M" if minutes else None),
        "sshSettings": _filled(
            {
                "sshPublicAccess": _access(spec.ssh_public_access_enabled),
                "adminPublicKey": (spec.ssh_settings or {}).get("ssh_key_value"),
            }
        ),
        "subnet": _arm_subnet(spec),
        "personalComputeInstanceSettings": {
            "assignedUser": {"tenantId": person.get("user_tenant_id"), "objectId": person.get("user_object_id")}
        }
        if person
        else None,
        "schedules": {"computeStartStop": schedules} if schedules else None,
        "setupScripts": {"scripts": scripts} if scripts else None,
    }


def _arm_schedule(item: Mapping[str, Any]) -> dict[str, Any]:
    trigger = dict(item["trigger"])
    is_cron = trigger.pop("type", "cron") == "cron"
    names = {"time_zone": "timeZone", "start_time": "startTime"}
    cron = {names.get(key, key): value for key, value in trigger.items()}
    return _filled(
        {
            "action": str(item.get("action", "")).capitalize(),
            "status": str(item.get("state", "enabled")).capitalize(),
            "triggerType": "Cron" if is_cron else "Recurrence",
            "cron" if is_cron else "recurrence": cron,
        }
    )


def _arm_machine(spec: ComputeSpec) -> dict[str, Any]:
    ssh = spec.ssh_settings or {}
    key = ssh.get("ssh_private_key_file")
    account = {
        "username": ssh.get("admin_username"),
        "password": ssh.get("admin_password"),
        "privateKeyData": f"<the content of {key}>" if key else None,
    }
    return {"sshPort": ssh.get("ssh_port"), "administratorAccount": _filled(account)}


def _arm_identity(section: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not section:
        return None
    kinds = {"system_assigned": "SystemAssigned", "user_assigned": "UserAssigned", "none": "None"}
    ids: dict[str, dict[str, str]] = {
        item["resource_id"]: {} for item in section.get("user_assigned_identities") or () if "resource_id" in item
    }
    return _filled({"type": kinds.get(str(section.get("type")), section.get("type")), "userAssignedIdentities": ids})


def _arm_subnet(spec: ComputeSpec) -> dict[str, str] | None:
    given = spec.network_settings or {}
    subnet, network = given.get("subnet"), given.get("vnet_name")
    if not subnet:
        return None
    if network:
        return {"id": f"[resourceId('Microsoft.Network/virtualNetworks/subnets', '{network}', '{subnet}')]"}
    return {"id": subnet}


def _access(enabled: bool | None) -> str | None:
    return None if enabled is None else "Enabled" if enabled else "Disabled"


def _filled(section: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in section.items() if value not in (None, {}, [])}
