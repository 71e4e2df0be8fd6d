"""Which trial is next. A draw depends on the seed, its number and the trials before it, never on who draws.

So a driver that is started again, with the table of trials before it, goes on as the first one would have.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.errors import MachineError
from services.specs.sweep import Distribution, Goal, Sampling, SweepLimits
from services.sweeps.distributions import choices, grid, grid_size, point_of

INSTALL = "pip install 'lapis-workbench[sweep]'"
"""What brings Optuna and SciPy."""


@dataclass(frozen=True)
class Outcome:
    """What is known of a trial when the next one is drawn.

    Attributes:
        point: where in the unit cube it lies.
        value: its best value of the primary metric so far; None when there is none.
        intervals: how many values it logged.
    """

    point: Mapping[str, float]
    value: float | None = None
    has_ended: bool = True
    is_cut: bool = False
    intervals: int = 0


def log_base(sampling: Sampling) -> float:
    """The base of logarithmic distributions: e, unless random sampling names another one."""
    return math.e if sampling.logbase in (None, "e") else float(sampling.logbase or math.e)


def needed_package(sampling: Sampling) -> str:
    """The package beyond Lapis' own that a sampling needs; empty for none."""
    if sampling.type == "bayesian":
        return "optuna"
    return "scipy" if sampling.rule == "sobol" else ""


def most_trial_seconds(limits: SweepLimits, planned: int) -> float | None:
    """The most that a sweep can cost, in seconds of trials; None where no limit of time is set.

    All trials for as long as one may run, or as many as run at once for as long as the sweep may.
    """
    by_trial = planned * limits.trial_timeout if limits.trial_timeout else math.inf
    concurrent = min(limits.max_concurrent_trials or planned, planned)
    by_sweep = concurrent * limits.timeout if limits.timeout else math.inf
    most = min(by_trial, by_sweep)
    return most if math.isfinite(most) else None


def planned_trials(space: Mapping[str, Distribution], sampling: Sampling, max_total_trials: int) -> int:
    """How many trials there will be at most: a small grid ends before the limit."""
    size = grid_size(space) if sampling.type == "grid" else None
    return max_total_trials if size is None else min(size, max_total_trials)


def next_point(
    space: Mapping[str, Distribution], sampling: Sampling, goal: Goal, seed: int, before: Sequence[Outcome]
) -> dict[str, float] | None:
    """Where the next trial lies in the unit cube; None when a grid has no more.

    Args:
        seed: also of sampling that Azure gives none; the same one and the same outcomes give the same trial.
        before: the outcomes of all trials so far, in order.

    Raises MachineError: the package that the sampling needs is not installed.
    """
    number = len(before)
    if sampling.type == "grid":
        return next(itertools.islice(grid(space), number, None), None)
    if sampling.type == "bayesian":
        return _bayesian(space, goal, seed, before)
    if sampling.rule == "sobol":
        return _sobol(space, seed, number)
    generator = random.Random(f"{seed}/{number}")  # noqa: S311
    return {name: generator.random() for name in space}


def _sobol(space: Mapping[str, Distribution], seed: int, number: int) -> dict[str, float]:
    try:
        from scipy.stats import qmc
    except ImportError as error:
        raise _missing("SciPy", "Sobol's sequence") from error
    points = qmc.Sobol(len(space), scramble=True, rng=seed).random_base2(number.bit_length())
    return {name: float(at) for name, at in zip(space, points[number], strict=True)}


def _bayesian(space: Mapping[str, Distribution], goal: Goal, seed: int, before: Sequence[Outcome]) -> dict[str, float]:
    """Optuna's TPE on a study that is made anew from the outcomes; running trials repel their neighbours."""
    try:
        import optuna
    except ImportError as error:
        raise _missing("Optuna", "bayesian sampling") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    distributions = {name: _native(distribution) for name, distribution in space.items()}
    # a study's own sampler would repeat its first draws after a restart
    sampler = optuna.samplers.TPESampler(seed=(seed + len(before)) % 2**32, constant_liar=True)
    study = optuna.create_study(direction=goal, sampler=sampler)
    for outcome in before:
        study.add_trial(_told(space, distributions, outcome))
    drawn = study.ask(distributions).params
    return {
        name: drawn[name] if (count := choices(space[name])) is None else point_of(drawn[name], count) for name in space
    }


def _native(distribution: Distribution) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    count = choices(distribution)
    if count is None:
        return FloatDistribution(0.0, 1.0)
    return CategoricalDistribution(range(count)) if distribution.type == "choice" else IntDistribution(0, count - 1)


def _told(space: Mapping[str, Distribution], distributions: Mapping[str, Any], outcome: Outcome) -> Any:
    from optuna.trial import TrialState, create_trial

    point = {
        name: at if (count := choices(space[name])) is None else int(at * count) for name, at in outcome.point.items()
    }
    value = outcome.value if outcome.value is not None and math.isfinite(outcome.value) else None
    shared = {"params": point, "distributions": dict(distributions)}
    if not outcome.has_ended:
        return create_trial(state=TrialState.RUNNING, **shared)
    if value is None:
        return create_trial(state=TrialState.FAIL, **shared)
    if outcome.is_cut:
        return create_trial(state=TrialState.PRUNED, intermediate_values={outcome.intervals: value}, **shared)
    return create_trial(value=value, **shared)


def _missing(package: str, purpose: str) -> MachineError:
    return MachineError(
        f"{package}, which {purpose} needs, is not installed.",
        title="A package is missing",
        advice=f"Install it with `{INSTALL}`.",
    )
