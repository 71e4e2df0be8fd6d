"""Counts, sums, means and histograms under differential privacy, by OpenDP (https://opendp.org).

The noise comes from proven measurements of OpenDP and from the randomness of the system; no seed repeats it, which is
what makes it private. A row more or less changes how likely an answer is by a factor of e^epsilon at most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from services.entities.features import PrivacyBudget, PrivateQuery, PrivateQuestion, PrivateResult
from services.errors import UserError
from services.features.table import Series, require

HIGH = 1.0
"""Above this epsilon, little privacy is left."""


def spend(budget: PrivacyBudget, epsilon: float) -> PrivacyBudget:
    """The budget after an answer. Raises UserError if it would be overdrawn."""
    _check_epsilon(epsilon)
    if epsilon > budget.left + 1e-12:
        raise UserError(
            f"The answer costs {epsilon:g}, and {budget.left:g} of {budget.total:g} is left.",
            title="The privacy budget is spent",
            advice="Ask for less epsilon, or stop asking this table.",
        )
    return replace(budget, spent=budget.spent + epsilon)


def noise_scale(query: PrivateQuery, epsilon: float, bounds: tuple[float, float] | None, rows: int) -> float:
    """The scale of the Laplace noise that an answer will have, known before it is asked. Raises UserError.

    A row changes a count by 1, a sum by the larger bound, a mean of a known number of rows by their distance / rows.
    """
    _check_epsilon(epsilon)
    if query in (PrivateQuery.COUNT, PrivateQuery.HISTOGRAM):
        return 1 / epsilon
    lower, upper = _checked_bounds(bounds)
    if query == PrivateQuery.SUM:
        return max(abs(lower), abs(upper)) / epsilon
    if rows < 1:
        raise UserError("A mean needs rows.", title="The table has no rows")
    return (upper - lower) / rows / epsilon


def ask(series: Series, question: PrivateQuestion) -> PrivateResult:
    """Ask a column. Raises UserError for what is missing or makes no sense, MachineError without OpenDP."""
    require("opendp")
    query, epsilon, bounds = question.query, question.epsilon, question.bounds
    values = series.dropna()
    # not how many: that would be an answer without noise
    notes = ["missing values are left out"] if len(values) < len(series) else []
    if epsilon > HIGH:
        notes.append(f"an epsilon above {HIGH:g} keeps little private")
    scale = noise_scale(query, epsilon, bounds, len(values))
    names: list[str] = []
    match query:
        case PrivateQuery.COUNT:
            answer = [_count(len(values), scale)]
        case PrivateQuery.HISTOGRAM:
            names, places = _bins(values, question.labels, question.edges)
            answer = _histogram(places, len(names), scale)
        case _:
            value, scale = _number(_floats(values), query, epsilon, _checked_bounds(bounds))
            answer = [value]
    return PrivateResult(
        query,
        tuple(answer),
        epsilon,
        scale,
        median_error=median_error(scale),
        error_95=scale * math.log(20),
        rows=len(values) if query == PrivateQuery.MEAN else None,
        labels=tuple(names),
        bounds=bounds if query in (PrivateQuery.SUM, PrivateQuery.MEAN) else None,
        notes=tuple(notes),
    )


def truth(series: Series, question: PrivateQuestion) -> tuple[float, ...]:
    """The answer without noise, which keeps nothing private: of a histogram one for each bin.

    Raises UserError as `ask` does.
    """
    values = series.dropna()
    match question.query:
        case PrivateQuery.COUNT:
            return (float(len(values)),)
        case PrivateQuery.HISTOGRAM:
            names, places = _bins(values, question.labels, question.edges)
            return tuple(float(places.count(place)) for place in range(len(names)))
    numbers = _floats(values)
    total = math.fsum(numbers)
    return (total if question.query == PrivateQuery.SUM else total / max(1, len(numbers)),)


def median_error(scale: float) -> float:
    """Half of all answers with Laplace noise of a scale are nearer to the truth than this."""
    return scale * math.log(2)


def _opendp() -> Any:
    import opendp.prelude as dp

    dp.enable_features("contrib")  # OpenDP's name for what its own reviewers have proven on paper
    return dp


def _count(rows: int, scale: float) -> float:
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T=bool)), dp.symmetric_distance()
    return float((space >> dp.t.then_count() >> dp.m.then_laplace(scale=scale))([True] * rows))


def _number(
    values: list[float], query: PrivateQuery, epsilon: float, bounds: tuple[float, float]
) -> tuple[float, float]:
    """The answer and the scale of its noise, a hair more than in theory, as floats are rounded."""
    dp = _opendp()
    domain = dp.atom_domain(bounds=bounds, nan=False)
    clipped = [min(max(value, bounds[0]), bounds[1]) for value in values]
    if query == PrivateQuery.SUM:
        space = dp.vector_domain(domain), dp.symmetric_distance()
        chain, distance = space >> dp.t.then_sum(), 1
    else:
        # the number of rows is public, so that neighbours differ in one row's value: two edits
        space = dp.vector_domain(domain, size=len(values)), dp.symmetric_distance()
        chain, distance = space >> dp.t.then_mean(), 2
    scale = dp.binary_search_param(lambda s: chain >> dp.m.then_laplace(scale=s), d_in=distance, d_out=epsilon)
    return float((chain >> dp.m.then_laplace(scale=scale))(clipped)), float(scale)


def _histogram(places: list[int], bins: int, scale: float) -> list[float]:
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.symmetric_distance()
    counting = dp.t.then_count_by_categories(categories=list(range(bins)), null_category=False)
    return list(map(float, (space >> counting >> dp.m.then_laplace(scale=scale))(places)))


def _bins(series: Series, labels: Sequence[str], edges: Sequence[float]) -> tuple[list[str], list[int]]:
    """The names of the bins, and in which one each value is."""
    if bool(labels) == bool(edges):
        raise UserError("A histogram needs either categories or edges.", title="The bins are missing")
    if labels:
        place_of = {label: place for place, label in enumerate(labels)}
        return [*labels, "other"], [place_of.get(str(value), len(labels)) for value in series.tolist()]
    if list(edges) != sorted(set(edges)):
        raise UserError("The edges of a histogram rise.", title="The bins make no sense")
    between = [f"{low:g} to {high:g}" for low, high in pairwise(edges)]
    names = [f"below {edges[0]:g}", *between, f"{edges[-1]:g} and above"]
    return names, [sum(value >= edge for edge in edges) for value in _floats(series)]


def _floats(series: Series) -> list[float]:
    try:
        values: list[float] = series.astype("float64").tolist()
    except (TypeError, ValueError) as error:
        raise UserError(f"{series.name} holds no numbers.", title="That column can't be asked so") from error
    return values


def _checked_bounds(bounds: tuple[float, float] | None) -> tuple[float, float]:
    if bounds is None or not bounds[0] < bounds[1] or not all(map(math.isfinite, bounds)):
        raise UserError("Two bounds are needed, the lower one first.", title="The bounds are missing")
    return float(bounds[0]), float(bounds[1])


def _check_epsilon(epsilon: float) -> None:
    if not (0 < epsilon < math.inf):
        raise UserError("Epsilon is a number above 0; between 0 and 1 is usual.", title="That is no epsilon")
