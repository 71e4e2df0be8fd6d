"""What a job's live events have told so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite

from services.entities import ChildrenChanged, Job, JobEvent, LogAppended, MetricPoint, MetricsLogged, StatusChanged

KEPT_POINTS = 4_000
"""Points kept of a metric: some 20 for each column of a wide chart; beyond that, of every four the extremes stay."""


@dataclass
class MetricSeries:
    """The points of one metric, and figures over all that were logged, also over those thinned out."""

    key: str
    steps: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    count: int = 0
    last: float = float("nan")
    low: float = float("inf")
    high: float = float("-inf")

    def add(self, point: MetricPoint) -> None:
        """Take one point; a metric logged without steps counts them itself."""
        self.count += 1
        self.last = point.value
        if isfinite(point.value):
            self.low = min(self.low, point.value)
            self.high = max(self.high, point.value)
        repeated = self.steps and point.step <= self.steps[-1]
        self.steps.append(self.steps[-1] + 1 if repeated else point.step)
        self.values.append(point.value)
        if len(self.steps) > KEPT_POINTS:
            kept = sorted({*_extremes(self.values), len(self.values) - 1})
            self.steps = [self.steps[at] for at in kept]
            self.values = [self.values[at] for at in kept]


def _extremes(values: Sequence[float]) -> Iterator[int]:
    """Of every four values the places of the lowest and the highest, so that a peak stays a peak."""
    for start in range(0, len(values), 4):
        four = range(start, min(start + 4, len(values)))
        finite = [at for at in four if isfinite(values[at])] or [start]
        yield min(finite, key=values.__getitem__)
        yield max(finite, key=values.__getitem__)


@dataclass
class JobFeed:
    """The state that the tabs draw; `take` gathers an event and the screen draws the sum a few times a second."""

    job: Job | None = None
    metrics: dict[str, MetricSeries] = field(default_factory=dict)
    metrics_read: bool = False
    """Whether it is known which metrics there are, or that there are none."""
    logs: dict[str, int] = field(default_factory=dict)
    children_changes: int = 0
    """How often children came, went or changed state."""
    gone: bool = False
    """The job is no longer in the workspace; what was known of it stays."""
    _begins_anew: bool = False

    @property
    def active(self) -> bool:
        """Whether more may come."""
        return not self.gone and (self.job is None or not self.job.status.is_terminal)

    def take(self, event: JobEvent) -> None:
        """Gather one event."""
        match event:
            case StatusChanged(job):
                self.job = job
            case ChildrenChanged():
                self.children_changes += 1
            case LogAppended(file, size):
                self.logs[file] = size
            case MetricsLogged(points):
                self.metrics_read = True
                if self._begins_anew:
                    self._begins_anew = False
                    self.metrics.clear()
                for point in points:
                    self.metrics.setdefault(point.key, MetricSeries(point.key)).add(point)

    def restart(self) -> None:
        """A new watch tells all points again: the first of them take the place of those that are known."""
        self._begins_anew = True
