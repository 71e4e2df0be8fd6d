"""Opens the storage behind the datastores of an Azure workspace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from services.azure.connection import Connection
from services.azure.resources import Body, Resources, properties_of
from services.errors import AccessError, NotFoundError, UserError
from services.storage.files import StoreFiles
from services.storage.opening import ENDPOINT, open_blobs, open_share

KEPT_SECONDS = 900.0
"""How long a credential of a datastore is used before it is asked for again; signatures live for an hour."""
BROWSABLE = {"AzureBlob": "containerName", "AzureDataLakeGen2": "filesystem", "AzureFile": "fileShareName"}
"""The types of datastores that can be browsed, and the property that names what they open."""


class Storage:
    """Opens datastores, and keeps them open for a quarter of an hour; blocking."""

    def __init__(self, connection: Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[float, StoreFiles]] = {}

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
            body = self._resources.get("datastores", datastore)
            if container:
                body = {**body, "properties": {**properties_of(body), "containerName": container}}
            files = self._opened(body)
            with self._lock:
                self._open[key] = (self._clock(), files)
        return files

    def default(self) -> str:
        """The name of the workspace's default datastore, where local files go. Raises NotFoundError."""
        for body in self._resources.list("datastores", isDefault="true"):
            return str(body.get("name"))
        raise NotFoundError("The workspace has no default datastore.", advice="Set one in Studio, under Data.")

    def _opened(self, body: Body) -> StoreFiles:
        properties = properties_of(body)
        kind, name = str(properties.get("datastoreType")), str(body.get("name"))
        account, container = properties.get("accountName"), properties.get(BROWSABLE.get(kind, ""))
        if not account or not container:
            raise UserError(
                f"The datastore {name} is of type {kind}, whose files can't be listed from here.",
                title="This datastore can't be browsed",
                advice="Open it in Studio, or with the tools of its own service.",
            )
        endpoint = str(properties.get("endpoint") or ENDPOINT)
        credential = self._credential(name, properties)
        if kind == "AzureFile":
            return open_share(str(account), str(container), credential, endpoint=endpoint)
        return open_blobs(str(account), str(container), credential, endpoint=endpoint)

    def _credential(self, name: str, properties: Any) -> Any:
        kind = (properties.get("credentials") or {}).get("credentialsType", "None")
        if kind not in ("AccountKey", "Sas"):
            return self._connection.http.credential
        try:
            secrets = self._resources.post(
                "datastores", name, "listSecrets", body={"expirableSecret": True, "expireAfterHours": 1}
            )
        except AccessError:
            return self._connection.http.credential
        signature = str(secrets.get("sasToken") or "").lstrip("?")
        return signature or secrets.get("key") or self._connection.http.credential
