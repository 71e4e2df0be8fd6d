"""The factory: the one place that knows which adapters there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from services.targets import AzureTarget, WorkspaceTarget

if TYPE_CHECKING:
    from services.connector import ConfigFile
    from services.directory import WorkspaceDirectory
    from services.sign_in import SignIn
    from services.workspace import Workspace


async def open_workspace(target: WorkspaceTarget) -> Workspace:
    """Open the workspace that is named; make a local one if its folder is missing or empty.

    Raises WorkspaceError: the folder holds something else, can't be written at first start, or is from a newer Lapis.
    Whether somebody is signed in to Azure, and whether the workspace is there, shows at the first call.
    """
    if isinstance(target, AzureTarget):
        from services.azure.workspace import AzureWorkspace

        return await AzureWorkspace.open(target)
    from services.local.workspace import LocalWorkspace

    return await LocalWorkspace.open(target.folder)


def sign_in() -> SignIn:
    """The sign-in to Azure that all workspaces of this process share."""
    from services.azure.sign_in import shared_sign_in

    return shared_sign_in()


async def open_directory(tenant_id: str = "") -> WorkspaceDirectory:
    """What the identity that is signed in sees in Azure; tries the silent methods if nobody is.

    Args:
        tenant_id: whose directory; empty for the identity's own.

    Raises AccessError: nobody is signed in.
    """
    from services.azure.directory import AzureDirectory
    from services.azure.sign_in import shared_sign_in

    return AzureDirectory(await shared_sign_in().signed_in(tenant_id))


def find_config_file(start: Path) -> ConfigFile | None:
    """The config.json for a folder, found as the SDK finds it; None if there is none.

    Raises UserError with the path and line of a file that names no workspace.
    """
    from services.azure.config_file import find_config_file, read_config_file
    from services.connector import ConfigFile

    found = find_config_file(start)
    return None if found is None else ConfigFile(found, read_config_file(found))
