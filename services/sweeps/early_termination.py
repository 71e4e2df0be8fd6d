"""Early termination as Azure defines it: bandit, median stopping, truncation selection.

A trial is at interval n when it has logged the primary metric n times. It is judged at the last multiple of
`evaluation_interval` that it has reached, from `delay_evaluation` on, among all trials that have come as far, whether
they still run or not. docs/sweeps.md has each rule with its source and an example.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.entities.sweeps import Trial
from services.specs.sweep import EarlyTermination, Goal

_CLOSE = 1e-9
"""Values nearer than this share of each other are the same: .9 - .2 is a little more than .7."""


@dataclass
class Standing:
    """How far a trial has come.

    Attributes:
        bests: the best of the first value, of the first two, and so on; nan as long as there was no number.
        averages: the mean of the same values.
        reached: how many values it has logged by now.
    """

    number: int
    bests: Sequence[float]
    averages: Sequence[float]
    reached: int
    is_running: bool


@dataclass(frozen=True)
class Verdict:
    """A trial that has to end.

    Attributes:
        interval: at which it was judged.
        values: the figures that were compared, by name.
        reason: a sentence with them.
    """

    number: int
    interval: int
    reason: str
    values: Mapping[str, float] = field(default_factory=dict)


def standing(goal: Goal, trial: Trial) -> Standing:
    """How far a trial has come by all that it logged."""
    values = [logged.value for logged in trial.curve]
    return Standing(trial.number, _bests(goal, values), _averages(values), len(values), trial.is_running)


def due_interval(policy: EarlyTermination, reached: int) -> int:
    """The last interval at which a trial with so many values is judged; 0 for none yet."""
    every = policy.evaluation_interval or 1
    last = reached // every * every
    return last if last >= (policy.delay_evaluation or 0) else 0


def judge(policy: EarlyTermination, goal: Goal, standings: Sequence[Standing]) -> list[Verdict]:
    """The running trials that a policy ends, in the order of the trials; the same standings give the same verdicts."""
    running: dict[int, list[Standing]] = {}
    for trial in standings:
        if trial.is_running and (interval := due_interval(policy, trial.reached)):
            running.setdefault(interval, []).append(trial)
    found = []
    for interval, judged in running.items():
        peers = [trial for trial in standings if trial.reached >= interval]
        found += _JUDGES[policy.type](policy, goal, interval, judged, peers)
    return sorted(found, key=lambda verdict: verdict.number)


def _bandit(
    policy: EarlyTermination, goal: Goal, interval: int, judged: Sequence[Standing], peers: Sequence[Standing]
) -> list[Verdict]:
    """Worse than the best by more than the slack."""
    bests = [best for trial in peers if math.isfinite(best := trial.bests[interval - 1])]
    if not bests:
        return []
    best = _best(goal)(bests)
    slack = policy.slack_amount or 0.0
    bound = bandit_bound(goal, best, policy.slack_factor) if policy.slack_factor else best - _sign(goal) * slack
    allowed = f"slack factor {policy.slack_factor:g}" if policy.slack_factor else f"slack {slack:g}"
    return [
        Verdict(
            trial.number,
            interval,
            f"its best {_shown(value)} is {_worse(goal)} {bound:.6g}, all that {allowed} allows beside {best:.6g}",
            {"value": value, "bound": bound, "best": best},
        )
        for trial in judged
        if is_worse(goal, value := trial.bests[interval - 1], bound)
    ]


def bandit_bound(goal: Goal, best: float, slack_factor: float) -> float:
    """The worst value that a slack factor allows beside the best.

    best / (1 + slack) where more is better, as Azure says, and best * (1 + slack) where less is. Azure does not speak
    of negative values: to maximise them is to minimise what they are without the sign, so that the best is never cut.
    """
    shrinks = (best >= 0) == (goal == "maximize")
    return best / (1 + slack_factor) if shrinks else best * (1 + slack_factor)


def _median(
    policy: EarlyTermination, goal: Goal, interval: int, judged: Sequence[Standing], peers: Sequence[Standing]
) -> list[Verdict]:
    """Worse than the median of the running averages of all trials."""
    averages = [mean for trial in peers if math.isfinite(mean := trial.averages[interval - 1])]
    if not averages:
        return []
    median = statistics.median(averages)
    return [
        Verdict(
            trial.number,
            interval,
            f"its best {_shown(value)} is {_worse(goal)} {median:.6g},"
            f" the median of the running averages of {len(averages)} trials",
            {"value": value, "bound": median},
        )
        for trial in judged
        if is_worse(goal, value := trial.bests[interval - 1], median)
    ]


def _truncation(
    policy: EarlyTermination, goal: Goal, interval: int, judged: Sequence[Standing], peers: Sequence[Standing]
) -> list[Verdict]:
    """Among the worst per cent of all trials; of those that tie with one outside, none."""
    percentage = policy.truncation_percentage or 0
    count = len(peers) * percentage // 100
    if not count:
        return []
    worst_first = sorted((trial.bests[interval - 1] for trial in peers), key=lambda value: _rank(goal, value))
    bound = worst_first[count]
    return [
        Verdict(
            trial.number,
            interval,
            f"its best {_shown(value)} is among the {_worst(goal)} {percentage} % of {len(peers)} trials,"
            f" those {_worse(goal)} {bound:.6g}",
            {"value": value, "bound": bound},
        )
        for trial in judged
        if is_worse(goal, value := trial.bests[interval - 1], bound)
    ]


_JUDGES = {"bandit": _bandit, "median_stopping": _median, "truncation_selection": _truncation}


def is_worse(goal: Goal, value: float, bound: float) -> bool:
    """Whether a value is worse than a bound by more than rounding; what is no number is worse than any number."""
    if not math.isfinite(value) or not math.isfinite(bound):
        return math.isfinite(bound)
    return _rank(goal, value) < _rank(goal, bound) and not math.isclose(value, bound, rel_tol=_CLOSE)


def _bests(goal: Goal, values: Sequence[float]) -> list[float]:
    pick = _best(goal)

    def better(best: float, value: float) -> float:
        return value if math.isnan(best) else best if math.isnan(value) else pick([best, value])

    return list(itertools.accumulate(map(_number, values), better))


def _averages(values: Sequence[float]) -> list[float]:
    total, count, means = 0.0, 0, []
    for value in values:
        if math.isfinite(value):
            total, count = total + value, count + 1
        means.append(total / count if count else math.nan)
    return means


def _number(value: float) -> float:
    return value if math.isfinite(value) else math.nan


def _best(goal: Goal) -> Callable[[Sequence[float]], float]:
    return max if goal == "maximize" else min


def _sign(goal: Goal) -> int:
    return 1 if goal == "maximize" else -1


def _rank(goal: Goal, value: float) -> float:
    """More for better."""
    return _sign(goal) * value if math.isfinite(value) else -math.inf


def _worse(goal: Goal) -> str:
    return "below" if goal == "maximize" else "above"


def _worst(goal: Goal) -> str:
    return "lowest" if goal == "maximize" else "highest"


def _shown(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "(no number)"
