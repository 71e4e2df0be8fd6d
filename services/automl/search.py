"""Which pipeline is tried next.

First a sensible configuration of each algorithm, in their order; then the best algorithms by turns (the best one every
other time, the second and the third in between), each searched by a TPE of its own (Optuna). The same seed and the same
scores lead to the same trials: a search that was broken off goes on by telling it again what it was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.automl.algorithms import Algorithm, Pick, Real, Space, Whole

TURNS = (0, 1, 0, 2)
"""The places of the algorithms, best first, that are searched by turns."""
STARTUP = 4
"""Trials of an algorithm before its TPE takes over from chance."""


@dataclass(frozen=True)
class Candidate:
    """What a trial tries.

    Attributes:
        number: of the trial, from 0.
    """

    number: int
    algorithm: Algorithm
    parameters: dict[str, Any]


class Search:
    """Suggests trials and is told their scores, by number and in any order.

    Args:
        minimize: whether less is better.
    """

    def __init__(self, algorithms: Sequence[Algorithm], *, minimize: bool, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._algorithms = list(algorithms)
        self._minimize = minimize
        self._turn = 0
        self._asked: dict[int, tuple[Algorithm, Any]] = {}
        self._studies = {
            one.name: optuna.create_study(
                direction="minimize" if minimize else "maximize",
                sampler=optuna.samplers.TPESampler(seed=seed + place, n_startup_trials=STARTUP),
            )
            for place, one in enumerate(algorithms)
        }
        for one in algorithms:
            self._studies[one.name].enqueue_trial(dict(one.first))

    def suggest(self) -> Candidate | None:
        """The next trial; None if each algorithm has failed or waits for the score of its first trial."""
        number = len(self._asked)
        algorithm = self._algorithms[number] if number < len(self._algorithms) else self._by_turns()
        if algorithm is None:
            return None
        trial = self._studies[algorithm.name].ask(_distributions(algorithm.space))
        self._asked[number] = algorithm, trial
        return Candidate(number, algorithm, dict(trial.params))

    def tell(self, number: int, score: float | None) -> None:
        """The score of a trial; None or NaN if it failed."""
        import optuna

        algorithm, trial = self._asked[number]
        study = self._studies[algorithm.name]
        if score is None or score != score:  # noqa: PLR0124  # NaN
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, score)

    def _by_turns(self) -> Algorithm | None:
        import optuna

        scored = []
        for place, one in enumerate(self._algorithms):
            told = self._studies[one.name].get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
            if told:
                values = [trial.value for trial in told]
                scored.append((min(values) if self._minimize else -max(values), place, one))
        if not scored:
            return None
        ranked = [one for _, _, one in sorted(scored, key=lambda each: each[:2])]
        place = TURNS[self._turn % len(TURNS)]
        self._turn += 1
        return ranked[min(place, len(ranked) - 1)]


def _distributions(space: Space) -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    def distribution(one: Whole | Real | Pick) -> Any:
        match one:
            case Whole():
                return IntDistribution(one.low, one.high, log=one.log)
            case Real():
                return FloatDistribution(one.low, one.high, log=one.log)
            case Pick():
                return CategoricalDistribution(one.options)

    return {name: distribution(one) for name, one in space.items()}
