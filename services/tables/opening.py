"""Opens a table by what its bytes are."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePath

from services.entities.tables import FOUND_OUT, TableOptions
from services.errors import NoTableError, NotFoundError, UserError
from services.tables import delimited
from services.tables.background import Reporter
from services.tables.byte_sources import ByteSource, LocalBytes
from services.tables.columnar import ARROW_FILE, ARROW_STREAM, PARQUET
from services.tables.excel import SUFFIXES as EXCEL
from services.tables.excel import read_sheet
from services.tables.faults import table_errors
from services.tables.file_names import COLUMNAR, DELIMITED, table_files
from services.tables.file_names import JSON as JSON_SUFFIXES
from services.tables.frames import Frame
from services.tables.inference import unique
from services.tables.json_text import JsonArrayText, document_of
from services.tables.media import describe, is_known, is_text, size_words
from services.tables.parsers import DelimitedParser, JsonLinesParser
from services.tables.plain_text import FIRST, PlainText
from services.tables.records import Block, fields
from services.tables.remote_bytes import RemoteBytes
from services.tables.remote_parquet import RemoteParquet
from services.tables.table import Folder, Table
from services.tables.text_table import TextTable
from services.tables.whole_table import FetchedTable, WholeTable, scan_columnar

MLTABLE = "MLTable"
WHOLE = 500_000_000
"""Bytes of a file elsewhere that is of use as a whole alone."""
LINES = 1_000
"""Lines that are looked at for what is no JSON."""
_LINES = (".jsonl", ".ndjson")


def open_table(path: Path, options: TableOptions = FOUND_OUT) -> Table:
    """A table file, or a folder with an MLTable file; blocking, a few milliseconds. Close the table after use.

    Raises UserError: a folder, no table, an empty or damaged file; NotFoundError, AccessError.
    """
    with table_errors(path.name):
        if path.is_dir():
            return _open_folder(path)
        try:
            source = LocalBytes(path)
        except FileNotFoundError as error:
            raise NotFoundError(f"There is no file {path}.") from error
    try:
        return open_source(source, options)
    except BaseException:
        source.close()
        raise


def table_place(place: Path) -> Path:
    """What is opened of a place: a file, a folder with an MLTable file, or the first table file of another folder."""
    if not place.is_dir() or (place / MLTABLE).is_file():
        return place
    return next((place / file for file in table_files(place)), place)


def open_source(source: ByteSource, options: TableOptions = FOUND_OUT) -> Table:
    """A table of bytes that lie on this machine. Raises as `open_table` does."""
    with table_folder() as folder, table_errors(source.name):
        table = _opened(source, options, folder)
        table.origin = source
        return table


def open_remote(make: Callable[[Path], ByteSource], options: TableOptions = FOUND_OUT) -> Table:
    """A table of bytes that lie elsewhere, of which no more are fetched than is looked at. Raises as `open_table` does.

    Args:
        make: opens them, in a folder where it may keep something. Raises ServiceError.
    """
    with table_folder() as folder:
        origin = make(Path(folder.name))
        with table_errors(origin.name):
            source = RemoteBytes(origin, Path(folder.name, "remote"))
            try:
                table = _opened_remote(source, options, folder)
                table.origin = source
                return table
            except BaseException:
                source.close()
                raise


@contextmanager
def table_folder() -> Iterator[tempfile.TemporaryDirectory[str]]:
    """A folder for a table, which takes it over unless opening it fails."""
    folder = tempfile.TemporaryDirectory(prefix="lapis-table-", ignore_cleanup_errors=True)
    try:
        yield folder
    except BaseException:
        folder.cleanup()
        raise


def read_whole(path: Path, options: TableOptions, space: Path, reporter: Reporter) -> Frame:
    """A text file as a frame, whose parts lie in `space`; blocking. Raises as `open_table` does."""
    source = LocalBytes(path)
    try:
        if not source.size:
            raise UserError(f"{path.name} is empty: it has no bytes.", title="An empty file")
        table = open_text(PlainText(source, space, options.encoding), options, space)
    except BaseException:
        source.close()
        raise
    table.origin = source
    try:
        return replace(table.make_frame(reporter), notes=table.notes)
    finally:
        table.close_now()


def _open_folder(path: Path) -> Table:
    from services.tables.mltable import open_mltable

    if (path / MLTABLE).is_file():
        return open_mltable(path)
    raise UserError(
        f"{path.name} is a folder without an {MLTABLE} file.",
        title="A folder is no table",
        advice="Choose one of its files.",
    )


def _opened(source: ByteSource, options: TableOptions, folder: tempfile.TemporaryDirectory[str]) -> Table:
    if not source.size:
        raise UserError(f"{source.name} is empty: it has no bytes.", title="An empty file")
    head = source.read(0, 4096)
    suffix = PurePath(source.name).suffix.lower()
    path = source.path
    whole: Table | None = None
    if path and (head.startswith((PARQUET, ARROW_FILE)) or (head.startswith(ARROW_STREAM) and suffix in COLUMNAR)):
        format_ = "Parquet" if head.startswith(PARQUET) else "Arrow"
        whole = WholeTable(source.name, format_, folder, lambda reporter: scan_columnar(path, head, reporter), path)
    elif path and suffix in EXCEL:
        whole = WholeTable(
            source.name, "Excel", folder, lambda reporter: read_sheet(path, options.sheet, reporter), path
        )
    elif path and source.name == MLTABLE:
        folder.cleanup()
        whole = _open_folder(path.parent)
    if whole is not None:
        source.close()  # what reads the whole opens it itself
        return whole
    return open_text(PlainText(source, Path(folder.name), options.encoding), options, folder)


def _opened_remote(source: RemoteBytes, options: TableOptions, folder: tempfile.TemporaryDirectory[str]) -> Table:
    if not source.size:
        raise UserError(f"{source.name} is empty: it has no bytes.", title="An empty file")
    head = source.read(0, FIRST)
    suffix = PurePath(source.name).suffix.lower()
    if head.startswith(PARQUET):
        return RemoteParquet(source, folder)
    is_arrow = head.startswith(ARROW_FILE) or (head.startswith(ARROW_STREAM) and suffix in COLUMNAR)
    if not is_arrow and suffix not in EXCEL:
        source.reads_ahead = True
        return open_text(PlainText(source, Path(folder.name), options.encoding), options, folder)
    if source.size > WHOLE:
        raise UserError(
            f"{source.name} has {size_words(source.size)}; files of this kind are fetched whole, up to "
            f"{size_words(WHOLE)}.",
            title="Too large to be fetched whole",
            advice="Download it and open it by its path, or keep it as Parquet.",
        )
    if is_arrow:
        return FetchedTable(source, "Arrow", folder, lambda path, reporter: scan_columnar(path, head[:8], reporter))
    return FetchedTable(source, "Excel", folder, lambda path, reporter: read_sheet(path, options.sheet, reporter))


def open_text(text: PlainText, options: TableOptions, folder: Folder) -> Table:
    """A text file as what it looks like. Raises UserError."""
    suffix = PurePath(text.name).suffix.lower()
    begin = text.beginning
    if not text.head:
        detail = text.notes[0] if text.notes else f"{text.name} is empty"
        raise UserError(f"{detail}.", title="An empty file")
    is_odd_text = suffix in (*DELIMITED, *JSON_SUFFIXES) and is_text(begin.replace(b"\0", b" ")) and not is_known(begin)
    if not (is_text(begin) or is_odd_text):
        raise NoTableError(_no_table(text, begin))
    if options.json_lines:
        return _lines_of_json(text, folder)
    start = text.head[:4096].lstrip()[:1]
    if not options.separator and suffix not in DELIMITED and start in (b"{", b"["):
        if start == b"[" and suffix not in _LINES:
            return TextTable(JsonArrayText(text), "JSON", folder, JsonLinesParser())
        if suffix not in _LINES and not _is_json(text.head.lstrip().partition(b"\n")[0]):
            said = f"{text.name} is no table: a JSON object, {size_words(text.source.size)}."
            raise NoTableError(said, text=text.head.decode("utf-8", "replace"), document=document_of(text))
        return _lines_of_json(text, folder)
    return _open_delimited(text, options, folder, suffix)


def _open_delimited(text: PlainText, options: TableOptions, folder: Folder, suffix: str) -> Table:
    lines = io.StringIO(text.head.decode("utf-8", "replace"), newline="")
    found, width, share = delimited.sniff(lines)
    separator = options.separator or found
    if suffix not in DELIMITED and not options.separator and (width < 2 or share <= 0.9):
        raise NoTableError(_no_table(text, text.beginning), text=text.head.decode("utf-8", "replace"))
    records = fields(Block(text.start, text.head, -1), separator)
    first = next(records, None)
    if first is None:
        raise UserError(f"{text.name} is empty: its lines are blank.", title="An empty file")
    rows = list(islice(records, 1000))
    notes = [] if separator == "," else [f"fields are separated by {delimited.name_of(separator)}"]
    names = list(options.names) or _names(first, rows, notes, has_header=options.header)
    header_at = text.start if options.header else -1
    parser = DelimitedParser(tuple(names), separator, header_at, options.infers, options.empty_is_missing)
    format_ = "TSV" if separator == "\t" else "CSV"
    return TextTable(
        text,
        format_,
        folder,
        parser,
        separator=separator,
        has_header=options.header,
        notes=notes,
        dialect=(f"separated by {delimited.name_of(separator)}", text.encoding),
    )


def _names(first: Sequence[str], rows: list[list[str]], notes: list[str], *, has_header: bool) -> list[str]:
    if not has_header:
        width = max(len(first), *(len(row) for row in rows)) if rows else len(first)
        return [f"Column{index + 1}" for index in range(width)]
    header = list(first)
    if rows and all(len(row) == len(header) + 1 for row in rows):
        header = ["", *header]  # pandas takes the first field as the index then
    if len(set(header)) < len(header) or "" in header:
        notes.append("names in the header are empty or equal; they are told apart as pandas does")
    notes += delimited.ragged(rows, len(header))
    return unique(header)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines_of_json(text: PlainText, folder: Folder) -> Table:
    lines = enumerate(text.head.split(b"\n")[:LINES], 1)
    bad = [number for number, line in lines if line.strip() and not _is_json(line)]
    if bad and not text.is_whole and bad[-1] == text.head.count(b"\n") + 1:
        bad.pop()  # it goes on beyond the beginning
    notes = [f"line {bad[0]:,} is no JSON"] if len(bad) == 1 else []
    notes = [f"{len(bad):,} lines are no JSON (the first is {bad[0]:,})"] if len(bad) > 1 else notes
    return TextTable(text, "JSON lines", folder, JsonLinesParser(), notes=notes)


def _no_table(text: PlainText, begin: bytes) -> str:
    return f"{text.name} is no table: {describe(text.name, begin)}, {size_words(text.source.size)}."
