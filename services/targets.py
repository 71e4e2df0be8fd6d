"""Which workspace: a folder of this machine, or a workspace in Azure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.errors import UserError

AZURE_PREFIX = "azure:"


@dataclass(frozen=True)
class LocalTarget:
    """The embedded workspace in a folder."""

    folder: Path

    def __str__(self) -> str:
        return str(self.folder)

    @property
    def key(self) -> str:
        """What tells it from all other workspaces."""
        return str(self.folder)


@dataclass(frozen=True)
class AzureTarget:
    """A workspace in Azure.

    Attributes:
        tenant_id: where to sign in; empty for the tenant that the identity is from.
        profile: the name that the settings keep it under; empty for one that was given whole.
    """

    subscription_id: str
    resource_group: str
    workspace_name: str
    tenant_id: str = ""
    profile: str = ""

    def __str__(self) -> str:
        return AZURE_PREFIX + (self.profile or f"{self.subscription_id}/{self.resource_group}/{self.workspace_name}")

    @property
    def key(self) -> str:
        """What tells it from all other workspaces, whatever profile it is kept under and however it is spelt."""
        return self.resource_id.lower()

    @property
    def resource_id(self) -> str:
        """The ARM id, with a slash in front."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace_name}"
        )

    @property
    def studio_url(self) -> str:
        """Its page in Azure ML studio."""
        return self.studio_page("")

    def studio_page(self, path: str) -> str:
        """A page of Studio, such as `runs/keen_star_1`."""
        tenant = f"&tid={self.tenant_id}" if self.tenant_id else ""
        return f"https://ml.azure.com/{path}?wsid={self.resource_id}{tenant}"


WorkspaceTarget = LocalTarget | AzureTarget


def parse_target(text: str, profiles: Mapping[str, AzureTarget]) -> WorkspaceTarget:
    """What `-w` names: `azure:PROFILE`, `azure:SUBSCRIPTION/GROUP/WORKSPACE`, or a folder.

    Raises UserError for a profile that there is not.
    """
    if not text.startswith(AZURE_PREFIX):
        return LocalTarget(Path(text))
    name = text.removeprefix(AZURE_PREFIX)
    if name in profiles:
        return profiles[name]
    parts = name.split("/")
    if len(parts) == 3 and all(parts):
        return AzureTarget(*parts)
    known = f"There are {', '.join(profiles)}." if profiles else "There are none yet."
    raise UserError(
        f"There is no profile named {name}. {known}",
        title="No such Azure workspace",
        advice="`lapis` opens Connect with `g x`, which finds workspaces and remembers them; "
        "azure:SUBSCRIPTION/GROUP/WORKSPACE names one without a profile.",
    )
