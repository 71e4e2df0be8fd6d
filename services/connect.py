"""The factory: the one place that knows which adapters there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from services.targets import AzureTarget, WorkspaceTarget

if TYPE_CHECKING:
    from services.workspace import Workspace


async def open_workspace(target: WorkspaceTarget | Path) -> Workspace:
    """Open the workspace that is named; make a local one if its folder is missing or empty.

    Raises WorkspaceError: the folder holds something else, can't be written at first start, or is from a newer Lapis.
    Raises AccessError: nobody is signed in to Azure. Whether the Azure workspace is there shows at the first call.
    """
    if isinstance(target, AzureTarget):
        from services.azure.workspace import AzureWorkspace

        return await AzureWorkspace.open(target)
    from services.local.workspace import LocalWorkspace

    return await LocalWorkspace.open(target if isinstance(target, Path) else target.folder)
