"""`lapis compute ...`."""

from __future__ import annotations

from argparse import Namespace

from services.workspace import Workspace
from tui.cli.documents import compute_document
from tui.cli.options import Verbs, add_name, add_noun, add_verb
from tui.cli.output import emit, emit_list

COLUMNS = {
    "Name": "name",
    "Type": "type",
    "State": "provisioning_state",
    "Slots": "slots",
    "Running": "running_jobs",
    "Queued": "queued_jobs",
    "Size": "size",
}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "compute", "see where jobs can run")
    add_verb(verbs, "list", list_computes, "list the computes", output="table")
    add_name(add_verb(verbs, "show", show, "show a compute"), "compute")


async def list_computes(workspace: Workspace, args: Namespace) -> None:
    """All of them."""
    emit_list([compute_document(compute) for compute in await workspace.compute.list()], args, COLUMNS)


async def show(workspace: Workspace, args: Namespace) -> None:
    """One of them."""
    emit(compute_document(await workspace.compute.get(args.name)), args)
