"""What the tabs with a tree of files on one side and a file on the other share."""

from __future__ import annotations

from pathlib import PurePosixPath

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ico"})
TABLES = frozenset({".csv", ".tsv"})


def suffix(path: str) -> str:
    """The last suffix, in lower case."""
    return PurePosixPath(path).suffix.lower()


def is_image(path: str) -> bool:
    """Whether the name is one of a raster image."""
    return suffix(path) in IMAGES


def as_text(data: bytes) -> str | None:
    """The text that the bytes are, cut characters at the end forgiven; None for binary data."""
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        return data[: error.start].decode() if error.start >= len(data) - 3 else None
