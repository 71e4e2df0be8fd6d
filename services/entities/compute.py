"""Places where jobs run: instances, clusters, what is attached, and the sizes of machines that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ComputeType(StrEnum):
    """The kinds of compute; values are those of az ml YAML, `local` is this machine."""

    AMLCOMPUTE = "amlcompute"
    COMPUTE_INSTANCE = "computeinstance"
    KUBERNETES = "kubernetes"
    VIRTUAL_MACHINE = "virtualmachine"
    SYNAPSE_SPARK = "synapsespark"
    LOCAL = "local"
    OTHER = "other"


@dataclass(frozen=True)
class NodeCounts:
    """Nodes of a cluster by what they do, as `nodeStateCounts` of the service."""

    idle: int = 0
    running: int = 0
    preparing: int = 0
    leaving: int = 0
    preempted: int = 0
    unusable: int = 0

    @property
    def total(self) -> int:
        """Nodes that there are now; those that were taken away don't count."""
        return self.idle + self.running + self.preparing + self.leaving + self.unusable


@dataclass(frozen=True)
class ComputeSchedule:
    """When an instance starts or stops by itself.

    Attributes:
        action: `start` or `stop`.
        cron: five fields, in `time_zone`: `0 18 * * *`.
    """

    action: str
    cron: str
    time_zone: str = "UTC"
    enabled: bool = True


@dataclass(frozen=True)
class SshEndpoint:
    """How to log in to an instance or to an attached machine; the user may be unknown."""

    host: str
    port: int
    user: str

    @property
    def command(self) -> str:
        """What to type in a shell."""
        place = f"{self.user}@{self.host}" if self.user else self.host
        return f"ssh {place} -p {self.port}"


@dataclass(frozen=True)
class Compute:
    """A place where jobs run.

    Attributes:
        type: a value of ComputeType, or what the service calls a kind that Lapis does not know.
        state: of an instance its own (`Running`, `Stopped`); else how far it is made (`Succeeded`, `Creating`).
        size: the VM size, or what this machine is.
        memory: bytes.
        slots: how many jobs run at once: the most nodes of a cluster.
        nodes: of a cluster or pool, now; None for what has no nodes.
        idle_time: seconds after which an idle node goes, or an idle instance stops; None for never.
        tier: `dedicated` or `low_priority`; empty where there is no choice.
        price_per_hour: US dollars for a node, from a dated table; None where it isn't known.
        error: what the service says is wrong with it.
        last_operation: what was done to it last, and how that ended: `Start succeeded`.
    """

    name: str
    type: str
    state: str
    size: str = ""
    vcpus: int = 0
    memory: int = 0
    gpus: int = 0
    slots: int = 1
    running_jobs: int = 0
    queued_jobs: int = 0
    location: str = ""
    description: str = ""
    nodes: NodeCounts | None = None
    min_instances: int = 0
    max_instances: int = 0
    idle_time: float | None = None
    tier: str = ""
    price_per_hour: float | None = None
    created_by: str = ""
    assigned_to: str = ""
    created_at: datetime | None = None
    changed_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    schedules: tuple[ComputeSchedule, ...] = ()
    ssh: SshEndpoint | None = None
    ssh_public_access: bool | None = None
    identity: str = ""
    subnet: str = ""
    setup_script: str = ""
    resource_id: str = ""
    namespace: str = ""
    applications: tuple[tuple[str, str], ...] = ()
    error: str = ""
    last_operation: str = ""
    studio_url: str = ""


@dataclass(frozen=True)
class ComputeNode:
    """A node of a cluster, or a slot of a pool.

    Attributes:
        state: idle, running, preparing, leaving, preempted, unusable.
        job_name: the job that it runs; empty if none.
    """

    node_id: str
    state: str
    job_name: str = ""
    ssh: SshEndpoint | None = None
    private_ip: str = ""


@dataclass(frozen=True)
class ComputeSize:
    """A size of machine in the region of the workspace.

    Attributes:
        memory: bytes.
        disk: bytes of the disk that comes with it.
        quota_used, quota_limit: vCPUs of its family that the subscription uses and may use; None if unknown.
        price_per_hour: US dollars, from a dated table; None where it isn't known.
        supported: the types of compute that can have it.
    """

    name: str
    family: str = ""
    vcpus: int = 0
    memory: int = 0
    gpus: int = 0
    disk: int = 0
    low_priority: bool = False
    premium_disks: bool = False
    price_per_hour: float | None = None
    quota_used: int | None = None
    quota_limit: int | None = None
    supported: tuple[str, ...] = ()

    @property
    def quota_left(self) -> int | None:
        """vCPUs of its family that can still be taken; None if unknown."""
        if self.quota_limit is None:
            return None
        return max(0, self.quota_limit - (self.quota_used or 0))
