"""A workspace in Azure: the services over one connection, and what the workspace itself tells."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from services.azure.client import connect
from services.azure.compute import AzureCompute
from services.azure.connection import Connection
from services.azure.data import AzureData
from services.azure.datastores import AzureDatastores
from services.azure.environments import AzureEnvironments
from services.azure.http import check_link
from services.azure.job_index import JobIndex
from services.azure.jobs import AzureJobs
from services.azure.models import AzureModels
from services.azure.resources import API_VERSION, HOST, Resources, properties_of
from services.azure.tables import AzureTables
from services.azure.tracking import AzureTracking
from services.azure.workspace_mapping import RESOURCES, faults, workspace_info
from services.entities import JobQuery, WorkspaceInfo
from services.errors import AccessError, Fault, NotFoundError, ServiceError, TransientError
from services.operations import OperationLog
from services.sign_in import Identity
from services.targets import AzureTarget
from services.workspace import Workspace

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from requests import Response

T = TypeVar("T")

COUNTED: Mapping[str, Mapping[str, str]] = {
    "data": {"listViewType": "ActiveOnly"},
    "models": {"listViewType": "ActiveOnly"},
    "environments": {"listViewType": "ActiveOnly"},
    "computes": {},
}
"""The collections whose items are counted, page by page, since the service tells no totals."""
COUNT_SECONDS = 10.0
"""How long the page of the workspace waits for what is merely good to know."""
RESOURCE_VERSIONS = {
    "storageAccount": "2023-01-01",
    "keyVault": "2023-07-01",
    "applicationInsights": "2020-02-02",
    "containerRegistry": "2023-07-01",
}
"""Each provider of Azure Resource Manager has versions of its own."""
DIAGNOSIS_LOOKS = 90
DIAGNOSIS_POLL = 2.0
"""Seconds between two looks at a diagnosis."""


class AzureWorkspace(Workspace):
    """An open Azure workspace; `open` makes it."""

    def __init__(
        self,
        connection: Connection,
        index: JobIndex,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._pause = pause
        self.jobs = AzureJobs(connection, index)
        self.tracking = AzureTracking(connection)
        self.data = AzureData(connection)
        self.tables = AzureTables(connection, self.data)
        self.models = AzureModels(connection)
        self.datastores = AzureDatastores(connection)
        self.compute = AzureCompute(connection, index)
        self.environments = AzureEnvironments(connection)

    @classmethod
    async def open(
        cls, target: AzureTarget, credential: TokenCredential | None = None, *, identity: Identity | None = None
    ) -> AzureWorkspace:
        """Open a workspace; sends it nothing yet.

        Args:
            credential: whose tokens to use; without one the sign-in of this process, which the first call waits for.
        """
        if credential is not None:
            connection = await connect(target, credential, identity=lambda: identity)
        else:
            from services.azure.sign_in import LateTokens, shared_sign_in

            tokens = LateTokens(shared_sign_in(), target.tenant_id, asyncio.get_running_loop())
            connection = await connect(target, tokens, identity=lambda: tokens.identity)
        return cls(connection, JobIndex(cache_folder(target)))

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
        """Name, region, identity, default resources and counts; what fails or takes long is left out."""
        body = await self._connection.read(lambda _: self._resources.get())
        ids = {key: str(found) for key in RESOURCES if (found := properties_of(body).get(key))}
        states, counts, datastores = await asyncio.gather(
            _in_time({key: self._state(key, resource_id) for key, resource_id in ids.items()}),
            _in_time({"jobs": self._job_count(), **{kind: self._count(kind) for kind in COUNTED}}),
            _in_time({"default": self._default_datastore()}),
        )
        return workspace_info(
            body,
            self._connection.target,
            identity=str(self._connection.identity or ""),
            states=states,
            counts=counts,
            default_datastore=datastores.get("default", ""),
        )

    async def _count(self, kind: str) -> int:
        pages = self._resources.pages
        return await self._connection.read(
            lambda _: sum(len(page) for page in pages(kind, **COUNTED[kind])), background=True
        )

    async def _job_count(self) -> int | None:
        """None as long as the list is still being read for the first time."""
        return (await self.jobs.list(JobQuery(), limit=1)).total

    async def _default_datastore(self) -> str:
        found = await self._connection.read(
            lambda _: next(iter(self._resources.pages("datastores", isDefault="true", count="1")))
        )
        return str(found[0].get("name", "")) if found else ""

    async def _state(self, key: str, resource_id: str) -> str:
        """Whether a resource that the workspace needs is there."""
        url = f"{HOST}{resource_id}"
        version = {"api-version": RESOURCE_VERSIONS[key]}
        try:
            body = await self._connection.read(lambda _: self._connection.http.json("GET", url, params=version))
        except NotFoundError:
            return "missing: it was deleted"
        except AccessError:
            return "not visible to this identity"
        properties = properties_of(body)
        state = str(properties.get("provisioningState") or "Succeeded")
        return "ready" if state == "Succeeded" else state.lower()

    async def diagnose(self) -> Sequence[Fault]:
        """What Azure finds wrong with the workspace's resources and network; takes up to three minutes."""
        url = f"{HOST}{self._connection.target.resource_id}/diagnose?api-version={API_VERSION}"
        answer = await self._send("POST", url, {"value": {}})
        for _ in range(DIAGNOSIS_LOOKS):
            if answer.status_code != 202:
                return faults(answer.json() if answer.content else {})
            place = answer.headers.get("Location", "")
            check_link(place, url)
            await self._pause(DIAGNOSIS_POLL)
            answer = await self._send("GET", place)
        raise TransientError("Azure still looks at the workspace.", title="The diagnosis takes long")

    async def _send(self, method: str, url: str, body: object = None) -> Response:
        return await self._connection.read(lambda _: self._connection.http.send(method, url, body=body))

    async def close(self) -> None:
        """Let go of threads and connections; jobs go on."""
        await self._connection.close()


async def _in_time(works: Mapping[str, Awaitable[T | None]]) -> dict[str, T]:
    """What came of works that go on side by side; one that fails, tells nothing or takes long is left out."""

    async def one(work: Awaitable[T | None]) -> T | None:
        try:
            return await asyncio.wait_for(work, COUNT_SECONDS)
        except (ServiceError, TimeoutError):
            return None

    results = await asyncio.gather(*map(one, works.values()))
    return {key: result for key, result in zip(works, results, strict=True) if result is not None}


def cache_folder(target: AzureTarget) -> Path:
    """Where copies of the workspace's lists lie, readable for the user alone; for this time only where no home is."""
    import platformdirs

    key = hashlib.sha256(target.resource_id.lower().encode()).hexdigest()[:16]
    folder = platformdirs.user_cache_path("lapis") / "azure" / key
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lapis-"))
    return folder
