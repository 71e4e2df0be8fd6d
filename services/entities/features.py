"""What columns tell about a target, and what a table tells under differential privacy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ScoreMethod(StrEnum):
    """How columns are scored."""

    PEARSON = "pearson"
    CHI2 = "chi2"
    PERMUTATION = "permutation"


@dataclass(frozen=True)
class FeatureScore:
    """The score of a column.

    Attributes:
        score: Pearson's r with its sign, the chi-squared statistic, or how much the metric falls.
        p_value: the chance of such a score without any relation; None where the method has none.
        spread: the standard deviation over the repeats of a permutation; None otherwise.
    """

    feature: str
    score: float
    p_value: float | None = None
    spread: float | None = None


@dataclass(frozen=True)
class FeatureScores:
    """The columns of a table by what they tell about a target, best first.

    Attributes:
        rows: how many rows were scored.
        metric: what a permutation lowers; empty for other methods.
        baseline: that metric with all columns as they are, on the rows held back; None for other methods.
        notes: what was left out and why, and how to read the numbers.
    """

    method: ScoreMethod
    target: str
    scores: tuple[FeatureScore, ...]
    rows: int
    metric: str = ""
    baseline: float | None = None
    notes: tuple[str, ...] = ()

    def top(self, count: int) -> tuple[str, ...]:
        """The names of the best columns, for a step that keeps them."""
        return tuple(score.feature for score in self.scores[:count])


@dataclass(frozen=True)
class SubsetScore:
    """How well a model does with some columns alone, by cross-validation."""

    features: tuple[str, ...]
    score: float


class PrivateQuery(StrEnum):
    """What can be asked under differential privacy."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class PrivateResult:
    """An answer with noise.

    Attributes:
        values: the answer; of a histogram one for each of `labels`.
        labels: the bins of a histogram; empty otherwise.
        epsilon: what the answer cost of the budget.
        scale: of the Laplace noise, in the unit of the answer.
        median_error: half of all answers are nearer to the truth than this.
        error_95: 19 of 20 answers are nearer to the truth than this.
        rows: how many rows were asked; public for a mean.
        bounds: to which values were clipped; None for counts.
    """

    query: PrivateQuery
    values: tuple[float, ...]
    epsilon: float
    scale: float
    median_error: float
    error_95: float
    rows: int | None = None
    labels: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PrivacyBudget:
    """How much may be told of a table in all, and how much has been told."""

    total: float
    spent: float = 0.0

    @property
    def left(self) -> float:
        """What is left of it."""
        return max(0.0, self.total - self.spent)
