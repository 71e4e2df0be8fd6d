"""`lapis workspace ...`."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.directory import NewWorkspace, WorkspaceDirectory
from services.errors import NotFoundError, UserError
from services.targets import AzureTarget
from services.workspace import Workspace
from tui.cli.documents import fault_document, summary_document, target_document, workspace_document
from tui.cli.options import Verbs, add_name, add_noun, add_tags, add_verb, tags_of
from tui.cli.output import Document, emit, emit_list, say
from tui.cli.target import target_of
from tui.cli.waiting import agree, finished
from tui.folders import settings_file

COLUMNS = {
    "Name": "name",
    "Kind": "kind",
    "Resource group": "resource_group",
    "Location": "location",
    "Profile": "profile",
    "Subscription": "subscription_id",
}
FAULT_COLUMNS = {"Severity": "severity", "Where": "path", "What": "message"}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "workspace", "see, find, create and delete workspaces")
    found = add_verb(
        verbs,
        "list",
        None,
        "list workspaces",
        output="table",
        description=(
            "List the workspaces that this machine knows: profiles, config.json and those that were opened.\n"
            "With --azure, --subscription or -g, list those that the identity sees in Azure."
        ),
    )
    found.add_argument("--azure", action="store_true", help="those that the identity sees in Azure")
    found.set_defaults(local_handler=list_workspaces)
    add_verb(verbs, "show", show, "show the workspace")
    add_verb(
        verbs, "diagnose", diagnose, "look for what is wrong with the workspace; exit 1 for an error", output="table"
    )

    create = add_verb(
        verbs,
        "create",
        None,
        "create a workspace in Azure",
        writes=True,
        description=(
            "Create a workspace in Azure, with the storage account, key vault and Application Insights that it needs.\n"
            "A local workspace needs no command: opening a folder makes one.\n\n"
            "  lapis workspace create -n ws-learn --subscription ID -g rg-learn --location westeurope"
        ),
    )
    add_name(create, "workspace", required=False)
    create.add_argument("-l", "--location", required=True, metavar="REGION", help="a region, such as westeurope")
    create.add_argument("--display-name", default="", metavar="TEXT", help="as Studio shows it")
    create.add_argument("--description", default="", metavar="TEXT", help="what it is for")
    add_tags(create)
    create.add_argument("--no-wait", action="store_true", help="return as soon as it was accepted")
    create.set_defaults(local_handler=create_workspace)

    delete = add_verb(verbs, "delete", None, "delete a workspace in Azure; its storage stays", output=None, writes=True)
    add_name(delete, "workspace", required=False)
    delete.add_argument("-y", "--yes", action="store_true", help="do not ask")
    delete.add_argument(
        *("-p", "--permanently-delete"), action="store_true", help="it can't be recovered, and its name is free at once"
    )
    delete.add_argument("--no-wait", action="store_true", help="return as soon as it was accepted")
    delete.set_defaults(local_handler=delete_workspace)


async def show(workspace: Workspace, args: Namespace) -> None:
    """The one that is open."""
    emit(workspace_document(await workspace.info()), args)


async def diagnose(workspace: Workspace, args: Namespace) -> int:
    """What is wrong with the one that is open; 1 if something is broken."""
    faults = await workspace.diagnose()
    emit_list([fault_document(fault) for fault in faults], args, FAULT_COLUMNS)
    if not faults:
        say("lapis: nothing is wrong")
    return int(any(fault.severity == "error" for fault in faults))


def list_workspaces(args: Namespace) -> int:
    """Those that this machine knows, or those in Azure."""
    if args.azure or getattr(args, "subscription", None) or getattr(args, "resource_group", None):
        return _in_azure(lambda directory: _list_azure(directory, args))
    from tui.connector import AppConnector

    connector = AppConnector(settings_file())
    config = connector.config_file()
    targets = [*([config.target] if config else []), *connector.known()]
    emit_list(
        [target_document(target) for target in {target.key: target for target in targets}.values()], args, COLUMNS
    )
    return 0


async def _list_azure(directory: WorkspaceDirectory, args: Namespace) -> None:
    subscription, group = getattr(args, "subscription", None), getattr(args, "resource_group", None)
    ids = [subscription] if subscription else [one.subscription_id for one in await directory.subscriptions()]
    answers = await asyncio.gather(*map(directory.workspaces, ids))
    found = [summary for answer in answers for summary in answer]
    emit_list(
        [summary_document(one) for one in found if not group or one.target.resource_group.lower() == group.lower()],
        args,
        COLUMNS,
    )


def create_workspace(args: Namespace) -> int:
    """Create one, and wait."""
    target = _azure_target(args)
    tags = {key: str(value) for key, value in tags_of(args.tags).items()}
    new = NewWorkspace(target, args.location, args.display_name, args.description, tags)

    async def create(directory: WorkspaceDirectory) -> None:
        await directory.create(new)
        await finished(directory.operations, no_wait=args.no_wait, told_by="lapis workspace list --azure")
        emit(await _document_of(directory, target), args)

    return _in_azure(create)


async def _document_of(directory: WorkspaceDirectory, target: AzureTarget) -> Document:
    for summary in await directory.workspaces(target.subscription_id):
        if summary.target.key == target.key:
            return summary_document(summary)
    return target_document(target)


def delete_workspace(args: Namespace) -> int:
    """Delete one, after a question, and wait."""
    target = _azure_target(args)

    async def delete(directory: WorkspaceDirectory) -> None:
        there = await directory.workspaces(target.subscription_id)
        if all(summary.target.key != target.key for summary in there):
            raise NotFoundError(f"There is no workspace named {target.workspace_name} in {target.resource_group}.")
        if not args.yes:
            agree(f"Delete workspace {target.workspace_name} with its jobs, models, data assets and computes?")
        await directory.delete(target, permanently=args.permanently_delete)
        await finished(directory.operations, no_wait=args.no_wait, told_by="lapis workspace list --azure")

    return _in_azure(delete)


def _azure_target(args: Namespace) -> AzureTarget:
    """The workspace that is meant; -n names another one in the group of -w. Raises UserError for a local one."""
    if args.name and (getattr(args, "subscription", None) or getattr(args, "resource_group", None)):
        args.workspace = args.name
    target = target_of(args)
    if isinstance(target, AzureTarget):
        return replace(target, workspace_name=args.name or target.workspace_name, profile="")
    raise UserError(
        f"{target.folder} is a local workspace, which is a folder.",
        title="Which workspace in Azure?",
        advice="Give -n, -g and --subscription, or -w azure:PROFILE.",
    )


def _in_azure(work: Callable[[WorkspaceDirectory], Awaitable[None]]) -> int:
    """Do something with the directory of whoever is signed in."""

    async def run() -> None:
        from services.connect import open_directory

        directory = await open_directory()
        try:
            await work(directory)
        finally:
            await directory.close()

    asyncio.run(run())
    return 0
