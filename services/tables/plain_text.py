"""The text of a table as UTF-8 with line feeds: unpacked, decoded, and never more of it read than is asked for."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from services.errors import UserError
from services.tables.background import Reporter
from services.tables.byte_sources import ByteSource, LocalBytes
from services.tables.encodings import GZIP, HEAD, encoding_of

ZSTANDARD = b"\x28\xb5\x2f\xfd"
FIRST = 1 << 18
"""Bytes that are read to show the first page."""
_BLOCK = 1 << 20
_PACKED_BLOCK = 1 << 14
"""Packed bytes that are unpacked together: what is lost before a fault, and a thousandth of what they may become."""
_NAMES = {"utf-16": "UTF-16", "utf-32": "UTF-32", "latin-1": "Latin-1"}
_MARK = "utf-8-sig"
_LONE_RETURN = re.compile(r"\r(?!\n)")


class PlainText:
    """A text file of any packing and encoding.

    Attributes:
        name: without the suffix of its packing.
        packing: gzip, Zstandard or empty.
        beginning: the first bytes, unpacked.
        head: the beginning as plain UTF-8.
        is_whole: whether the head is all there is.
        notes: what is odd, each in a line.
    """

    def __init__(self, source: ByteSource, folder: Path, encoding: str = "") -> None:
        """Look at the beginning. Raises UserError: an unknown encoding.

        Args:
            folder: where an unpacked copy may be kept.
            encoding: as Python names it; found out if empty.
        """
        self.source = source
        self.folder = folder
        self._copy = folder / "plain"
        first = source.read(0, FIRST)
        self.packing = "gzip" if first.startswith(GZIP) else "Zstandard" if first.startswith(ZSTANDARD) else ""
        self.name = source.name.removesuffix(".gz").removesuffix(".zst") if self.packing else source.name
        self.notes: list[str] = []
        raw, ended = self._unpacked_head(first)
        self.beginning = raw[:4096]
        self._offset = 0
        self.encoding = _known(encoding) or encoding_of(raw, is_whole=ended)
        if self.encoding == _MARK:
            self.encoding, self._offset = "utf-8", len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0
        if self.encoding in _NAMES:
            self.notes.append(
                f"not UTF-8: read as {_NAMES[self.encoding]}"
                if "latin" in self.encoding
                else f"read as {_NAMES[self.encoding]}"
            )
        text = codecs.getincrementaldecoder(self.encoding)("replace").decode(raw[self._offset :], final=ended)
        self._old_lines = _LONE_RETURN.search(text) is not None
        head = self._with_line_feeds(text).encode("utf-8", "replace")
        self.is_whole = ended
        self.head = head if ended else head[: head.rfind(b"\n") + 1] or head

    def _unpacked_head(self, first: bytes) -> tuple[bytes, bool]:
        if not self.packing:
            return first, len(first) == self.source.size
        pieces = unpacked(self.source, self.packing, lambda _: None)
        head = b""
        try:
            for piece in pieces:
                head += piece
                if len(head) >= HEAD:
                    return head[:HEAD], False
        except DamagedError as damage:
            self.notes.append(str(damage))
        return head, True

    def _with_line_feeds(self, text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n") if self._old_lines else text

    @property
    def is_plain(self) -> bool:
        """Whether the file's bytes are what is read, but for a byte order mark."""
        return not self.packing and self.encoding in ("utf-8", "ascii") and not self._old_lines

    @property
    def has_plain_lines(self) -> bool:
        """Whether lines and fields can be told apart before the text is decoded."""
        return self.encoding in ("utf-8", "ascii", "latin-1", "cp1252") and not self._old_lines

    @property
    def start(self) -> int:
        """Where the text begins in what `plain` gives."""
        return self._offset if self.is_plain else 0

    def plain(self, reporter: Reporter) -> ByteSource:
        """The whole text as UTF-8: the file itself, or a copy that is made now."""
        if self.is_plain:
            return self.source
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        skip = self._offset
        with self._copy.open("wb") as file:
            try:
                for piece in unpacked(self.source, self.packing, lambda done: reporter.step(done, self.source.size)):
                    text = decoder.decode(piece[skip:])
                    skip = 0
                    file.write(self._with_line_feeds(text).encode("utf-8", "replace"))
            except DamagedError as damage:
                if str(damage) not in self.notes:
                    self.notes.append(str(damage))
            file.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
        return LocalBytes(self._copy)


class DamagedError(Exception):
    """A packed file can't be unpacked to its end."""


def _known(encoding: str) -> str:
    if not encoding:
        return ""
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise UserError(f"There is no encoding named {encoding}.", advice="Use utf-8, utf-16 or latin-1.") from error
    return {"iso8859-1": "latin-1"}.get(name, name)


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def unpacked(source: ByteSource, packing: str, told: Callable[[int], None]) -> Iterator[bytes]:
    """The bytes of a file, piece by piece, of all its members. Raises DamagedError after what can be read.

    Args:
        told: is called with the number of packed bytes that were read.
    """
    if not packing:
        for offset in range(0, source.size, _BLOCK):
            told(offset)
            yield source.read(offset, _BLOCK)
        return
    member: _Unpacker | None = None
    try:
        for offset in range(0, source.size, _PACKED_BLOCK):
            told(offset)
            data = source.read(offset, _PACKED_BLOCK)
            while data.strip(b"\0") if member is None else data:
                member = member or _unpacker(packing)
                yield member.decompress(data)
                data, member = (member.unused_data, None) if member.eof else (b"", member)
    except (zlib.error, ValueError, EOFError) as error:
        raise DamagedError(f"a damaged {packing} file: shown is what comes before the fault ({error})") from error
    if member is not None:
        raise DamagedError(f"the {packing} file is cut short: shown is what is there")


def _unpacker(packing: str) -> _Unpacker:
    if packing == "gzip":
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    import zstandard

    class Zstandard:
        """zstandard's decompressor, with its errors as those of values."""

        def __init__(self) -> None:
            self._inner = zstandard.ZstdDecompressor().decompressobj()

        @property
        def eof(self) -> bool:
            return self._inner.eof

        @property
        def unused_data(self) -> bytes:
            return self._inner.unused_data

        def decompress(self, data: bytes, /) -> bytes:
            try:
                return self._inner.decompress(data)
            except zstandard.ZstdError as error:
                raise ValueError(str(error)) from error

    return Zstandard()
