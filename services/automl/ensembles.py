"""Voting and stacking ensembles of the best trials.

As in Azure (https://learn.microsoft.com/azure/machine-learning/concept-automated-ml#ensemble-models), the members of a
voting ensemble are picked by Caruana's selection with a sorted start: the trial that helps most is added, again and
again; how often it was is its weight. A stacking ensemble trains a logistic regression, or an elastic net, on what the
members say. Both are judged by the members' predictions of rows that they had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.automl.components import Component
from services.automl.predictions import Predictions

BEST = 5
"""Trials at most in an ensemble."""
ROUNDS = 15
"""How often a trial is added to a voting ensemble."""


@dataclass(frozen=True)
class Vote:
    """The members of a voting ensemble by their numbers, and the weight of each; weights add up to 1."""

    members: tuple[int, ...]
    weights: tuple[float, ...]


def pick(candidates: Mapping[int, Predictions], score: Callable[[Predictions], float]) -> Vote:
    """The members of a voting ensemble.

    Args:
        candidates: the best trials by their numbers, the best first.
        score: of predictions; greater is better.
    """
    numbers = list(candidates)
    chosen = [numbers[0]]
    history = [(score(candidates[numbers[0]]), 1)]
    for _ in range(ROUNDS - 1):
        tries = []
        for number in numbers:
            members = [candidates[one] for one in (*chosen, number)]
            tries.append((score(voted(members, (1.0,) * len(members))), -number))
        best, place = max(tries)
        chosen.append(-place)
        history.append((best, len(chosen)))
    # the best of all rounds, the earliest of equals
    size = max(history, key=lambda one: (one[0], -one[1]))[1]
    kept = chosen[:size]
    left = tuple(number for number in numbers if number in kept)
    return Vote(left, tuple(kept.count(number) / size for number in left))


def voted(members: Sequence[Predictions], weights: Sequence[float]) -> Predictions:
    """The weighted mean of what members say."""
    import numpy as np

    values = np.average([one.values for one in members], axis=0, weights=weights)
    first = members[0]
    return Predictions(values, first.rows, first.folds, first.classes, first.target)


def stacked(members: Sequence[Predictions], task: str, seed: int) -> Predictions:
    """What a model that is trained on the members' predictions says of rows that it was not trained on."""
    import numpy as np
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.utils.multiclass import unique_labels

    from services.automl.components import build

    first = members[0]
    seen = np.hstack([one.values for one in members])
    meta = build(_meta(task, seed))
    folds = KFold(5, shuffle=True, random_state=seed)
    if task != "classification":
        told = cross_val_predict(meta, seen, first.truth.astype(float), cv=folds).reshape(-1, 1)
        return Predictions(told, first.rows, first.folds, (), first.target)
    codes = np.searchsorted(unique_labels(first.target), first.truth)
    told = cross_val_predict(meta, seen, codes, cv=folds, method="predict_proba")
    return Predictions(told, first.rows, first.folds, first.classes, first.target)


def voting_pipeline(members: Mapping[str, Component], weights: Sequence[float], task: str) -> Component:
    """The estimator of a voting ensemble; soft, by probabilities, for classes."""
    arguments: dict[str, Any] = {"estimators": list(members.items()), "weights": list(weights)}
    if task == "classification":
        return Component("sklearn.ensemble.VotingClassifier", {**arguments, "voting": "soft"})
    return Component("sklearn.ensemble.VotingRegressor", arguments)


def stacking_pipeline(members: Mapping[str, Component], task: str, seed: int) -> Component:
    """The estimator of a stacking ensemble."""
    kind = "StackingClassifier" if task == "classification" else "StackingRegressor"
    return Component(
        f"sklearn.ensemble.{kind}",
        {"estimators": list(members.items()), "final_estimator": _meta(task, seed), "cv": 3},
    )


def _meta(task: str, seed: int) -> Component:
    if task == "classification":
        return Component("sklearn.linear_model.LogisticRegression", {"max_iter": 2000})
    return Component("sklearn.linear_model.ElasticNet", {"alpha": 0.001, "random_state": seed, "max_iter": 5000})
