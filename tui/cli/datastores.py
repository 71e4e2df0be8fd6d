"""`lapis datastore ...`."""

from __future__ import annotations

from argparse import Namespace

from services.workspace import Workspace
from tui.cli.documents import datastore_document
from tui.cli.options import Verbs, add_name, add_noun, add_verb
from tui.cli.output import emit, emit_list

COLUMNS = {
    "Name": "name",
    "Type": "type",
    "Default": "is_default",
    "Account": "account_name",
    "Container": "container_name",
    "Folder": "folder",
}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "datastore", "see the datastores")
    add_verb(verbs, "list", list_datastores, "list the datastores, the default one first", output="table")
    add_name(add_verb(verbs, "show", show, "show a datastore"), "datastore")


async def list_datastores(workspace: Workspace, args: Namespace) -> None:
    """All of them."""
    emit_list([datastore_document(datastore) for datastore in await workspace.datastores.list()], args, COLUMNS)


async def show(workspace: Workspace, args: Namespace) -> None:
    """One of them."""
    emit(datastore_document(await workspace.datastores.get(args.name)), args)
