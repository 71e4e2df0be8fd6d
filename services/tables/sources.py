"""Bytes and text of a file, unpacked if it is gzip, in its encoding, and never more than a preview needs."""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

HEAD = 1 << 20
"""Bytes that are looked at to find the encoding and the delimiter."""
BUDGET = 32_000_000
"""Characters that a preview reads at most; a line of a table is rarely a thousandth of it."""
LINE = 8_000_000
"""Characters of a line; a longer one is cut in two."""
COUNTED = 200_000_000
"""Bytes of a file whose rows are counted; 0.3 s or less."""
COUNTED_GZIP = 50_000_000
GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANK = re.compile(rb"(?<=\n) *\r?\n")


@dataclass(frozen=True)
class Source:
    """A file that may be packed.

    Attributes:
        head: the first bytes, unpacked.
        name: without `.gz`.
    """

    path: Path
    name: str
    head: bytes
    is_packed: bool

    def open(self) -> IO[bytes]:
        """The bytes, unpacked."""
        return cast(IO[bytes], gzip.open(self.path)) if self.is_packed else self.path.open("rb")

    @property
    def encoding(self) -> str:
        """As Python names it."""
        return encoding_of(self.head, is_whole=len(self.head) < HEAD)

    def lines(self) -> Iterator[str]:
        """Lines with their ends, until the budget is spent."""
        left = BUDGET
        with io.TextIOWrapper(self.open(), self.encoding, "replace", newline="") as text:
            while left > 0 and (line := text.readline(LINE)):
                left -= len(line)
                yield line


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


def read_source(path: Path) -> Source:
    """Look into a file. Raises OSError; EOFError and zlib.error for damaged gzip files."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.startswith(GZIP):
        return Source(path, path.name, head, is_packed=False)
    with gzip.open(path) as unpacked:
        head = unpacked.read(HEAD)
    return Source(path, path.name.removesuffix(".gz"), head, is_packed=True)


def count_records(source: Source, *, quotes: bool) -> int | None:
    """Lines that are not blank and, if `quotes`, not within quotes; None if there are too many bytes to look at.

    Also None if a quote is never closed: then nobody can tell.
    """
    size = source.path.stat().st_size
    wide = source.encoding.startswith(("utf-16", "utf-32"))
    if wide or size > (COUNTED_GZIP if source.is_packed else COUNTED):
        return None
    counted, seen, inside, last = 0, 0, False, b"\n"
    with source.open() as file:
        while block := file.read(HEAD):
            seen += len(block)
            if seen > COUNTED:
                return None
            # complete the line, so that each block begins with one
            block += file.readline(LINE)
            for index, part in enumerate(block.split(b'"') if quotes else [block]):
                if index:
                    inside = not inside
                if not inside:
                    counted += part.count(b"\n")
                    text = b"\n" + part if index == 0 and last.endswith(b"\n") else part
                    if b"\n\n" in text or b"\n\r\n" in text or b"\n " in text:
                        counted -= len(_BLANK.findall(text))
            last = block[-1:]
    if inside:
        return None
    return counted + (not last.endswith(b"\n"))
