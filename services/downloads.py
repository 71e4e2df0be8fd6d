"""Where a download may write: below its folder, and over nothing that is there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from services.errors import ConflictError


def check_target(paths: Iterable[str], target: Path, folder: str = "") -> Path:
    """The folder `target/folder`, if each of the relative paths may be written below it.

    Raises ConflictError: a file is there already, or a path or a link there leads out of `target`.
    """
    root = target.absolute() / folder
    # realpath: Path.resolve raises RuntimeError for a link to itself
    inner = Path(os.path.realpath(target), folder)
    for path in paths:
        if not Path(os.path.realpath(root / path)).is_relative_to(inner):
            raise ConflictError(f"{root / path} leads outside of {root}; nothing was copied.")
        if os.path.lexists(root / path):
            raise ConflictError(f"{root / path} is there already; nothing was copied.", advice="Choose another folder.")
    return root
