"""`lapis environment ...`."""

from __future__ import annotations

from argparse import Namespace

from services.workspace import Workspace
from tui.cli.documents import environment_document
from tui.cli.options import Verbs, add_file, add_name, add_noun, add_set, add_verb, add_version, version_of
from tui.cli.output import emit, emit_list, file_argument

COLUMNS = {"Name": "name", "Version": "version", "State": "state", "Curated": "curated", "Description": "description"}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "environment", "register environments and see their versions")
    create = add_verb(verbs, "create", create_environment, "register a version of an environment", writes=True)
    add_file(create, "environment", required=True)
    add_set(create)
    environments = add_verb(
        verbs, "list", list_environments, "list the environments, or the versions of one", output="table"
    )
    add_name(environments, "environment whose versions are listed", required=False)
    one = add_verb(verbs, "show", show, "show a version of an environment")
    add_name(one, "environment")
    add_version(one)


async def create_environment(workspace: Workspace, args: Namespace) -> None:
    """Register a version."""
    from services.specs.reading import load_document, read_environment

    path = file_argument(args.file)
    spec = read_environment(load_document(path), args.overrides)
    emit(environment_document(await workspace.environments.create(spec, base=path.parent)), args)


async def list_environments(workspace: Workspace, args: Namespace) -> None:
    """The latest versions, or all of one."""
    services = workspace.environments
    found = await services.versions(args.name) if args.name else await services.list()
    emit_list([environment_document(environment) for environment in found], args, COLUMNS)


async def show(workspace: Workspace, args: Namespace) -> None:
    """One version."""
    emit(environment_document(await workspace.environments.get(args.name, version_of(args))), args)
