"""Plain HTTPS to Azure's data planes, for what azure-ai-ml has no call for: run history, MLflow's REST, log files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.azure.credentials import tokens_of
from services.azure_errors import ErrorBody, azure_errors, error_body, is_elsewhere, not_azure, status_error
from services.errors import TransientError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from requests import Response, Session

    from services.azure.rate_limit import RateLimit

ARM_SCOPE = "https://management.azure.com/.default"
TIMEOUT = (5.0, 20.0)
"""Seconds to connect and between two bytes."""
TRIES = 4
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
LONGEST_WAIT = 4.0


class AzureHttp:
    """Blocking calls, for the threads of a Connection; any number at once.

    Args:
        credential: gives tokens for the ARM scope.
        limit: notes how many calls Azure still allows.
        wait: how to wait before the next try.
    """

    def __init__(
        self,
        credential: TokenCredential,
        session: Session,
        *,
        limit: RateLimit | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit = limit
        self._tokens = tokens_of(credential)
        self._session = session
        self._wait = wait

    @property
    def credential(self) -> TokenCredential:
        """Whose tokens are sent; storage takes one for its own scope."""
        return self._tokens

    def json(self, method: str, url: str, *, body: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """The parsed answer of an authenticated call; {} for an empty one. Raises ServiceError."""
        response = self.send(method, url, body=body, params=params)
        if not response.content:
            return {}
        try:
            return response.json()
        except ValueError as error:
            raise not_azure(response.status_code) from error

    def pages(self, url: str, params: Mapping[str, str] | None = None) -> Iterator[list[dict[str, Any]]]:
        """The pages of a collection of Azure Resource Manager, each asked for when it is wanted.

        What is no object is left out. Raises ServiceError, also for a next page that lies elsewhere: the token is sent
        to the host of the first page alone.
        """
        page = self.json("GET", url, params=params)
        while True:
            if not isinstance(page, dict) or not isinstance(page.get("value"), list):
                raise not_azure()  # taken for an empty page it would mean that all was deleted
            yield [item for item in page["value"] if isinstance(item, dict)]
            if not (link := page.get("nextLink")):
                return
            check_link(str(link), url)
            page = self.json("GET", str(link))

    def send(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bool = False,
    ) -> Response:
        """The answer of a call, after retries. Raises ServiceError.

        Args:
            signed: the URL carries its own signature, so no token is sent.
        """
        with azure_errors():
            fresh, token = False, ""
            for left in reversed(range(TRIES)):
                sent = dict(headers or {})
                if not signed:
                    token = self.token()
                    sent["Authorization"] = f"Bearer {token}"
                response = self._try(method, url, body, params, sent, last=not left)
                if response is None:
                    continue
                if self._limit is not None and not signed:
                    self._limit.note(response.headers)
                if response.status_code == 401 and not signed and not fresh and left:
                    fresh = True  # the service no longer takes a token that looked good: the clock may be wrong
                    self._tokens.renew(token)
                    continue
                if response.status_code in RETRIED and left:
                    self._wait(_pause(response, TRIES - left))
                    continue
                break
        assert response is not None
        status = response.status_code
        if is_elsewhere(status, response.headers):
            raise not_azure(status)
        if status >= 400:
            raise status_error(status, _body(response), reason=response.reason)
        return response

    def _try(
        self,
        method: str,
        url: str,
        body: Any,
        params: Mapping[str, str] | None,
        headers: dict[str, str],
        *,
        last: bool,
    ) -> Response | None:
        from requests.exceptions import ChunkedEncodingError, SSLError, Timeout
        from requests.exceptions import ConnectionError as Broken

        try:
            return self._session.request(
                method, url, json=body, params=params, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except SSLError:
            raise
        except (Broken, ChunkedEncodingError, Timeout):
            if last:
                raise
            self._wait(0.2)
            return None

    def token(self) -> str:
        """A token for the ARM scope, good for some minutes at least. Raises ServiceError."""
        with azure_errors():
            return str(self._tokens.get_token(ARM_SCOPE).token)


def check_link(link: str, first: str) -> None:
    """Raise TransientError for an address that an answer gave if it isn't at the host of the first call.

    The token is sent there.
    """
    host, found = urlsplit(first), urlsplit(link)
    if (found.scheme, found.hostname, found.port or 443) != (host.scheme, host.hostname, host.port or 443):
        raise leads_away(found.hostname or link[:80])


def leads_away(host: str) -> TransientError:
    """An answer names a host of somebody else's for what comes next; the token is not sent there."""
    return TransientError(
        f"The answer was said to go on at {host!r}, which is not Azure.",
        title="The answer ends too early",
        advice="Something between here and Azure changed the answer: check HTTPS_PROXY.",
    )


def _pause(response: Response, tried: int) -> float:
    """Seconds: what the service asks for, else longer with every try."""
    try:
        asked = float(response.headers.get("Retry-After", ""))
    except ValueError:
        asked = 0.2 * 2**tried
    return min(max(asked, 0.0), LONGEST_WAIT)


def _body(response: Response) -> ErrorBody:
    try:
        return error_body(json.loads(response.content), response.headers)
    except ValueError:
        return error_body(None, response.headers)
