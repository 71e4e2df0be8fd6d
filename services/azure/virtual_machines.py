"""A virtual machine that is to be attached: whether it runs Ubuntu, has a public address and answers there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.azure.http import AzureHttp
from services.azure.resources import HOST, Body, properties_of
from services.azure.workspace_mapping import part, text
from services.errors import Fault, ServiceError
from services.specs.assets import ComputeSpec
from services.ssh import ssh_faults

_COMPUTE_VERSION = "2024-07-01"
_NETWORK_VERSION = "2024-05-01"


def machine_faults(http: AzureHttp, spec: ComputeSpec) -> list[Fault]:
    """What Azure and the machine itself say; blocking, a few seconds at most."""
    try:
        machine = _get(http, spec.resource_id or "", _COMPUTE_VERSION)
        address = _address(http, machine)
    except ServiceError as error:
        return [Fault("resource_id", f"the machine could not be looked up: {error.detail}", "warning")]
    faults = list(system_faults(machine))
    if not address:
        return [*faults, Fault("resource_id", "the machine has no public address; Azure ML could not reach it")]
    return [*faults, *ssh_faults(address, path="resource_id")]


def system_faults(machine: Body) -> Iterator[Fault]:
    """What the machine's image says; nothing of one that was made from a disk."""
    storage = part(properties_of(machine), "storageProfile")
    system, image = text(part(storage, "osDisk"), "osType"), part(storage, "imageReference")
    offer = text(image, "offer")
    if system and system != "Linux":
        yield Fault("resource_id", f"the machine runs {system}; only Ubuntu can be attached")
    elif offer and "ubuntu" not in f"{offer} {text(image, 'publisher')} {text(image, 'sku')}".lower():
        yield Fault("resource_id", f"the machine was made from {offer}; only Ubuntu can be attached")


def _address(http: AzureHttp, machine: Body) -> str:
    """Its first public address; empty for none."""
    for card in _objects(part(properties_of(machine), "networkProfile"), "networkInterfaces"):
        found = _get(http, text(card, "id"), _NETWORK_VERSION)
        for configuration in _objects(properties_of(found), "ipConfigurations"):
            if public := text(part(properties_of(configuration), "publicIPAddress"), "id"):
                return text(properties_of(_get(http, public, _NETWORK_VERSION)), "ipAddress")
    return ""


def _objects(body: Mapping[str, Any], key: str) -> list[Body]:
    found = body.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _get(http: AzureHttp, arm_id: str, version: str) -> Body:
    answer = http.json("GET", HOST + arm_id, params={"api-version": version})
    return answer if isinstance(answer, dict) else {}
