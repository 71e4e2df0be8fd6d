"""`lapis data ...`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from services.workspace import Workspace
from tui.cli import tables
from tui.cli.assets import add_asset_options, asset_document
from tui.cli.documents import data_document
from tui.cli.options import Verbs, add_archived, add_name, add_noun, add_verb, add_version, version_of
from tui.cli.output import emit, emit_list, say

COLUMNS = {
    "Name": "name",
    "Version": "version",
    "Type": "type",
    "Size": "size",
    "Created": "creation_context.created_at",
    "Description": "description",
}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "data", "register data assets, see their versions, look into tables")
    add_asset_options(
        add_verb(
            verbs,
            "create",
            create,
            "register a version of a data asset",
            writes=True,
            description=(
                "Register a version of a data asset, from a YAML file or from options; a local path is copied.\n\n"
                "  lapis data create --name diabetes --path diabetes.csv --type uri_file"
            ),
        ),
        "data asset",
        ("uri_file", "uri_folder", "mltable"),
    )
    data = add_verb(verbs, "list", list_data, "list the data assets, or the versions of one", output="table")
    add_name(data, "data asset whose versions are listed", required=False)
    add_archived(data)
    one = add_verb(verbs, "show", show, "show a version of a data asset")
    add_name(one, "data asset")
    add_version(one)
    for name, handler, text in (
        ("archive", archive, "hide a version from lists"),
        ("restore", restore, "show an archived version again"),
    ):
        verb = add_verb(verbs, name, handler, text, output=None, writes=True)
        add_name(verb, "data asset")
        verb.add_argument("--version", required=True, metavar="VERSION", help="which version")
    tables.add(verbs)


async def create(workspace: Workspace, args: Namespace) -> None:
    """Register a version."""
    from services.specs.reading import read_data

    document, base = asset_document(args)
    if "type" not in document and not args.file:
        document["type"] = "uri_folder" if (base / Path(str(args.path)).expanduser()).is_dir() else "uri_file"
    emit(data_document(await workspace.data.create(read_data(document, args.overrides), base=base)), args)


async def list_data(workspace: Workspace, args: Namespace) -> None:
    """The latest versions, or all of one asset."""
    if args.name:
        assets = [
            data for data in await workspace.data.versions(args.name) if args.include_archived or not data.archived
        ]
    else:
        assets = list(await workspace.data.list(include_archived=args.include_archived))
    emit_list([data_document(data) for data in assets], args, COLUMNS)


async def show(workspace: Workspace, args: Namespace) -> None:
    """One version."""
    emit(data_document(await workspace.data.get(args.name, version_of(args))), args)


async def archive(workspace: Workspace, args: Namespace) -> None:
    """Hide it."""
    await workspace.data.archive(args.name, args.version)
    say(f"lapis: archived {args.name}:{args.version}")


async def restore(workspace: Workspace, args: Namespace) -> None:
    """Show it again."""
    await workspace.data.archive(args.name, args.version, archived=False)
    say(f"lapis: restored {args.name}:{args.version}")
