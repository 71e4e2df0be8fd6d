"""The port of what an identity sees in Azure before a workspace is open: subscriptions, resource groups, workspaces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.operations import OperationLog
from services.sign_in import Identity
from services.targets import AzureTarget


@dataclass(frozen=True)
class Subscription:
    """A subscription.

    Attributes:
        state: `Enabled`; anything else (`Disabled`, `Warned`, ...) forbids changes.
    """

    subscription_id: str
    name: str
    tenant_id: str = ""
    state: str = "Enabled"


@dataclass(frozen=True)
class ResourceGroup:
    """A resource group of a subscription."""

    name: str
    location: str


@dataclass(frozen=True)
class WorkspaceSummary:
    """A workspace in a list.

    Attributes:
        kind: `Default`, `Hub`, `Project` or `FeatureStore`; jobs run in the first.
        state: how far it is made: `Succeeded`, `Creating`, `Deleting`, `Failed`.
    """

    target: AzureTarget
    location: str
    description: str = ""
    kind: str = "Default"
    state: str = "Succeeded"
    created_at: datetime | None = None
    created_by: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewWorkspace:
    """What a workspace is made from; a storage account, a key vault and Application Insights are made with it.

    Attributes:
        location: a region, such as `westeurope`.
        display_name: as Studio shows it; empty for its name.
    """

    target: AzureTarget
    location: str
    display_name: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class WorkspaceDirectory(ABC):
    """What the identity that is signed in may see. All methods raise only ServiceErrors."""

    @property
    @abstractmethod
    def identity(self) -> Identity:
        """Who asks."""

    @property
    @abstractmethod
    def operations(self) -> OperationLog:
        """The creations and deletions that were begun here."""

    @abstractmethod
    async def subscriptions(self) -> Sequence[Subscription]:
        """The subscriptions in which the identity has a role, by name; empty for an identity without any."""

    @abstractmethod
    async def resource_groups(self, subscription_id: str) -> Sequence[ResourceGroup]:
        """The resource groups of a subscription, by name."""

    @abstractmethod
    async def workspaces(self, subscription_id: str) -> Sequence[WorkspaceSummary]:
        """The Azure ML workspaces of a subscription, by name."""

    @abstractmethod
    async def create(self, new: NewWorkspace) -> None:
        """Begin to make a workspace; returns as soon as Azure has accepted it, `operations` tells how it ends.

        Raises ConflictError: there is one of that name in the group.
        """

    @abstractmethod
    async def delete(self, target: AzureTarget, *, permanently: bool = False) -> None:
        """Begin to delete a workspace with its jobs, assets and computes; what it uses (storage, key vault, ...) stays.

        Args:
            permanently: it can't be recovered for a time, and its name is free at once.

        Raises NotFoundError.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections; what was begun goes on in Azure."""
