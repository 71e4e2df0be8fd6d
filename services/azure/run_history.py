"""Run history: what the jobs API does not tell of a job (times, signed addresses of its logs, its error, its children).

The service answers at the same host as MLflow's tracking; azure-ai-ml has its client for it in
`azure.ai.ml._restclient.runhistory`, whose paths these are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from services.azure.connection import Connection
from services.azure.resources import Body, Resources, properties_of
from services.errors import NotFoundError, TransientError

DATA_PLANES = (".api.azureml.ms", ".api.ml.azure.us", ".api.ml.azure.cn")
"""Where the service lives in the clouds that there are; tokens are sent nowhere else."""
_MOST_CHILDREN = 2000


class DataPlane:
    """The regional host of a workspace: blocking calls, for the threads of the connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._known = ""

    @property
    def host(self) -> str:
        """`westeurope.api.azureml.ms`; asked for once."""
        if not self._known:
            uri = str(properties_of(self._resources.get()).get("mlFlowTrackingUri") or "")
            found = urlsplit(uri).hostname or ""
            if not found.endswith(DATA_PLANES):
                raise TransientError(
                    f"The workspace names no host for tracking that is of Azure ({found or 'none'}).",
                    title="The workspace has no tracking yet",
                    advice="A workspace that was just made takes a minute; else g w shows what is wrong with it.",
                )
            self._known = found
        return self._known

    def call(self, method: str, service: str, path: str, *, body: Any = None, **params: str) -> Body:
        """The answer of a call below `https://HOST/SERVICE/WORKSPACE/`; nothing if it is no object."""
        url = f"https://{self.host}/{service}{self._connection.target.resource_id}/{path}"
        answer = self._connection.http.json(method, url, body=body, params=params)
        return answer if isinstance(answer, dict) else {}


class RunHistory:
    """The runs of jobs."""

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane

    def run(self, name: str) -> Body:
        """A run; empty if run history has none of that name, as of a job that was just made."""
        return self._get(name, "")

    def details(self, name: str) -> Body:
        """A run with `logFiles`: the signed address of each log. Empty if there is none."""
        return self._get(name, "/details")

    def children(self, name: str) -> Iterator[Body]:
        """The runs that a run made: trials, steps."""
        token, count = "", 0
        while True:
            more = {"$continuationtoken": token} if token else {}
            page = self._plane.call("GET", "history/v1.0", f"runs/{quote(name, safe='')}/children", **more)
            for run in page.get("value") or ():
                if isinstance(run, dict):
                    count += 1
                    yield run
            following = str(page.get("continuationToken") or "")
            if not following or following == token or count >= _MOST_CHILDREN:
                return
            token = following

    def _get(self, name: str, what: str) -> Body:
        try:
            return self._plane.call("GET", "history/v1.0", f"runs/{quote(name, safe='')}{what}")
        except NotFoundError:
            return {}
