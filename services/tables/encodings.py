"""In which encoding a text is, by its beginning."""

from __future__ import annotations

import codecs

HEAD = 1 << 20
"""Bytes that are looked at to find the encoding and the delimiter."""
GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(head: bytes, *, is_whole: bool) -> str:
    """By its mark, else UTF-8 if the beginning is that, else Latin-1, which every file is."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=is_whole)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
