"""`lapis datastore ...`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from services.specs.datastores import TYPES
from services.workspace import Workspace
from tui.cli.datastore_options import add_create_options, datastore_spec
from tui.cli.documents import datastore_document
from tui.cli.options import Verbs, add_name, add_noun, add_verb
from tui.cli.output import emit, emit_list, say_fault
from tui.cli.waiting import agree

COLUMNS = {
    "Name": "name",
    "Type": "type",
    "Default": "is_default",
    "Signs in by": "credentials.type",
    "Expires": "credentials.expires_at",
    "Account": "account_name",
    "Container": "container_name",
    "Folder": "folder",
}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "datastore", "see the datastores; register, change and forget them")
    add_verb(verbs, "list", list_datastores, "list the datastores, the default one first", output="table")
    add_name(add_verb(verbs, "show", show, "show a datastore"), "datastore")
    create = add_verb(
        verbs,
        "create",
        create_datastore,
        "register a datastore, or change one",
        writes=True,
        description=(
            "Register a datastore, or change the one of that name. A secret comes from the file, from another file or\n"
            "from an environment variable, and is never printed; left out, or <redacted>, it stays what it is.\n\n"
            "  lapis datastore create -f blob.yml\n"
            "  lapis datastore create -n raw --type azure_blob --account-name acc --container-name raw \\\n"
            "      --auth account_key --secret-env STORAGE_KEY"
        ),
    )
    create.add_argument("-t", "--type", choices=tuple(TYPES), type=str.lower, help="what to register")
    add_create_options(create)
    delete = add_verb(
        verbs, "delete", delete_datastore, "forget a datastore; what it points to stays", output=None, writes=True
    )
    add_name(delete, "datastore")
    delete.add_argument("-y", "--yes", action="store_true", help="do not ask")


async def list_datastores(workspace: Workspace, args: Namespace) -> None:
    """All of them."""
    emit_list([datastore_document(datastore) for datastore in await workspace.datastores.list()], args, COLUMNS)


async def show(workspace: Workspace, args: Namespace) -> None:
    """One of them."""
    emit(datastore_document(await workspace.datastores.get(args.name)), args)


async def create_datastore(workspace: Workspace, args: Namespace) -> None:
    """Register or change, with what one should know before on stderr."""
    spec = datastore_spec(args)
    base = args.file.resolve().parent if args.file else Path.cwd()
    for fault in await workspace.datastores.check(spec, base=base):
        if fault.severity != "error":
            say_fault(fault)
    emit(datastore_document(await workspace.datastores.create(spec, base=base)), args)


async def delete_datastore(workspace: Workspace, args: Namespace) -> None:
    """Forget, after a question."""
    datastore = await workspace.datastores.get(args.name)
    if not args.yes:
        agree(f"Forget the datastore {datastore.name}?")
    await workspace.datastores.delete(args.name)
