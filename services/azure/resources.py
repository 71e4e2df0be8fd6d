"""Resources of the workspace as Azure Resource Manager keeps them: plain JSON.

Assets and datastores are read and written by the documented REST of Azure ML ("Machine Learning REST API", version
2024-10-01), not by the SDK's entities: these don't tell whether a version is archived, one odd item of a list ends the
whole list, and creating an MLTable fetches a schema from the web four times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from services.azure.connection import Connection
from services.errors import NotFoundError

HOST = "https://management.azure.com"
API_VERSION = "2024-10-01"
Body = dict[str, Any]


class Resources:
    """Blocking calls, for the threads of the connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._root = HOST + connection.target.resource_id

    def get(self, *path: str) -> Body:
        """A resource: `get("data", "titanic", "versions", "1")`. Raises NotFoundError."""
        return dict(self._call("GET", path))

    def find(self, *path: str) -> Body | None:
        """A resource; None if there is none."""
        try:
            return self.get(*path)
        except NotFoundError:
            return None

    def put(self, *path: str, properties: Mapping[str, Any], params: Mapping[str, str] | None = None) -> Body:
        """Create a resource, or replace its properties. Raises ConflictError."""
        return dict(self._call("PUT", path, body={"properties": dict(properties)}, params=params))

    def delete(self, *path: str) -> None:
        """Delete a resource, or nothing if it is gone."""
        self._call("DELETE", path)

    def post(self, *path: str, body: Mapping[str, Any]) -> Body:
        """Call an action of a resource."""
        return dict(self._call("POST", path, body=dict(body)))

    def pages(self, *path: str, **params: str) -> Iterator[list[Body]]:
        """The pages of a collection, each asked for when it is wanted."""
        yield from self._connection.http.pages(self._url(path), {"api-version": API_VERSION, **params})

    def list(self, *path: str, **params: str) -> Iterator[Body]:
        """All items of a collection, page by page, as the service orders them; what is no object is left out."""
        for page in self.pages(*path, **params):
            yield from page

    def _call(
        self, method: str, path: tuple[str, ...], *, body: Any = None, params: Mapping[str, str] | None = None
    ) -> Any:
        answer = self._connection.http.json(
            method, self._url(path), body=body, params={"api-version": API_VERSION, **(params or {})}
        )
        return answer if isinstance(answer, dict) else {}

    def _url(self, path: tuple[str, ...]) -> str:
        if any(part in ("", ".", "..") for part in path):  # the URL would name something else then
            raise NotFoundError(f"{path[-1]!r} is the name of nothing.")
        return "/".join([self._root, *(quote(part, safe="") for part in path)])


def properties_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a resource; none if it has none."""
    found = body.get("properties")
    return found if isinstance(found, dict) else {}
