"""A compute's spec as SDK code and as an ARM template: the SDK itself makes the same request of the YAML."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

import pytest

from services.specs.assets import ComputeSpec
from services.specs.compute_code import as_arm
from services.specs.show_as import as_arm as shown_arm
from services.specs.show_as import as_sdk, as_yaml

pytestmark = pytest.mark.azure

ID = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers"
USER = f"{ID}/Microsoft.ManagedIdentity/userAssignedIdentities/u"
SAID_BY_THE_SDK = {
    "applicationSharingPolicy",
    "computeInstanceAuthorizationType",
    "disableLocalAuth",
    "enableNodePublicIp",
    "enableOSPatching",
    "enableRootAccess",
    "enableSSO",
    "nodeIdleTimeBeforeScaleDown",
    "osType",
    "releaseQuotaOnStop",
    "remoteLoginPortPublicAccess",
    "triggerType",
}
"""What the SDK fills in where a spec says nothing."""
IDENTITY = {"type": "user_assigned", "user_assigned_identities": [{"resource_id": USER}]}
SPECS = [
    ComputeSpec(
        "cpu-cluster",
        "amlcompute",
        size="Standard_DS3_v2",
        tier="low_priority",
        description="for all",
        tags={"team": "research"},
        min_instances=0,
        max_instances=4,
        idle_time_before_scale_down=120,
        ssh_public_access_enabled=False,
        ssh_settings={"admin_username": "ada", "ssh_key_value": "ssh-rsa AAAA"},
        identity=IDENTITY,
        network_settings={"subnet": f"{ID}/Microsoft.Network/virtualNetworks/n/subnets/s"},
    ),
    ComputeSpec("least", "amlcompute", size="Standard_DS3_v2", min_instances=0, max_instances=1),
    ComputeSpec(
        "ada-box",
        "computeinstance",
        size="Standard_DS3_v2",
        idle_time_before_shutdown_minutes=60,
        ssh_public_access_enabled=True,
        ssh_settings={"ssh_key_value": "ssh-rsa AAAA"},
        create_on_behalf_of={"user_tenant_id": "t", "user_object_id": "o"},
        identity={"type": "system_assigned"},
        setup_scripts={"creation_script": {"path": "Users/ada/setup.sh", "timeout_minutes": 25}},
        schedules={
            "compute_start_stop": [
                {
                    "action": "stop",
                    "state": "enabled",
                    "trigger": {"type": "cron", "expression": "0 18 * * *", "time_zone": "UTC"},
                }
            ]
        },
    ),
    ComputeSpec("vm", "virtualmachine", resource_id=f"{ID}/Microsoft.Compute/virtualMachines/vm",
                ssh_settings={"admin_username": "ada", "admin_password": "not-so-secret", "ssh_port": 22}),
    ComputeSpec("aks", "kubernetes", resource_id=f"{ID}/Microsoft.ContainerService/managedClusters/aks",
                namespace="ml", identity={"type": "system_assigned"}),
    ComputeSpec("pool", "synapsespark",
                resource_id=f"{ID}/Microsoft.Synapse/workspaces/w/bigDataPools/p",
                identity={"type": "system_assigned"}),
]  # fmt: skip


def request_of(entity: Any) -> dict[str, Any]:
    """The body that the SDK would send, without what is empty."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            pairs = {key: filled(item) for key, item in value.items()}
            return {key: item for key, item in pairs.items() if item not in (None, {}, [])}
        return [filled(item) for item in value] if isinstance(value, list) else value

    if hasattr(entity, "_set_full_subnet_name"):  # as the SDK does before it asks
        entity._set_full_subnet_name("1", "rg")
    rest = entity._to_rest_object()
    return filled(rest.as_dict() if hasattr(rest, "as_dict") else rest.serialize())  # type: ignore[no-any-return]


def from_yaml(spec: ComputeSpec) -> Any:
    from azure.ai.ml import load_compute

    return load_compute(StringIO(as_yaml(spec)))


def from_code(spec: ComputeSpec) -> Any:
    """What the code makes, up to where it would ask Azure."""
    code = as_sdk(spec)
    lines = [line for line in code.splitlines() if "ml_client" not in line and "azure.identity" not in line]
    names: dict[str, Any] = {}
    body = "\n".join(lines)
    exec(compile(body.replace("print(compute.provisioning_state)", ""), "code.py", "exec"), names)
    return names["compute"]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_code_makes_the_request_that_the_yaml_makes(spec: ComputeSpec) -> None:
    assert request_of(from_code(spec)) == request_of(from_yaml(spec))


def contained(part: dict[str, Any], whole: dict[str, Any]) -> set[str]:
    """That a request says all that the template says; the names of what it says besides."""
    more = set(whole) - set(part)
    for key, value in part.items():
        if isinstance(value, dict):
            more |= contained(value, whole[key])
        elif isinstance(value, list):
            more |= set().union(*(contained(*pair) for pair in zip(value, whole[key], strict=True)))
        else:
            assert comparable(value) == comparable(whole[key]), key
    return more


def comparable(value: Any) -> Any:
    """PT120S and PT2M are the same, and so are Stop and stop."""
    if time := re.fullmatch(r"PT(?:(\d+)M)?(?:(\d+)S)?", str(value)):
        return int(time[1] or 0) * 60 + int(time[2] or 0)
    return value.lower() if isinstance(value, str) else value


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_template_holds_what_the_request_holds(spec: ComputeSpec) -> None:
    resource = json.loads(shown_arm(spec))["resources"][0]
    request = request_of(from_yaml(spec))
    more = contained(resource["properties"], request["properties"])
    assert more <= SAID_BY_THE_SDK
    if spec.identity:
        kind = {"system_assigned": "SystemAssigned", "user_assigned": "UserAssigned"}[spec.identity["type"]]
        assert resource["identity"]["type"] == kind
        assert request["identity"]["type"].lower() == kind.lower()
    assert resource["name"] == f"[concat(parameters('workspaceName'), '/{spec.name}')]"


def test_a_password_is_in_no_form() -> None:
    spec = SPECS[3]
    for text in (as_yaml(spec), as_sdk(spec), shown_arm(spec)):
        assert "not-so-secret" not in text
        assert "<redacted>" in text
    assert "not-so-secret" in as_arm(spec), "what is redacted is what is shown, not the template itself"
