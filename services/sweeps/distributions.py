"""Azure's distributions of hyperparameters, each as a map from (0, 1): its inverse cumulative distribution function.

Random draws, Sobol's sequence and Optuna all move in the unit cube; one map makes values of what they find there.
Sources: "Search space" of https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-sweep and
https://learn.microsoft.com/python/api/azureml-train-core/azureml.train.hyperdrive.parameter_expressions, which has
the formulas.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any

from services.entities.sweeps import ParameterValue
from services.specs.sweep import Distribution

EDGE = 2.0**-53
"""How near to 0 and 1 a point may come; at both ends normal distributions are infinite."""
_DIGITS = 12
"""Significant digits of a multiple of q: 3 * 0.1 is 0.3 and not 0.30000000000000004."""


def value_at(distribution: Distribution, point: float, base: float = math.e) -> ParameterValue:
    """The value of a distribution at a point of (0, 1).

    Args:
        base: of the logarithms in `loguniform` and its kin; `logbase` of random sampling changes it.

    Raises OverflowError: a bound of a logarithm is too large for a number.
    """
    at = min(max(point, EDGE), 1.0 - EDGE)
    if distribution.type == "choice":
        values = _given(distribution.values)
        chosen: ParameterValue = values[int(at * len(values))]
        return chosen
    if distribution.type == "randint":
        return int(at * _given(distribution.upper))
    if "uniform" in distribution.type:
        low, high = _given(distribution.min_value), _given(distribution.max_value)
        drawn = low + at * (high - low)
    else:
        drawn = _given(distribution.mu) + _given(distribution.sigma) * NormalDist().inv_cdf(at)
    if "log" in distribution.type:
        drawn = math.exp(drawn) if base == math.e else math.pow(base, drawn)
    return _multiple(drawn, distribution.q) if distribution.q else drawn


def choices(distribution: Distribution) -> int | None:
    """How many values there are to choose from, each as likely as the others; None where they are not counted."""
    if distribution.type == "choice":
        return len(_given(distribution.values))
    return distribution.upper if distribution.type == "randint" else None


def point_of(index: int, count: int) -> float:
    """The middle of the part of (0, 1) that belongs to one of `count` values."""
    return (index + 0.5) / count


def draws(distribution: Distribution, count: int = 500, seed: int = 0) -> list[ParameterValue]:
    """Random values, for a histogram."""
    generator = random.Random(seed)  # noqa: S311
    return [value_at(distribution, generator.random()) for _ in range(count)]


def grid_size(space: Mapping[str, Distribution]) -> int | None:
    """How many trials a grid has; None where a grid is impossible: it goes over choices alone."""
    if not space or any(distribution.type != "choice" for distribution in space.values()):
        return None
    return math.prod(len(_given(distribution.values)) for distribution in space.values())


def grid(space: Mapping[str, Distribution]) -> Iterator[dict[str, float]]:
    """The points of a grid in order, the last hyperparameter changing fastest."""
    counts = [len(_given(distribution.values)) for distribution in space.values()]
    for indices in itertools.product(*map(range, counts)):
        yield {name: point_of(index, count) for name, index, count in zip(space, indices, counts, strict=True)}


def parameters_at(
    space: Mapping[str, Distribution], point: Mapping[str, float], base: float = math.e
) -> dict[str, ParameterValue]:
    """The hyperparameters at a point of the unit cube."""
    return {name: value_at(distribution, point[name], base) for name, distribution in space.items()}


def _multiple(value: float, q: float) -> ParameterValue:
    """round(value / q) * q; whole numbers where q is one, because scripts read those as int and as float."""
    steps = round(value / q)
    return steps * int(q) if float(q).is_integer() else float(f"{steps * q:.{_DIGITS}g}")


def _given(field: Any) -> Any:
    assert field is not None  # the checks of the spec have seen that each distribution has its fields
    return field
