"""A workspace that is still being opened: screens get its services at once, and their first call waits.

So the first screen is painted before anything of the workspace is imported or read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, cast

from services.entities import ACTIVE_STATUSES, JobEvent, JobQuery, JobStatus, WorkspaceInfo
from services.errors import Fault
from services.operations import OperationLog
from services.workspace import (
    ComputeService,
    DataService,
    DatastoreService,
    EnvironmentService,
    JobService,
    ModelService,
    TableService,
    TrackingService,
    Workspace,
)


class _Later:
    """Each method of a service, which first waits for the workspace."""

    def __init__(self, workspace: OpeningWorkspace, service: str) -> None:
        self._workspace = workspace
        self._service = service

    def __getattr__(self, method: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **options: Any) -> Any:
            service = getattr(await self._workspace.ready(), self._service)
            return await getattr(service, method)(*arguments, **options)

        return call

    async def watch(self, name: str) -> AsyncIterator[JobEvent]:
        """The one method that is no coroutine."""
        stream = (await self._workspace.ready()).jobs.watch(name)
        try:
            async for event in stream:
                yield event
        finally:
            if close := getattr(stream, "aclose", None):
                await close()


class OpeningWorkspace(Workspace):
    """Opens on the first call after `begin`; when that fails, the call raises and the next one tries again."""

    def __init__(self, opener: Callable[[], Awaitable[Workspace]], label: str) -> None:
        self._opener = opener
        self._label = label
        self._begun = asyncio.Event()
        self._lock = asyncio.Lock()
        self.opened: Workspace | None = None
        self._none_yet = OperationLog()
        self.jobs = cast(JobService, _Later(self, "jobs"))
        self.tracking = cast(TrackingService, _Later(self, "tracking"))
        self.data = cast(DataService, _Later(self, "data"))
        self.tables = cast(TableService, _Later(self, "tables"))
        self.models = cast(ModelService, _Later(self, "models"))
        self.datastores = cast(DatastoreService, _Later(self, "datastores"))
        self.compute = cast(ComputeService, _Later(self, "compute"))
        self.environments = cast(EnvironmentService, _Later(self, "environments"))

    def begin(self) -> None:
        """The first screen is painted: calls may go on."""
        self._begun.set()

    async def ready(self) -> Workspace:
        """The workspace, as soon as it is open. Raises WorkspaceError."""
        if self.opened is None:
            await self._begun.wait()
            async with self._lock:
                if self.opened is None:
                    self.opened = await self._opener()
        return self.opened

    @property
    def label(self) -> str:
        """What is known of it so far."""
        return self.opened.label if self.opened else self._label

    @property
    def operations(self) -> OperationLog:
        """None before it is open."""
        return self.opened.operations if self.opened else self._none_yet

    async def diagnose(self) -> Sequence[Fault]:
        """As the port says."""
        return await (await self.ready()).diagnose()

    async def info(self) -> WorkspaceInfo:
        """As the port says."""
        return await (await self.ready()).info()

    async def close(self) -> None:
        """Close it if it was opened, or as soon as it is."""
        async with self._lock:
            if self.opened:
                await self.opened.close()


async def count_jobs(workspace: Workspace) -> tuple[int, int]:
    """How many jobs run and how many wait. Raises ServiceError."""
    page = await workspace.jobs.list(JobQuery(statuses=ACTIVE_STATUSES), None, 200)
    queued = sum(job.status in (JobStatus.NOT_STARTED, JobStatus.QUEUED) for job in page.items)
    return (page.total or len(page.items)) - queued, queued
