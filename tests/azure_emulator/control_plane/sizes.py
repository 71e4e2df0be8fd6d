"""Sizes of virtual machines, and how much of each family a subscription may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.arm import LOCATION_PATH, PROVIDER
from tests.azure_emulator.emulator import emulator_of
from tests.azure_emulator.store import Store


@dataclass(frozen=True)
class Size:
    """A size; `price` is in US dollars an hour on Linux, a low-priority node costs a fifth."""

    name: str
    family: str
    cores: int
    memory: float
    gpus: int
    price: float


SIZES = (
    Size("Standard_DS1_v2", "standardDSv2Family", 1, 3.5, 0, 0.073),
    Size("Standard_DS2_v2", "standardDSv2Family", 2, 7.0, 0, 0.146),
    Size("Standard_DS3_v2", "standardDSv2Family", 4, 14.0, 0, 0.293),
    Size("Standard_DS11_v2", "standardDSv2Family", 2, 14.0, 0, 0.185),
    Size("Standard_DS12_v2", "standardDSv2Family", 4, 28.0, 0, 0.37),
    Size("Standard_D4s_v3", "standardDSv3Family", 4, 16.0, 0, 0.192),
    Size("Standard_E4s_v3", "standardESv3Family", 4, 32.0, 0, 0.252),
    Size("Standard_E8s_v3", "standardESv3Family", 8, 64.0, 0, 0.504),
    Size("Standard_F8s_v2", "standardFSv2Family", 8, 16.0, 0, 0.338),
    Size("Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, 28.0, 1, 0.526),
    Size("Standard_NC6s_v3", "standardNCSv3Family", 6, 112.0, 1, 3.06),
    Size("Standard_NC24ads_A100_v4", "StandardNCADSA100v4Family", 24, 220.0, 1, 3.673),
)
LIMITS = {
    "standardDSv2Family": 100,
    "standardDSv3Family": 100,
    "standardESv3Family": 50,
    "standardFSv2Family": 24,
    "Standard NCASv3_T4 Family": 8,
    "standardNCSv3Family": 6,
    "StandardNCADSA100v4Family": 0,
}
"""Cores that a subscription may use in a region."""


def size_named(name: str) -> Size | None:
    """The size of that name, in any case of letters."""
    return next((size for size in SIZES if size.name.lower() == name.lower()), None)


async def list_sizes(request: Request) -> Response:
    """All sizes of a region."""
    return JSONResponse({"value": [_size(size) for size in SIZES]})


async def list_usages(request: Request) -> Response:
    """Cores in use and cores allowed, for each family."""
    used = _used_cores(emulator_of(request).store, request.path_params["subscription"])
    value = [{**one, "currentValue": used.get(one["name"]["value"], 0)} for one in _limits(request, "usages")]
    return JSONResponse({"value": value})


async def list_quotas(request: Request) -> Response:
    """The limits of each family."""
    return JSONResponse({"value": _limits(request, "quotas")})


def _limits(request: Request, kind: str) -> list[dict[str, Any]]:
    location = request.path_params["location"]
    place = LOCATION_PATH.format(subscription=request.path_params["subscription"], location=location)
    return [
        {
            "id": f"{place}/{kind}/{family}",
            "type": f"{PROVIDER}/{kind}",
            "amlWorkspaceLocation": location,
            "unit": "Count",
            "limit": limit,
            "name": {"value": family, "localizedValue": f"{family.removeprefix('standard')} vCPUs"},
        }
        for family, limit in LIMITS.items()
    ]


def _used_cores(store: Store, subscription: str) -> dict[str, int]:
    """Cores by family: those of instances that run and of clusters' nodes."""
    used: dict[str, int] = {}
    for compute in store.of_type(f"{PROVIDER}/workspaces/computes"):
        details = compute["properties"].get("properties") or {}
        size = size_named(details.get("vmSize") or "")
        if size is None or not compute["id"].lower().startswith(f"/subscriptions/{subscription.lower()}/"):
            continue
        running = details.get("state") in ("Running", "Starting", "Restarting")
        nodes = (details.get("currentNodeCount") or 0) if "scaleSettings" in details else int(running)
        used[size.family] = used.get(size.family, 0) + nodes * size.cores
    return used


def _size(size: Size) -> dict[str, Any]:
    prices = [("Linux", "Standard", 1.0), ("Linux", "LowPriority", 0.2), ("Windows", "Standard", 1.9)]
    return {
        "name": size.name,
        "family": size.family,
        "vCPUs": size.cores,
        "gpus": size.gpus,
        "osVhdSizeMB": 1047552,
        "maxResourceVolumeMB": int(size.memory * 2048),
        "memoryGB": size.memory,
        "lowPriorityCapable": True,
        "premiumIO": "s" in size.name.rpartition("_")[0].lower(),
        "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
        "estimatedVMPrices": {
            "billingCurrency": "USD",
            "unitOfMeasure": "OneHour",
            "values": [
                {"retailPrice": round(size.price * factor, 4), "osType": system, "vmTier": tier}
                for system, tier, factor in prices
            ],
        },
    }


ROUTES = [
    Route(LOCATION_PATH + "/vmSizes", list_sizes),
    Route(LOCATION_PATH + "/usages", list_usages),
    Route(LOCATION_PATH + "/quotas", list_quotas),
]
