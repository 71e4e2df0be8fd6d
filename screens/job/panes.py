"""Which pane a tab has, and what of the services it is handed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from screens.job.children import ChildrenPane
from screens.job.error import ErrorPane
from screens.job.feed import JobFeed
from screens.job.images import ImagesPane
from screens.job.logs import LogsPane
from screens.job.metrics import MetricsPane
from screens.job.overview import OverviewPane
from screens.job.pane import Pane
from screens.job.params import ParamsPane
from screens.job.preview import READ_LIMIT
from screens.job.tree import CodePane, OutputsPane
from screens.job.yaml import YamlPane
from services.entities import JobQuery
from services.workspace import JobService, TrackingService

MOST_CHILDREN = 200
"""Children that are listed; the filter of the jobs list finds others."""


def make_pane(tab: str, name: str, feed: JobFeed, jobs: JobService, tracking: TrackingService) -> Pane:
    """The pane of a tab of ALL_TABS for the job of that name."""
    children = partial(
        jobs.list, JobQuery(parent_name=name, include_archived=True, descending=False), None, MOST_CHILDREN
    )
    read_artifact = partial(jobs.read_artifact, name, limit=READ_LIMIT)
    artifacts = partial(jobs.artifacts, name)
    read_code = partial(jobs.read_code, name)
    read_log = partial(jobs.read_log, name)
    makers: dict[str, Callable[[], Pane]] = {
        "overview": lambda: OverviewPane(feed),
        "params": lambda: ParamsPane(feed, partial(tracking.run, name)),
        "metrics": lambda: MetricsPane(feed),
        "logs": lambda: LogsPane(feed, read_log),
        "images": lambda: ImagesPane(feed, read_artifact, artifacts),
        "outputs": lambda: OutputsPane(feed, read_artifact, artifacts),
        "code": lambda: CodePane(feed, read_code, partial(jobs.code_files, name)),
        "yaml": lambda: YamlPane(feed),
        "children": lambda: ChildrenPane(feed, children, tracking.run),
        "error": lambda: ErrorPane(feed, read_code, read_log),
    }
    return makers[tab]()
