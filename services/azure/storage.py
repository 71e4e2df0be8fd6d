"""Opens the storage behind the datastores of an Azure workspace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from services.azure.connection import Connection
from services.azure.datastore_mapping import datastore, secret_of
from services.azure.resources import Body, Resources
from services.entities import Datastore
from services.errors import AccessError, NotFoundError
from services.specs.datastores import NONE
from services.storage.datastores import open_datastore
from services.storage.files import StoreFiles

KEPT_SECONDS = 900.0
"""How long a credential of a datastore is used before it is asked for again; signatures live for an hour."""


class Storage:
    """Opens datastores, and keeps them open for a quarter of an hour; blocking."""

    def __init__(self, connection: Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._clock = clock
        self._lock = threading.Lock()
        self._open = connection.stores

    def open(self, datastore: str, *, container: str = "") -> StoreFiles:
        """The files of a datastore.

        Its account key or signature opens it, else (also where this identity may not see these) the identity itself.
        Raises NotFoundError, UserError for a type that can't be browsed.

        Args:
            container: another one of the same account, such as that of a code snapshot.
        """
        key = f"{datastore}/{container}"
        with self._lock:
            since, files = self._open.get(key, (0.0, None))
        if files is None or self._clock() - since > KEPT_SECONDS:
            files = self._opened(self._resources.get("datastores", datastore), container)
            with self._lock:
                self._open[key] = (self._clock(), files)
        return files

    def default(self) -> str:
        """The name of the workspace's default datastore, where local files go. Raises NotFoundError."""
        for body in self._resources.list("datastores", isDefault="true"):
            return str(body.get("name"))
        raise NotFoundError("The workspace has no default datastore.", advice="Set one in Studio, under Data.")

    def forget(self, datastore: str) -> None:
        """Open it anew the next time: it was changed."""
        with self._lock:
            for key in [key for key in self._open if key.partition("/")[0] == datastore]:
                del self._open[key]

    def secret(self, store: Datastore, *, own: bool = False) -> str:
        """What a datastore signs in with; empty for nothing, and where this identity may not see it.

        Args:
            own: the very secret that was given to it, where the service has a short-lived signature as well.
        """
        if store.credentials == NONE:
            return ""
        asked = {} if own else {"expirableSecret": True, "expireAfterHours": 1}
        try:
            return secret_of(self._resources.post("datastores", store.name, "listSecrets", body=asked))
        except AccessError:
            return ""

    def _opened(self, body: Body, container: str) -> StoreFiles:
        store = datastore(body, self._connection.target)
        return open_datastore(store, self.secret(store), lambda: self._connection.http.credential, container=container)
