"""The form of a compute as texts, and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screens.compute.values import CLUSTER, INSTANCE, KUBERNETES, MACHINE, SPARK, spec_from, spec_of, values_of
from services.entities import ComputeType
from services.errors import SpecError
from services.specs.assets import ComputeSpec
from services.specs.show_as import as_yaml
from tests.support import compute_entities as computes

IDENTITY = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"


def test_an_instance() -> None:
    spec = spec_of(
        INSTANCE,
        {
            "name": " ada-box ",
            "size": "Standard_DS3_v2",
            "idle_time_before_shutdown_minutes": "60",
            "schedules.stop": "weekdays 18:00 (CET)",
            "schedules.start": "30 7 * * *",
            "ssh_public_access_enabled": "on",
            "ssh_settings.ssh_key_value": "ssh-ed25519 AAAA ada",
            "create_on_behalf_of": "t-1/o-2",
            "setup_scripts": "Users/ada/setup.sh",
            "identity": "system",
            "network_settings": "net/sub",
            "tags": "team=research",
        },
    )
    assert spec == ComputeSpec(
        "ada-box",
        "computeinstance",
        size="Standard_DS3_v2",
        tags={"team": "research"},
        idle_time_before_shutdown_minutes=60,
        ssh_public_access_enabled=True,
        ssh_settings={"ssh_key_value": "ssh-ed25519 AAAA ada"},
        network_settings={"vnet_name": "net", "subnet": "sub"},
        identity={"type": "system_assigned"},
        schedules={
            "compute_start_stop": [
                {
                    "action": "start",
                    "state": "enabled",
                    "trigger": {"type": "cron", "expression": "30 7 * * *", "time_zone": "UTC"},
                },
                {
                    "action": "stop",
                    "state": "enabled",
                    "trigger": {"type": "cron", "expression": "0 18 * * 1-5", "time_zone": "CET"},
                },
            ]
        },
        setup_scripts={"creation_script": {"path": "Users/ada/setup.sh"}},
        create_on_behalf_of={"user_tenant_id": "t-1", "user_object_id": "o-2"},
    )


def test_a_cluster_with_what_is_needed_only() -> None:
    given = {"name": "c", "size": "", "tier": "low_priority", "min_instances": "0", "max_instances": "4"}
    spec = spec_of(CLUSTER, given)
    assert spec == ComputeSpec("c", "amlcompute", tier="low_priority", min_instances=0, max_instances=4)


def test_user_assigned_identities() -> None:
    spec = spec_of(
        KUBERNETES, {"name": "k", "resource_id": "/x", "namespace": "ml", "identity": f"{IDENTITY}, {IDENTITY}2"}
    )
    assert spec.identity == {
        "type": "user_assigned",
        "user_assigned_identities": [{"resource_id": IDENTITY}, {"resource_id": f"{IDENTITY}2"}],
    }
    assert (spec.resource_id, spec.namespace) == ("/x", "ml")


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "id.pub").write_text("ssh-rsa AAAA ada\n", "utf-8")
    spec = spec_of(CLUSTER, {"name": "c", "ssh_settings.ssh_key_value": str(tmp_path / "id.pub")})
    assert spec.ssh_settings == {"ssh_key_value": "ssh-rsa AAAA ada"}


@pytest.mark.parametrize(
    ("kind", "values", "path"),
    [
        (CLUSTER, {}, "name"),
        (CLUSTER, {"max_instances": "many"}, "max_instances"),
        (CLUSTER, {"max_instances": "-1"}, "max_instances"),
        (CLUSTER, {"ssh_settings.ssh_key_value": "/nowhere/id.pub"}, "ssh_settings.ssh_key_value"),
        (CLUSTER, {"tags": "no pair"}, "tags"),
        (INSTANCE, {"schedules.stop": "in the evening"}, "schedules.stop"),
        (INSTANCE, {"schedules.start": "25:00"}, "schedules.start"),
        (INSTANCE, {"create_on_behalf_of": "ada"}, "create_on_behalf_of"),
        (INSTANCE, {"identity": "me"}, "identity"),
        (INSTANCE, {"network_settings": "subnet"}, "network_settings"),
        (MACHINE, {"ssh_settings.admin_username": "ada"}, "resource_id"),
        (MACHINE, {"resource_id": "/x"}, "ssh_settings.admin_username"),
        (
            MACHINE,
            {"ssh_settings.admin_password": "", "ssh_settings.ssh_private_key_file": ""},
            "ssh_settings.admin_password",
        ),
        (MACHINE, {"ssh_settings.ssh_port": "ssh"}, "ssh_settings.ssh_port"),
        (SPARK, {}, "resource_id"),
        (KUBERNETES, {}, "resource_id"),
    ],
)
def test_faults_are_at_their_fields(kind: str, values: dict[str, str], path: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec_of(kind, values)
    assert path in [fault.path for fault in caught.value.faults]


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        spec_of(CLUSTER, {"name": "c", "ssh_settings.ssh_key_value": str(tmp_path / "id")})
    assert "holds no public key" in str(caught.value)
    assert "BEGIN" not in str(caught.value)


def test_a_cluster_as_it_is_edited() -> None:
    values = values_of(computes.CLUSTER)
    assert values["max_instances"] == "4"
    assert values["idle_time_before_scale_down"] == "120"
    assert spec_of(CLUSTER, values).max_instances == 4


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (
            computes.CLUSTER,
            {"tier": "dedicated", "max_instances": 4, "idle_time_before_scale_down": 120, "tags": {"team": "research"}},
        ),
        (
            replace(computes.INSTANCE, type=ComputeType.COMPUTE_INSTANCE),
            {"idle_time_before_shutdown_minutes": 60, "identity": {"type": "system_assigned"}},
        ),
        (computes.KUBERNETES, {"namespace": "ml", "size": None, "max_instances": None}),
        (computes.MACHINE, {"ssh_settings": {"admin_username": "ada", "ssh_port": 22}}),
    ],
)
def test_a_compute_as_the_spec_that_makes_one_like_it(compute: Any, expected: dict[str, Any]) -> None:
    spec = spec_from(compute)
    assert {key: getattr(spec, key) for key in expected} == expected
    assert (spec.name, spec.type) == (compute.name, compute.type)
    assert f"type: {spec.type}" in as_yaml(spec)
