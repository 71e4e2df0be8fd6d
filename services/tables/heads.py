"""The first records of a text that lies elsewhere, as a file in its own packing and encoding."""

from __future__ import annotations

import gzip
from pathlib import Path

from services.tables.background import Reporter
from services.tables.plain_text import DamagedError, PlainText, unpacked
from services.tables.records import Layout, measured
from services.tables.remote_bytes import RemoteBytes


def head_of_text(text: PlainText, source: RemoteBytes, layout: Layout, records: int, reporter: Reporter) -> Path:
    """A file with the first records, blocking.

    The whole file is fetched where records can't be told apart before it is decoded (UTF-16, lines that end in CR).

    Args:
        records: how many at least, the header among them.
    """
    if text.is_whole or not text.has_plain_lines:
        return source.fetch_all(reporter)
    data, end, looked = b"", 0, 0
    try:
        for piece in unpacked(source, text.packing, lambda done: reporter.step(done, source.size)):
            data += piece
            if len(data) < 2 * looked:
                continue
            looked = len(data)
            end, found = measured(data, layout.separator, at_end=False)
            if found >= records:
                break
        else:
            return source.copy  # all of it was read
    except DamagedError:
        return source.fetch_all(reporter)  # who reads it meets the same fault
    path = source.copy.with_name(f"first-{records}-{source.copy.name}")
    path.write_bytes(_packed(data[:end], text.packing))
    return path


def _packed(data: bytes, packing: str) -> bytes:
    if packing == "gzip":
        return gzip.compress(data, 1)
    if packing:
        import zstandard

        return zstandard.ZstdCompressor(level=1).compress(data)
    return data
