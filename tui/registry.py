"""Which screen shows a place; a screen's module is imported when it is first opened."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from screens.places import Place
from services.errors import NotFoundError

if TYPE_CHECKING:
    from screens.base import LapisScreen
    from services.connector import Connector
    from services.workspace import Workspace


@dataclass(frozen=True)
class Destination:
    """A screen that `g` and its letter go to."""

    letter: str
    screen: str
    label: str


SCREENS = {
    "jobs": "screens.jobs:JobsScreen",
    "job": "screens.job:JobScreen",
    "submit": "screens.submit:SubmitScreen",
    "compare": "screens.compare:CompareScreen",
    "data": "screens.data:DataScreen",
    "data-asset": "screens.data_asset:DataAssetScreen",
    "data-diff": "screens.data_diff:DataDiffScreen",
    "table": "screens.table.screen:TableScreen",
    "register-data": "screens.register_data:RegisterDataScreen",
    "profile": "screens.profile.screen:ProfileScreen",
    "features": "screens.features.screen:FeaturesScreen",
    "privacy": "screens.privacy.screen:PrivacyScreen",
    "models": "screens.models:ModelsScreen",
    "model": "screens.model:ModelScreen",
    "register-model": "screens.register_model:RegisterModelScreen",
    "recipe-run": "screens.recipe_run.screen:RecipeRunScreen",
    "compute": "screens.compute.screen:ComputeScreen",
    "compute-form": "screens.compute.form:ComputeFormScreen",
    "compute-nodes": "screens.compute.nodes:NodesScreen",
    "compute-sizes": "screens.compute.sizes:SizesScreen",
    "datastores": "screens.datastores.screen:DatastoresScreen",
    "datastore": "screens.datastores.folder:DatastoreScreen",
    "datastore-file": "screens.datastores.file:DatastoreFileScreen",
    "datastore-form": "screens.datastores.form:DatastoreFormScreen",
    "wrangle": "screens.wrangle:WrangleScreen",
    "environments": "screens.environments:EnvironmentsScreen",
    "register-environment": "screens.register_environment:RegisterEnvironmentScreen",
    "workspace": "screens.workspace:WorkspaceScreen",
    "connect": "screens.connect.screen:ConnectScreen",
    "new-workspace": "screens.connect.new_workspace:NewWorkspaceScreen",
}
"""Place.screen -> module and class."""

DESTINATIONS = (
    Destination("j", "jobs", "Jobs"),
    Destination("n", "submit", "New job"),
    Destination("d", "data", "Data"),
    Destination("m", "models", "Models"),
    Destination("c", "compute", "Compute"),
    Destination("s", "datastores", "Datastores"),
    Destination("e", "environments", "Environments"),
    Destination("w", "workspace", "Workspace"),
    Destination("x", "connect", "Connect"),
)

WRITING = frozenset(
    {
        "submit",
        "register-data",
        "register-model",
        "register-environment",
        "compute-form",
        "datastore-form",
        "new-workspace",
        "recipe-run",
    }
)
"""Screens that are there to write, so not in read-only mode."""


def screen_class(name: str) -> type[LapisScreen]:
    """The class of a screen. Raises NotFoundError for a name that no screen has."""
    if name not in SCREENS:
        raise NotFoundError(f"There is no screen named {name}.", advice=f"There are {', '.join(SCREENS)}.")
    module, _, attribute = SCREENS[name].partition(":")
    return cast("type[LapisScreen]", getattr(import_module(module), attribute))


def make_screen(place: Place, workspace: Workspace, connector: Connector) -> LapisScreen:
    """A screen for a place, handed what its constructor names: `jobs`, `data`, ..., `workspace` or `connector`."""
    screen = screen_class(place.screen)
    wanted = [p.name for p in inspect.signature(screen).parameters.values() if p.kind is p.KEYWORD_ONLY]
    given = {"workspace": workspace, "connector": connector}
    services = {name: given[name] if name in given else getattr(workspace, name) for name in wanted}
    return screen(place, **services)


async def is_there(place: Place, workspace: Workspace) -> bool:
    """Whether what a place shows still exists. Raises ServiceError when that can't be told."""
    name, _, version = place.subject.partition(":")
    try:
        match place.screen:
            case "job":
                await workspace.jobs.get(place.subject)
            case "compute-nodes":
                await workspace.compute.get(place.subject)
            case "data-asset":
                await workspace.data.get(name, version or "latest")
            case "model":
                await workspace.models.get(name, version or "latest")
    except NotFoundError:
        return False
    return place.screen in SCREENS
