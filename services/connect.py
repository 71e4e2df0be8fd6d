"""The factory: the one place that knows which adapters there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.workspace import Workspace


async def open_workspace(folder: Path) -> Workspace:
    """Open the local workspace in a folder; make it if the folder is missing or empty.

    Raises WorkspaceError: the folder holds something else, can't be written at first start, or is from a newer Lapis.
    """
    from services.local.workspace import LocalWorkspace

    return await LocalWorkspace.open(folder)
