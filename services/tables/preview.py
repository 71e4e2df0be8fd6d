"""The first rows of a table, whatever kind of file it is."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePath

from services.entities import TablePreview
from services.tables import columnar, delimited, json_rows
from services.tables.media import describe, is_text, size_words
from services.tables.sources import Source, read_source

DELIMITED = (".csv", ".tsv", ".tab", ".psv")
JSON = (".json", ".jsonl", ".ndjson")
COLUMNAR = (".parquet", ".pq", ".feather", ".arrow", ".ipc")
FILES = 1_000
"""Files of a folder that are offered."""


def preview(place: Path, limit: int = 1000, *, file: str = "") -> TablePreview:
    """The first `limit` rows of a table file, or of a file of a folder: the first that looks like a table.

    What is no table gives a preview with a message. Raises OSError.

    Args:
        file: the file of the folder, relative to it.
    """
    if not place.is_dir():
        return replace(_of_file(place, limit), path=place.name, files=(place.name,))
    files = tuple(islice(table_files(place), FILES))
    chosen = file or (files[0] if files else "")
    if not chosen:
        held = sum(1 for path in place.rglob("*") if path.is_file())
        return TablePreview(message=f"no table among its {held:,} files" if held else "no files")
    return replace(_of_file(place / chosen, limit), path=chosen, files=files)


def table_files(folder: Path) -> Iterator[str]:
    """The files of a folder whose names are those of tables, by path."""
    for path in sorted(folder.rglob("*")):
        if is_table_name(path.name) and path.is_file():
            yield path.relative_to(folder).as_posix()


def is_table_name(name: str) -> bool:
    """Whether a file's name is that of a table."""
    return PurePath(name.removesuffix(".gz")).suffix.lower() in DELIMITED + JSON + COLUMNAR


def _of_file(path: Path, limit: int) -> TablePreview:
    try:
        source = read_source(path)
        if not source.head:
            return TablePreview(message="an empty file")
        return _of_source(source, limit) or _no_table(source)
    except (EOFError, zlib.error) as error:
        return TablePreview(message=f"a damaged gzip file: {error}")


def _of_source(source: Source, limit: int) -> TablePreview | None:
    suffix = PurePath(source.name).suffix.lower()
    head = source.head
    if head.startswith((columnar.PARQUET, columnar.ARROW_FILE)) or (
        head.startswith(columnar.ARROW_STREAM) and suffix in COLUMNAR
    ):
        try:
            return columnar.preview(source.path, head, limit)
        except ValueError as error:
            return TablePreview(message=f"a damaged table: {error}")
    if not is_text(head[:4096]):
        return None
    if suffix not in DELIMITED:
        begin = head[:4096].decode(source.encoding, "ignore").lstrip()
        if begin.startswith(("{", "[")) and (found := _of_json(source, begin, suffix, limit)):
            return found
        if not _looks_delimited(source):
            return None
    return _filled(delimited.preview(source, limit))


def _of_json(source: Source, begin: str, suffix: str, limit: int) -> TablePreview | None:
    """None if it is no JSON but only begins like it."""
    if begin.startswith("[") and suffix not in (".jsonl", ".ndjson"):
        found = json_rows.preview_array(source, limit)
        return found if found.rows or suffix in JSON else None
    if suffix == ".json" or suffix not in JSON:
        try:
            return json_rows.preview_object(source)
        except (ValueError, RecursionError):
            pass
    found = json_rows.preview_lines(source, limit)
    return found if found.rows or suffix in JSON else None


def _looks_delimited(source: Source) -> bool:
    """Of a file whose name says nothing: nearly all of its lines have the same number of fields, at least two."""
    _, fields, part = delimited.sniff(source.lines())
    return fields > 1 and part > 0.9 and sum(1 for _ in islice(source.lines(), 2)) == 2


def _filled(found: TablePreview) -> TablePreview:
    if not found.columns:
        return replace(found, message="an empty file: blank lines")
    return found if found.rows else replace(found, message="no rows: the file has a header alone")


def _no_table(source: Source) -> TablePreview:
    size = source.path.stat().st_size
    return TablePreview(message=f"not a table: {describe(source.name, source.head[:4096])}, {size_words(size)}")
