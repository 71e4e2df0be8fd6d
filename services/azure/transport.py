"""How the SDK's calls leave this machine. Imports azure.core: only `client` imports this, in a thread."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.pipeline.transport import RequestsTransport
from requests import Session

from services.azure.credentials import Tokens
from services.azure.http import ARM_SCOPE, LONGEST_WAIT, leads_away
from services.azure.quiet import CONNECT_SECONDS, READ_SECONDS
from services.azure.rate_limit import RateLimit
from services.azure.resources import HOST
from services.azure.run_history import DATA_PLANES
from services.azure_errors import is_elsewhere, not_azure

_BEARER = "Bearer "


class Noting(SansIOHTTPPolicy):  # type: ignore[misc]
    """Notes how many calls Azure still allows. All clients share it, which only a policy of this kind can be."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit

    def on_response(self, _: Any, response: Any) -> None:
        """Read an answer's headers."""
        self._limit.note(response.http_response.headers)


class Renewing(RequestsTransport):  # type: ignore[misc]
    """Sends a call once more with a new token when the service refuses one that looked good: a clock may be wrong."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__(
            session=session, session_owner=False, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS
        )
        self._tokens = tokens

    def sleep(self, duration: float) -> None:
        """Wait before a try, as long as Azure asks for but no longer than somebody would wait for an answer."""
        super().sleep(min(duration, LONGEST_WAIT))

    def send(self, request: Any, **options: Any) -> Any:
        """Send, and at a 401 once again. Raises TransientError for an address, or an answer, that is not of Azure."""
        sent = request.headers.get("Authorization", "")
        host = urlsplit(request.url).hostname or ""
        if sent and not host.endswith(DATA_PLANES) and host != urlsplit(HOST).hostname:
            raise leads_away(host)
        response = self._answer(request, options)
        if response.status_code != 401 or not sent.startswith(_BEARER):
            return response
        self._tokens.renew(sent.removeprefix(_BEARER))
        fresh = self._tokens.get_token(ARM_SCOPE).token
        if sent == _BEARER + fresh:
            return response
        response.internal_response.close()
        request.headers["Authorization"] = _BEARER + fresh
        return self._answer(request, options)

    def _answer(self, request: Any, options: dict[str, Any]) -> Any:
        # read whole at once, so that one that breaks off is asked for again as any other
        response = super().send(request, **{**options, "stream": False})
        if is_elsewhere(response.status_code, response.headers):
            raise not_azure(response.status_code)
        return response
