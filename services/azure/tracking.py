"""What runs have logged, by MLflow's REST over https; a run's id is the name of its job. MLflow is not imported.

Source: "REST API" of the MLflow documentation; its address in Azure: "Track ML experiments and models with MLflow".
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from services.azure.connection import Connection
from services.azure.resources import Body, Resources
from services.azure.run_history import DataPlane
from services.entities import ExperimentSummary, MetricPoint, RunData
from services.errors import NotFoundError, UserError
from services.workspace import TrackingService

_API = "mlflow/v2.0"
_PAGE = 1000
_MOST_RUNS = 5000
"""How many runs are looked at to count those of experiments; the newest."""
_MOST_POINTS = 200_000


class AzureTracking(TrackingService):
    """The runs of an Azure workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._runs = Runs(DataPlane(connection))

    async def run(self, job_name: str) -> RunData:
        """Params, latest metrics and tags of a job's run."""
        return await self._connection.read(lambda _: run_data(self._run(job_name)))

    async def history(self, job_name: str, keys: Sequence[str] = ()) -> Sequence[MetricPoint]:
        """All points of the run's metrics, by key, step and time."""

        def read(_: object) -> list[MetricPoint]:
            latest = run_data(self._run(job_name)).metrics
            wanted = [key for key in sorted(latest) if not keys or key in keys]
            return [point for key in wanted for point in self._runs.history(job_name, key)]

        return await self._connection.read(read)

    def _run(self, job_name: str) -> Body:
        """The run of a job; empty for a job that has none yet. Raises NotFoundError: there is no such job."""
        try:
            return self._runs.get(job_name)
        except NotFoundError:
            self._resources.get("jobs", job_name)
            return {}

    async def experiments(self, *, include_archived: bool = False) -> Sequence[ExperimentSummary]:
        """The experiments, the one that ran last first."""
        return await self._connection.read(lambda _: self._runs.experiments(include_archived=include_archived))


class Runs:
    """MLflow's REST: blocking calls, for the threads of the connection."""

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane

    def get(self, name: str) -> Body:
        """A run. Raises NotFoundError."""
        found = self._call("GET", "runs/get", run_id=name).get("run") if name.strip() else None
        if found is None:
            raise NotFoundError(f"There is no run named {name!r}.")
        return found if isinstance(found, dict) else {}

    def history(self, name: str, key: str) -> list[MetricPoint]:
        """All points of a metric, by step and time."""
        points: list[MetricPoint] = []
        token = ""
        while True:
            more = {"page_token": token} if token else {}
            page = self._call(
                "GET", "metrics/get-history", run_id=name, metric_key=key, max_results=str(25 * _PAGE), **more
            )
            points += [point for item in page.get("metrics") or () if (point := _point(item))]
            following = str(page.get("next_page_token") or "")
            if not following or following == token or len(points) >= _MOST_POINTS:
                return sorted(points, key=lambda point: (point.step, point.at))
            token = following

    def experiments(self, *, include_archived: bool) -> list[ExperimentSummary]:
        """The experiments, with how many of the newest runs are theirs."""
        view = "ALL" if include_archived else "ACTIVE_ONLY"
        found = list(self._pages("experiments/search", "experiments", math.inf, view_type=view))
        runs: dict[str, list[datetime | None]] = {str(item.get("experiment_id")): [] for item in found}
        if runs:
            search = {"experiment_ids": list(runs), "order_by": ["attributes.start_time DESC"]}
            for run in self._pages("runs/search", "runs", _MOST_RUNS, **search):
                info = _mapping(run.get("info"))
                runs.setdefault(str(info.get("experiment_id")), []).append(_time(info.get("start_time")))
        summaries = [_experiment(item, runs[str(item.get("experiment_id"))]) for item in found]
        return sorted(
            summaries,
            key=lambda e: (not e.run_count, -(e.last_run_at.timestamp() if e.last_run_at else 0), e.name),
        )

    def logged_models(self, run: Body) -> dict[str, str]:
        """The path among the run's artifacts of each model that it logged, and the model's id; MLflow 3 has these."""
        info = _mapping(run.get("info"))
        body = {
            "experiment_ids": [str(info.get("experiment_id"))],
            "filter": f"source_run_id = '{info.get('run_id')}'",
        }
        try:
            page = self._call("POST", "logged-models/search", body=body)
        except UserError:  # a server of MLflow 2
            return {}
        found = {}
        for model in page.get("models") or ():
            told = _mapping(_mapping(model).get("info"))
            path = str(told.get("artifact_uri") or "").partition("/artifacts/")[2]
            if path and told.get("model_id"):
                found[path.strip("/")] = str(told["model_id"])
        return found

    def logged_model(self, model_id: str) -> tuple[str, str]:
        """The run that logged a model, and the model's path among its artifacts. Raises NotFoundError."""
        found = _mapping(self._call("GET", f"logged-models/{quote(model_id, safe='')}").get("model"))
        told = _mapping(found.get("info"))
        run, path = told.get("source_run_id"), str(told.get("artifact_uri") or "").partition("/artifacts/")[2]
        if not run or not path:
            raise NotFoundError(f"There are no files of the logged model {model_id}.")
        return str(run), path.strip("/")

    def _pages(self, path: str, field: str, most: float, **search: Any) -> Iterator[Body]:
        token, count = "", 0
        while True:
            more = {"page_token": token} if token else {}
            page = self._call("POST", path, body={"max_results": _PAGE, **search, **more})
            for item in page.get(field) or ():
                if isinstance(item, dict):
                    count += 1
                    yield item
            following = str(page.get("next_page_token") or "")
            if not following or following == token or count >= most:
                return
            token = following

    def _call(self, method: str, path: str, *, body: Any = None, **params: str) -> Body:
        return self._plane.call(method, _API, f"api/2.0/mlflow/{path}", body=body, **params)


def run_data(run: Body) -> RunData:
    """Params, latest metrics and tags of a run of MLflow's REST; what is odd is left out."""
    data = _mapping(run.get("data"))
    metrics = {str(item.get("key")): value for item in _items(data, "metrics") if (value := _number(item)) is not None}
    return RunData(_pairs(data, "params"), dict(sorted(metrics.items())), _pairs(data, "tags"))


def _pairs(data: Body, field: str) -> Mapping[str, str]:
    found = {str(item.get("key")): str(item.get("value") or "") for item in _items(data, field)}
    return dict(sorted(found.items()))


def _items(data: Body, field: str) -> Iterable[Body]:
    return [item for item in data.get(field) or () if isinstance(item, dict) and item.get("key")]


def _point(item: object) -> MetricPoint | None:
    found = _mapping(item)
    value = _number(found)
    if value is None or not found.get("key"):
        return None
    return MetricPoint(str(found["key"]), value, int(found.get("step") or 0), _time(found.get("timestamp")) or _EPOCH)


def _number(item: Body) -> float | None:
    """Also `NaN` and `Infinity`, as JSON of protocol buffers has them; MLflow keeps infinity as the largest double."""
    try:
        value = float(item["value"])
    except (KeyError, TypeError, ValueError):
        return None
    return math.copysign(math.inf, value) if abs(value) >= sys.float_info.max else value


def _experiment(item: Body, runs: Sequence[datetime | None]) -> ExperimentSummary:
    times = [at for at in runs if at is not None]
    return ExperimentSummary(
        str(item.get("name") or ""),
        str(item.get("experiment_id") or ""),
        len(runs),
        max(times, default=None),
        item.get("lifecycle_stage") not in (None, "active"),
    )


def _mapping(value: object) -> Body:
    return value if isinstance(value, dict) else {}


_EPOCH = datetime.fromtimestamp(0, UTC)


def _time(milliseconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
