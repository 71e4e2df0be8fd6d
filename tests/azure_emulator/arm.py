"""How Azure Resource Manager names things: ids, paths of routes and the data that it keeps about each resource."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request

PROVIDER = "Microsoft.MachineLearningServices"
SUBSCRIPTION_PATH = "/subscriptions/{subscription}"
GROUP_PATH = SUBSCRIPTION_PATH + "/resourceGroups/{group}"
WORKSPACE_TYPE = f"{PROVIDER}/workspaces"
WORKSPACES = f"/providers/{PROVIDER}/workspaces"
WORKSPACE_PATH = GROUP_PATH + WORKSPACES + "/{workspace}"
LOCATION_PATH = SUBSCRIPTION_PATH + f"/providers/{PROVIDER}/locations/{{location}}"


@dataclass(frozen=True)
class WorkspaceId:
    """The three names that make a workspace; as text it is the ARM id."""

    subscription: str
    group: str
    name: str

    def __str__(self) -> str:
        return WORKSPACE_PATH.format(subscription=self.subscription, group=self.group, workspace=self.name)

    @classmethod
    def of(cls, request: Request) -> WorkspaceId:
        """The workspace in the path of a request, spelt as the caller spells it."""
        names = request.path_params
        return cls(names["subscription"], names["group"], names["workspace"])

    @classmethod
    def parse(cls, arm_id: str) -> WorkspaceId:
        """The workspace in which the resource `arm_id` lies; ValueError where it lies in none."""
        parts = arm_id.split("/")
        if len(parts) < 9 or parts[7].lower() != "workspaces":
            raise ValueError(f"no resource of a workspace: {arm_id}")
        return cls(parts[2], parts[4], parts[8])


def resource_type(arm_id: str) -> str:
    """`Microsoft.MachineLearningServices/workspaces/models/versions` for the id of a model's version."""
    return "/".join([PROVIDER, *arm_id.strip("/").split("/")[6::2]])


def name_of(arm_id: str) -> str:
    """The last name in an id."""
    return arm_id.rstrip("/").rsplit("/", 1)[1]


def timestamp(moment: datetime) -> str:
    """A moment as ARM writes it."""
    return moment.isoformat()


def system_data(moment: datetime, by: str, kind: str = "User") -> dict[str, Any]:
    """Who made a resource, and when; `kind` is User or Application."""
    return {
        "createdAt": timestamp(moment),
        "createdBy": by,
        "createdByType": kind,
        "lastModifiedAt": timestamp(moment),
        "lastModifiedBy": by,
        "lastModifiedByType": kind,
    }
