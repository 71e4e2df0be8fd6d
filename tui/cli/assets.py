"""What the `create` commands of data and models share: a YAML file, or options in its place."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.errors import UserError
from tui.cli.options import add_file, add_name, add_set, add_tags, tags_of
from tui.cli.output import file_argument

_FIELDS = ("name", "version", "type", "path", "description")


def add_asset_options(verb: ArgumentParser, what: str, types: Sequence[str]) -> None:
    """`-f FILE`, and an option for each field; an option beats the file."""
    add_file(verb, what)
    add_set(verb)
    add_name(verb, what, required=False)
    verb.add_argument("--version", metavar="VERSION", help="the version (default: the next one)")
    verb.add_argument("--type", choices=types, help="what the path holds")
    verb.add_argument("--path", metavar="PATH", help="a local path or a URI")
    verb.add_argument("--description", metavar="TEXT", help="a description")
    add_tags(verb)


def asset_document(args: Namespace) -> tuple[dict[str, Any], Path]:
    """The document of an asset, and the folder that its relative paths start from. Raises UserError, SpecError."""
    document: dict[str, Any] = {}
    base = Path.cwd()
    if args.file:
        from services.specs.reading import load_document

        path = file_argument(args.file)
        document, base = load_document(path), path.parent
    elif not (args.name and args.path):
        raise UserError(
            "Neither a file nor both of --name and --path were given.",
            title="What to register is missing",
            advice="Give -f FILE, or --name NAME --path PATH.",
        )
    given = {field: getattr(args, field) for field in _FIELDS if getattr(args, field) is not None}
    if args.file and "path" in given and "://" not in given["path"]:
        given["path"] = str(file_argument(Path(given["path"])))  # typed here, so it starts here and not at the file
    if args.tags:
        given["tags"] = {**(document.get("tags") or {}), **tags_of(args.tags)}
    return {**document, **given}, base
