"""The credentials behind each way to sign in, and the tokens that they give: kept in memory, never in a file."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.sign_in import Identity, SignInMethod

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

EARLY = 300.0
"""Seconds before its end at which a token is fetched anew."""
CLIENT_ID = "DEFAULT_IDENTITY_CLIENT_ID"
"""Set on compute instances with an identity of their own; no library reads it."""
AZ_SECONDS = 20
"""How long `az` may take; it is slow on a machine that is busy."""
BOUNDS: dict[str, Any] = {"connection_timeout": 5, "read_timeout": 10, "retry_total": 1, "retry_backoff_factor": 0.2}
IDENTITY_BOUNDS: dict[str, Any] = {**BOUNDS, "connection_timeout": 2, "retry_status": 1}
"""Of the endpoint for managed identities: where there is none, nothing answers."""


class Tokens:
    """A credential of azure-core's kind that keeps the tokens of another one; any thread may ask.

    Azure CLI starts a process for each token, and each of the SDK's clients would ask for its own. What it gives is
    said to end soon, so that those clients ask again and `renew` reaches all of them.

    Args:
        make: makes the credential; called again by `renew`, since some keep a token for as long as they think it good.
    """

    def __init__(self, make: Callable[[], TokenCredential], clock: Callable[[], float] = time.time) -> None:
        self._make = make
        self._clock = clock
        self._credential: TokenCredential | None = None
        self._kept: dict[tuple[object, ...], AccessToken] = {}
        self._lock = threading.Lock()

    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **options: Any
    ) -> AccessToken:
        """A token for the scopes; raises what the credential raises."""
        from azure.core.credentials import AccessToken

        asked = (scopes, claims, tenant_id)
        with self._lock:
            token = self._kept.get(asked)
            if token is None or token.expires_on - self._clock() < EARLY:
                self._credential = self._credential or self._make()
                token = self._credential.get_token(*scopes, claims=claims, tenant_id=tenant_id, **options)
                self._kept[asked] = token
        return AccessToken(token.token, min(token.expires_on, int(self._clock() + EARLY)))

    def renew(self, refused: str) -> None:
        """The service refused a token that looked good: fetch others from now on, unless that was done already."""
        with self._lock:
            if any(token.token == refused for token in self._kept.values()):
                self._kept.clear()
                self._credential = None


def tokens_of(credential: TokenCredential) -> Tokens:
    """The credential itself if it keeps its tokens, else one that does."""
    return credential if isinstance(credential, Tokens) else Tokens(lambda: credential)


def make_silent(
    method: SignInMethod, tenant_id: str, client_id: str = "", environ: Mapping[str, str] = os.environ
) -> TokenCredential:
    """The credential of a method that asks nobody; it has not tried anything yet.

    Args:
        tenant_id: where to sign in; empty for the identity's own. A managed identity is of one tenant only, and the
            environment names its own.
        client_id: of a managed identity; empty for that of the environment.
    """
    from azure import identity

    if method is SignInMethod.AZURE_CLI:
        return identity.AzureCliCredential(tenant_id=tenant_id, process_timeout=AZ_SECONDS)
    if method is SignInMethod.MANAGED_IDENTITY:
        # not passed as None: that would hide AZURE_CLIENT_ID
        named = client_id or environ.get(CLIENT_ID)
        chosen = {"client_id": named} if named else {}
        return identity.ManagedIdentityCredential(**chosen, **IDENTITY_BOUNDS)
    return identity.EnvironmentCredential(**BOUNDS)


def make_device_code(
    tenant_id: str, show: Callable[[str, str, datetime], None], stopped: threading.Event
) -> TokenCredential:
    """The credential that waits for a person; only `authenticate` begins it, and `stopped` ends it at its next poll."""
    from azure.core.pipeline.transport import RequestsTransport
    from azure.identity import DeviceCodeCredential

    class Stoppable(RequestsTransport):  # type: ignore[misc]
        def send(self, request: Any, **options: Any) -> Any:
            if stopped.is_set():
                raise InterruptedError("the sign-in was given up")
            return super().send(request, **options)

    where = {"tenant_id": tenant_id} if tenant_id else {}
    return DeviceCodeCredential(
        prompt_callback=show,
        disable_automatic_authentication=True,
        additionally_allowed_tenants=["*"],
        transport=Stoppable(connection_timeout=BOUNDS["connection_timeout"], read_timeout=BOUNDS["read_timeout"]),
        retry_total=BOUNDS["retry_total"],
        **where,
    )


def identity_of(token: str, method: SignInMethod) -> Identity:
    """Who a token is of; its signature is for the service to check."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        claims = {}
    if not isinstance(claims, dict):
        claims = {}

    def claim(*names: str) -> str:
        return next((str(claims[name]) for name in names if claims.get(name)), "")

    return Identity(
        name=claim("upn", "preferred_username", "unique_name", "app_displayname", "appid", "azp", "oid") or "unknown",
        object_id=claim("oid"),
        tenant_id=claim("tid"),
        method=method,
    )
