"""What a file is, by its first bytes."""

from __future__ import annotations

import codecs
import mimetypes
from pathlib import PurePath

# Magic numbers: "List of file signatures" (Wikipedia), each checked against the format's own specification.
_MAGIC: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "PNG image"),
    (b"\xff\xd8\xff", 0, "JPEG image"),
    (b"GIF87a", 0, "GIF image"),
    (b"GIF89a", 0, "GIF image"),
    (b"BM", 0, "BMP image"),
    (b"II*\0", 0, "TIFF image"),
    (b"MM\0*", 0, "TIFF image"),
    (b"WEBP", 8, "WebP image"),
    (b"WAVE", 8, "WAV audio"),
    (b"AVI ", 8, "AVI video"),
    (b"ftyp", 4, "MP4 video"),
    (b"ID3", 0, "MP3 audio"),
    (b"OggS", 0, "Ogg audio"),
    (b"fLaC", 0, "FLAC audio"),
    (b"%PDF-", 0, "PDF document"),
    (b"PK\x03\x04", 0, "ZIP archive"),
    (b"7z\xbc\xaf\x27\x1c", 0, "7-Zip archive"),
    (b"BZh", 0, "bzip2 archive"),
    (b"\xfd7zXZ\0", 0, "xz archive"),
    (b"\x28\xb5\x2f\xfd", 0, "Zstandard archive"),
    (b"ustar", 257, "tar archive"),
    (b"SQLite format 3\0", 0, "SQLite database"),
    (b"\x7fELF", 0, "program"),
    (b"\x89HDF\r\n\x1a\n", 0, "HDF5 file"),
    (b"\x93NUMPY", 0, "NumPy array"),
    (b"Obj\x01", 0, "Avro file"),
    (b"ORC", 0, "ORC file"),
)
_BY_SUFFIX = {".xlsx": "Excel workbook", ".xls": "Excel workbook", ".pkl": "pickle", ".onnx": "ONNX model"}


def size_words(size: int) -> str:
    """Bytes in words, in powers of 1000 as disks have them: `12 kB`."""
    value = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            break
        value /= 1000
    if unit == "bytes":
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def describe(name: str, head: bytes) -> str:
    """What a file is: `PNG image`, `text`, `binary file`; by its first bytes, then by its name."""
    suffix = PurePath(name).suffix.lower()
    for magic, offset, words in _MAGIC:
        if head[offset : offset + len(magic)] == magic and (words != "BMP image" or suffix == ".bmp"):
            return _BY_SUFFIX.get(suffix, words) if words == "ZIP archive" else words
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    guessed, _ = mimetypes.guess_type(name)
    if is_text(head):
        return guessed if guessed and guessed.startswith("text/") and guessed != "text/plain" else "text"
    return guessed if guessed and not guessed.startswith(("text/", "application/octet-")) else "binary file"


def is_known(head: bytes) -> bool:
    """Whether the first bytes are those of a known kind of file that is no text."""
    return any(head[offset : offset + len(magic)] == magic for magic, offset, _ in _MAGIC)


def is_text(head: bytes) -> bool:
    """Whether the first bytes of a file are text: no NUL but in UTF-16 and UTF-32, and few control characters.

    Few is a tenth in what is UTF-8, as a short log may be full of colours, else a hundredth.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        share = 10
    except UnicodeDecodeError:
        share = 100
    controls = sum(byte < 0x20 and byte not in b"\t\n\r\f\x1b\x08" for byte in head)
    return controls * share <= len(head)
