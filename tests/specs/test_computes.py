"""What can be said of a compute without asking a service."""

from __future__ import annotations

from typing import Any

import pytest

from services.compute_prices import price_per_hour
from services.entities import Compute, ComputeSize
from services.specs.assets import ComputeSpec
from services.specs.computes import compute_faults, fixed_faults, is_cron, quota_faults, tier_of, worst_first

MACHINE = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/box"
LOGIN = {"admin_username": "ada", "ssh_private_key_file": "~/.ssh/id_rsa"}


def found(kind: str, severity: str = "error", **fields: Any) -> list[str]:
    """Where the faults of a spec are."""
    spec = ComputeSpec(**{"name": "my-compute", "type": kind, **fields})
    return [fault.path for fault in compute_faults(spec) if fault.severity == severity]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("computeinstance", ("abc", "a" * 24, "Ada-1"), ("ab", "a" * 25, "1abc", "abc-", "a_b", "")),
        ("amlcompute", ("abc", "a" * 32), ("ab", "a" * 33)),
        ("kubernetes", ("ab", "a" * 16), ("a", "a" * 17)),
    ],
)
def test_names_have_the_length_that_their_kind_allows(kind: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    for name in good:
        assert "name" not in found(kind, name=name), name
    for name in bad:
        assert "name" in found(kind, name=name), name


@pytest.mark.parametrize(
    "text", ["0 18 * * *", "*/15 * * * *", "0 8-18 * * 1-5", "0 0 1,15 * MON,FRI", "5/10 * * JAN *"]
)
def test_cron(text: str) -> None:
    assert is_cron(text)


@pytest.mark.parametrize("text", ["", "18:00", "0 18 * *", "0 18 * * * *", "0 18 * * $", "a-b-c * * * *"])
def test_no_cron(text: str) -> None:
    assert not is_cron(text)


@pytest.mark.parametrize(
    ("schedules", "path"),
    [
        ({"compute_start_stop": "daily"}, "schedules.compute_start_stop"),
        ({"compute_start_stop": ["daily"]}, "schedules.compute_start_stop.0"),
        ({"compute_start_stop": [{"action": "nap", "trigger": {}}]}, "schedules.compute_start_stop.0.action"),
        (
            {"compute_start_stop": [{"action": "stop", "trigger": {"type": "cron", "expression": "18:00"}}]},
            "schedules.compute_start_stop.0.trigger.expression",
        ),
    ],
)
def test_schedules(schedules: dict[str, Any], path: str) -> None:
    assert found("computeinstance", schedules=schedules) == [path]


@pytest.mark.parametrize(("minutes", "is_good"), [(14, False), (15, True), (4320, True), (4321, False)])
def test_idle_shutdown(minutes: int, is_good: bool) -> None:
    faults = found("computeinstance", idle_time_before_shutdown_minutes=minutes)
    assert faults == ([] if is_good else ["idle_time_before_shutdown_minutes"])


def test_nodes_that_never_leave_cost_money_day_and_night() -> None:
    assert found("amlcompute", "warning", min_instances=1) == ["min_instances"]


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"resource_id": MACHINE, "ssh_settings": LOGIN}, []),
        ({"resource_id": MACHINE.lower(), "ssh_settings": {"admin_username": "ada", "admin_password": "x"}}, []),
        ({"ssh_settings": LOGIN}, ["resource_id"]),
        ({"resource_id": "20.1.2.3", "ssh_settings": LOGIN}, ["resource_id"]),
        ({"resource_id": MACHINE}, ["ssh_settings.admin_username", "ssh_settings"]),
        ({"resource_id": MACHINE, "ssh_settings": {**LOGIN, "ssh_port": 2222}}, ["ssh_settings.ssh_port"]),
    ],
)
def test_a_machine_needs_an_id_and_a_login(fields: dict[str, Any], paths: list[str]) -> None:
    assert found("virtualmachine", **fields) == paths


def test_kubernetes_needs_an_id_and_a_namespace_of_its_form() -> None:
    cluster = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks"
    assert found("kubernetes", resource_id=cluster) == []
    assert found("kubernetes", resource_id=cluster, namespace="Not_Good") == ["namespace"]
    assert found("kubernetes", resource_id=MACHINE) == ["resource_id"]


def test_a_spark_pool_without_an_identity_is_warned_about() -> None:
    pool = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Synapse/workspaces/syn/bigDataPools/small"
    assert found("synapsespark", "warning", resource_id=pool) == ["identity"]
    assert found("synapsespark", "warning", resource_id=pool, identity={"type": "system_assigned"}) == []
    assert len(found("synapsespark", "note", resource_id=pool)) == 4


@pytest.mark.parametrize(
    ("tier", "meant"),
    [
        (None, "dedicated"),
        ("Dedicated", "dedicated"),
        ("LowPriority", "low_priority"),
        ("low-priority", "low_priority"),
    ],
)
def test_tiers_in_all_spellings(tier: str | None, meant: str) -> None:
    assert tier_of(ComputeSpec("c", "amlcompute", tier=tier)) == meant


def test_what_an_edit_can_not_change() -> None:
    now = Compute(
        "cpu", "amlcompute", "Succeeded", size="Standard_DS3_v2", tier="dedicated", location="westeurope",
        ssh_public_access=False, subnet="/x/subnets/lab", max_instances=2,
    )  # fmt: skip

    def changed(**fields: Any) -> list[str]:
        return [fault.path for fault in fixed_faults(ComputeSpec("cpu", "amlcompute", **fields), now)]

    same = {
        "size": "STANDARD_DS3_V2",
        "tier": "Dedicated",
        "location": "West Europe",
        "ssh_public_access_enabled": False,
    }
    assert changed(**same, network_settings={"vnet_name": "v", "subnet": "lab"}, max_instances=9) == []
    assert changed(size="Standard_DS2_v2") == ["size"]
    assert changed(ssh_public_access_enabled=True) == ["ssh_public_access_enabled"]
    assert changed(network_settings={"subnet": "other"}) == ["network_settings.subnet"]


def quota(spec: ComputeSpec, **fields: Any) -> list[tuple[str, str]]:
    size = ComputeSize(**{"name": "Standard_DS3_v2", "family": "standardDSv2Family", "vcpus": 4, **fields})
    return [(fault.path, fault.severity) for fault in quota_faults(spec, [size])]


def test_the_quota_is_counted_in_whole_machines() -> None:
    cluster = ComputeSpec("c", "amlcompute", size="standard_ds3_v2", min_instances=1, max_instances=3)
    assert quota(cluster, quota_used=0, quota_limit=12) == []
    assert quota(cluster, quota_used=1, quota_limit=12) == [("max_instances", "warning")]
    assert quota(cluster, quota_used=9, quota_limit=12) == [("size", "error")]
    assert quota(cluster) == [], "nobody knows"
    assert quota(ComputeSpec("c", "computeinstance"), quota_used=4, quota_limit=8) == []
    assert quota(cluster, supported=("computeinstance",)) == [("size", "error")]
    cheap = ComputeSpec("c", "amlcompute", size="Standard_DS3_v2", tier="low_priority")
    assert quota(cheap) == [("tier", "error")]
    assert quota(cheap, low_priority=True, quota_limit=0) == []


def test_the_worst_fault_comes_first() -> None:
    spec = ComputeSpec("x", "amlcompute", tier="low_priority", min_instances=1)
    severities = [fault.severity for fault in worst_first(compute_faults(spec))]
    assert severities == ["error", "warning", "note"]


def test_prices() -> None:
    assert price_per_hour("STANDARD_DS3_V2") == 0.293
    assert price_per_hour("Standard_DS3_v2", "low_priority") == 0.0586
    assert price_per_hour("Standard_New_v9") is None
