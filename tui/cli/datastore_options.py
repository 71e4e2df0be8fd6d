"""The options of `datastore create`, and the spec that they mean.

`az ml datastore create` takes a file alone, and `--set`; the options are the fields of the file.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from services.errors import UserError
from services.specs.datastores import NONE, SECRETS, DatastoreSpec
from services.text import REDACTED
from tui.cli.options import add_file, add_name, add_set, add_tags, tags_of
from tui.cli.output import file_argument

_FIELDS = {
    "account_name": ("NAME", "the storage account"),
    "container_name": ("NAME", "the container of azure_blob"),
    "filesystem": ("NAME", "the file system of azure_data_lake_gen2"),
    "file_share_name": ("NAME", "the share of azure_file"),
    "one_lake_workspace_name": ("NAME", "the Fabric workspace of one_lake"),
    "path": ("FOLDER", "the folder of local"),
    "endpoint": ("HOST", "where the cloud's accounts are (default: core.windows.net)"),
    "description": ("TEXT", "a description"),
}
_CREDENTIALS = {
    "tenant_id": "the directory of the application",
    "client_id": "the application",
    "thumbprint": "of its certificate",
}


def add_create_options(verb: ArgumentParser) -> None:
    """An option beats the file."""
    add_file(verb, "datastore")
    add_set(verb)
    add_name(verb, "datastore", required=False)
    for field, (metavar, text) in _FIELDS.items():
        verb.add_argument(f"--{field.replace('_', '-')}", metavar=metavar, help=text)
    verb.add_argument("--lakehouse", metavar="NAME", help="the lakehouse of one_lake")
    verb.add_argument("--auth", choices=(*SECRETS, NONE), help="how it signs in (default: none, whoever reads)")
    for field, text in _CREDENTIALS.items():
        verb.add_argument(f"--{field.replace('_', '-')}", metavar="ID", help=text)
    secret = verb.add_mutually_exclusive_group()
    secret.add_argument(
        "--secret-file", metavar="FILE", help="holds the key, signature, password or certificate; - is stdin"
    )
    secret.add_argument("--secret-env", metavar="NAME", help="the environment variable that holds it")
    add_tags(verb)


def datastore_spec(args: Namespace) -> DatastoreSpec:
    """The spec in the file, with what the options say. Raises UserError, SpecError."""
    from services.specs.reading import load_document, read_datastore

    document: dict[str, Any] = load_document(file_argument(args.file)) if args.file else {}
    document |= {field: value for field in ("name", "type", *_FIELDS) if (value := getattr(args, field)) is not None}
    if args.lakehouse:
        document["artifact"] = {"name": args.lakehouse, "type": "lake_house"}
    if args.tags:
        document["tags"] = {**(document.get("tags") or {}), **tags_of(args.tags)}
    if "name" not in document or "type" not in document:
        raise UserError(
            "Neither a file nor both of --name and --type were given.",
            title="What to register is missing",
            advice="Give -f FILE, or --name NAME --type TYPE.",
        )
    credentials = _credentials(args)
    if args.auth == NONE:
        document.pop("credentials", None)
    elif credentials:
        document["credentials"] = {**(document.get("credentials") or {}), **credentials}
    return read_datastore(document, args.overrides)


def _credentials(args: Namespace) -> dict[str, str]:
    given = {field: value for field in _CREDENTIALS if (value := getattr(args, field))}
    secret = _secret(args)
    if args.auth in SECRETS:
        given[SECRETS[args.auth]] = secret or REDACTED
    elif secret:
        raise UserError("--auth does not say what the secret is.", advice=f"Give --auth {' or '.join(SECRETS)}.")
    return given


def _secret(args: Namespace) -> str:
    if args.secret_env:
        if not (secret := os.environ.get(args.secret_env, "")):
            raise UserError(f"The environment variable {args.secret_env} is not set.")
        return secret.strip()
    if not args.secret_file:
        return ""
    if args.secret_file == "-":  # noqa: S105 - no secret: stdin
        return sys.stdin.read().strip()
    try:
        return Path(args.secret_file).expanduser().read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UserError(f"{args.secret_file} can't be read: {reason}.") from error
