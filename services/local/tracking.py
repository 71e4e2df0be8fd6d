"""What runs have logged, by read-only SQL on MLflow's database (tables of MLflow 3.17.2); MLflow is not imported."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from services.entities import ExperimentSummary, MetricPoint, RunData
from services.entities.sweeps import LoggedValue
from services.errors import NotFoundError
from services.local.calls import Calls
from services.local.database import Database
from services.local.layout import Layout
from services.local.mlflow_store import NoStoreError, reading
from services.workspace import TrackingService

INFINITE = 1.7976931348623157e308
"""MLflow writes an infinity as the largest double, nan as 0 with `is_nan` (SqlAlchemyStore.sanitize_metric_value)."""
_POINTS = "SELECT rowid AS place, key, value, is_nan, step, timestamp FROM metrics WHERE run_uuid = ?"


class LocalTracking(TrackingService):
    """The runs of a local workspace."""

    def __init__(self, layout: Layout, database: Database, calls: Calls) -> None:
        self._layout = layout
        self._database = database
        self._calls = calls

    async def run(self, job_name: str) -> RunData:
        """Params, latest metrics and tags of a job's run."""
        return await self._calls(lambda: run_data(self._layout, self._run_id(job_name)))

    async def history(self, job_name: str, keys: Sequence[str] = ()) -> Sequence[MetricPoint]:
        """All points of the run's metrics, by key, step and time."""
        return await self._calls(lambda: history(self._layout, self._run_id(job_name), keys))

    async def experiments(self, *, include_archived: bool = False) -> Sequence[ExperimentSummary]:
        """The experiments, the one that ran last first."""
        return await self._calls(experiments, self._layout, include_archived=include_archived)

    def _run_id(self, job_name: str) -> str:
        with self._database.read() as connection:
            row = connection.execute("SELECT run_id FROM jobs WHERE name = ?", (job_name,)).fetchone()
        if row is None:
            raise NotFoundError(f"There is no job named {job_name}.", advice="See the list of jobs.")
        return str(row["run_id"])


def run_data(layout: Layout, run_id: str) -> RunData:
    """Params, latest metrics and tags; empty for a run that has logged nothing."""
    try:
        with reading(layout) as connection:
            params = connection.execute("SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key", (run_id,))
            latest = connection.execute(
                "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ? ORDER BY key", (run_id,)
            )
            tags = connection.execute("SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key", (run_id,))
            return RunData(
                {row["key"]: row["value"] for row in params},
                {row["key"]: _value(row) for row in latest},
                {row["key"]: row["value"] or "" for row in tags},
            )
    except NoStoreError:
        return RunData()


def history(layout: Layout, run_id: str, keys: Sequence[str] = ()) -> list[MetricPoint]:
    """All points of a run's metrics (or of those keys), by key, step and time."""
    marks = f" AND key IN ({', '.join('?' for _ in keys)})" if keys else ""
    try:
        with reading(layout) as connection:
            rows = connection.execute(f"{_POINTS}{marks} ORDER BY key, step, timestamp, place", (run_id, *keys))
            return [_point(row) for row in rows]
    except NoStoreError:
        return []


def points_after(layout: Layout, run_id: str, last_point: int = 0) -> tuple[list[MetricPoint], int]:
    """The points logged since a former call, in order of logging, and where this call ended."""
    try:
        with reading(layout) as connection:
            rows = connection.execute(f"{_POINTS} AND rowid > ? ORDER BY rowid", (run_id, last_point)).fetchall()
    except NoStoreError:
        return [], last_point
    return [_point(row) for row in rows], rows[-1]["place"] if rows else last_point


def logged_values(layout: Layout, run_ids: Sequence[str], key: str) -> dict[str, list[LoggedValue]]:
    """All values of a metric of many runs, by run, in order of logging."""
    marks = ", ".join("?" for _ in run_ids)
    found: dict[str, list[LoggedValue]] = {}
    with suppress(NoStoreError), reading(layout) as connection:
        for row in connection.execute(
            "SELECT run_uuid, value, is_nan, timestamp FROM metrics"
            f" WHERE key = ? AND run_uuid IN ({marks}) ORDER BY rowid",
            (key, *run_ids),
        ):
            found.setdefault(row["run_uuid"], []).append(LoggedValue(row["timestamp"] / 1000, _value(row)))
    return found


def experiments(layout: Layout, *, include_archived: bool = False) -> list[ExperimentSummary]:
    """The experiments, the one that ran last first; those that MLflow calls deleted are the archived ones."""
    try:
        with reading(layout) as connection:
            rows = connection.execute(
                "SELECT e.name, e.experiment_id, e.lifecycle_stage, COUNT(r.run_uuid) AS runs,"
                " MAX(r.start_time) AS last_run FROM experiments e LEFT JOIN runs r"
                " ON r.experiment_id = e.experiment_id AND r.lifecycle_stage = 'active'"
                " GROUP BY e.experiment_id ORDER BY last_run IS NULL, last_run DESC, e.name"
            ).fetchall()
    except NoStoreError:
        return []
    return [
        ExperimentSummary(
            row["name"],
            str(row["experiment_id"]),
            row["runs"],
            _time(row["last_run"]) if row["last_run"] is not None else None,
            row["lifecycle_stage"] != "active",
        )
        for row in rows
        if include_archived or row["lifecycle_stage"] == "active"
    ]


def _point(row: sqlite3.Row) -> MetricPoint:
    return MetricPoint(row["key"], _value(row), row["step"], _time(row["timestamp"]))


def _value(row: sqlite3.Row) -> float:
    if row["is_nan"]:
        return math.nan
    value = float(row["value"])
    return math.copysign(math.inf, value) if abs(value) >= INFINITE else value


def _time(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
