"""What tells a table from all others, of other workspaces too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from services.asset_uris import asset_name, has_scheme, local_place
from services.entities.assets import DataAsset


async def table_identity(workspace: str, source: str, find: Callable[[str, str], Awaitable[DataAsset]]) -> str:
    """The workspace and the source, in one form for all that name the same version or the same place of this machine.

    Args:
        workspace: what tells it from all other workspaces.
        find: a data asset by its name and a label; asked for no version.
    """
    if asset := asset_name(source):
        if "@" in source or asset.version == "latest":
            found = await find(asset.name, asset.version)
            source = f"azureml:{found.name}:{found.version}"
    elif source.startswith("file://") or not has_scheme(source):
        source = str(local_place(source, Path.cwd()))
    return f"{workspace} {source}"
