"""What a job's live events have told so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

from services.entities import Job, JobEvent, LogAppended, MetricPoint, MetricsLogged, StatusChanged

KEPT_POINTS = 20_000
"""Points kept of a metric: 200 for each of the columns of a wide chart; older ones are thinned to every second."""


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
            del self.steps[:-1:2], self.values[:-1:2]


@dataclass
class JobFeed:
    """The state that the tabs draw; `take` gathers an event and the screen draws the sum a few times a second."""

    job: Job | None = None
    metrics: dict[str, MetricSeries] = field(default_factory=dict)
    logs: dict[str, int] = field(default_factory=dict)
    gone: bool = False
    """The job is no longer in the workspace; what was known of it stays."""

    @property
    def active(self) -> bool:
        """Whether more may come."""
        return not self.gone and (self.job is None or not self.job.status.is_terminal)

    def take(self, event: JobEvent) -> None:
        """Gather one event."""
        match event:
            case StatusChanged(job):
                self.job = job
            case LogAppended(file, size):
                self.logs[file] = size
            case MetricsLogged(points):
                for point in points:
                    self.metrics.setdefault(point.key, MetricSeries(point.key)).add(point)

    def restart(self) -> None:
        """Forget what a new watch tells again from the beginning."""
        self.metrics.clear()
