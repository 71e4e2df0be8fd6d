"""`lapis compute ...`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from services.compute_prices import PRICES_NOTE
from services.specs.assets import ComputeSpec
from services.specs.computes import ATTACHED
from services.workspace import Workspace
from tui.cli.compute_documents import compute_document, node_document, size_document, usage_documents
from tui.cli.compute_options import (
    MADE,
    add_attach_options,
    add_create_options,
    add_scale_options,
    compute_spec,
)
from tui.cli.options import Handler, Verbs, add_name, add_noun, add_set, add_tags, add_verb
from tui.cli.output import emit, emit_list, say, say_fault
from tui.cli.waiting import agree, finished

COLUMNS = {
    "Name": "name",
    "Type": "type",
    "State": "provisioning_state",
    "Nodes": "nodes.total",
    "Min": "min_instances",
    "Max": "max_instances",
    "Running": "running_jobs",
    "Queued": "queued_jobs",
    "Size": "size",
}
NODE_COLUMNS = {"Node": "node_id", "State": "node_state", "Job": "current_job_name", "SSH": "ssh"}
SIZE_COLUMNS = {
    "Name": "name",
    "vCPUs": "v_cp_us",
    "GiB": "memory_gb",
    "GPUs": "gpus",
    "Quota left": "quota_left",
    "$/h": "price_per_hour",
    "Family": "family",
}
USAGE_COLUMNS = {"Family": "name", "Used": "current_value", "Limit": "limit", "Unit": "unit"}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "compute", "see where jobs can run; make, scale, start, stop and delete it")
    found = add_verb(verbs, "list", list_computes, "list the computes", output="table")
    found.add_argument("-t", "--type", metavar="TYPE", help="only this type, such as amlcompute")
    add_name(add_verb(verbs, "show", show, "show a compute"), "compute")

    create = add_verb(
        verbs,
        "create",
        create_compute,
        "create a cluster, a pool or an instance",
        writes=True,
        description=(
            "Create a cluster or an instance, on a local workspace a pool of slots; one that is there is changed.\n\n"
            "  lapis compute create --name cpu --type amlcompute --size Standard_DS3_v2 --max-instances 2"
        ),
    )
    create.add_argument("-t", "--type", choices=MADE, type=str.lower, help="what to create")
    add_create_options(create)
    _add_no_wait(create)

    update = add_verb(
        verbs, "update", update_compute, "change the scale, the words or the identity of a cluster", writes=True
    )
    add_name(update, "compute")
    add_scale_options(update)
    update.add_argument("--description", metavar="TEXT", help="a description")
    add_tags(update)
    add_set(update)
    _add_no_wait(update)

    attach = add_verb(
        verbs, "attach", create_compute, "attach a virtual machine, a Kubernetes cluster or a Spark pool", writes=True
    )
    attach.add_argument("-t", "--type", choices=ATTACHED, type=str.lower, help="what to attach")
    add_attach_options(attach)
    _add_no_wait(attach)

    for name, text in (
        ("start", "start an instance"),
        ("stop", "stop an instance"),
        ("restart", "restart an instance"),
    ):
        _add_switch(verbs, name, text)
    delete = add_verb(verbs, "delete", delete_compute, "delete a compute, or detach it", output=None, writes=True)
    add_name(delete, "compute")
    delete.add_argument("-y", "--yes", action="store_true", help="do not ask")
    _add_no_wait(delete)

    add_name(add_verb(verbs, "list-nodes", list_nodes, "list the nodes of a cluster", output="table"), "compute")
    sizes = add_verb(
        verbs, "list-sizes", list_sizes, "list the sizes of machines, with quota and price", output="table"
    )
    sizes.add_argument("-t", "--type", metavar="TYPE", help="only sizes that this type can have")
    add_verb(verbs, "list-usage", list_usage, "list what is used of the quota, by family", output="table")


def _add_switch(verbs: Verbs, name: str, text: str) -> None:
    async def switch(workspace: Workspace, args: Namespace) -> None:
        await getattr(workspace.compute, name)(args.name)
        await finished(workspace.operations, no_wait=args.no_wait, told_by="lapis compute show")

    handler: Handler = switch
    verb = add_verb(verbs, name, handler, text, output=None, writes=True)
    add_name(verb, "instance")
    _add_no_wait(verb)


def _add_no_wait(verb: ArgumentParser) -> None:
    verb.add_argument("--no-wait", action="store_true", help="return as soon as it was accepted")


async def list_computes(workspace: Workspace, args: Namespace) -> None:
    """All of them, or those of a type."""
    wanted = (args.type or "").lower()
    found = [compute for compute in await workspace.compute.list() if wanted in ("", compute.type.lower())]
    emit_list([compute_document(compute) for compute in found], args, COLUMNS)


async def show(workspace: Workspace, args: Namespace) -> None:
    """One of them."""
    emit(compute_document(await workspace.compute.get(args.name)), args)


async def create_compute(workspace: Workspace, args: Namespace) -> None:
    """Create or attach, with what one should know before on stderr."""
    await _create(workspace, compute_spec(args), args)


async def update_compute(workspace: Workspace, args: Namespace) -> None:
    """Change a cluster that is there."""
    now = await workspace.compute.get(args.name)
    spec = compute_spec(args, {"type": now.type})
    await _create(workspace, spec, args)


async def _create(workspace: Workspace, spec: ComputeSpec, args: Namespace) -> None:
    for fault in await workspace.compute.check(spec):
        if fault.severity != "error":
            say_fault(fault)
    await workspace.compute.create(spec)
    await finished(workspace.operations, no_wait=args.no_wait, told_by="lapis compute show")
    emit(compute_document(await workspace.compute.get(spec.name)), args)


async def delete_compute(workspace: Workspace, args: Namespace) -> None:
    """Delete or detach, after a question."""
    compute = await workspace.compute.get(args.name)
    if not args.yes:
        agree(f"Delete {compute.type} {compute.name}?")
    await workspace.compute.delete(args.name)
    await finished(workspace.operations, no_wait=args.no_wait, told_by="lapis compute show")


async def list_nodes(workspace: Workspace, args: Namespace) -> None:
    """The nodes that there are now."""
    nodes = await workspace.compute.nodes(args.name)
    emit_list([node_document(node) for node in nodes], args, NODE_COLUMNS)


async def list_sizes(workspace: Workspace, args: Namespace) -> None:
    """The sizes of the region."""
    wanted = (args.type or "").lower()
    sizes = [size for size in await workspace.compute.sizes() if not wanted or wanted in size.supported]
    emit_list([size_document(size) for size in sizes], args, SIZE_COLUMNS)
    if any(size.price_per_hour is not None for size in sizes):
        say(f"lapis: $/h is the {PRICES_NOTE}")


async def list_usage(workspace: Workspace, args: Namespace) -> None:
    """The quota."""
    emit_list(usage_documents(await workspace.compute.sizes()), args, USAGE_COLUMNS)
