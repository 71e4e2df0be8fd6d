"""Paths as they are typed, and names that Azure ML takes, made from those of files."""

from __future__ import annotations

import re
from pathlib import Path


def asset_name(path: str) -> str:
    """A name for an asset at a path: its last part without the ending; other characters become `-`."""
    last = path.strip().rstrip("/").rpartition("/")[2].removeprefix("~").lstrip(".")
    stem = last.rpartition(".")[0] or last
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:255]


def typed_path(text: str) -> Path:
    """A path that was typed, `~` expanded; `~nobody`, whom this machine doesn't know, stays as it is."""
    path = Path(text.strip())
    try:
        return path.expanduser()
    except RuntimeError:
        return path
