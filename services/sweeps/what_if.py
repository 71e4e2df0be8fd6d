"""What another policy would have done: recorded curves replayed in the order in which they were logged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.entities.sweeps import Trial
from services.specs.sweep import EarlyTermination, Goal
from services.sweeps.early_termination import Verdict, due_interval, judge, standing


@dataclass(frozen=True)
class Cut:
    """A trial that the policy would have ended.

    Attributes:
        at: when, in seconds since the epoch.
        saved_seconds: from then to its recorded end, or to its last value if it still runs.
        lost_value: the best value that it reached later and would not have; None if it got no better.
    """

    number: int
    at: float
    verdict: Verdict
    saved_seconds: float
    lost_value: float | None = None


@dataclass(frozen=True)
class Replay:
    """What would have become of a sweep.

    Attributes:
        cuts: in order of time.
        saved_seconds: trial-seconds in total.
    """

    cuts: tuple[Cut, ...]
    saved_seconds: float


def replay(policy: EarlyTermination, goal: Goal, trials: Sequence[Trial]) -> Replay:
    """Judge recorded trials by a policy, value after value.

    A trial that was cut when it was recorded can only be cut earlier: what it would have logged is unknown.
    """
    by_number = {trial.number: trial for trial in trials}
    events = sorted(
        (logged.at, trial.number, count) for trial in trials for count, logged in enumerate(trial.curve, start=1)
    )
    # the whole curves; `reached` tells how much of them has been logged by now
    standings = {
        trial.number: replace(standing(goal, trial), reached=0, is_running=True) for trial in trials if trial.curve
    }
    ends = {trial.number: trial.ended_at.timestamp() if trial.ended_at else math.inf for trial in trials}
    cuts: dict[int, Cut] = {}
    for at, number, count in events:
        if number in cuts:
            continue
        standings[number].reached = count
        if due_interval(policy, count) != count:
            continue
        for other, found in standings.items():
            found.is_running = other not in cuts and ends[other] > at
        for verdict in judge(policy, goal, list(standings.values())):
            trial = by_number[verdict.number]
            known = min(ends[trial.number], trial.curve[-1].at if trial.is_running else math.inf)
            lost = _lost(goal, trial, standings[trial.number].reached)
            cuts[trial.number] = Cut(trial.number, at, verdict, max(0.0, known - at), lost)
    return Replay(tuple(cuts.values()), sum(cut.saved_seconds for cut in cuts.values()))


def _lost(goal: Goal, trial: Trial, reached: int) -> float | None:
    before = replace(trial, curve=trial.curve[:reached]).best(goal)
    after = trial.best(goal)
    return after if after is not None and after != before else None
