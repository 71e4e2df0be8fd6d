"""An MLTable file for a table that has none, so that az ml and AutoML read it as it is read here."""

from __future__ import annotations

import io
import shutil
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

from services.errors import UserError
from services.tables import delimited
from services.tables.byte_sources import LocalBytes
from services.tables.faults import table_errors
from services.tables.mltable import FILE
from services.tables.opening import open_table
from services.tables.plain_text import PlainText
from services.tables.records import Block, fields

SCHEMA = "https://azuremlschemas.azureedge.net/latest/MLTable.schema.json"
RECORDS = 1_000
"""Records that are looked at for line breaks in quotes."""
_ENCODINGS = {"utf-8": "utf8", "ascii": "ascii", "latin-1": "iso88591", "cp1252": "windows1252", "utf-16": "utf16"}
_READERS = {"Parquet": "read_parquet", "JSON lines": "read_json_lines"}
_ADVICE = "Save it as CSV, Parquet or JSON lines."


def mltable_text(path: Path) -> str:
    """The MLTable file for a table file that lies beside it; blocking.

    Raises UserError: no table, or of a kind or packing that az ml can't read.
    """
    import yaml

    table = open_table(path)
    format_ = table.format
    table.stop()
    document = {
        "$schema": SCHEMA,
        "type": "mltable",
        "paths": [{"file": f"./{path.name}"}],
        "transformations": [
            {"read_delimited": _dialect(path)} if format_ in ("CSV", "TSV") else _reader(path, format_)
        ],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def write_mltable(path: Path, folder: Path) -> str:
    """Make a folder of a copy of a table file and its MLTable file, and return its text; blocking. Raises UserError."""
    text = mltable_text(path)
    folder.mkdir(parents=True)
    shutil.copyfile(path, folder / path.name)
    (folder / FILE).write_text(text, encoding="utf-8")
    return text


def _reader(path: Path, format_: str) -> str:
    if format_ not in _READERS:
        detail = f"{path.name} is {format_}, which an {FILE} file can't describe."
        raise UserError(detail, title="It can't be wrapped", advice=_ADVICE)
    return _READERS[format_]


def _dialect(path: Path) -> dict[str, Any]:
    """How the text is to be read, as `read_delimited` says it."""
    with tempfile.TemporaryDirectory(prefix="lapis-") as space, table_errors(path.name):
        source = LocalBytes(path)
        try:
            text = PlainText(source, Path(space))
            begin, head, packing, encoding = source.read(0, 3), text.head, text.packing, text.encoding
            start = text.start
        finally:
            source.close()
    if packing or encoding not in _ENCODINGS:
        told = f"packed with {packing}" if packing else f"encoded as {encoding}"
        detail = f"{path.name} is {told}, which az ml doesn't read."
        raise UserError(detail, title="It can't be wrapped", advice=_ADVICE)
    separator = delimited.sniff(io.StringIO(head.decode("utf-8", "replace"), newline=""))[0]
    records = islice(fields(Block(start, head, -1), separator), RECORDS)
    has_breaks = any("\n" in field for record in records for field in record)
    return {
        "delimiter": separator,
        "encoding": "utf8bom" if begin == b"\xef\xbb\xbf" else _ENCODINGS[encoding],
        "header": "all_files_same_headers",
        **({"support_multi_line": True} if has_breaks else {}),
    }
