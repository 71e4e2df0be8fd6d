"""Computes of every kind and state, nodes and sizes, as an Azure workspace has them."""

from __future__ import annotations

from services.entities import (
    Compute,
    ComputeNode,
    ComputeSchedule,
    ComputeSize,
    NodeCounts,
    SshEndpoint,
)
from tests.support.entities import HOSTILE, ago

GIB = 2**30
STUDIO = "https://ml.azure.com/compute"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"

INSTANCE = Compute(
    "ada-box",
    "computeinstance",
    "Running",
    "Standard_DS3_v2",
    4,
    14 * GIB,
    running_jobs=1,
    location="westeurope",
    idle_time=3600,
    price_per_hour=0.229,
    created_by="ada",
    assigned_to="ada@example.org",
    created_at=ago(days=12),
    schedules=(ComputeSchedule("stop", "0 18 * * *"), ComputeSchedule("start", "30 7 * * 1-5", "CET", enabled=False)),
    ssh=SshEndpoint("20.1.2.3", 50000, "azureuser"),
    ssh_public_access=True,
    identity="system_assigned",
    setup_script="Users/ada/setup.sh",
    applications=(("JupyterLab", "https://ada-box.westeurope.instances.azureml.ms/lab"),),
    last_operation="Start succeeded",
    studio_url=f"{STUDIO}/ada-box/details?wsid=/x",
)
STOPPED = Compute(
    "bob-box", "computeinstance", "Stopped", "Standard_DS11_v2", 2, 14 * GIB, price_per_hour=0.149, created_by="bob"
)
CLUSTER = Compute(
    "cpu-cluster",
    "amlcompute",
    "Succeeded",
    "Standard_DS3_v2",
    4,
    14 * GIB,
    slots=4,
    running_jobs=2,
    queued_jobs=3,
    location="westeurope",
    nodes=NodeCounts(idle=1, running=2),
    min_instances=0,
    max_instances=4,
    idle_time=120,
    tier="dedicated",
    price_per_hour=0.229,
    created_by="ada",
    tags={"team": "research"},
    studio_url=f"{STUDIO}/cpu-cluster/details?wsid=/x",
)
LOW_PRIORITY = Compute(
    "gpu-cheap",
    "amlcompute",
    "Failed",
    "Standard_NC6s_v3",
    6,
    112 * GIB,
    1,
    slots=2,
    nodes=NodeCounts(preparing=1, preempted=1),
    max_instances=2,
    idle_time=1800,
    tier="low_priority",
    price_per_hour=3.06,
    created_by=HOSTILE,
    error="QuotaExceeded: the family NCSv3 has 0 of 0 vCPUs left in westeurope.",
    last_operation="Create failed",
)
CREATING = Compute("new-cluster", "amlcompute", "Creating", "Standard_DS2_v2", nodes=NodeCounts(), max_instances=1)
KUBERNETES = Compute(
    "aks", "kubernetes", "Succeeded", namespace="ml", resource_id=f"{GROUP}/providers/x/managedClusters/aks"
)
SPARK = Compute(
    "synapse-pool", "synapsespark", "Succeeded", "Small", resource_id=f"{GROUP}/providers/x/bigDataPools/pool"
)
MACHINE = Compute(
    "old-vm",
    "virtualmachine",
    "Succeeded",
    resource_id=f"{GROUP}/providers/x/virtualMachines/vm",
    ssh=SshEndpoint("20.9.9.9", 22, "ada"),
)
DATABRICKS = Compute("bricks", "databricks", "Succeeded")
AZURE_COMPUTES = (INSTANCE, STOPPED, CLUSTER, LOW_PRIORITY, CREATING, KUBERNETES, SPARK, MACHINE, DATABRICKS)

NODES = (
    ComputeNode("tvmps_1", "running", "plucky_lake_1", SshEndpoint("20.1.1.1", 50000, "azureuser"), "10.0.0.4"),
    ComputeNode("tvmps_2", "idle", private_ip="10.0.0.5"),
    ComputeNode("tvmps_3", "preempted"),
)

SIZES = (
    ComputeSize("Standard_DS3_v2", "standardDSv2Family", 4, 14 * GIB, 0, 28 * 10**9, True, True, 0.229, 12, 24,
                ("amlcompute", "computeinstance")),
    ComputeSize("Standard_E4s_v3", "standardESv3Family", 4, 32 * GIB, 0, 64 * 10**9, True, True, 0.252, 0, 100),
    ComputeSize("Standard_F4s_v2", "standardFSv2Family", 4, 8 * GIB, 0, 32 * 10**9, True, True, 0.169, 98, 100),
    ComputeSize("Standard_NC24ads_A100_v4", "StandardNCADSA100v4Family", 24, 220 * GIB, 1, 64 * 10**9, True, True,
                3.673, 0, 0),
    ComputeSize("Standard_NC6s_v3", "standardNCSv3Family", 6, 112 * GIB, 1, 336 * 10**9),
)  # fmt: skip
