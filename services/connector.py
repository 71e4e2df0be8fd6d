"""The port of finding workspaces: those that this machine knows, and those that an identity sees in Azure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.operations import Operation
from services.targets import AzureTarget, WorkspaceTarget

if TYPE_CHECKING:
    from services.directory import WorkspaceDirectory
    from services.sign_in import SignIn


@dataclass(frozen=True)
class ConfigFile:
    """A config.json and the workspace that it names."""

    path: Path
    target: AzureTarget


class Connector(ABC):
    """How one gets to another workspace; there is one for the whole process."""

    @property
    @abstractmethod
    def sign_in(self) -> SignIn:
        """The sign-in to Azure that all workspaces share."""

    @property
    @abstractmethod
    def operations(self) -> Sequence[Operation]:
        """The workspaces that are being created and deleted, and those that were."""

    @abstractmethod
    async def directory(self) -> WorkspaceDirectory:
        """What the identity that is signed in sees; tries the silent methods if nobody is. Raises AccessError."""

    @abstractmethod
    def config_file(self) -> ConfigFile | None:
        """The config.json for the current folder; None if there is none. Raises UserError for a broken one."""

    @abstractmethod
    def known(self) -> Sequence[WorkspaceTarget]:
        """The profiles, then what was opened before, the last first. Raises SettingsError."""

    @abstractmethod
    def remember(self, target: AzureTarget) -> None:
        """Keep a workspace under its `profile`. Raises UserError for a name that can't be one."""

    @abstractmethod
    def forget(self, target: WorkspaceTarget) -> None:
        """Know a workspace no more; the workspace itself stays. Raises UserError if that can't be written."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections; what was begun goes on in Azure."""
