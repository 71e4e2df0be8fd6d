"""What a command prints: documents as JSON, YAML or a table on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from services.errors import Fault, ServiceError, SpecError, UserError
from services.text import REDACTED, is_secret_name, masked
from tui.cli.text import printable_json, printable_lines, table

Document: TypeAlias = dict[str, Any]
_NAMED_BY_USERS = frozenset({"tags", "properties"})
"""Fields whose keys are the user's."""
Columns: TypeAlias = Mapping[str, str]
"""The headers of a table, and for each the dotted path of its value in a document."""


def emit(document: Document, args: Namespace) -> None:
    """Print one thing."""
    document = _without_secrets(document)
    if output_of(args) == "table":
        write_table(("Field", "Value"), list(_flat(document).items()))
    else:
        write_document(document, output_of(args))


def emit_list(documents: Sequence[Document], args: Namespace, columns: Columns) -> None:
    """Print a list; its table has only the columns."""
    documents = [_without_secrets(document) for document in documents]
    if output_of(args) == "table":
        write_table(tuple(columns), [[_at(document, path) for path in columns.values()] for document in documents])
    else:
        write_document(list(documents), output_of(args))


def output_of(args: Namespace) -> str:
    """table, json or yaml: what was asked for, else what suits the command."""
    chosen: str = getattr(args, "output", None) or args.default_output
    return chosen


def write_document(document: Document | list[Document], output: str) -> None:
    """Print plain data as JSON or YAML, secrets masked."""
    data = _plain(document)
    if output == "yaml":
        from services.specs.writing import dump

        write(printable_lines(dump(data)))
    else:
        write(printable_json(json.dumps(data, indent=2, ensure_ascii=False)) + "\n")


def write_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table, fitted to the terminal if there is one."""
    write(table(headers, rows, limit=terminal_width()) + "\n")


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None for a pipe or a file."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def write(text: str) -> None:
    """Print to stdout at once. Raises BrokenPipeError if the reader has gone, UserError if there is no room."""
    with _writing():
        sys.stdout.write(text)
        sys.stdout.flush()


def write_bytes(data: bytes) -> None:
    """Print to stdout byte by byte, as it is. Raises as `write` does."""
    with _writing():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"{error.strerror}.", title="Nothing more can be printed") from error


def say(text: str) -> None:
    """Tell something on stderr, which scripts don't read."""
    sys.stderr.write(printable_lines(masked(text)) + "\n")
    sys.stderr.flush()


def say_error(error: ServiceError) -> None:
    """Tell what went wrong and what to do."""
    if isinstance(error, SpecError):
        say(f"lapis: {error.title}")
        for fault in error.faults:
            say_fault(fault)
    else:
        say(f"lapis: {error.title}: {error.detail}")
    if error.advice:
        say(f"  what to do: {error.advice}")
    if error.request_id:
        say(f"  request id: {error.request_id}")


def say_fault(fault: Fault) -> None:
    """Tell a fault with its severity."""
    say(f"  {fault.severity}: {fault}")


def count(number: int, word: str) -> str:
    """A number with its word: `no errors`, `1 error`, `2 errors`."""
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def file_argument(path: Path) -> Path:
    """A path from the command line as an absolute one, `~` included."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - links in it stay as the user wrote them


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case datetime():
            return value.isoformat()
        case str():
            return masked(str(value))
    return value


def _without_secrets(value: Any, *, named_by_users: bool = False) -> Any:
    """A document without what its users keep under a name that tells a secret, such as the tag `api_key`."""
    match value:
        case dict():
            return {
                masked(key): REDACTED
                if named_by_users and isinstance(part, str) and is_secret_name(key)
                else _without_secrets(part, named_by_users=key in _NAMED_BY_USERS)
                for key, part in value.items()
            }
        case list() | tuple():
            return [_without_secrets(part) for part in value]
    return value


def _at(document: Document, path: str) -> object:
    here: Any = document
    for part in path.split("."):
        here = here.get(part) if isinstance(here, dict) else None
    return here


def _flat(document: Document, prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in document.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        elif value not in ([], None, "") and (value != {} or prefix):
            flat[prefix + key] = value
    return flat
