"""The first rows of a table in storage: no more of its file is fetched than a preview reads."""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath

from services.entities import FileEntry, TablePreview
from services.storage.places import Found, Place
from services.tables.media import size_words
from services.tables.preview import COLUMNAR, is_table_name, preview
from services.tables.sources import GZIP

HEAD = 8_000_000
"""Bytes of a text file that are fetched; a thousand rows are rarely a tenth of that."""
WHOLE = 64_000_000
"""Bytes of a columnar file that are fetched: it is of no use in parts, as what is in it is told at its end."""


def preview_at(place: Place, found: Found, limit: int, file: str) -> TablePreview:
    """The first `limit` rows of the table, or of a file of a folder: the first that looks like a table."""
    if not found.entries:
        return TablePreview(path=file or place.path, message="the file is not there any more")
    if found.is_file:
        (entry,) = found.entries
        return replace(_of(place, found.root, entry, limit), files=(entry.path,))
    tables = tuple(entry.path for entry in found.entries if is_table_name(entry.path))
    chosen = file or (tables[0] if tables else "")
    if not chosen:
        return TablePreview(message=f"no table among its {len(found.entries):,} files")
    for entry in found.entries:
        if entry.path == chosen:
            return replace(_of(place, found.root, entry, limit), files=tables)
    return TablePreview(path=chosen, message="the file is not there any more")


def _of(place: Place, root: str, entry: FileEntry, limit: int) -> TablePreview:
    name = PurePosixPath(entry.path).name
    columnar = PurePosixPath(name).suffix.lower() in COLUMNAR
    if columnar and entry.size > WHOLE:
        return TablePreview(
            path=entry.path,
            message=f"a table of {size_words(entry.size)}; of this kind up to {size_words(WHOLE)} are fetched",
        )
    head = place.files.read(root + entry.path, 0, WHOLE if columnar else HEAD)
    is_cut = len(head) < entry.size
    if is_cut:
        if head.startswith(GZIP):
            head, name = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, HEAD), name.removesuffix(".gz")
        head = head[: head.rfind(b"\n") + 1] or head
    with tempfile.TemporaryDirectory(prefix="lapis-preview-") as folder:
        copy = Path(folder, "file" + "".join(PurePosixPath(name).suffixes[-2:])[-40:])
        copy.write_bytes(head)
        found = replace(preview(copy, limit), path=entry.path)
    if not is_cut:
        return found
    note = f"the beginning of {size_words(entry.size)} was read"
    return replace(found, total_rows=None, notes=(*found.notes, note))
