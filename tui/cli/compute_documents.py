"""Computes, their nodes and sizes as the documents that `az ml compute` prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from services.compute_prices import PRICES_AS_OF
from services.entities import Compute, ComputeNode, ComputeSize
from tui.cli.output import Document


def compute_document(compute: Compute) -> Document:
    """A compute."""
    return {
        "name": compute.name,
        "type": compute.type,
        "provisioning_state": compute.state,
        "size": compute.size,
        "vcpus": compute.vcpus,
        "memory": compute.memory,
        "gpus": compute.gpus,
        "slots": compute.slots,
        "running_jobs": compute.running_jobs,
        "queued_jobs": compute.queued_jobs,
        "location": compute.location,
        "description": compute.description,
        "tags": dict(compute.tags),
        "tier": compute.tier,
        "min_instances": compute.min_instances,
        "max_instances": compute.max_instances,
        "idle_time": compute.idle_time,
        "nodes": {**asdict(compute.nodes), "total": compute.nodes.total} if compute.nodes else None,
        "price_per_hour": compute.price_per_hour,
        "price_as_of": PRICES_AS_OF if compute.price_per_hour is not None else None,
        "creation_context": {"created_at": compute.created_at, "created_by": compute.created_by},
        "create_on_behalf_of": compute.assigned_to,
        "schedules": [asdict(schedule) for schedule in compute.schedules],
        "ssh": compute.ssh.command if compute.ssh else None,
        "ssh_public_access_enabled": compute.ssh_public_access,
        "identity": compute.identity,
        "subnet": compute.subnet,
        "setup_script": compute.setup_script,
        "resource_id": compute.resource_id,
        "namespace": compute.namespace,
        "services": [{"display_name": name, "endpoint_uri": uri} for name, uri in compute.applications],
        "last_operation": compute.last_operation,
        "provisioning_errors": compute.error,
        "studio_url": compute.studio_url,
    }


def node_document(node: ComputeNode) -> Document:
    """A node of a cluster or of a pool."""
    return {
        "node_id": node.node_id,
        "node_state": node.state,
        "current_job_name": node.job_name or None,
        "private_ip_address": node.private_ip or None,
        "ssh": node.ssh.command if node.ssh else None,
    }


def size_document(size: ComputeSize) -> Document:
    """A size of machine."""
    return {
        "name": size.name,
        "family": size.family,
        "v_cp_us": size.vcpus,
        "memory_gb": round(size.memory / (1 << 30), 1),
        "gpus": size.gpus,
        "max_resource_volume_mb": size.disk >> 20,
        "low_priority_capable": size.low_priority,
        "premium_io": size.premium_disks,
        "supported_compute_types": list(size.supported),
        "quota_left": size.quota_left,
        "price_per_hour": size.price_per_hour,
        "price_as_of": PRICES_AS_OF if size.price_per_hour is not None else None,
    }


def usage_documents(sizes: Iterable[ComputeSize]) -> list[Document]:
    """What is used of the quota of each family, and its limit; of families whose quota is known."""
    found = {
        size.family: {"name": size.family, "unit": "vCPUs", "current_value": size.quota_used, "limit": size.quota_limit}
        for size in sizes
        if size.quota_limit is not None
    }
    return [found[family] for family in sorted(found, key=str.lower)]
