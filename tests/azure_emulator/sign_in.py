"""The ways to get a token: login.microsoftonline.com, and the endpoint for managed identities of a compute instance."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.azure_emulator.emulator import emulator_of
from tests.azure_emulator.identity import TENANT, TOKEN_SECONDS, Identity, encode_part

LOGIN = "https://login.microsoftonline.com"
USER_CODE = "LAPIS1234"
VERIFICATION_URI = "https://microsoft.com/devicelogin"
MSI_SECRET = "the secret of the endpoint for managed identities"
_AUTHORITY = f"{LOGIN}/{TENANT}"
_MEANINGS = {
    "authorization_pending": "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    "authorization_declined": "AADSTS50105: The user declined to sign in.",
    "expired_token": "AADSTS70020: The device code has expired.",
    "bad_verification_code": "AADSTS70019: The device code is not known.",
    "slow_down": "AADSTS70017: Polled too often.",
    "invalid_client": "AADSTS7000215: Invalid client secret provided.",
    "invalid_grant": "AADSTS700082: The refresh token has expired due to inactivity.",
}


async def openid_configuration(request: Request) -> Response:
    """Where the other endpoints of the authority are."""
    return JSONResponse(
        {
            "token_endpoint": f"{_AUTHORITY}/oauth2/v2.0/token",
            "authorization_endpoint": f"{_AUTHORITY}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{_AUTHORITY}/oauth2/v2.0/devicecode",
            "issuer": f"{_AUTHORITY}/v2.0",
            "tenant_region_scope": None,
        }
    )


async def instance_discovery(request: Request) -> Response:
    """The names by which the authority goes."""
    names = {"preferred_network": "login.microsoftonline.com", "preferred_cache": "login.windows.net"}
    return JSONResponse(
        {
            "tenant_discovery_endpoint": f"{_AUTHORITY}/v2.0/.well-known/openid-configuration",
            "metadata": [{**names, "aliases": ["login.microsoftonline.com", "login.windows.net"]}],
        }
    )


async def device_code(request: Request) -> Response:
    """Begins a sign-in with a code that is typed on another device; it is polled each second."""
    directory = emulator_of(request).directory
    return JSONResponse(
        {
            "user_code": USER_CODE,
            "device_code": directory.begin_device_sign_in(),
            "verification_uri": VERIFICATION_URI,
            "expires_in": directory.device_seconds,
            "interval": 1,
            "message": f"To sign in, use a web browser to open the page {VERIFICATION_URI} and enter the code "
            f"{USER_CODE} to authenticate.",
        }
    )


async def token(request: Request) -> Response:
    """Gives a token for a client secret, a device code or a refresh token."""
    directory = emulator_of(request).directory
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    grant = form.get("grant_type", "").rpartition(":")[2]
    if grant == "client_credentials":
        for one in directory.identities.values():
            if one.client_secret is not None and one.client_id == form.get("client_id"):
                if one.client_secret == form.get("client_secret"):
                    return JSONResponse(_token(request, one, form["scope"]))
                return _failure("invalid_client", 401)
        return _failure("invalid_client", 401)
    if grant == "device_code":
        problem = directory.poll_device_sign_in(form.get("device_code", ""))
        if problem is not None:
            return _failure(problem)
        return JSONResponse(_signed_in(request, directory.device_identity, form))
    owner = directory.owner(form.get("refresh_token", ""))
    return _failure("invalid_grant") if owner is None else JSONResponse(_signed_in(request, owner, form))


async def managed_identity(request: Request) -> Response:
    """Gives a token of the instance's identity to processes that know the secret from their environment."""
    if request.headers.get("secret") != MSI_SECRET:
        return JSONResponse({"error": "unauthorized"}, 401)
    emulator = emulator_of(request)
    identity = emulator.directory.instance_identity
    wanted = request.query_params.get("clientid")
    if wanted not in (None, identity.client_id):
        return JSONResponse({"error": "invalid_request", "error_description": "Identity not found"}, 400)
    issued = emulator.now().timestamp()
    return JSONResponse(
        {
            "access_token": emulator.directory.token(identity, request.query_params["resource"], issued),
            "expires_on": str(int(issued) + TOKEN_SECONDS),
            "resource": request.query_params["resource"],
            "token_type": "Bearer",
        }
    )


async def clouds(request: Request) -> Response:
    """The endpoints of the cloud, which need no sign-in."""
    return JSONResponse(
        [
            {
                "name": "AzureCloud",
                "portal": "https://portal.azure.com",
                "resourceManager": "https://management.azure.com/",
                "authentication": {"loginEndpoint": f"{LOGIN}/", "audiences": ["https://management.azure.com/"]},
                "suffixes": {"storage": "core.windows.net", "keyVaultDns": "vault.azure.net"},
            }
        ]
    )


def _token(request: Request, identity: Identity, scope: str) -> dict[str, Any]:
    emulator = emulator_of(request)
    wanted = next(one for one in scope.split() if "://" in one)
    access = emulator.directory.token(identity, wanted, emulator.now().timestamp())
    return {
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "ext_expires_in": TOKEN_SECONDS,
        "access_token": access,
    }


def _signed_in(request: Request, identity: Identity, form: dict[str, str]) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        **identity.claims,
        "aud": form.get("client_id"),
        "iss": f"{_AUTHORITY}/v2.0",
        "preferred_username": identity.name,
        "nbf": now,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
    }
    scope = form.get("scope") or "https://management.azure.com/.default"
    return {
        **_token(request, identity, scope),
        "scope": scope,
        "refresh_token": emulator_of(request).directory.refresh_token(identity),
        "id_token": ".".join([encode_part({"alg": "none"}), encode_part(claims), ""]),
        "client_info": encode_part({"uid": identity.object_id, "utid": TENANT}),
        "foci": "1",
    }


def _failure(code: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": _MEANINGS[code], "error_codes": [1]}, status)


ROUTES = [
    Route("/common/discovery/instance", instance_discovery),
    Route("/{tenant}/v2.0/.well-known/openid-configuration", openid_configuration),
    Route("/{tenant}/.well-known/openid-configuration", openid_configuration),
    Route("/{tenant}/oauth2/v2.0/devicecode", device_code, methods=["POST"]),
    Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
    Route("/metadata/endpoints", clouds),
]
INSTANCE_ROUTES = [Route("/MSI/auth", managed_identity)]
"""What answers on a port of its own, without TLS, as on a compute instance."""
