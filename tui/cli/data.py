"""`lapis data ...`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from services.names import text_tags
from services.workspace import Workspace
from tui.cli import tables
from tui.cli.assets import add_asset_options, asset_document
from tui.cli.documents import data_document
from tui.cli.options import (
    Verbs,
    add_archived,
    add_name,
    add_noun,
    add_tags,
    add_verb,
    add_version,
    tags_of,
    version_of,
)
from tui.cli.output import emit, emit_list, file_argument, say, write

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
    change = add_verb(verbs, "update", update, "change the tags or the description of a version", writes=True)
    add_name(change, "data asset")
    add_version(change)
    change.add_argument("--description", metavar="TEXT", help="another description")
    add_tags(change)
    change.add_argument("--remove-tags", nargs="+", default=[], metavar="KEY", help="tags that go")
    fetch = add_verb(verbs, "download", download, "copy the files of a version")
    add_name(fetch, "data asset")
    add_version(fetch)
    fetch.add_argument(
        "-p", "--download-path", type=Path, default=Path(), metavar="DIR", help="where to (default: here)"
    )
    wrap = add_verb(
        verbs,
        "wrap",
        wrap_table,
        "register a file of a table as MLTable",
        writes=True,
        description=(
            "Register a copy of a CSV, Parquet or JSON lines file with an MLTable file that says how it is read, as\n"
            "AutoML needs it. --dry-run prints the MLTable file and registers nothing.\n\n"
            "  lapis data wrap azureml:diabetes:1 --name diabetes-table"
        ),
    )
    wrap.add_argument("table", metavar="TABLE", help="a file of this machine, or azureml:NAME:VERSION of type uri_file")
    add_name(wrap, "data asset to be")
    wrap.add_argument("--version", metavar="VERSION", help="the version (default: the next one)")
    wrap.add_argument("--description", metavar="TEXT", help="a description")
    add_tags(wrap)
    wrap.add_argument("--dry-run", action="store_true", help="print the MLTable file alone")
    tables.add(verbs)


async def create(workspace: Workspace, args: Namespace) -> None:
    """Register a version."""
    from services.specs.reading import read_data

    document, base = asset_document(args)
    if "type" not in document and not args.file:
        document["type"] = _type_of(str(args.path), base)
    emit(data_document(await workspace.data.create(read_data(document, args.overrides), base=base)), args)


def _type_of(path: str, base: Path) -> str:
    """What lies at a path; of a URI only its end tells."""
    place = base / Path(path).expanduser()
    if "://" in path or not place.is_dir():
        return "uri_folder" if path.endswith("/") else "uri_file"
    return "mltable" if (place / "MLTable").is_file() else "uri_folder"


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


async def update(workspace: Workspace, args: Namespace) -> None:
    """Other tags, another description."""
    asset = await workspace.data.get(args.name, version_of(args))
    tags: dict[str, str] | None = None
    if args.tags or args.remove_tags:
        kept = {key: value for key, value in asset.tags.items() if key not in args.remove_tags}
        tags = {**kept, **text_tags(tags_of(args.tags))}
    changed = await workspace.data.update(asset.name, asset.version, tags=tags, description=args.description)
    emit(data_document(changed), args)


async def download(workspace: Workspace, args: Namespace) -> None:
    """Copy its files."""
    version = (await workspace.data.get(args.name, version_of(args))).version
    report = await workspace.data.download(args.name, version, file_argument(args.download_path))
    emit({"target": report.target, "files": report.files, "size": report.size}, args)


async def wrap_table(workspace: Workspace, args: Namespace) -> None:
    """A file with an MLTable file beside it."""
    from services.asset_uris import asset_name
    from services.specs.assets import DataSpec
    from services.wrapping import wrapped

    asset = asset_name(args.table)
    table = await workspace.data.get(asset.name, asset.version) if asset else file_argument(Path(args.table))
    async with wrapped(workspace.data, table, args.name) as made:
        if args.dry_run:
            write(made.text)
            return
        spec = DataSpec(
            name=args.name,
            path=str(made.folder),
            type="mltable",
            version=args.version,
            description=args.description,
            tags=tags_of(args.tags),
        )
        emit(data_document(await workspace.data.create(spec, base=made.folder)), args)
