"""Makes the connection to a workspace, and its MLClient when something needs it: few calls do, none of the lists.

`azure.ai.ml` takes seconds to import and 60 MB, so a start and a look at jobs do without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from services.azure.connection import READERS, WRITERS, Connection
from services.azure.credentials import Tokens, tokens_of
from services.azure.http import AzureHttp
from services.azure.quiet import import_sdk
from services.azure.rate_limit import RateLimit
from services.azure_logs import quiet_libraries
from services.sign_in import Identity
from services.targets import AzureTarget
from services.threads import in_daemon_thread

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.core.credentials import TokenCredential
    from requests import Session

RETRIES: dict[str, Any] = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 4}
POLLING_SECONDS = 2
"""Between two looks at a long-running operation; the service asks for none, and the SDK's own are 30 s apart."""

_one_at_a_time = threading.Lock()
"""Making an MLClient sets variables of the process."""


class LateClient:
    """Stands for an MLClient, which the first use of it makes, in the thread that uses it."""

    def __init__(self, make: Callable[[], MLClient]) -> None:
        self._make = make
        self._made: MLClient | None = None

    def __getattr__(self, name: str) -> Any:
        with _one_at_a_time:
            if self._made is None:
                self._made = self._make()
        return getattr(self._made, name)


async def connect(
    target: AzureTarget, credential: TokenCredential, *, identity: Callable[[], Identity | None] = lambda: None
) -> Connection:
    """A connection to a workspace; sends nothing yet. Its errors tell the identity, where it is known."""
    tokens = tokens_of(credential)
    limit = RateLimit()
    session = await in_daemon_thread(make_session)
    client = cast("MLClient", LateClient(lambda: _make_client(target, tokens, limit, session)))
    return Connection(target, client, AzureHttp(tokens, session, limit=limit), identity=identity, limit=limit)


def make_session() -> Session:
    """Connections that all clients share, enough for all threads."""
    import requests
    from requests.adapters import HTTPAdapter

    quiet_libraries()
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=READERS + WRITERS))
    return session


def _make_client(target: AzureTarget, tokens: Tokens, limit: RateLimit, session: Session) -> MLClient:
    import_sdk()
    from azure.ai.ml import MLClient

    from services.azure.transport import Noting, Renewing

    return MLClient(
        tokens,
        target.subscription_id,
        target.resource_group,
        target.workspace_name,
        transport=Renewing(session, tokens),
        per_call_policies=[Noting(limit)],
        polling_interval=POLLING_SECONDS,
        show_progress=False,
        enable_telemetry=False,
        **RETRIES,
    )
