"""Resource groups, and the resources of other providers that workspaces name."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.answers import arm_error
from tests.azure_emulator.arm import GROUP_PATH, SUBSCRIPTION_PATH, WORKSPACE_TYPE, WorkspaceId, name_of
from tests.azure_emulator.emulator import emulator_of

_NAMED = ("storageAccount", "keyVault", "applicationInsights", "containerRegistry")


async def list_groups(request: Request) -> Response:
    """The groups in which workspaces are."""
    emulator = emulator_of(request)
    ids = [WorkspaceId.parse(one["id"]) for one in emulator.store.of_type(WORKSPACE_TYPE)]
    names = dict.fromkeys(one.group for one in ids if one.subscription == request.path_params["subscription"])
    value = [
        {
            "id": f"{SUBSCRIPTION_PATH.format(**request.path_params)}/resourceGroups/{name}",
            "name": name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": emulator.settings.region,
            "properties": {"provisioningState": "Succeeded"},
        }
        for name in names
    ]
    return JSONResponse({"value": value})


async def get_resource(request: Request) -> Response:
    """A resource that a workspace names: there is one for as long as it does."""
    emulator = emulator_of(request)
    for workspace in emulator.store.of_type(WORKSPACE_TYPE):
        for key in _NAMED:
            named = workspace["properties"].get(key)
            if named and named.lower() == request.url.path.lower():
                body = {"id": named, "name": name_of(named), "location": emulator.settings.region}
                return JSONResponse({**body, "properties": {"provisioningState": "Succeeded"}})
    return arm_error(404, "ResourceNotFound", f"The Resource '{request.url.path}' was not found.")


ROUTES = [
    Route(SUBSCRIPTION_PATH + "/resourceGroups", list_groups),
    *(
        Route(GROUP_PATH + f"/providers/{provider}/{{resource}}", get_resource)
        for provider in (
            "Microsoft.Storage/storageAccounts",
            "Microsoft.KeyVault/vaults",
            "Microsoft.Insights/components",
            "Microsoft.ContainerRegistry/registries",
        )
    ),
]
