"""A workspace in Azure: the services over one connection, and what the workspace itself tells."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from services.azure.client import connect
from services.azure.connection import Connection
from services.entities import WorkspaceInfo
from services.errors import Fault
from services.operations import OperationLog
from services.sign_in import Identity
from services.targets import AzureTarget
from services.workspace import Workspace

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_PARTS = {
    "tracking": "AzureTracking",
    "data": "AzureData",
    "models": "AzureModels",
    "datastores": "AzureDatastores",
    "compute": "AzureCompute",
    "environments": "AzureEnvironments",
}


class AzureWorkspace(Workspace):
    """An open Azure workspace; `open` makes it."""

    def __init__(self, connection: Connection, cache: Path) -> None:
        self._connection = connection
        if find_spec("services.azure.jobs"):
            index = import_module("services.azure.job_index").JobIndex(cache)
            self.jobs = import_module("services.azure.jobs").AzureJobs(connection, index)
        for name, service in _PARTS.items():
            if find_spec(f"services.azure.{name}"):
                setattr(self, name, getattr(import_module(f"services.azure.{name}"), service)(connection))

    @classmethod
    async def open(
        cls, target: AzureTarget, credential: TokenCredential | None = None, *, identity: Identity | None = None
    ) -> AzureWorkspace:
        """Open a workspace; sends it nothing yet.

        Args:
            credential: whose tokens to use; without one the sign-in of this process.

        Raises AccessError: nobody is signed in.
        """
        if credential is None:
            from services.azure.sign_in import shared_sign_in

            signed_in = await shared_sign_in().signed_in(target.tenant_id)
            credential, identity = signed_in.tokens, signed_in.identity
        return cls(await connect(target, credential, identity=identity), cache_folder(target))

    @property
    def label(self) -> str:
        """`azure ws·rg`."""
        target = self._connection.target
        return f"azure {target.workspace_name}·{target.resource_group}"

    @property
    def operations(self) -> OperationLog:
        """What goes on in the background."""
        return self._connection.operations

    async def info(self) -> WorkspaceInfo:
        """Name, region and identity."""
        target = self._connection.target
        found = await self._connection.read(lambda client: client.workspaces.get(target.workspace_name))
        return WorkspaceInfo(target.workspace_name, "azure", found.location, target.resource_group)

    async def diagnose(self) -> Sequence[Fault]:
        """What is wrong with the workspace."""
        return ()

    async def close(self) -> None:
        """Let go of threads and connections; jobs go on."""
        await self._connection.close()


def cache_folder(target: AzureTarget) -> Path:
    """Where copies of the workspace's lists lie, readable for the user alone."""
    import platformdirs

    key = hashlib.sha256(target.resource_id.lower().encode()).hexdigest()[:16]
    folder = platformdirs.user_cache_path("lapis") / "azure" / key
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
