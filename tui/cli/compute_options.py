"""The options of `compute create`, `update` and `attach`, named as by `az ml compute`, and the spec that they mean."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from typing import Any

from services.errors import UserError
from services.specs.assets import ComputeSpec
from services.specs.computes import DEDICATED, LOW_PRIORITY
from tui.cli.options import add_file, add_name, add_set, add_tags, tags_of
from tui.cli.output import file_argument

MADE = ("amlcompute", "computeinstance")
_FIELDS = (
    "name", "type", "size", "tier", "location", "description", "min_instances", "max_instances",
    "idle_time_before_scale_down", "idle_time_before_shutdown_minutes", "ssh_public_access_enabled", "resource_id",
    "namespace",
)  # fmt: skip
"""Options that are fields of the document by the same name."""
_NESTED = {
    "admin_username": "ssh_settings",
    "admin_password": "ssh_settings",
    "ssh_key_value": "ssh_settings",
    "ssh_private_key_file": "ssh_settings",
    "subnet": "network_settings",
    "vnet_name": "network_settings",
    "user_object_id": "create_on_behalf_of",
    "user_tenant_id": "create_on_behalf_of",
}
"""Options that are fields of a part of the document."""


def add_create_options(verb: ArgumentParser) -> None:
    """The options of `create`; an option beats the file."""
    _add_document(verb)
    verb.add_argument("--size", metavar="SIZE", help="the size of the machines, such as Standard_DS3_v2")
    verb.add_argument("--tier", choices=(DEDICATED, LOW_PRIORITY), help=f"of a cluster (default: {DEDICATED})")
    add_scale_options(verb)
    verb.add_argument("--location", metavar="REGION", help="of a cluster (default: the workspace's)")
    verb.add_argument(
        "--idle-time-before-shutdown-minutes", type=int, metavar="MINUTES", help="an idle instance stops after these"
    )
    verb.add_argument(
        "--ssh-public-access-enabled",
        type=_truth,
        metavar="true|false",
        help="whether the port for SSH is open to the internet",
    )
    verb.add_argument("--ssh-key-value", metavar="KEY", help="the public key that may log in")
    verb.add_argument("--admin-username", metavar="NAME", help="who logs in to the nodes of a cluster")
    verb.add_argument("--admin-password", metavar="PASSWORD", help="with this password; a key is safer")
    verb.add_argument("--vnet-name", metavar="NAME", help="the virtual network")
    verb.add_argument("--subnet", metavar="SUBNET", help="its subnet, by name or by ARM id")
    verb.add_argument("--user-object-id", metavar="ID", help="for whom an instance is made")
    verb.add_argument("--user-tenant-id", metavar="ID", help="the tenant of that user")


def add_scale_options(verb: ArgumentParser) -> None:
    """What can be changed of a cluster."""
    verb.add_argument("--min-instances", type=int, metavar="N", help="the fewest nodes of a cluster (default: 0)")
    verb.add_argument("--max-instances", type=int, metavar="N", help="the most nodes of a cluster (default: 4)")
    verb.add_argument(
        "--idle-time-before-scale-down",
        type=int,
        metavar="SECONDS",
        help="an idle node leaves after these (default: 120)",
    )
    verb.add_argument(
        "--identity-type",
        choices=("system_assigned", "user_assigned"),
        help="the managed identity that jobs may use",
    )
    verb.add_argument(
        "--user-assigned-identities", metavar="IDS", help="ARM ids of user-assigned identities, parted by commas"
    )


def add_attach_options(verb: ArgumentParser) -> None:
    """The options of `attach`; an option beats the file."""
    _add_document(verb)
    verb.add_argument("--resource-id", metavar="ID", help="the ARM id of what is attached")
    verb.add_argument("--namespace", metavar="NAME", help="of a Kubernetes cluster (default: default)")
    verb.add_argument("--admin-username", metavar="NAME", help="who logs in to a virtual machine")
    verb.add_argument("--admin-password", metavar="PASSWORD", help="with this password")
    verb.add_argument("--ssh-private-key-file", metavar="FILE", help="or with the private key in this file")
    verb.add_argument(
        "--identity-type", choices=("system_assigned", "user_assigned"), help="the managed identity of a Spark pool"
    )
    verb.add_argument(
        "--user-assigned-identities", metavar="IDS", help="ARM ids of user-assigned identities, parted by commas"
    )


def _add_document(verb: ArgumentParser) -> None:
    add_file(verb, "compute")
    add_set(verb)
    add_name(verb, "compute", required=False)
    verb.add_argument("--description", metavar="TEXT", help="a description")
    add_tags(verb)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ArgumentTypeError(f"expected true or false, got {text!r}")
    return text.lower() == "true"


def compute_spec(args: Namespace, more: Mapping[str, Any] | None = None) -> ComputeSpec:
    """The spec in the file, with what the options say. Raises UserError, SpecError.

    Args:
        more: fields that come neither from the file nor from an option.
    """
    from services.specs.reading import load_document, read_compute

    document: dict[str, Any] = {}
    if getattr(args, "file", None):
        document = load_document(file_argument(args.file))
    document |= more or {}
    document |= {field: value for field in _FIELDS if (value := getattr(args, field, None)) is not None}
    for option, part in _NESTED.items():
        if (value := getattr(args, option, None)) is not None:
            document[part] = {**(document.get(part) or {}), option: value}
    if identity := _identity(args):
        document["identity"] = identity
    if args.tags:
        document["tags"] = {**(document.get("tags") or {}), **tags_of(args.tags)}
    if "name" not in document or "type" not in document:
        raise UserError(
            "Neither a file nor both of --name and --type were given.",
            title="What to make is missing",
            advice="Give -f FILE, or --name NAME --type TYPE.",
        )
    return read_compute(document, args.overrides)


def _identity(args: Namespace) -> dict[str, Any]:
    identities = [arm_id for arm_id in (args.user_assigned_identities or "").split(",") if arm_id]
    kind = args.identity_type or ("user_assigned" if identities else "")
    if not kind:
        return {}
    named = {"user_assigned_identities": [{"resource_id": arm_id} for arm_id in identities]} if identities else {}
    return {"type": kind, **named}
