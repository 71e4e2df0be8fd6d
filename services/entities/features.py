"""What columns tell about a target, and what a table tells under differential privacy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.entities.assets import TableColumn


class ScoreMethod(StrEnum):
    """How columns are scored."""

    PEARSON = "pearson"
    CHI2 = "chi2"
    PERMUTATION = "permutation"


class Task(StrEnum):
    """What a model shall tell of the target."""

    AUTO = "auto"
    CLASSIFICATION = "classification"
    REGRESSION = "regression"


@dataclass(frozen=True)
class PermutationOptions:
    """How importance by permutation is found.

    Attributes:
        metric: accuracy, precision, recall; mae, rmse, rae, rse, r2; empty for accuracy, or r2 of numbers.
        test: the share of the rows that is held back.
        seed: of the shuffles; 1023 is that of the Azure ML Designer's labs.
        repeats: shuffles of each column.
    """

    metric: str = ""
    test: float = 0.3
    seed: int = 1023
    repeats: int = 5


USUAL = PermutationOptions()


@dataclass(frozen=True)
class StudiedRows:
    """What of a table is scored.

    Attributes:
        rows: how many rows.
        total_rows: of the whole table; None while unknown.
    """

    rows: int
    total_rows: int | None
    columns: tuple[TableColumn, ...]

    @property
    def is_sample(self) -> bool:
        """Whether scores are estimates."""
        return self.rows != self.total_rows


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
class PrivateQuestion:
    """What is asked of a column.

    Attributes:
        epsilon: what the answer may cost of the budget: the less, the more noise.
        bounds: for sum and mean, to which values are clipped. Choose them by what the column means, not by its values:
            bounds that are read off the table tell of it.
        labels: for a histogram of texts, the categories; other values are counted together as the last bin.
        edges: for a histogram of numbers, where the bins part; below the first and from the last on are bins too.
    """

    query: PrivateQuery
    epsilon: float
    bounds: tuple[float, float] | None = None
    labels: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()


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
