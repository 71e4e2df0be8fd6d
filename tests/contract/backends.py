"""The kinds of workspace that the contracts are checked on, and what tests do behind a workspace's back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from services.azure.jobs import AzureJobs
from services.azure.workspace import AzureWorkspace
from services.local.workspace import LocalWorkspace
from services.targets import AzureTarget
from services.workspace import Workspace
from tests.support.local_jobs import FinishedJob, finish_job

if TYPE_CHECKING:
    from tests.azure_emulator.lab import AzureLab

DEFAULT_DATASTORE = "workspaceblobstore"


class Backend(Protocol):
    """An open workspace and what holds its content."""

    @property
    def workspace(self) -> Workspace:
        """What the contract is about."""

    def finish(self, name: str, experiment: str = ...) -> FinishedJob:
        """Make a completed job that logged params, metrics and a model, and has an output named `export`."""

    def put(self, path: str, content: str | bytes) -> None:
        """Write a file into the default datastore."""


class LocalBackend:
    """A folder."""

    def __init__(self, workspace: LocalWorkspace) -> None:
        self.workspace = workspace

    def finish(self, name: str, experiment: str = "diabetes-train") -> FinishedJob:
        """As Backend says."""
        return finish_job(self.workspace.layout, name, experiment)

    def put(self, path: str, content: str | bytes) -> None:
        """As Backend says."""
        place = self.workspace.layout.datastore(DEFAULT_DATASTORE) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)


class AzureBackend:
    """The emulator, with real storage and a real MLflow server."""

    def __init__(self, lab: AzureLab, workspace: AzureWorkspace) -> None:
        self.lab = lab
        self.workspace = workspace

    @classmethod
    async def open(cls, lab: AzureLab) -> AzureBackend:
        """A workspace that was just made: its default resources, and nothing else in it."""
        lab.new_workspace()
        target = AzureTarget(lab.subscription_id, lab.resource_group, lab.workspace_name, lab.tenant_id)
        return cls(lab, await AzureWorkspace.open(target, lab.credential()))

    def finish(self, name: str, experiment: str = "diabetes-train") -> FinishedJob:
        """As Backend says."""
        from tests.azure_emulator.finished_jobs import finished_job

        finished = finished_job(self.lab.emulator, self.lab.workspace_id, name, experiment)
        assert isinstance(self.workspace.jobs, AzureJobs)
        self.workspace.jobs.refresher.expire()  # it was made behind the list's back
        return finished

    def put(self, path: str, content: str | bytes) -> None:
        """As Backend says."""
        from tests.azure_emulator.storage import BLOB_CONTAINER

        self.lab.storage.write_blob(BLOB_CONTAINER, path, content.encode() if isinstance(content, str) else content)
