"""Which files are tables, by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

DELIMITED = (".csv", ".tsv", ".tab", ".psv")
JSON = (".json", ".jsonl", ".ndjson")
COLUMNAR = (".parquet", ".pq", ".feather", ".arrow", ".ipc")


def table_files(folder: Path) -> Iterator[str]:
    """The files of a folder whose names are those of tables, by path."""
    for path in sorted(folder.rglob("*")):
        if is_table_name(path.name) and path.is_file():
            yield path.relative_to(folder).as_posix()


def is_table_name(name: str) -> bool:
    """Whether a file's name is that of a table."""
    return PurePath(name.removesuffix(".gz")).suffix.lower() in DELIMITED + JSON + COLUMNAR
