"""The form of a compute as plain texts, and its way to a ComputeSpec and back. No widget in here.

A text's key is the path of what it means in the YAML, so that faults find their fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screens.compute.schedules import cron_words, read_cron
from screens.names import typed_path
from screens.pairs import pairs_text, read_pairs
from services.entities import Compute, ComputeSchedule, ComputeType
from services.errors import Fault, SpecError
from services.specs.assets import ComputeSpec

INSTANCE = ComputeType.COMPUTE_INSTANCE.value
CLUSTER = ComputeType.AMLCOMPUTE.value
MACHINE = ComputeType.VIRTUAL_MACHINE.value
SPARK = ComputeType.SYNAPSE_SPARK.value
KUBERNETES = ComputeType.KUBERNETES.value
FORM_TYPES = (INSTANCE, CLUSTER, MACHINE, SPARK, KUBERNETES)
REQUIRED: Mapping[str, tuple[str, ...]] = {
    MACHINE: ("resource_id", "ssh_settings.admin_username"),
    SPARK: ("resource_id",),
    KUBERNETES: ("resource_id",),
}
NUMBERS = ("min_instances", "max_instances", "idle_time_before_scale_down", "idle_time_before_shutdown_minutes")
ZONE = re.compile(r"\s+\(([^)]+)\)$")


def spec_of(kind: str, values: Mapping[str, str]) -> ComputeSpec:
    """What the texts of a form mean. Raises SpecError with the fault of each field."""
    texts = {key: value.strip() for key, value in values.items()}
    faults = [
        Fault(key, "this field is required") for key in ("name", *REQUIRED.get(kind, ())) if not texts.get(key, "")
    ]
    numbers = {key: _number(key, texts.get(key, ""), faults) for key in NUMBERS}
    tags, wrong = read_pairs(values.get("tags", ""), {})
    faults += [Fault("tags", message) for message in wrong]
    ssh = texts.get("ssh_public_access_enabled", "")
    spec = ComputeSpec(
        texts.get("name", ""),
        kind,  # type: ignore[arg-type] # one of FORM_TYPES
        size=texts.get("size") or None,
        tier=texts.get("tier") or None,
        description=texts.get("description") or None,
        tags=tags,
        min_instances=numbers["min_instances"],
        max_instances=numbers["max_instances"],
        idle_time_before_scale_down=numbers["idle_time_before_scale_down"],
        idle_time_before_shutdown_minutes=numbers["idle_time_before_shutdown_minutes"],
        ssh_public_access_enabled=ssh == "on" if ssh else None,
        ssh_settings=_ssh(texts, faults),
        network_settings=_network(texts.get("network_settings", ""), faults),
        identity=_identity(texts.get("identity", ""), faults),
        schedules=_schedules(texts, faults),
        setup_scripts=_setup(texts.get("setup_scripts", "")),
        create_on_behalf_of=_assigned(texts.get("create_on_behalf_of", ""), faults),
        resource_id=texts.get("resource_id") or None,
        namespace=texts.get("namespace") or None,
    )
    if faults:
        raise SpecError(faults)
    return spec


def _number(key: str, text: str, faults: list[Fault]) -> int | None:
    if not text or text.isdecimal():
        return int(text) if text else None
    faults.append(Fault(key, f"expected a whole number, got {text!r}"))
    return None


def _ssh(texts: Mapping[str, str], faults: list[Fault]) -> dict[str, Any] | None:
    """User, key or password; of a machine also the port and the file of the private key."""
    names = ("admin_username", "admin_password", "ssh_private_key_file", "ssh_port", "ssh_key_value")
    given: dict[str, Any] = {name: text for name in names if (text := texts.get(f"ssh_settings.{name}", ""))}
    if "ssh_port" in given:
        given["ssh_port"] = _number("ssh_settings.ssh_port", given["ssh_port"], faults)
    if key := given.get("ssh_key_value"):
        given["ssh_key_value"] = _public_key(key, faults)
    if "ssh_settings.ssh_private_key_file" in texts and not {"admin_password", "ssh_private_key_file"} & set(given):
        faults.append(Fault("ssh_settings.admin_password", "needs a password, or the private key below"))
    return given or None


def _public_key(text: str, faults: list[Fault]) -> str:
    """The key itself, or what is in the file that is named."""
    if text.startswith(("ssh-", "ecdsa-")):
        return text
    try:
        key = Path(typed_path(text)).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        faults.append(Fault("ssh_settings.ssh_key_value", "expected a public key (ssh-...) or the path of its file"))
        return ""
    if not key.startswith(("ssh-", "ecdsa-")):
        faults.append(
            Fault("ssh_settings.ssh_key_value", f"{text} holds no public key; take the file that ends in .pub")
        )
    return key


def _network(text: str, faults: list[Fault]) -> dict[str, str] | None:
    """The id of a subnet, or NETWORK/SUBNET."""
    if not text or text.startswith("/"):
        return {"subnet": text} if text else None
    network, _, subnet = text.partition("/")
    if not subnet:
        faults.append(Fault("network_settings", "expected NETWORK/SUBNET, or the resource id of a subnet"))
    return {"vnet_name": network, "subnet": subnet}


def _identity(text: str, faults: list[Fault]) -> dict[str, Any] | None:
    """`system`, or the ids of user-assigned identities."""
    if not text:
        return None
    if text.lower() in ("system", "system_assigned"):
        return {"type": "system_assigned"}
    ids = [part for part in re.split(r"[,\s]+", text) if part]
    if not all(part.startswith("/subscriptions/") for part in ids):
        faults.append(Fault("identity", "expected `system`, or the resource id of a user-assigned identity"))
    return {"type": "user_assigned", "user_assigned_identities": [{"resource_id": part} for part in ids]}


def _schedules(texts: Mapping[str, str], faults: list[Fault]) -> dict[str, Any] | None:
    """Start and stop, each at a time of some days."""
    found = []
    for action, key in (("start", "schedules.start"), ("stop", "schedules.stop")):
        text = texts.get(key, "")
        if not text:
            continue
        zone = ZONE.search(text)
        cron = read_cron(ZONE.sub("", text).removeprefix("at cron "))
        if cron is None:
            faults.append(Fault(key, "expected 18:00, weekdays 18:00, mon,wed 7:30, or five fields of cron"))
            continue
        trigger = {"type": "cron", "expression": cron, "time_zone": zone[1] if zone else "UTC"}
        found.append({"action": action, "state": "enabled", "trigger": trigger})
    return {"compute_start_stop": found} if found else None


def _setup(text: str) -> dict[str, Any] | None:
    """A script that runs once, when the instance is made."""
    return {"creation_script": {"path": text}} if text else None


def _assigned(text: str, faults: list[Fault]) -> dict[str, str] | None:
    """TENANT/OBJECT of the person whose instance it is."""
    tenant, _, person = text.partition("/")
    if text and not (tenant and person):
        faults.append(
            Fault("create_on_behalf_of", "expected TENANT/OBJECT: the ids of the tenant and of the person in it")
        )
    return {"user_tenant_id": tenant, "user_object_id": person} if text else None


def values_of(compute: Compute) -> dict[str, str]:
    """The texts of the form that edits a compute."""
    minutes = f"{compute.idle_time / 60:.0f}" if compute.idle_time else ""
    return {
        "name": compute.name,
        "size": compute.size,
        "tier": compute.tier,
        "min_instances": str(compute.min_instances),
        "max_instances": str(compute.max_instances),
        "idle_time_before_scale_down": f"{compute.idle_time:.0f}" if compute.idle_time is not None else "",
        "idle_time_before_shutdown_minutes": minutes,
        "schedules.start": _schedule_value(compute, "start"),
        "schedules.stop": _schedule_value(compute, "stop"),
        "ssh_public_access_enabled": "on" if compute.ssh_public_access else "off",
        "ssh_settings.admin_username": compute.ssh.user if compute.ssh else "",
        "create_on_behalf_of": compute.assigned_to,
        "setup_scripts": compute.setup_script,
        "identity": _identity_value(compute.identity),
        "network_settings": compute.subnet,
        "description": compute.description,
        "tags": pairs_text(compute.tags),
    }


def _schedule_value(compute: Compute, action: str) -> str:
    schedule = next((s for s in compute.schedules if s.action.lower() == action and s.enabled), None)
    if schedule is None:
        return ""
    zone = "" if schedule.time_zone.upper() in ("UTC", "") else f" ({schedule.time_zone})"
    return cron_words(schedule.cron).replace(", ", ",") + zone


def _identity_value(text: str) -> str:
    ids = re.findall(r"/subscriptions/[^\s,;]+", text)
    return " ".join(ids) if ids else "system" if "system" in text.lower() else ""


def spec_from(compute: Compute) -> ComputeSpec:
    """A compute of Azure as the spec that makes one like it; its secrets are not known, and not in it."""
    is_instance, is_cluster = compute.type == INSTANCE, compute.type == CLUSTER
    identity = _identity(_identity_value(compute.identity), [])
    idle = None if compute.idle_time is None else int(compute.idle_time)
    endpoint = compute.ssh if compute.type == MACHINE else None
    return ComputeSpec(
        compute.name,
        str(compute.type),  # type: ignore[arg-type] # one of FORM_TYPES; YAML takes no members of enumerations
        size=(compute.size or None) if is_instance or is_cluster else None,
        tier=(compute.tier or None) if is_cluster else None,
        location=compute.location or None,
        description=compute.description or None,
        tags=dict(compute.tags),
        min_instances=compute.min_instances if is_cluster else None,
        max_instances=compute.max_instances if is_cluster else None,
        idle_time_before_scale_down=idle if is_cluster else None,
        idle_time_before_shutdown_minutes=idle // 60 if is_instance and idle else None,
        ssh_public_access_enabled=compute.ssh_public_access if is_instance or is_cluster else None,
        ssh_settings={"admin_username": endpoint.user, "ssh_port": endpoint.port} if endpoint else None,
        network_settings=_network(compute.subnet, []),
        identity=identity,
        schedules={"compute_start_stop": [_schedule_section(s) for s in compute.schedules]}
        if compute.schedules
        else None,
        setup_scripts=_setup(compute.setup_script),
        resource_id=compute.resource_id or None,
        namespace=compute.namespace or None,
    )


def _schedule_section(schedule: ComputeSchedule) -> dict[str, Any]:
    return {
        "action": schedule.action.lower(),
        "state": "enabled" if schedule.enabled else "disabled",
        "trigger": {"type": "cron", "expression": schedule.cron, "time_zone": schedule.time_zone or "UTC"},
    }
