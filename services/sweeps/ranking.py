"""The best trial, with ties, and what early termination has saved."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import datetime

from services.entities.jobs import JobStatus
from services.entities.sweeps import BestTrial, Trial, best_value
from services.specs.sweep import Goal


def best_trial(goal: Goal, trials: Sequence[Trial]) -> BestTrial | None:
    """The trial with the best value that any logged, whatever became of it, and all that are equal to it.

    None before a trial has logged a number.
    """
    reached = {trial.number: best for trial in trials if (best := trial.best(goal)) is not None}
    best = best_value(goal, list(reached.values()))
    if best is None:
        return None
    tied = tuple(sorted(number for number, value in reached.items() if value == best))
    return BestTrial(best, tied[0], tied)


def saved_seconds(trials: Sequence[Trial], now: datetime) -> float:
    """Trial-seconds that cut trials would have run on: to the median duration of those that completed.

    0 as long as none has completed.
    """
    completed = [trial.duration(now) for trial in trials if trial.status is JobStatus.COMPLETED]
    if not completed:
        return 0.0
    usual = statistics.median(completed)
    return sum(max(0.0, usual - trial.duration(now)) for trial in trials if trial.is_cut)
