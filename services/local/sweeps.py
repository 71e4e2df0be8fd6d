"""Sweeps of a local workspace as they stand: the driver's record, the trials' folders and what they logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.entities.jobs import JobStatus
from services.entities.sweeps import SweepState, Trial
from services.errors import NotFoundError
from services.local import supervisor, sweep_record
from services.local.calls import Calls
from services.local.database import Database
from services.local.layout import Layout
from services.local.sweep_jobs import trial_name
from services.local.sweep_record import SweepRecord
from services.local.tracking import logged_values
from services.specs.reading import read_job_file
from services.specs.sweep import SweepJob
from services.sweeps.ranking import best_trial, saved_seconds
from services.sweeps.sampling import planned_trials


class LocalSweeps:
    """Reads sweeps; they are submitted and canceled as jobs."""

    def __init__(self, layout: Layout, database: Database, calls: Calls) -> None:
        self._layout = layout
        self._database = database
        self._calls = calls

    async def state(self, name: str) -> SweepState:
        """A sweep as it stands; without trials before its driver began.

        Raises NotFoundError: there is no such sweep.
        """
        return await self._calls(self._state, name)

    def _state(self, name: str) -> SweepState:
        folder = self._layout.job(name)
        spec = sweep_spec(folder) if (folder / "job.yml").exists() else None
        if spec is None:
            raise NotFoundError(f"There is no sweep named {name}.", advice="See the list of jobs.")
        goal, record = spec.objective.goal, sweep_record.load(folder)
        state = SweepState(
            job=name,
            primary_metric=spec.objective.primary_metric,
            goal=goal,
            planned=planned_trials(spec.search_space, spec.sampling, spec.limits.max_total_trials),
            seed=record.seed if record else spec.sampling.seed or 0,
        )
        if record is None:
            return state
        trials = read_trials(self._layout, self._database, name, record, spec.objective.primary_metric)
        return replace(
            state,
            trials=tuple(trials),
            decisions=tuple(record.decisions),
            best=best_trial(goal, trials),
            saved_seconds=saved_seconds(trials, datetime.now(UTC)),
        )


def sweep_spec(folder: Path) -> SweepJob | None:
    """The spec of the sweep in a job's folder; None for a job of another type."""
    spec = read_job_file(folder / "job.yml")
    return spec if isinstance(spec, SweepJob) else None


def read_trials(
    layout: Layout,
    database: Database,
    sweep: str,
    record: SweepRecord,
    metric: str,
    *,
    ended: Mapping[int, Trial] = MappingProxyType({}),
) -> list[Trial]:
    """The trials of a sweep: what they are, how they stand and their curves.

    Args:
        ended: trials that an earlier look found ended: nothing of them changes any more.
    """
    trials = dict(ended)
    for number, drawn in enumerate(record.trials):
        if number not in ended:
            name = trial_name(sweep, number)
            state = supervisor.read_state(layout.job(name))
            trials[number] = Trial(
                number,
                name,
                drawn.parameters,
                JobStatus(state.get("status", "NotStarted")),
                (),
                _time(state, "started_at"),
                _time(state, "ended_at"),
                drawn.is_cut,
                state.get("error", ""),
            )
    fresh = [trials[number] for number in sorted(trials.keys() - ended.keys())]
    # after the states: what has ended has logged all that it will
    with database.read() as connection:
        rows = connection.execute("SELECT name, run_id FROM jobs WHERE parent_name = ?", (sweep,)).fetchall()
    runs = {row["name"]: row["run_id"] for row in rows}
    curves = logged_values(layout, [runs[trial.job] for trial in fresh if trial.job in runs], metric)
    for trial in fresh:
        trials[trial.number] = replace(trial, curve=tuple(curves.get(runs.get(trial.job, ""), ())))
    return [trials[number] for number in sorted(trials)]


def _time(state: Mapping[str, Any], key: str) -> datetime | None:
    return datetime.fromtimestamp(state[key], UTC) if state.get(key) else None
