"""What an identity sees before a workspace is open. Lists need no MLClient, whose import takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from services.azure.client import connect, make_session
from services.azure.connection import Connection
from services.azure.http import AzureHttp
from services.azure.resources import API_VERSION, HOST
from services.azure.sign_in import SignedIn
from services.azure.workspace_mapping import resource_group, subscription, workspace_summary
from services.azure_errors import azure_errors, naming_refused
from services.directory import NewWorkspace, ResourceGroup, Subscription, WorkspaceDirectory, WorkspaceSummary
from services.errors import ConflictError, NotFoundError
from services.operations import OperationLog
from services.sign_in import Identity
from services.targets import AzureTarget
from services.threads import in_daemon_thread

T = TypeVar("T")

RESOURCE_MANAGER_VERSION = "2022-09-01"
"""Of subscriptions and resource groups ("Azure Resource Manager REST API")."""


class AzureDirectory(WorkspaceDirectory):
    """The directory over Azure Resource Manager."""

    def __init__(self, signed_in: SignedIn) -> None:
        self._signed_in = signed_in
        self._operations = OperationLog()
        self._http: AzureHttp | None = None
        self._connections: list[Connection] = []

    @property
    def identity(self) -> Identity:
        """Who asks."""
        return self._signed_in.identity

    @property
    def operations(self) -> OperationLog:
        """The creations and deletions that were begun here."""
        return self._operations

    async def subscriptions(self) -> Sequence[Subscription]:
        """By name."""
        found = [subscription(item) for item in await self._all("/subscriptions", RESOURCE_MANAGER_VERSION)]
        return sorted(found, key=lambda one: one.name.lower())

    async def resource_groups(self, subscription_id: str) -> Sequence[ResourceGroup]:
        """By name."""
        items = await self._all(f"/subscriptions/{subscription_id}/resourcegroups", RESOURCE_MANAGER_VERSION)
        return sorted((resource_group(item) for item in items), key=lambda one: one.name.lower())

    async def workspaces(self, subscription_id: str) -> Sequence[WorkspaceSummary]:
        """By name."""
        provider = "providers/Microsoft.MachineLearningServices/workspaces"
        items = await self._all(f"/subscriptions/{subscription_id}/{provider}", API_VERSION)
        found = [summary for item in items if (summary := workspace_summary(item))]
        return sorted(found, key=lambda one: (one.target.workspace_name.lower(), one.target.resource_group.lower()))

    async def create(self, new: NewWorkspace) -> None:
        """Begin to make a workspace with what it needs, by the SDK's template."""
        target = new.target
        if await self._exists(target):
            # the SDK would change the one that is there
            raise ConflictError(
                f"There is a workspace named {target.workspace_name} in {target.resource_group}.",
                advice="Take another name.",
            )

        def begin(client: Any) -> Any:
            from azure.ai.ml.entities import Workspace

            return client.workspaces.begin_create(
                Workspace(
                    name=target.workspace_name,
                    location=new.location,
                    display_name=new.display_name or target.workspace_name,
                    description=new.description or None,
                    tags=dict(new.tags),
                )
            )

        await (await self._connection(target)).begin("Create", target.workspace_name, begin)

    async def delete(self, target: AzureTarget, *, permanently: bool = False) -> None:
        """Begin to delete a workspace; nothing else goes."""
        if not await self._exists(target):
            raise NotFoundError(f"There is no workspace named {target.workspace_name} in {target.resource_group}.")
        connection = await self._connection(target)
        await connection.begin(
            "Delete",
            target.workspace_name,
            lambda client: client.workspaces.begin_delete(
                target.workspace_name, delete_dependent_resources=False, permanently_delete=permanently
            ),
        )

    async def close(self) -> None:
        """Let go of connections."""
        for connection in self._connections:
            await connection.close()

    async def _exists(self, target: AzureTarget) -> bool:
        url = HOST + target.resource_id
        try:
            await self._call(lambda http: http.json("GET", url, params={"api-version": API_VERSION}))
        except NotFoundError:
            return False
        return True

    async def _connection(self, target: AzureTarget) -> Connection:
        connection = await connect(target, self._signed_in.tokens, identity=lambda: self.identity)
        connection.operations = self._operations
        self._connections.append(connection)
        return connection

    async def _all(self, path: str, version: str) -> list[dict[str, Any]]:
        return await self._call(
            lambda http: [item for page in http.pages(HOST + path, {"api-version": version}) for item in page]
        )

    async def _call(self, call: Callable[[AzureHttp], T]) -> T:
        def work() -> T:
            if self._http is None:
                self._http = AzureHttp(self._signed_in.tokens, make_session())
            with naming_refused(lambda: self.identity), azure_errors():
                return call(self._http)

        return await in_daemon_thread(work)
