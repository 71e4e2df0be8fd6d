"""What a screen sees of a sweep: its trials, their curves, what its policy decided, and the best so far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from services.entities.jobs import JobStatus
from services.specs.sweep import Goal

ParameterValue: TypeAlias = str | int | float | bool


@dataclass(frozen=True)
class LoggedValue:
    """A value of the primary metric, in order of logging.

    Attributes:
        at: seconds since the epoch.
        value: may be nan or infinite.
    """

    at: float
    value: float


@dataclass(frozen=True)
class Trial:
    """A trial of a sweep.

    Attributes:
        number: from 0, in the order in which trials were drawn.
        job: the name of the child job.
        parameters: what `${{search_space.NAME}}` becomes.
        curve: the primary metric, every value that was logged.
        is_cut: ended by the early termination policy.
        error: why it failed, in a sentence.
    """

    number: int
    job: str
    parameters: Mapping[str, ParameterValue]
    status: JobStatus = JobStatus.NOT_STARTED
    curve: tuple[LoggedValue, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_cut: bool = False
    error: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return not self.status.is_terminal

    def duration(self, now: datetime) -> float:
        """Seconds from its start to its end, or to `now`; 0 before it started."""
        return ((self.ended_at or now) - self.started_at).total_seconds() if self.started_at else 0.0

    def best(self, goal: Goal) -> float | None:
        """Its best value; None when it logged none that is a number."""
        return best_value(goal, [logged.value for logged in self.curve])


def best_value(goal: Goal, values: Sequence[float]) -> float | None:
    """The best of values; nan and infinities, which a trial logs that has gone wrong, are none."""
    numbers = [value for value in values if math.isfinite(value)]
    if not numbers:
        return None
    return max(numbers) if goal == "maximize" else min(numbers)


class DecisionKind(StrEnum):
    """What a sweep decided of itself."""

    CUT = "cut"
    LIMIT = "limit"
    CANCELED = "canceled"
    ADOPTED = "adopted"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True)
class Decision:
    """A line of the log of decisions.

    Attributes:
        at: when.
        kind: cut by the policy, a limit was reached, canceled on request, running trials adopted by a driver that was
            started again, or the search space is exhausted.
        trial: the trial's number; None for the sweep itself.
        policy: the policy's name of the schema, `bandit`; empty where none decided.
        interval: the number of values that the trial had logged when it was judged; 0 where none were.
        values: the figures that were compared, by name: `value`, `bound`, `best`.
        reason: a sentence with those figures.
    """

    at: datetime
    kind: DecisionKind
    reason: str
    trial: int | None = None
    policy: str = ""
    interval: int = 0
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class BestTrial:
    """The best of a sweep so far.

    Attributes:
        value: its best value of the primary metric.
        number: the first of those that reached it.
        tied: the numbers of all that reached it, in order.
    """

    value: float
    number: int
    tied: tuple[int, ...]

    @property
    def is_tie(self) -> bool:
        """Whether others are as good."""
        return len(self.tied) > 1


@dataclass(frozen=True)
class SweepState:
    """A sweep as it stands.

    Attributes:
        goal: of the primary metric.
        planned: trials at most: the limit, or the size of the grid where that is smaller.
        seed: that draws came from, given or made at submit.
        best: among all trials that logged the metric; None before any did.
        saved_seconds: what early termination saved, as `services.sweeps.ranking.saved_seconds` estimates.
    """

    job: str
    primary_metric: str
    goal: Goal
    planned: int
    seed: int
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()
    best: BestTrial | None = None
    saved_seconds: float = 0.0
