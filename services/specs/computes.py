"""What can be said of a compute without asking the service: names, numbers, tiers, ids.

Sources: "Naming rules and restrictions for Azure resources" (Microsoft.MachineLearningServices, workspaces/computes);
reference-yaml-compute-aml, -instance, -vm, -kubernetes and -synapsespark on learn.microsoft.com.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.entities import Compute, ComputeSize
from services.errors import Fault
from services.specs.assets import ComputeSpec

DEDICATED, LOW_PRIORITY = "dedicated", "low_priority"
IDLE_SECONDS = 120
"""How long a node of a cluster waits for the next job unless the spec says otherwise."""
MAX_INSTANCES = 4
"""The most nodes of a cluster unless the spec says otherwise."""
DEFAULT_SIZE = "Standard_DS3_v2"
"""The size that azure-ai-ml takes when a spec has none."""
ATTACHED = ("virtualmachine", "kubernetes", "synapsespark")
"""Types of what was there before, and lives on when it is detached."""
_SEVERITY = {"error": 0, "warning": 1, "note": 2}
_LENGTHS = {"computeinstance": (3, 24), "amlcompute": (3, 32)}
_OTHER_LENGTHS = (2, 16)
_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_CRON_FIELD = re.compile(
    r"(?:\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:/\d+)?(?:,(?:\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:/\d+)?)*"
)
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESOURCE_IDS = {
    "virtualmachine": ("Microsoft.Compute/virtualMachines", "a virtual machine"),
    "kubernetes": (
        "Microsoft.Kubernetes/connectedClusters or Microsoft.ContainerService/managedClusters",
        "a Kubernetes cluster",
    ),
    "synapsespark": ("Microsoft.Synapse/workspaces/NAME/bigDataPools", "a Synapse Spark pool"),
}
_ID = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/"
_ID_PATTERNS = {
    "virtualmachine": re.compile(_ID + r"Microsoft\.Compute/virtualMachines/[^/]+", re.IGNORECASE),
    "kubernetes": re.compile(
        _ID + r"(?:Microsoft\.Kubernetes/connectedClusters|Microsoft\.ContainerService/managedClusters)/[^/]+",
        re.IGNORECASE,
    ),
    "synapsespark": re.compile(_ID + r"Microsoft\.Synapse/workspaces/[^/]+/bigDataPools/[^/]+", re.IGNORECASE),
}
SYNAPSE_STEPS = (
    "1 of 4: the Spark pool and this workspace are in one subscription",
    "2 of 4: the compute has a managed identity, system-assigned or user-assigned",
    "3 of 4: in Synapse Studio, Manage > Access control, give that identity the role Synapse Administrator",
    "4 of 4: the identity may read and write the storage that jobs use: Storage Blob Data Contributor",
)


def worst_first(faults: Iterable[Fault]) -> list[Fault]:
    """The faults by how bad they are, else in their order."""
    return sorted(faults, key=lambda fault: _SEVERITY[fault.severity])


def compute_faults(spec: ComputeSpec, now: Compute | None = None) -> list[Fault]:
    """Everything that is wrong with a spec in itself.

    Args:
        now: the compute that it changes.
    """
    faults = [*_name_faults(spec), *_tier_faults(spec), *_scale_faults(spec, now), *_schedule_faults(spec)]
    return [*faults, *_attached_faults(spec)]


def scale_of(spec: ComputeSpec, now: Compute | None) -> tuple[int, int, float]:
    """Fewest and most nodes and idle seconds of a cluster; what the spec leaves out stays, or gets its default."""
    least, most, idle = spec.min_instances, spec.max_instances, spec.idle_time_before_scale_down
    if least is None:
        least = now.min_instances if now else 0
    if most is None:
        most = now.max_instances if now else MAX_INSTANCES
    if idle is not None:
        return least, most, idle
    return least, most, now.idle_time if now and now.idle_time is not None else IDLE_SECONDS


def _name_faults(spec: ComputeSpec) -> Iterator[Fault]:
    least, most = _LENGTHS.get(spec.type, _OTHER_LENGTHS)
    if not (least <= len(spec.name) <= most and _NAME.fullmatch(spec.name)):
        yield Fault(
            "name", f"expected {least} to {most} letters, digits and `-`, beginning with a letter, not ending in `-`"
        )


def tier_of(spec: ComputeSpec) -> str:
    """`dedicated` or `low_priority`, however it is spelt; what it is else."""
    tier = (spec.tier or DEDICATED).lower().replace("_", "").replace("-", "")
    return {"dedicated": DEDICATED, "lowpriority": LOW_PRIORITY}.get(tier, spec.tier or DEDICATED)


def _tier_faults(spec: ComputeSpec) -> Iterator[Fault]:
    if spec.type != "amlcompute":
        return
    tier = tier_of(spec)
    if tier not in (DEDICATED, LOW_PRIORITY):
        yield Fault("tier", f"expected {DEDICATED} or {LOW_PRIORITY}, got {tier!r}")
    if tier == LOW_PRIORITY:
        yield Fault("tier", "a low-priority node may be pre-empted at any time; its job then begins anew", "note")


def _scale_faults(spec: ComputeSpec, now: Compute | None) -> Iterator[Fault]:
    if spec.type != "amlcompute":
        return
    least, most, idle = scale_of(spec, now)
    if least < 0:
        yield Fault("min_instances", "expected 0 or more nodes")
    if most < 1:
        yield Fault("max_instances", "expected 1 node or more")
    elif least > most:
        yield Fault("min_instances", f"expected at most max_instances ({most}), got {least}")
    elif least > 0:
        yield Fault("min_instances", f"{least} of the nodes never leave, so they cost money day and night", "warning")
    if idle < 0:
        yield Fault("idle_time_before_scale_down", "expected seconds, 0 or more")


def _schedule_faults(spec: ComputeSpec) -> Iterator[Fault]:
    if spec.type != "computeinstance":
        return
    minutes = spec.idle_time_before_shutdown_minutes
    # "Enable idle shutdown", how-to-create-compute-instance
    if minutes is not None and not 15 <= minutes <= 4320:
        yield Fault("idle_time_before_shutdown_minutes", "expected 15 to 4320 minutes (3 days)")
    schedules = (spec.schedules or {}).get("compute_start_stop") or ()
    if not isinstance(schedules, Sequence) or isinstance(schedules, str):
        yield Fault("schedules.compute_start_stop", "expected a list of schedules")
        return
    for index, schedule in enumerate(schedules):
        at = f"schedules.compute_start_stop.{index}"
        if not isinstance(schedule, Mapping) or not isinstance(schedule.get("trigger"), Mapping):
            yield Fault(at, "expected an action and a trigger")
            continue
        if str(schedule.get("action")).lower() not in ("start", "stop"):
            yield Fault(f"{at}.action", "expected start or stop")
        trigger = schedule["trigger"]
        if trigger.get("type") == "cron" and not is_cron(str(trigger.get("expression") or "")):
            yield Fault(
                f"{at}.trigger.expression",
                "expected five fields such as `0 18 * * *` (minute, hour, day, month, weekday)",
            )


def is_cron(text: str) -> bool:
    """Whether a text has the five fields of cron."""
    parts = text.split()
    return len(parts) == 5 and all(_CRON_FIELD.fullmatch(part) for part in parts)


def _attached_faults(spec: ComputeSpec) -> Iterator[Fault]:
    if spec.type not in _RESOURCE_IDS:
        return
    kind, what = _RESOURCE_IDS[spec.type]
    if not spec.resource_id:
        yield Fault("resource_id", f"is missing: the ARM id of {what}")
    elif not _ID_PATTERNS[spec.type].fullmatch(spec.resource_id.rstrip("/")):
        yield Fault("resource_id", f"expected /subscriptions/.../resourceGroups/.../providers/{kind}/...")
    if spec.type == "kubernetes" and not _NAMESPACE.fullmatch(spec.namespace or "default"):
        yield Fault("namespace", "expected 1 to 63 small letters, digits and `-`, as Kubernetes names namespaces")
    if spec.type == "virtualmachine":
        yield from _login_faults(spec.ssh_settings or {})
    if spec.type == "synapsespark":
        if not spec.identity:
            yield Fault("identity", "has none: jobs will read data as whoever submits them", "warning")
        yield from (Fault("identity", step, "note") for step in SYNAPSE_STEPS)


def _login_faults(ssh: Mapping[str, Any]) -> Iterator[Fault]:
    if not ssh.get("admin_username"):
        yield Fault("ssh_settings.admin_username", "is missing: who logs in to the machine")
    if not (ssh.get("admin_password") or ssh.get("ssh_private_key_file")):
        yield Fault("ssh_settings", "needs admin_password or ssh_private_key_file")
    port = ssh.get("ssh_port", 22)
    if str(port) != "22":
        yield Fault("ssh_settings.ssh_port", f"Azure ML logs in on port 22 only, got {port}")


def fixed_faults(spec: ComputeSpec, now: Compute) -> Iterator[Fault]:
    """What an edit wants to change of a compute that is there and that can't be changed any more."""
    if spec.type != now.type:
        yield Fault("type", f"{now.name} is there already and is of type {now.type}; choose another name")
        return
    if spec.type != "amlcompute":
        yield Fault(
            "name", f"{now.name} is there already; only a cluster can be edited: delete it, or choose another name"
        )
        return
    if spec.size and now.size and spec.size.lower() != now.size.lower():
        yield _fixed("size", now.size)
    if spec.tier and now.tier and tier_of(spec) != now.tier:
        yield _fixed("tier", now.tier)
    if (
        spec.location
        and now.location
        and spec.location.lower().replace(" ", "") != now.location.lower().replace(" ", "")
    ):
        yield _fixed("location", now.location)
    public = spec.ssh_public_access_enabled
    if public is not None and now.ssh_public_access is not None and public != now.ssh_public_access:
        yield _fixed("ssh_public_access_enabled", str(now.ssh_public_access).lower())
    if (subnet := (spec.network_settings or {}).get("subnet")) and str(subnet).rpartition("/")[
        2
    ] != now.subnet.rpartition("/")[2]:
        yield _fixed("network_settings.subnet", now.subnet or "none")


def _fixed(path: str, value: str) -> Fault:
    return Fault(
        path, f"can't be changed after the creation: it is {value}; only the scale, idle time and identity can"
    )


def quota_faults(spec: ComputeSpec, sizes: Sequence[ComputeSize]) -> list[Fault]:
    """Whether the region has the size of a new cluster or instance, and whether the quota is enough for it."""
    wished = spec.size or DEFAULT_SIZE
    size = next((size for size in sizes if size.name.lower() == wished.lower()), None)
    if size is None:
        return [Fault("size", f"the region has no size {wished}")]
    if size.supported and spec.type not in size.supported:
        return [Fault("size", f"{size.name} can't be had as {spec.type}")]
    if tier_of(spec) == LOW_PRIORITY:  # its quota is one for all families, and not told with the sizes
        return [] if size.low_priority else [Fault("tier", f"{size.name} can't be had with low priority")]
    left = size.quota_left
    if left is None or not size.vcpus:
        return []
    least, most, _ = scale_of(spec, None)
    wanted = most if spec.type == "amlcompute" else 1
    nodes = left // size.vcpus
    if nodes >= wanted:
        return []
    quota = f"{left} of {size.quota_limit} vCPUs of {size.family} are left, {size.name} takes {size.vcpus}"
    if nodes == 0 or (spec.type == "amlcompute" and nodes < least):
        return [Fault("size", f"the quota is not enough: {quota}")]
    return [Fault("max_instances", f"the quota is enough for {nodes} now: {quota}", "warning")]
