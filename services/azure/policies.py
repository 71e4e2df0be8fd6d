"""What each call of the SDK goes through. Imports azure.core: only `client` imports this, in a thread."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline.policies import HTTPPolicy, SansIOHTTPPolicy

from services.azure.credentials import Tokens
from services.azure.rate_limit import RateLimit


class Noting(SansIOHTTPPolicy):  # type: ignore[misc]
    """Notes how many calls Azure still allows."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit

    def on_response(self, _: Any, response: Any) -> None:
        """Read an answer's headers."""
        self._limit.note(response.http_response.headers)


class Renewing(HTTPPolicy):  # type: ignore[misc]
    """Sends a call once more with a new token when the service refuses one that looked good: a clock may be wrong."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens

    def send(self, request: Any) -> Any:
        """Send, and at a 401 once again."""
        response = self.next.send(request)
        if response.http_response.status_code != 401:
            return response
        self._tokens.renew()
        return self.next.send(request)
