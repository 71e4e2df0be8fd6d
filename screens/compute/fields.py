"""The fields of the form of each kind of compute, in the order in which one thinks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from textual.widget import Widget

from screens.compute.values import CLUSTER, INSTANCE, KUBERNETES, MACHINE, SPARK
from screens.fields import Field, Lines, Picker, line_input
from screens.widgets.line_input import SecretInput
from screens.widgets.path_input import PathInput
from screens.widgets.suggest_input import Complete, SuggestInput
from services.specs.computes import DEFAULT_SIZE

TIERS = ("dedicated", "low_priority")
SSH = ("off", "on")
CHANGEABLE = frozenset({"min_instances", "max_instances", "idle_time_before_scale_down", "identity"})
"""What can be changed once a cluster is made; other computes are made anew."""
FIXED_TEXT = "Nodes, idle time and identity can be changed; what is grey was settled when the cluster was made."


def _name() -> Field:
    return Field("name", "Name", line_input(), hint="Letters, digits and hyphens; begins with a letter")


def _size(complete: Complete) -> Field:
    control = SuggestInput(complete=complete, placeholder=DEFAULT_SIZE)
    return Field("size", "Size", control, hint="The machine; F4 lists sizes with price and quota")


def _ssh() -> Field:
    hint = "off: nobody logs in from outside; on: by the key below"
    return Field("ssh_public_access_enabled", "SSH", Picker(SSH), hint=hint)


def _ssh_key() -> Field:
    control = PathInput(placeholder="~/.ssh/id_ed25519.pub")
    return Field("ssh_settings.ssh_key_value", "SSH key", control, hint="A public key, or the path of its .pub file")


def _identity(why: str) -> Field:
    control = line_input(placeholder="none")
    return Field("identity", "Identity", control, hint=f"system, or the id of a user-assigned identity; {why}")


def _subnet() -> Field:
    control = line_input(placeholder="none")
    return Field("network_settings", "Subnet", control, hint="NETWORK/SUBNET, or the resource id of a subnet")


def _resource(what: str, example: str) -> Field:
    control = line_input(placeholder=example)
    return Field("resource_id", "Resource id", control, hint=f"/subscriptions/... of {what}, from the Azure portal")


def _about() -> Iterable[Field]:
    yield Field("description", "Description", line_input(), hint="What it is for")
    yield Field("tags", "Tags", Lines(placeholder="key=value, one a line"), hint="key=value, one a line")


def _instance(complete: Complete) -> Iterable[Field]:
    yield _name()
    yield _size(complete)
    yield Field(
        "idle_time_before_shutdown_minutes", "Stop when idle", line_input("60", placeholder="never"),
        hint="Minutes without work, 15 to 4320, after which it stops by itself; empty: never",
    )  # fmt: skip
    times = "18:00, weekdays 18:00, mon,wed 7:30 or cron; another time zone in brackets"
    yield Field("schedules.stop", "Stop at", line_input(placeholder="never"), hint=times)
    yield Field("schedules.start", "Start at", line_input(placeholder="never"), hint=times)
    yield _ssh()
    yield _ssh_key()
    yield Field(
        "create_on_behalf_of", "Assign to", line_input(placeholder="you"),
        hint="TENANT/OBJECT: the ids of the person who alone can use it",
    )  # fmt: skip
    yield Field(
        "setup_scripts", "Setup script", line_input(placeholder="none"),
        hint="A shell script in the workspace's file share, run once as root: Users/ada/setup.sh",
    )  # fmt: skip
    yield _identity("jobs there sign in as it")
    yield _subnet()
    yield from _about()


def _cluster(complete: Complete) -> Iterable[Field]:
    yield _name()
    yield _size(complete)
    yield Field(
        "tier", "Tier", Picker(TIERS, labels=("dedicated", "low priority")), hint="What a node costs and how sure it is"
    )
    yield Field(
        "min_instances",
        "Least nodes",
        line_input("0"),
        hint="0: an idle cluster costs nothing; nodes take minutes to come",
    )
    yield Field("max_instances", "Most nodes", line_input("1"), hint="More jobs than that wait in the queue")
    yield Field(
        "idle_time_before_scale_down", "Idle seconds", line_input("120"),
        hint="A node without a job goes after so many seconds",
    )  # fmt: skip
    yield _ssh()
    yield Field(
        "ssh_settings.admin_username", "SSH user", line_input(placeholder="azureuser"), hint="Who logs in to nodes"
    )
    yield _ssh_key()
    yield _identity("jobs there sign in as it")
    yield _subnet()
    yield from _about()


def _machine(complete: Complete) -> Iterable[Field]:
    yield _name()
    yield Field(
        "resource_id", "Machine", line_input(placeholder="/subscriptions/.../virtualMachines/NAME"),
        hint="Its resource id, from the Azure portal; Ubuntu and a public address are checked",
    )  # fmt: skip
    yield Field("ssh_settings.ssh_port", "Port", line_input("22"), hint="Where its SSH server listens")
    yield Field(
        "ssh_settings.admin_username", "User", line_input(placeholder="azureuser"), hint="Who logs in; may use sudo"
    )
    yield Field(
        "ssh_settings.admin_password", "Password", SecretInput(), hint="Goes to Azure alone; never shown or kept here"
    )
    yield Field(
        "ssh_settings.ssh_private_key_file", "or private key", PathInput(placeholder="~/.ssh/id_rsa"),
        hint="The file of a private key in place of a password",
    )  # fmt: skip
    yield from _about()


def _spark(complete: Complete) -> Iterable[Field]:
    yield _name()
    yield _resource("the Spark pool", "/subscriptions/.../workspaces/SYNAPSE/bigDataPools/POOL")
    yield _identity("it needs the role Synapse Administrator")
    yield from _about()


def _kubernetes(complete: Complete) -> Iterable[Field]:
    yield _name()
    yield _resource("the cluster", "/subscriptions/.../managedClusters/NAME")
    yield Field("namespace", "Namespace", line_input("default"), hint="Where its jobs run; it must be there already")
    yield _identity("the workspace signs in as it")
    yield from _about()


_MAKERS: Mapping[str, Callable[[Complete], Iterable[Field]]] = {
    INSTANCE: _instance,
    CLUSTER: _cluster,
    MACHINE: _machine,
    SPARK: _spark,
    KUBERNETES: _kubernetes,
}


def compute_fields(kind: str, complete_size: Complete) -> Iterable[Widget]:
    """The fields for a type of compute."""
    return _MAKERS[kind](complete_size)
